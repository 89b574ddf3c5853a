//! Lifecycle rules: what they say, and which objects they are for. What comes of them is in [`due`] and [`run`].

mod due;
mod run;
mod scheduled;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use self::due::Due;
pub(crate) use self::scheduled::Scheduled;
use super::object::Object;
use super::{BucketInfo, S3State};
use crate::mock::s3::fault::S3Fault;

/// Below this, a transition is not worth its price: objects stay where they are. Page: "Transitioning objects using Amazon S3
/// Lifecycle".
const SMALL: u64 = 128 * 1024;

/// The lifecycle configuration of a bucket, checked by whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LifecycleRules {
    pub rules: Vec<LifecycleRule>,
    /// Whether small objects go to GLACIER and DEEP_ARCHIVE, as they did before September 2024 (`varies_by_storage_class` of
    /// `x-amz-transition-default-minimum-object-size`).
    pub archives_small: bool,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LifecycleRule {
    pub id: String,
    pub enabled: bool,
    pub filter: LifecycleFilter,
    pub expiration: Option<Expiration>,
    /// What becomes of versions that are not current.
    pub noncurrent_expiration: Option<Noncurrent>,
    pub transitions: Vec<Transition>,
    pub noncurrent_transitions: Vec<NoncurrentTransition>,
    /// Uploads that are not completed are aborted so many days after their beginning.
    pub abort_uploads_after: Option<u32>,
}

/// Which objects a rule is for: those for which all of this holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LifecycleFilter {
    pub prefix: String,
    pub tags: Vec<(String, String)>,
    /// In bytes.
    pub larger_than: Option<u64>,
    /// In bytes.
    pub smaller_than: Option<u64>,
}

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// So many days after the object was written.
    Days(u32),
    /// From this midnight on.
    Date(Timestamp),
}

/// What the expiration of current versions says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expiration {
    At(When),
    /// `ExpiredObjectDeleteMarker`: delete markers go when nothing is left behind them.
    DeleteMarkers,
}

/// When a version that is not current is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Noncurrent {
    /// So many days after the version that followed it.
    pub days: u32,
    /// The newest of them that stay, however old.
    pub keep: usize,
}

/// A change of the storage class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transition {
    pub when: When,
    pub class: String,
}

/// A change of the storage class of versions that are not current.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoncurrentTransition {
    pub when: Noncurrent,
    pub class: String,
}

impl LifecycleFilter {
    fn fits_key(&self, key: &str) -> bool {
        key.starts_with(&self.prefix)
    }

    fn has_only_prefix(&self) -> bool {
        self.tags.is_empty() && self.larger_than.is_none() && self.smaller_than.is_none()
    }

    /// Whether it says of sizes what else the smallest size for transitions would say.
    fn knows_sizes(&self) -> bool {
        self.larger_than.is_some() || self.smaller_than.is_some()
    }

    fn fits(&self, key: &str, object: &Object) -> bool {
        let size = object.size();
        let has = |wanted: &(String, String)| object.content.tags.iter().any(|tag| tag == wanted);
        self.fits_key(key)
            && self.tags.iter().all(has)
            && self.larger_than.is_none_or(|least| size > least)
            && self.smaller_than.is_none_or(|most| size < most)
    }
}

impl When {
    /// The midnight at which it is due.
    fn due(self, written: Timestamp) -> Timestamp {
        match self {
            Self::Days(days) => after_days(written, days),
            Self::Date(date) => date,
        }
    }
}

/// Days are added and the sum is rounded up to the midnight of the next day, UTC.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-number-of-days>
fn after_days(time: Timestamp, days: u32) -> Timestamp {
    let seconds = midnight_after(time).as_second().saturating_add(i64::from(days) * 86_400);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// The first midnight, UTC, that is later than `time`.
pub(crate) fn midnight_after(time: Timestamp) -> Timestamp {
    let date = time.to_zoned(TimeZone::UTC).date();
    let next = date.tomorrow().ok().and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    next.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// How cold a class is. Objects go from the warmer to the colder alone.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>
fn coldness(class: &str) -> u8 {
    match class {
        "STANDARD_IA" => 1,
        "INTELLIGENT_TIERING" => 2,
        "ONEZONE_IA" => 3,
        "GLACIER_IR" => 4,
        "GLACIER" => 5,
        "DEEP_ARCHIVE" => 6,
        _ => 0,
    }
}

impl S3State {
    /// Replaces a bucket's lifecycle rules; no rules, no lifecycle.
    pub(crate) fn set_lifecycle(&mut self, bucket: &str, rules: LifecycleRules) -> Result<(), S3Fault> {
        let (bucket, _) = self.bucket_mut(bucket)?;
        bucket.lifecycle = Arc::new(rules);
        Ok(())
    }

    /// The buckets that have lifecycle rules.
    pub(crate) fn with_lifecycle(&self) -> Vec<BucketInfo> {
        let with_rules = self.buckets.values().filter(|bucket| !bucket.lifecycle.rules.is_empty());
        with_rules.map(|bucket| bucket.info()).collect()
    }
}
