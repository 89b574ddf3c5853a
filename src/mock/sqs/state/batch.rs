//! Batches: checked as a whole first, then entry by entry.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::kernel::Ids;

use super::SqsState;
use super::send::{Wording, check, check_fifo_ids};
use crate::mock::sqs::content;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::{OutgoingMessage, Sender, SentMessage};
use crate::mock::sqs::queue_id::QueueId;

/// One entry of a batch, or of its successful results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchEntry<T> {
    /// The caller's name for the entry.
    pub id: String,
    /// The entry's own request or result.
    pub value: T,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchOutcome<T> {
    /// The entries that were done, in the order of the request.
    pub successful: Vec<BatchEntry<T>>,
    /// The others, in the order of the request.
    pub failed: Vec<BatchFailure>,
}

/// An entry that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchFailure {
    /// The caller's name for the entry.
    pub id: String,
    /// Why.
    pub fault: SqsFault,
}

/// Asked, once a batch is known to be good as a whole, which of so many entries fail by no fault of the sender.
pub(crate) type Failing<'a> = &'a dyn Fn(usize) -> Vec<usize>;

impl SqsState {
    /// Sends up to 10 messages. An entry that could not be read fails alone.
    pub(crate) fn send_batch(
        &mut self,
        now: Timestamp,
        ids: &mut Ids,
        queue: &QueueId,
        sender: Sender<'_>,
        entries: &[BatchEntry<Result<OutgoingMessage, SqsFault>>],
        failing: Failing<'_>,
    ) -> Result<BatchOutcome<SentMessage>, SqsFault> {
        let settings = self.settings(queue)?.clone();
        check_entries(entries, "SendMessageBatchRequestEntry")?;
        let messages = || entries.iter().filter_map(|entry| entry.value.as_ref().ok());
        let bytes = messages().map(content::size).sum();
        let longest = self.limits.batch;
        if bytes > longest {
            return Err(SqsFault::batch_request_too_long(longest, bytes));
        }
        for message in messages() {
            // AWS answers InvalidParameterValue here where a single SendMessage gets MissingParameter.
            check_fifo_ids(&settings, message).map_err(|fault| SqsFault::invalid_parameter(fault.message))?;
        }
        Ok(each(entries, failing, |message| {
            let message = message.as_ref().map_err(Clone::clone)?;
            check(&settings, self.limits.message, message, Wording::InBatch)?;
            self.accept(now, ids, queue, sender, message)
        }))
    }

    /// Deletes up to 10 messages by their receipt handles.
    pub(crate) fn delete_batch(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        entries: &[BatchEntry<String>],
        failing: Failing<'_>,
    ) -> Result<BatchOutcome<()>, SqsFault> {
        self.settings(queue)?;
        check_entries(entries, "DeleteMessageBatchRequestEntry")?;
        Ok(each(entries, failing, |handle| self.delete_worded(now, queue, handle, Wording::InBatch)))
    }

    /// Changes the visibility timeouts of up to 10 messages: handle and seconds.
    pub(crate) fn change_visibility_batch(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        entries: &[BatchEntry<(String, i64)>],
        failing: Failing<'_>,
    ) -> Result<BatchOutcome<()>, SqsFault> {
        self.settings(queue)?;
        check_entries(entries, "ChangeMessageVisibilityBatchRequestEntry")?;
        Ok(each(entries, failing, |(handle, timeout)| {
            self.change_visibility_worded(now, queue, handle, *timeout, Wording::InBatch)
        }))
    }
}

fn each<T, R>(
    entries: &[BatchEntry<T>],
    failing: Failing<'_>,
    mut act: impl FnMut(&T) -> Result<R, SqsFault>,
) -> BatchOutcome<R> {
    let failing = failing(entries.len());
    let mut outcome = BatchOutcome { successful: Vec::new(), failed: Vec::new() };
    for (place, BatchEntry { id, value }) in entries.iter().enumerate() {
        match if failing.contains(&place) { Err(SqsFault::internal_error()) } else { act(value) } {
            Ok(value) => outcome.successful.push(BatchEntry { id: id.clone(), value }),
            Err(fault) => outcome.failed.push(BatchFailure { id: id.clone(), fault }),
        }
    }
    outcome
}

fn check_entries<T>(entries: &[BatchEntry<T>], name: &str) -> Result<(), SqsFault> {
    if entries.is_empty() {
        return Err(SqsFault::empty_batch(name));
    }
    if entries.len() > 10 {
        return Err(SqsFault::too_many_entries(entries.len()));
    }
    let mut seen = BTreeSet::new();
    for BatchEntry { id, .. } in entries {
        let ok = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=80).contains(&id.len()) || !id.bytes().all(ok) {
            return Err(SqsFault::invalid_batch_entry_id());
        }
    }
    match entries.iter().find(|entry| !seen.insert(&entry.id)) {
        Some(repeated) => Err(SqsFault::batch_entry_ids_not_distinct(&repeated.id)),
        None => Ok(()),
    }
}
