//! What a bucket's rules ask for at a time.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html>

use jiff::Timestamp;

use super::{Expiration, LifecycleRule, LifecycleRules, Noncurrent, SMALL, after_days, coldness};
use crate::mock::s3::state::bucket::{Bucket, Versioning};
use crate::mock::s3::state::object::{Object, Version};

/// One thing that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    /// The rule's id.
    pub rule: String,
    pub key: String,
    pub action: Action,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Of this version, as listings spell it, nothing is left. Without versioning it is the object.
    Delete { version: String },
    /// A delete marker is put on top.
    Mark,
    /// The version gets another storage class.
    Move { version: String, class: String },
    /// The upload is aborted.
    Abort { upload: String },
}

impl std::fmt::Display for Due {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rule, key, action } = self;
        match action {
            Action::Delete { version } if version == "null" => write!(f, "{rule} deletes {key}"),
            Action::Delete { version } => write!(f, "{rule} deletes version {version} of {key}"),
            Action::Mark => write!(f, "{rule} marks {key} as deleted"),
            Action::Move { class, .. } => write!(f, "{rule} moves {key} to {class}"),
            Action::Abort { .. } => write!(f, "{rule} aborts an upload of {key}"),
        }
    }
}

impl Bucket {
    /// All that is due, by key and from the oldest version on.
    pub(super) fn due(&self, now: Timestamp) -> Vec<Due> {
        let rules: &LifecycleRules = &self.lifecycle;
        let mut due = Vec::new();
        for (key, versions) in &self.keys {
            let Some((current, older)) = versions.split_last() else { continue };
            for (place, version) in older.iter().enumerate() {
                let aged = Aged { version, since: versions[place + 1].time, newer: older.len() - place - 1 };
                due.extend(noncurrent(rules, key, &aged, now));
            }
            due.extend(match &current.object {
                Some(object) => self.due_of_current(key, current, object, now),
                None if older.is_empty() => marker(rules, key, current, now),
                None => None,
            });
        }
        let uploads = self.uploads.iter().filter_map(|(id, upload)| {
            let mut rules = enabled(rules).filter(|rule| rule.filter.has_only_prefix());
            let rule = rules.find(|rule| {
                let is_due = |days| after_days(upload.initiated, days) <= now;
                rule.filter.fits_key(&upload.key) && rule.abort_uploads_after.is_some_and(is_due)
            })?;
            Some(rule.asks(&upload.key, Action::Abort { upload: id.clone() }))
        });
        due.extend(uploads);
        // Object Lock keeps what rules would remove for good.
        due.retain(|due| match &due.action {
            Action::Delete { version } => self.check_deletion(&due.key, version, now, false).is_ok(),
            _ => true,
        });
        due
    }

    /// Where rules meet, permanent deletion comes before a transition, and that before a delete marker.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html>
    fn due_of_current(&self, key: &str, version: &Version, object: &Object, now: Timestamp) -> Option<Due> {
        let rules: &LifecycleRules = &self.lifecycle;
        let expires = enabled(rules).find(|rule| {
            let is_due = matches!(rule.expiration, Some(Expiration::At(when)) if when.due(version.time) <= now);
            is_due && rule.filter.fits(key, object)
        });
        let deleted = |rule: &LifecycleRule| rule.asks(key, Action::Delete { version: version.id().to_owned() });
        if self.versioning == Versioning::Unversioned
            && let Some(rule) = expires
        {
            return Some(deleted(rule));
        }
        let is_due = |rule: &LifecycleRule, place: usize| rule.transitions[place].when.due(version.time) <= now;
        let classes = |rule: &LifecycleRule| rule.transitions.iter().map(|to| to.class.clone()).collect();
        let moved = colder(rules, key, version, object, classes, is_due);
        moved.or_else(|| expires.map(|rule| rule.asks(key, Action::Mark)))
    }
}

/// A version that is not current.
struct Aged<'a> {
    version: &'a Version,
    /// When it was followed.
    since: Timestamp,
    /// How many versions that are not current are newer.
    newer: usize,
}

impl Aged<'_> {
    fn is_due(&self, when: Noncurrent, now: Timestamp) -> bool {
        self.newer >= when.keep && after_days(self.since, when.days) <= now
    }
}

fn noncurrent(rules: &LifecycleRules, key: &str, aged: &Aged<'_>, now: Timestamp) -> Option<Due> {
    let version = aged.version;
    let fits = |rule: &LifecycleRule| match &version.object {
        Some(object) => rule.filter.fits(key, object),
        // A delete marker has neither tags nor a size.
        None => rule.filter.has_only_prefix() && rule.filter.fits_key(key),
    };
    let expires = |rule: &&LifecycleRule| rule.noncurrent_expiration.is_some_and(|when| aged.is_due(when, now));
    if let Some(rule) = enabled(rules).filter(expires).find(|rule| fits(rule)) {
        return Some(rule.asks(key, Action::Delete { version: version.id().to_owned() }));
    }
    let is_due = |rule: &LifecycleRule, place: usize| aged.is_due(rule.noncurrent_transitions[place].when, now);
    let classes = |rule: &LifecycleRule| rule.noncurrent_transitions.iter().map(|to| to.class.clone()).collect();
    colder(rules, key, version, version.object.as_ref()?, classes, is_due)
}

/// A delete marker that nothing is left behind goes by a rule for such, and by one that expires objects of its age.
fn marker(rules: &LifecycleRules, key: &str, version: &Version, now: Timestamp) -> Option<Due> {
    let mut rules = enabled(rules).filter(|rule| rule.filter.has_only_prefix() && rule.filter.fits_key(key));
    let rule = rules.find(|rule| match rule.expiration {
        Some(Expiration::DeleteMarkers) => true,
        Some(Expiration::At(when)) => when.due(version.time) <= now,
        None => false,
    })?;
    Some(rule.asks(key, Action::Delete { version: version.id().to_owned() }))
}

/// The transition to the coldest class that is due.
fn colder(
    rules: &LifecycleRules,
    key: &str,
    version: &Version,
    object: &Object,
    classes: impl Fn(&LifecycleRule) -> Vec<String>,
    is_due: impl Fn(&LifecycleRule, usize) -> bool,
) -> Option<Due> {
    let now_in = coldness(object.content.class());
    let mut coldest: Option<(u8, Due)> = None;
    for rule in enabled(rules).filter(|rule| rule.filter.fits(key, object)) {
        for (place, class) in classes(rule).into_iter().enumerate() {
            let degree = coldness(&class);
            let is_archive = matches!(class.as_str(), "GLACIER" | "DEEP_ARCHIVE");
            let large_enough =
                object.size() >= SMALL || rule.filter.knows_sizes() || rules.archives_small && is_archive;
            let so_far = coldest.as_ref().map_or(now_in, |(degree, _)| *degree);
            if degree > so_far && large_enough && is_due(rule, place) {
                let action = Action::Move { version: version.id().to_owned(), class };
                coldest = Some((degree, rule.asks(key, action)));
            }
        }
    }
    coldest.map(|(_, due)| due)
}

pub(super) fn enabled(rules: &LifecycleRules) -> impl Iterator<Item = &LifecycleRule> {
    rules.rules.iter().filter(|rule| rule.enabled)
}

impl LifecycleRule {
    fn asks(&self, key: &str, action: Action) -> Due {
        Due { rule: self.id.clone(), key: key.to_owned(), action }
    }
}
