//! Queues as a whole: create, find, list, configure, purge, delete.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use crate::event::{AccountId, Region};

use super::SqsState;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::counted;
use crate::mock::sqs::queue::Queue;
use crate::mock::sqs::queue_id::{QueueId, check_name};
use crate::mock::sqs::settings::{self, Settings};

const PAGE: usize = 1000;
/// The attributes of which SQS says that a standard queue does not know them when they are asked for.
const ONLY_OF_FIFO: [&str; 2] = ["ContentBasedDeduplication", "FifoQueue"];
const QUARANTINE: SignedDuration = SignedDuration::from_secs(60);

/// Some of the queues that a listing found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct QueuePage {
    /// In the order of their names.
    pub queues: Vec<QueueId>,
    /// Asks for what remains.
    pub next_token: Option<String>,
}

impl SqsState {
    /// Creates a queue, or does nothing if it exists, every given attribute has that value, and its tags are those given, if
    /// any are.
    ///
    /// # Errors
    ///
    /// AWS's for a bad name or attribute, another value or other tags than the existing queue has, or a queue of
    /// that name deleted within 60 seconds.
    pub(crate) fn create_queue(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        attributes: &BTreeMap<String, String>,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), SqsFault> {
        let fifo = attributes.get("FifoQueue").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        check_name(&queue.name, fifo)?;
        super::tags::check(&queue.name, tags)?;
        let settings = Settings::new(fifo).with(attributes)?;
        if let Some(existing) = self.queues.get(queue) {
            return match attributes.keys().find(|name| existing.settings.get(name) != settings.get(name)) {
                Some(name) => Err(SqsFault::queue_name_exists(name)),
                None if !tags.is_empty() && existing.tags != *tags => Err(SqsFault::queue_has_other_tags()),
                None => Ok(()),
            };
        }
        settings.check_policy(queue)?;
        self.check_redrive(queue, &settings, attributes)?;
        if self.deleted.get(queue).is_some_and(|&deleted| now.duration_since(deleted) < QUARANTINE) {
            return Err(SqsFault::queue_deleted_recently());
        }
        self.deleted.remove(queue);
        let mut created = Queue::new(queue.clone(), now, settings);
        created.tags.clone_from(tags);
        self.queues.insert(queue.clone(), created);
        self.changed.insert(queue.clone());
        Ok(())
    }

    /// Deletes a queue with all its messages.
    pub(crate) fn delete_queue(&mut self, now: Timestamp, queue: &QueueId) -> Result<(), SqsFault> {
        self.queues.remove(queue).ok_or_else(SqsFault::queue_does_not_exist)?;
        self.deleted.insert(queue.clone(), now);
        self.changed.insert(queue.clone());
        Ok(())
    }

    /// Drops all messages and, on a FIFO queue, the memory of deduplication ids.
    pub(crate) fn purge_queue(&mut self, now: Timestamp, queue: &QueueId) -> Result<(), SqsFault> {
        let state = self.queue_at(now, queue)?;
        if state.purged.is_some_and(|purged| now.duration_since(purged) < QUARANTINE) {
            return Err(SqsFault::purge_in_progress(&queue.name));
        }
        state.purged = Some(now);
        state.clear();
        self.changed.insert(queue.clone());
        Ok(())
    }

    /// The account's queues whose names begin with `prefix`, in the order of their names.
    ///
    /// # Errors
    ///
    /// `InvalidParameterValue` for a `max_results` outside 1 to 1000 or a broken token.
    pub(crate) fn list_queues(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
        max_results: Option<i64>,
        token: Option<&str>,
        part: &dyn Fn(usize) -> usize,
    ) -> Result<QueuePage, SqsFault> {
        let owned = self.queues.keys().filter(|queue| queue.account == *account && queue.region == *region);
        self.page(owned.filter(|queue| queue.name.starts_with(prefix)), max_results, token, part)
    }

    /// The queues whose redrive policy names this queue as their dead-letter queue.
    pub(crate) fn list_dead_letter_source_queues(
        &self,
        queue: &QueueId,
        max_results: Option<i64>,
        token: Option<&str>,
        part: &dyn Fn(usize) -> usize,
    ) -> Result<QueuePage, SqsFault> {
        if !self.exists(queue) {
            return Err(SqsFault::queue_does_not_exist());
        }
        let redrives_here = |source: &&Queue| source.settings.redrive.as_ref().is_some_and(|r| r.target == *queue);
        self.page(self.queues.values().filter(redrives_here).map(|source| &source.id), max_results, token, part)
    }

