//! What answers tell of what rules will do: when an object expires, and when an upload is aborted.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html>: "To find when an object
//! is scheduled to expire, use the HeadObject or GetObject API operations."

use jiff::Timestamp;

use super::due::enabled;
use super::{Expiration, after_days};
use crate::mock::s3::state::bucket::Bucket;
use crate::mock::s3::state::object::Object;

/// What a rule will do, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scheduled {
    /// The rule's id.
    pub rule: String,
    pub at: Timestamp,
}

impl Bucket {
    /// When an object that is current since this time expires; the first that comes, if several rules say so.
    pub(in crate::mock::s3::state) fn expiration(
        &self,
        key: &str,
        object: &Object,
        since: Timestamp,
    ) -> Option<Scheduled> {
        let fitting = enabled(&self.lifecycle).filter(|rule| rule.filter.fits(key, object));
        let scheduled = fitting.filter_map(|rule| match rule.expiration {
            Some(Expiration::At(when)) => Some(Scheduled { rule: rule.id.clone(), at: when.due(since) }),
            Some(Expiration::DeleteMarkers) | None => None,
        });
        scheduled.min_by_key(|scheduled| scheduled.at)
    }

    /// When an upload to this key that began at this time is aborted.
    pub(in crate::mock::s3::state) fn abortion(&self, key: &str, initiated: Timestamp) -> Option<Scheduled> {
        let rules = enabled(&self.lifecycle).filter(|rule| rule.filter.has_only_prefix() && rule.filter.fits_key(key));
        let scheduled = rules.filter_map(|rule| {
            let at = after_days(initiated, rule.abort_uploads_after?);
            Some(Scheduled { rule: rule.id.clone(), at })
        });
        scheduled.min_by_key(|scheduled| scheduled.at)
    }
}
