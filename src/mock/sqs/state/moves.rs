//! Message move tasks: the messages of a dead-letter queue on their way back, or to another queue.
//!
//! A task without a rate is done at once. One with a rate moves its first message at once and the others at that pace, on the
//! cloud's clock. Only messages that are visible are moved. AWS counts a moved message as a new one: it has a new id and a new
//! time of sending, and was never received.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>,
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::SqsState;
use super::send::sequence_number;
use crate::event::Arn;
use crate::history::Name;
use crate::kernel::Ids;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::{Message, Place};
use crate::mock::sqs::queue_id::QueueId;

/// The fastest pace that can be asked for, in messages a second.
const FASTEST: i64 = 500;
/// How many tasks a list shows at most.
const LONGEST_LIST: i64 = 10;

/// A task that moves the messages of one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MoveTask {
    id: String,
    pub source: QueueId,
    /// Where the messages go; without one each goes back to where it was dead-lettered from.
    pub destination: Option<QueueId>,
    /// Messages a second; as fast as can be without one.
    pub per_second: Option<u32>,
    pub started: Timestamp,
    pub moved: u64,
    /// How many messages there were at its start.
    pub to_move: u64,
    pub status: MoveStatus,
}

/// How far a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MoveStatus {
    Running,
    Completed,
    Cancelled,
    Failed(&'static str),
}

impl MoveTask {
    /// What names the task to who cancels it.
    pub(crate) fn handle(&self) -> String {
        STANDARD.encode(json!({ "taskId": self.id, "sourceArn": self.source.arn().to_string() }).to_string())
    }

    /// How many messages may have been moved by now.
    fn due(&self, now: Timestamp) -> u64 {
        let Some(per_second) = self.per_second else { return u64::MAX };
        let passed = u64::try_from(now.duration_since(self.started).as_millis()).unwrap_or_default();
        passed * u64::from(per_second) / 1_000 + 1
    }

    /// When the next message is moved; none if that is not for time to say.
    fn next(&self) -> Option<Timestamp> {
        let per_second = self.per_second.filter(|_| self.status == MoveStatus::Running)?;
        let after = (self.moved * 1_000).div_ceil(per_second.into());
        self.started.checked_add(SignedDuration::from_millis(i64::try_from(after).ok()?)).ok()
    }
}

impl SqsState {
    /// Starts a task.
    ///
    /// # Errors
    ///
    /// For a source that is no dead-letter queue, a queue that does not exist, a destination that is the source or of the other
    /// type, a pace outside 1 to 500, and while another task of the same source runs.
    pub(crate) fn start_move(
        &mut self,
        now: Timestamp,
        ids: &mut Ids,
        source: &str,
        destination: Option<&str>,
        per_second: Option<i64>,
    ) -> Result<MoveTask, SqsFault> {
        let source = self.named(source, "SourceArn")?;
        let destination = destination.map(|arn| self.named(arn, "DestinationArn")).transpose()?;
        let per_second = per_second.map(|pace| {
            let in_range = u32::try_from(pace).ok().filter(|_| (1..=FASTEST).contains(&pace));
            let reason = "Must be between 1 and 500, if provided.";
            in_range.ok_or_else(|| SqsFault::invalid_value(pace, "MaxNumberOfMessagesPerSecond", reason))
        });
        let per_second = per_second.transpose()?;
        let is_redriven_to = |from: &super::Queue| from.settings.redrive.as_ref().is_some_and(|r| r.target == source);
        if !self.queues.values().any(is_redriven_to) {
            return Err(SqsFault::invalid_parameter("Source queue must be configured as a Dead Letter Queue."));
        }
        if let Some(other) = destination.as_ref().filter(|there| there.is_fifo() != source.is_fifo()) {
            let reason = "Source and destination queue must be of the same type.";
            return Err(SqsFault::invalid_value(other.arn(), "DestinationArn", reason));
        }
        // Any other queue may be the destination; to itself, the moving would have no end.
        if destination.as_ref() == Some(&source) {
            let reason = "Source and destination queue must be different.";
            return Err(SqsFault::invalid_value(source.arn(), "DestinationArn", reason));
        }
        if self.moves.iter().any(|task| task.source == source && task.status == MoveStatus::Running) {
            return Err(SqsFault::invalid_parameter(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            ));
        }
        let to_move = self.queue_at(now, &source)?.counts().visible as u64;
        self.changed.insert(source.clone());
        let (id, status) = (ids.uuid(), MoveStatus::Running);
        let task = MoveTask { id, source, destination, per_second, started: now, moved: 0, to_move, status };
        self.moves.push(task.clone());
        self.run_moves(now);
        Ok(task)
    }

