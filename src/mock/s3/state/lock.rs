//! Object Lock: versions that nobody deletes before a time, or while they are held.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::super::change::{Change, ChangeKind, Extra};
use super::super::fault::S3Fault;
use super::bucket::{Bucket, Versioning};
use super::object::Object;
use super::{Act, ObjectAt, S3State};

/// How firm a retention is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetentionMode {
    /// Who has `s3:BypassGovernanceRetention` may end it.
    Governance,
    /// Nobody may.
    Compliance,
}

impl RetentionMode {
    /// The name in requests and answers.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    /// Reads a name of the API.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance].into_iter().find(|mode| mode.as_str() == name)
    }
}

/// Until when a version is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention {
    pub mode: RetentionMode,
    pub until: Timestamp,
}

/// What protects one version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ObjectLock {
    pub retention: Option<Retention>,
    /// None when nobody ever said.
    pub legal_hold: Option<bool>,
}

impl ObjectLock {
    /// Why the version must not be deleted now.
    fn check_deletion(&self, now: Timestamp, bypass: bool) -> Result<(), S3Fault> {
        let retained = self
            .retention
            .is_some_and(|retention| retention.until > now && !(bypass && retention.mode == RetentionMode::Governance));
        if retained || self.legal_hold == Some(true) { Err(protected()) } else { Ok(()) }
    }

    /// Whether a retention may be replaced by another, or by none.
    fn check_change(&self, next: Option<Retention>, now: Timestamp, bypass: bool) -> Result<(), S3Fault> {
        let Some(own) = self.retention.filter(|own| own.until > now) else { return Ok(()) };
        let longer = next.is_some_and(|next| next.mode == own.mode && next.until >= own.until);
        if longer || bypass && own.mode == RetentionMode::Governance { Ok(()) } else { Err(protected()) }
    }
}

fn protected() -> S3Fault {
    S3Fault::new(403, "AccessDenied", "Access Denied because object protected by object lock.")
}

/// The length of a default retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    Days(i32),
    Years(i32),
}

impl Period {
    /// Whether it is between a day and 100 years, in the words that <https://github.com/versity/versitygw/issues/1738>
    /// has from S3.
    fn check(self) -> Result<(), S3Fault> {
        let (name, length, longest) = match self {
            Self::Days(days) => ("Days", days, MAX_DAYS),
            Self::Years(years) => ("Years", years, MAX_YEARS),
        };
        let message = match length {
            ..=0 => "Default retention period must be a positive integer value.".to_owned(),
            length if length > longest => format!("Default retention period too long: at most {longest} {name}."),
            _ => return Ok(()),
        };
        Err(S3Fault::new(400, "InvalidArgument", message).with("ArgumentName", name))
    }

    /// When it ends. Where the calendar does, if it is longer.
    fn after(self, now: Timestamp) -> Timestamp {
        let span = match self {
            Self::Days(days) => days.days(),
            Self::Years(years) => years.years(),
        };
        now.to_zoned(TimeZone::UTC).checked_add(span).map_or(Timestamp::MAX, |end| end.timestamp())
    }
}

/// The longest default retentions that S3 takes: 100 years.
const MAX_YEARS: i32 = 100;
const MAX_DAYS: i32 = 36_500;

/// What a bucket with Object Lock does with new versions that say nothing themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LockConfiguration {
    pub default: Option<(RetentionMode, Period)>,
}

impl Bucket {
    fn check_has_lock(&self) -> Result<(), S3Fault> {
        self.lock.map(drop).ok_or_else(|| S3Fault::invalid_request("Bucket is missing Object Lock Configuration"))
    }

    /// Whether a new version may be locked so.
    pub(super) fn check_new_lock(&self, lock: &ObjectLock, now: Timestamp) -> Result<(), S3Fault> {
        if *lock == ObjectLock::default() {
            return Ok(());
        }
        self.check_has_lock()?;
        check_future(lock.retention, "x-amz-object-lock-retain-until-date", now)
    }

    /// Gives a new version the bucket's retention, unless it has one of its own.
    pub(super) fn lock_by_default(&self, object: &mut Object, now: Timestamp) {
        let retention = &mut object.content.lock.retention;
        if let (None, Some((mode, period))) = (&retention, self.lock.and_then(|lock| lock.default)) {
            *retention = Some(Retention { mode, until: period.after(now) });
        }
    }

    /// Whether a version may be deleted.
    pub(super) fn check_deletion(&self, key: &str, id: &str, now: Timestamp, bypass: bool) -> Result<(), S3Fault> {
        let version = self.keys.get(key).into_iter().flatten().find(|version| version.id() == id);
        match version.and_then(|version| version.object.as_ref()) {
            Some(object) => object.content.lock.check_deletion(now, bypass),
            None => Ok(()),
        }
    }

