//! Restoring archived objects: a copy that can be read comes after some hours, and goes again after some days.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html>

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::super::change::{Change, ChangeKind, Extra};
use super::super::fault::S3Fault;
use super::object::Object;
use super::{Act, ObjectAt, S3State};

/// How fast a restore is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RestoreTier {
    Expedited,
    #[default]
    Standard,
    Bulk,
}

impl RestoreTier {
    /// Reads a name of the API.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "Expedited" => Some(Self::Expedited),
            "Standard" => Some(Self::Standard),
            "Bulk" => Some(Self::Bulk),
            _ => None,
        }
    }

    /// How long a restore takes at most, by the table of
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html>.
    fn takes(self, class: &str) -> Option<SignedDuration> {
        Some(match (self, class) {
            (Self::Expedited, "DEEP_ARCHIVE") => return None,
            (Self::Expedited, _) => SignedDuration::from_mins(5),
            (Self::Standard, "DEEP_ARCHIVE") | (Self::Bulk, "GLACIER") => SignedDuration::from_hours(12),
            (Self::Standard, _) => SignedDuration::from_hours(5),
            (Self::Bulk, _) => SignedDuration::from_hours(48),
        })
    }
}

/// Where the restore of a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restore {
    /// It was asked for, for so many days.
    Ongoing { days: i32 },
    /// There is a copy until then.
    Done { until: Timestamp },
}

/// What becomes of a version by time alone, and when.
#[derive(Debug, Clone)]
pub(crate) struct Restoring {
    /// The version meant, by its id.
    pub at: ObjectAt,
    pub due: Timestamp,
    /// Whether it was asked for anew; else only the end was moved.
    pub started: bool,
}

/// The end of a copy: so many days later, and then midnight.
fn end(now: Timestamp, days: i32) -> Timestamp {
    let day = now.to_zoned(TimeZone::UTC).checked_add(days.days());
    let midnight = day.and_then(|day| day.tomorrow()).and_then(|day| day.start_of_day());
    midnight.map_or(Timestamp::MAX, |end| end.timestamp())
}

impl S3State {
    /// Begins to restore a version, or moves the end of a copy that is there.
    pub(crate) fn restore(
        &mut self,
        act: &mut Act<'_>,
        at: &ObjectAt,
        days: i32,
        tier: RestoreTier,
    ) -> Result<Restoring, S3Fault> {
        let (bucket, _) = self.bucket_mut(&at.bucket)?;
        let (version, object) = bucket.find(at)?;
        if !object.content.is_archived() {
            let message = "Restore is not allowed for the object's current storage class";
            let fault = S3Fault::new(403, "InvalidObjectState", message);
            return Err(fault.with("StorageClass", object.content.class()));
        }
        if days < 1 {
            let message = "Days must be a positive integer";
            return Err(S3Fault::invalid_argument(message, "Days", days.to_string()));
        }
        let at = ObjectAt { version_id: Some(version.id().to_owned()), ..at.clone() };
        match object.content.restore {
            Some(Restore::Ongoing { .. }) => {
                Err(S3Fault::new(409, "RestoreAlreadyInProgress", "Object restore is already in progress"))
            }
            Some(Restore::Done { .. }) => {
                let due = end(act.now, days);
                self.set_restore(&at, Some(Restore::Done { until: due }));
                Ok(Restoring { at, due, started: false })
            }
            None => {
                let takes = tier.takes(object.content.class()).ok_or_else(|| {
                    let message = "Retrieval option is not supported by this storage class";
                    S3Fault::invalid_argument(message, "Tier", "Expedited")
                })?;
                self.set_restore(&at, Some(Restore::Ongoing { days }));
                self.tell_restore(act, &at, ChangeKind::RestorePost, Extra::None);
                let due = act.now.checked_add(takes).unwrap_or(Timestamp::MAX);
                Ok(Restoring { at, due, started: true })
            }
        }
    }

    /// Makes the copy that a restore asked for; none when the version is gone.
    pub(crate) fn complete_restore(&mut self, act: &mut Act<'_>, at: &ObjectAt) -> Option<Restoring> {
        let object = self.bucket(&at.bucket).ok()?.find(at).ok()?.1;
        let Some(Restore::Ongoing { days }) = object.content.restore else { return None };
        let (until, class) = (end(act.now, days), object.content.class().to_owned());
        self.set_restore(at, Some(Restore::Done { until }));
        self.tell_restore(act, at, ChangeKind::RestoreCompleted, Extra::Restored { class, until });
        Some(Restoring { at: at.clone(), due: until, started: false })
    }

    /// Takes a copy away whose time is over. One whose end was moved stays.
    pub(crate) fn end_restore(&mut self, act: &mut Act<'_>, at: &ObjectAt) {
        let found = self.bucket(&at.bucket).and_then(|bucket| bucket.find(at));
        let is_over = found.is_ok_and(
            |(_, object)| matches!(object.content.restore, Some(Restore::Done { until }) if until <= act.now),
        );
        if is_over {
            self.set_restore(at, None);
            self.tell_restore(act, at, ChangeKind::RestoreDelete, Extra::None);
        }
    }

    fn set_restore(&mut self, at: &ObjectAt, restore: Option<Restore>) {
        let Some(bucket) = self.buckets.get_mut(&at.bucket) else { return };
        for version in bucket.keys.get_mut(&at.key).into_iter().flatten() {
            let is_meant = at.version_id.as_deref() == Some(version.id());
            if let Some(object) = version.object.as_mut().filter(|_| is_meant) {
                let mut changed = Object::clone(object);
                changed.content.restore = restore;
                *object = Arc::new(changed);
            }
        }
    }

    fn tell_restore(&mut self, act: &mut Act<'_>, at: &ObjectAt, kind: ChangeKind, extra: Extra) {
        let Ok((bucket, sequence)) = self.bucket_mut(&at.bucket) else { return };
        let Ok((version, object)) = bucket.find(at) else { return };
        act.changes.push(Change {
            size: Some(object.size()),
            e_tag: Some(object.e_tag.clone()),
            version_id: version.id.clone(),
            sequencer: Some(sequence.next(act.now, &at.bucket, &at.key)),
            extra,
            ..bucket.change(kind, &at.key, act.now)
        });
    }
}
