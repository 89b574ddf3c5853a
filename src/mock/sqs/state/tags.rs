//! The tags of a queue.

use std::collections::BTreeMap;

use super::SqsState;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::queue_id::QueueId;

const MAX_TAGS: usize = 50;

impl SqsState {
    /// Adds tags; those that are there get the new value.
    pub(crate) fn tag_queue(&mut self, queue: &QueueId, tags: &BTreeMap<String, String>) -> Result<(), SqsFault> {
        let state = self.queues.get_mut(queue).ok_or_else(SqsFault::queue_does_not_exist)?;
        if tags.is_empty() {
            return Err(SqsFault::missing_parameter("Tags"));
        }
        let mut all = state.tags.clone();
        all.extend(tags.clone());
        check(&queue.name, &all)?;
        state.tags = all;
        Ok(())
    }

    /// Removes tags; unknown keys do not matter.
    pub(crate) fn untag_queue(&mut self, queue: &QueueId, keys: &[String]) -> Result<(), SqsFault> {
        let state = self.queues.get_mut(queue).ok_or_else(SqsFault::queue_does_not_exist)?;
        if keys.is_empty() || !keys.iter().all(|key| is_key(key)) {
            return Err(bad_key());
        }
        state.tags.retain(|key, _| !keys.contains(key));
        Ok(())
    }

    /// The queue's tags.
    pub(crate) fn queue_tags(&self, queue: &QueueId) -> Result<&BTreeMap<String, String>, SqsFault> {
        Ok(&self.queues.get(queue).ok_or_else(SqsFault::queue_does_not_exist)?.tags)
    }
}

/// At most 50 tags, with keys of 1 to 128 and values of at most 256 characters, neither of which begins with `aws:`.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
pub(super) fn check(queue: &str, tags: &BTreeMap<String, String>) -> Result<(), SqsFault> {
    if tags.len() > MAX_TAGS {
        return Err(SqsFault::invalid_parameter(format!("Too many tags added for queue {queue}.")));
    }
    for (key, value) in tags {
        if !is_key(key) {
            return Err(bad_key());
        }
        if value.chars().count() > 256 {
            return Err(SqsFault::invalid_parameter("Tag values must be at most 256 characters in length."));
        }
        if [key, value].into_iter().any(|text| text.to_ascii_lowercase().starts_with("aws:")) {
            return Err(SqsFault::invalid_parameter(
                "Tag keys and values must not begin with aws:, which is reserved.",
            ));
        }
    }
    Ok(())
}

fn is_key(key: &str) -> bool {
    (1..=128).contains(&key.chars().count())
}

fn bad_key() -> SqsFault {
    SqsFault::invalid_parameter("Tag keys must be between 1 and 128 characters in length.")
}