    /// The tasks of a queue, the last one first.
    ///
    /// # Errors
    ///
    /// For a queue that does not exist, and a `max_results` outside 1 to 10.
    pub(crate) fn list_moves(&self, source: &str, max_results: Option<i64>) -> Result<Vec<MoveTask>, SqsFault> {
        let source = self.named(source, "SourceArn")?;
        let most = max_results.unwrap_or(1);
        let most = usize::try_from(most)
            .ok()
            .filter(|_| (1..=LONGEST_LIST).contains(&most))
            .ok_or_else(|| SqsFault::invalid_value(most, "MaxResults", "Must be between 1 and 10, if provided."))?;
        Ok(self.moves.iter().rev().filter(|task| task.source == source).take(most).cloned().collect())
    }

    /// Ends a task before all is moved, and says how many messages were.
    ///
    /// # Errors
    ///
    /// For a handle that is none, a queue that does not exist, and a task that does not run.
    pub(crate) fn cancel_move(&mut self, handle: &str) -> Result<u64, SqsFault> {
        let (id, source) = read_handle(handle)
            .ok_or_else(|| SqsFault::invalid_parameter("Value for parameter TaskHandle is invalid."))?;
        let source = self.named(&source, "SourceArn")?;
        let mut tasks = self.moves.iter_mut();
        let task = tasks.find(|task| task.source == source && task.id == id && task.status == MoveStatus::Running);
        let task = task.ok_or_else(|| SqsFault::resource_not_found("Task does not exist."))?;
        task.status = MoveStatus::Cancelled;
        let moved = task.moved;
        self.changed.insert(source);
        Ok(moved)
    }

    /// Moves what is due.
    pub(crate) fn run_moves(&mut self, now: Timestamp) {
        for place in 0..self.moves.len() {
            let due = self.moves[place].due(now);
            while self.moves[place].status == MoveStatus::Running && self.moves[place].moved < due {
                let status = self.move_one(now, place);
                self.moves[place].status = status;
            }
        }
    }

    /// When a task of the queue moves its next message.
    pub(super) fn next_move(&self, queue: &QueueId) -> Option<Timestamp> {
        self.moves.iter().filter(|task| task.source == *queue).filter_map(MoveTask::next).min()
    }

    /// Moves one message of the task at this place, and says how far the task has come.
    fn move_one(&mut self, now: Timestamp, place: usize) -> MoveStatus {
        let MoveTask { id, source, destination, moved, .. } = self.moves[place].clone();
        let Ok(queue) = self.queue_at(now, &source) else {
            return MoveStatus::Failed("AWS.SimpleQueueService.NonExistentQueue");
        };
        let Some((position, message)) = queue.first_visible() else { return MoveStatus::Completed };
        let own_source = message.dead_letter_source.as_deref().and_then(QueueId::from_arn);
        let Some(target) = destination.or(own_source) else {
            return MoveStatus::Failed("CouldNotDetermineMessageSource");
        };
        if !self.exists(&target) {
            return MoveStatus::Failed("AWS.SimpleQueueService.NonExistentQueue");
        }
        let place_there = self.next_position(&target);
        let Some((message, _)) = self.queue_at(now, &source).ok().and_then(|queue| queue.remove(position)) else {
            return MoveStatus::Completed;
        };
        let count = u32::try_from(moved).unwrap_or(u32::MAX);
        let mut ids = Ids::of(0, Name::ROOT.under("message move", &id).nth(count), "message");
        if let Ok(there) = self.queue_at(now, &target) {
            let sequence_number = there.is_fifo().then(|| sequence_number(place_there));
            let message = Message {
                id: ids.uuid(),
                sent: now,
                first_received: None,
                receive_count: 0,
                dead_letter_source: None,
                sequence_number,
                ..message
            };
            there.insert(place_there, message, Place::Visible, now);
        }
        self.moves[place].moved += 1;
        self.changed.extend([source.clone(), target]);
        let is_empty = self.queue_at(now, &source).is_ok_and(|queue| queue.first_visible().is_none());
        if is_empty { MoveStatus::Completed } else { MoveStatus::Running }
    }

    /// The queue that an ARN names, which must exist.
    fn named(&self, arn: &str, parameter: &str) -> Result<QueueId, SqsFault> {
        let queue = arn.parse::<Arn>().ok().and_then(|arn| QueueId::from_arn(&arn)).ok_or_else(|| {
            let form = "arn:<partition>:<service>:<region>:<account-id>:<resource-id>";
            SqsFault::invalid_parameter(format!("You must use this format to specify the {parameter}: {form}"))
        })?;
        let missing = || {
            SqsFault::resource_not_found(format!(
                "The resource that you specified for the {parameter} parameter doesn't exist."
            ))
        };
        if self.exists(&queue) { Ok(queue) } else { Err(missing()) }
    }
}

/// The id of a task and the ARN of its source.
fn read_handle(handle: &str) -> Option<(String, String)> {
    let said: Value = serde_json::from_slice(&STANDARD.decode(handle).ok()?).ok()?;
    Some((said["taskId"].as_str()?.to_owned(), said["sourceArn"].as_str()?.to_owned()))
}

/// The ARN of the queue whose task a handle names.
pub(crate) fn source_of(handle: &str) -> Option<Arn> {
    read_handle(handle)?.1.parse().ok()
}