    /// `part` is asked how many of so many queues a page has.
    fn page<'a>(
        &self,
        queues: impl Iterator<Item = &'a QueueId>,
        max_results: Option<i64>,
        token: Option<&str>,
        part: &dyn Fn(usize) -> usize,
    ) -> Result<QueuePage, SqsFault> {
        let invalid = |most| SqsFault::invalid_value(most, "MaxResults", "Must be between 1 and 1000, if provided.");
        let wanted = max_results.map(|most| {
            usize::try_from(most).ok().filter(|most| (1..=PAGE).contains(most)).ok_or_else(|| invalid(most))
        });
        let wanted = wanted.transpose()?;
        let after = match token {
            None => None,
            Some(token) => {
                let name = STANDARD.decode(token).ok().and_then(|name| String::from_utf8(name).ok());
                Some(name.ok_or_else(|| SqsFault::invalid_parameter("Invalid or expired next token."))?)
            }
        };
        let mut rest: Vec<QueueId> =
            queues.filter(|queue| after.as_ref().is_none_or(|after| queue.name > *after)).cloned().collect();
        let found = rest.len();
        // AWS gives a token only to those who asked for pages, so the others must get all at once.
        let Some(wanted) = wanted else {
            rest.truncate(PAGE);
            return Ok(QueuePage { queues: rest, next_token: None });
        };
        rest.truncate(wanted.min(self.limits.page));
        rest.truncate(part(rest.len()));
        let next_token = rest.last().filter(|_| rest.len() < found).map(|last| STANDARD.encode(&last.name));
        Ok(QueuePage { queues: rest, next_token })
    }

    /// The queue's settings.
    pub(crate) fn settings(&self, queue: &QueueId) -> Result<&Settings, SqsFault> {
        Ok(&self.queues.get(queue).ok_or_else(SqsFault::queue_does_not_exist)?.settings)
    }

    /// The named attributes that are set; `All` names all. Counts are exact.
    ///
    /// # Errors
    ///
    /// `InvalidAttributeName` for a name that AWS does not know, and for those that it only knows of FIFO queues
    /// (<https://github.com/aws/aws-sdk-ruby/issues/1350>).
    pub(crate) fn queue_attributes(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        names: &[String],
    ) -> Result<BTreeMap<String, String>, SqsFault> {
        let state = self.queue_at(now, queue)?;
        let is_known = |name: &str| settings::is_known(name) && (state.is_fifo() || !ONLY_OF_FIFO.contains(&name));
        if let Some(unknown) = names.iter().find(|name| *name != "All" && !is_known(name)) {
            return Err(SqsFault::unknown_attribute(unknown));
        }
        let all = names.iter().any(|name| name == "All");
        let wanted = settings::names().filter(|known| all || names.iter().any(|name| name == known));
        Ok(wanted.filter_map(|name| Some((name.to_owned(), read(state, name)?))).collect())
    }

    /// Changes attributes: all of them or, on an error, none.
    pub(crate) fn set_queue_attributes(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), SqsFault> {
        let settings = self.settings(queue)?.with(attributes)?;
        settings.check_policy(queue)?;
        self.check_redrive(queue, &settings, attributes)?;
        let state = self.queue_at(now, queue)?;
        state.settings = settings;
        state.modified = now;
        // A shorter retention period takes effect on the messages that are there.
        state.roll(now);
        self.changed.insert(queue.clone());
        Ok(())
    }

    /// Checks a redrive policy against the dead-letter queue that it names.
    fn check_redrive(
        &self,
        queue: &QueueId,
        settings: &Settings,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), SqsFault> {
        let (Some(redrive), Some(text)) = (&settings.redrive, attributes.get("RedrivePolicy")) else { return Ok(()) };
        let invalid = |reason: &str| Err(SqsFault::invalid_value(text, "RedrivePolicy", reason));
        if redrive.target == *queue {
            return invalid("Dead letter target must be another queue than the source.");
        }
        let Some(target) = self.queues.get(&redrive.target) else {
            return invalid("Dead letter target does not exist.");
        };
        if redrive.target.account != queue.account || redrive.target.region != queue.region {
            return invalid("Dead letter target must be in the account and the region of the source.");
        }
        if target.is_fifo() != settings.fifo.is_some() {
            return invalid("Dead-letter queue must be same type of queue as the source.");
        }
        if target.settings.redrive_allow.as_ref().is_some_and(|policy| !policy.allows(queue)) {
            return invalid("The RedriveAllowPolicy of the dead letter target does not allow this source.");
        }
        Ok(())
    }
}

fn read(queue: &Queue, name: &str) -> Option<String> {
    let counts = queue.counts();
    match name {
        "ApproximateNumberOfMessages" => Some(counts.visible.to_string()),
        "ApproximateNumberOfMessagesDelayed" => Some(counts.delayed.to_string()),
        "ApproximateNumberOfMessagesNotVisible" => Some(counts.in_flight.to_string()),
        "CreatedTimestamp" => Some(counted(queue.created).as_second().to_string()),
        "LastModifiedTimestamp" => Some(counted(queue.modified).as_second().to_string()),
        "QueueArn" => Some(queue.id.arn().to_string()),
        _ => queue.settings.get(name),
    }
}