    /// Changes what protects a version.
    fn set_lock(&mut self, at: &ObjectAt, change: impl FnOnce(&mut ObjectLock)) -> Result<Option<String>, S3Fault> {
        let (version, object) = self.find(at)?;
        let (id, shown, mut object) = (version.id.clone(), self.shown_id(version), Object::clone(object));
        change(&mut object.content.lock);
        let versions = self.keys.get_mut(&at.key).into_iter().flatten();
        versions.filter(|version| version.id == id).for_each(|version| version.object = Some(Arc::new(object.clone())));
        Ok(shown)
    }
}

fn check_future(retention: Option<Retention>, name: &str, now: Timestamp) -> Result<(), S3Fault> {
    match retention {
        Some(retention) if retention.until <= now => {
            let message = "The retain until date must be in the future!";
            Err(S3Fault::invalid_argument(message, name, retention.until.to_string()))
        }
        _ => Ok(()),
    }
}

impl S3State {
    /// The bucket's configuration.
    pub(crate) fn lock_configuration(&self, name: &str) -> Result<LockConfiguration, S3Fault> {
        self.bucket(name)?.lock.ok_or_else(|| {
            let message = "Object Lock configuration does not exist for this bucket";
            S3Fault::new(404, "ObjectLockConfigurationNotFoundError", message).with("BucketName", name)
        })
    }

    /// Replaces the bucket's configuration. One that is versioned gets Object Lock by that.
    pub(crate) fn set_lock_configuration(
        &mut self,
        name: &str,
        configuration: LockConfiguration,
    ) -> Result<(), S3Fault> {
        let (bucket, _) = self.bucket_mut(name)?;
        if bucket.versioning != Versioning::Enabled {
            let message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
            return Err(S3Fault::new(409, "InvalidBucketState", message));
        }
        if let Some((_, period)) = configuration.default {
            period.check()?;
        }
        bucket.lock = Some(configuration);
        Ok(())
    }

    /// Until when a version is kept.
    pub(crate) fn retention(&self, at: &ObjectAt) -> Result<Retention, S3Fault> {
        self.locked(at)?.retention.ok_or_else(|| no_lock(&at.key))
    }

    /// Whether a version is held.
    pub(crate) fn legal_hold(&self, at: &ObjectAt) -> Result<bool, S3Fault> {
        self.locked(at)?.legal_hold.ok_or_else(|| no_lock(&at.key))
    }

    /// Whether a version's governance stands in the way of who deletes it or changes that.
    pub(crate) fn is_governed(&self, at: &ObjectAt, now: Timestamp) -> bool {
        self.locked(at).is_ok_and(|lock| {
            lock.retention.is_some_and(|own| own.until > now && own.mode == RetentionMode::Governance)
        })
    }

    fn locked(&self, at: &ObjectAt) -> Result<&ObjectLock, S3Fault> {
        let bucket = self.bucket(&at.bucket)?;
        bucket.check_has_lock()?;
        Ok(&bucket.find(at)?.1.content.lock)
    }

    /// Replaces a version's retention; `None` ends it.
    pub(crate) fn set_retention(
        &mut self,
        act: &mut Act<'_>,
        at: &ObjectAt,
        retention: Option<Retention>,
        bypass: bool,
    ) -> Result<(), S3Fault> {
        check_future(retention, "RetainUntilDate", act.now)?;
        self.locked(at)?.check_change(retention, act.now, bypass)?;
        let (bucket, _) = self.bucket_mut(&at.bucket)?;
        let shown = bucket.set_lock(at, |lock| lock.retention = retention)?;
        // Of one that is taken away no event is known.
        let Some(Retention { mode, until }) = retention else { return Ok(()) };
        let extra = Extra::Retained { mode: mode.as_str(), until };
        let e_tag = Some(bucket.find(at)?.1.e_tag.clone());
        let change = bucket.change(ChangeKind::RetentionPut, &at.key, act.now);
        act.changes.push(Change { e_tag, version_id: shown.filter(|id| id != "null"), extra, ..change });
        Ok(())
    }

    /// Holds a version, or lets it go.
    pub(crate) fn set_legal_hold(&mut self, at: &ObjectAt, held: bool) -> Result<(), S3Fault> {
        self.locked(at)?;
        let (bucket, _) = self.bucket_mut(&at.bucket)?;
        bucket.set_lock(at, |lock| lock.legal_hold = Some(held)).map(drop)
    }
}

fn no_lock(key: &str) -> S3Fault {
    let message = "The specified object does not have a ObjectLock configuration";
    S3Fault::new(404, "NoSuchObjectLockConfiguration", message).with("Key", key)
}
