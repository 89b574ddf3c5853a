//! Which rules a change fires, and why the others do not.

use super::super::change::Change;
use super::{Destination, NotificationConfiguration, NotificationRule};
use super::{events, filter};
use crate::mock::s3::encode::encoded;

/// What one rule makes of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The rule's id.
    pub configuration_id: String,
    pub destination: Destination,
    /// `Ok` when the rule fires; else the reason why not, to be read by people.
    pub result: Result<(), String>,
}

impl NotificationConfiguration {
    /// One outcome for each rule, in order.
    pub(crate) fn matches(&self, change: &Change) -> Vec<Outcome> {
        let encoded = encoded(&change.key);
        let outcome = |rule: &NotificationRule| Outcome {
            configuration_id: rule.id.clone(),
            destination: rule.destination.clone(),
            result: rule.check(change, &encoded),
        };
        self.rules.iter().map(outcome).collect()
    }
}

impl NotificationRule {
    fn check(&self, change: &Change, encoded: &str) -> Result<(), String> {
        let name = change.kind.event_name();
        if !self.events.iter().any(|event| events::covers(event, name)) {
            return Err(format!("event type {name} is not among {}", self.events.join(", ")));
        }
        let key = change.key.as_str();
        if let Some(prefix) = self.prefix.as_deref().filter(|prefix| !filter::starts(key, prefix)) {
            return Err(miss("prefix", prefix, encoded, key.starts_with(prefix)));
        }
        if let Some(suffix) = self.suffix.as_deref().filter(|suffix| !filter::ends(key, suffix)) {
            return Err(miss("suffix", suffix, encoded, key.ends_with(suffix)));
        }
        Ok(())
    }
}

fn miss(part: &str, value: &str, encoded: &str, would_match_raw: bool) -> String {
    let mut reason = format!("{part} {value:?} does not match key {encoded:?}");
    if would_match_raw {
        // The one surprise of S3's filters, so it is said where it happens.
        reason.push_str(" (S3 compares filters with the URL-encoded key)");
    }
    reason
}
