//! From an operation to its answer, or to the word that a long poll has to wait.

use jiff::Timestamp;

use super::operation::{Operation, QueueOperation, Receive};
use super::output::{Output, Sent};
use super::received;
use crate::event::AccountId;
use crate::history::OVERDUE;
use crate::kernel::Ids;
use crate::mock::http::Call;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::Sender;
use crate::mock::sqs::queue::later;
use crate::mock::sqs::queue_id::QueueId;
use crate::mock::sqs::service::SqsService;
use crate::mock::sqs::state::{ReceiveRequest, SqsState};

/// What came of an execution.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Executed {
    /// The body of the answer.
    Done(Output),
    /// A long poll found nothing and consumed nothing: execute again when `observe` names the
    /// queue, at the queue's next change, or at `until`.
    Wait {
        /// The queue that is polled.
        queue: QueueId,
        /// The poll's deadline.
        until: Timestamp,
    },
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Poll {
    /// The first execution.
    First,
    /// One after [`Executed::Wait`], with the deadline that it gave.
    Again(Timestamp),
    /// The last one: a receive answers with what there is.
    Last,
}

impl SqsService {
    /// Executes a request. Only ReceiveMessage ever waits.
    ///
    /// To lose no wake-up, start to listen for the queue before executing.
    ///
    /// # Errors
    ///
    /// AWS's for the operation. Whether the caller may was decided before.
    pub(in crate::mock::sqs) fn execute(
        &self,
        operation: &Operation,
        base: &str,
        call: &Call,
        poll: Poll,
    ) -> Result<Executed, SqsFault> {
        let caller = call.caller.as_ref();
        let caller = caller.ok_or_else(|| SqsFault::access_denied("Access to the resource is denied: no caller."))?;
        let (region, mut ids) = (&call.region, call.ids("sqs"));
        self.step(|state, now| {
            let done = match operation {
                Operation::CreateQueue { name, attributes, tags } => {
                    let queue = QueueId::new(&caller.account, region, name.clone());
                    state.create_queue(now, &queue, attributes, tags)?;
                    Output::QueueUrl { queue_url: queue.url(base) }
                }
                Operation::GetQueueUrl { name, owner } => {
                    let owner = owner.as_ref().map(|owner| {
                        AccountId::new(owner.clone()).map_err(|error| SqsFault::invalid_parameter(error.to_string()))
                    });
                    let account = owner.transpose()?.unwrap_or_else(|| caller.account.clone());
                    let queue = QueueId::new(&account, region, name.clone());
                    state.settings(&queue)?;
                    Output::QueueUrl { queue_url: queue.url(base) }
                }
                Operation::ListQueues { prefix, max_results, next_token } => {
                    let token = next_token.as_deref();
                    let part = |queues| call.page(queues);
                    let page = state.list_queues(&caller.account, region, prefix, *max_results, token, &part)?;
                    Output::queues(&page, base)
                }
                Operation::StartMessageMoveTask { source, destination, per_second } => {
                    let task = state.start_move(now, &mut ids, source, destination.as_deref(), *per_second)?;
                    Output::MoveTask { task_handle: task.handle() }
                }
                Operation::ListMessageMoveTasks { source, max_results } => {
                    let tasks = state.list_moves(source, *max_results)?;
                    Output::MoveTasks { results: tasks.iter().map(Into::into).collect() }
                }
                Operation::CancelMessageMoveTask { handle } => Output::Moved { moved: state.cancel_move(handle)? },
                Operation::OnQueue { queue, operation } => {
                    let queue = queue.resolve(&caller.account, region);
                    state.settings(&queue)?;
                    let trace_header = call.trace_header.as_deref();
                    let sender = Sender { principal: &caller.principal, entry: call.entry, trace_header };
                    let request = OnQueue { queue: &queue, sender, base, poll, call };
                    return request.execute(state, now, &mut ids, operation);
                }
            };
            Ok(Executed::Done(done))
        })
    }
}

/// What the operations on one queue have in common.
#[derive(Debug, Clone, Copy)]
struct OnQueue<'a> {
    queue: &'a QueueId,
    sender: Sender<'a>,
    base: &'a str,
    poll: Poll,
    call: &'a Call,
}

impl OnQueue<'_> {
    fn execute(
        self,
        state: &mut SqsState,
        now: Timestamp,
        ids: &mut Ids,
        operation: &QueueOperation,
    ) -> Result<Executed, SqsFault> {
        let Self { queue, sender, base, call, .. } = self;
        let (failing, page) = (|entries| call.failing(entries), |queues| call.page(queues));
        let done = match operation {
            QueueOperation::DeleteQueue => nothing(state.delete_queue(now, queue)?),
            QueueOperation::PurgeQueue => nothing(state.purge_queue(now, queue)?),
            QueueOperation::GetQueueAttributes { names } => {
                Output::Attributes { attributes: state.queue_attributes(now, queue, names)? }
            }
            QueueOperation::SetQueueAttributes { attributes } => {
                nothing(state.set_queue_attributes(now, queue, attributes)?)
            }
            QueueOperation::SendMessage { message } => {
                let sent = state.send(now, ids, queue, sender, message)?;
                Output::Sent(Sent::of(sent, message))
            }
            QueueOperation::SendMessageBatch { entries } => {
                let outcome = state.send_batch(now, ids, queue, sender, entries, &failing)?;
                Output::batch(outcome, |id, sent| {
                    let entry = entries.iter().find(|entry| entry.id == id)?;
                    Some(Sent::of(sent, entry.value.as_ref().ok()?))
                })
            }
            QueueOperation::ReceiveMessage(receive) => return self.receive(state, now, receive),
            QueueOperation::DeleteMessage { handle } => {
                self.say_if_overdue(state, now, handle);
                nothing(state.delete(now, queue, handle)?)
            }
            QueueOperation::DeleteMessageBatch { entries } => {
                entries.iter().for_each(|entry| self.say_if_overdue(state, now, &entry.value));
                Output::batch(state.delete_batch(now, queue, entries, &failing)?, |_, ()| None)
            }
            QueueOperation::ChangeMessageVisibility { handle, timeout } => {
                nothing(state.change_visibility(now, queue, handle, *timeout)?)
            }
            QueueOperation::ChangeMessageVisibilityBatch { entries } => {
                Output::batch(state.change_visibility_batch(now, queue, entries, &failing)?, |_, ()| None)
            }
            QueueOperation::TagQueue { tags } => nothing(state.tag_queue(queue, tags)?),
            QueueOperation::UntagQueue { keys } => nothing(state.untag_queue(queue, keys)?),
            QueueOperation::ListQueueTags => Output::Tags { tags: state.queue_tags(queue)?.clone() },
            QueueOperation::AddPermission { label, accounts, actions } => {
                nothing(state.add_permission(now, queue, label, accounts, actions)?)
            }
            QueueOperation::RemovePermission { label } => nothing(state.remove_permission(now, queue, label)?),
            QueueOperation::ListDeadLetterSourceQueues { max_results, next_token } => {
                let token = next_token.as_deref();
                let page = state.list_dead_letter_source_queues(queue, *max_results, token, &page)?;
                Output::sources(&page, base)
            }
        };
        Ok(Executed::Done(done))
    }

    fn say_if_overdue(self, state: &mut SqsState, now: Timestamp, handle: &str) {
        if state.is_overdue(now, self.queue, handle) {
            self.call.say(OVERDUE);
        }
    }

    fn receive(self, state: &mut SqsState, now: Timestamp, receive: &Receive) -> Result<Executed, SqsFault> {
        received::check_system_names(&receive.system_attributes)?;
        let Receive { max_messages, visibility_timeout, .. } = *receive;
        let max_messages = max_messages.min(state.limits().received);
        let part = |visible| self.call.messages(visible);
        let attempt = receive.attempt_id.as_deref();
        let again = attempt.map(|id| state.received_before(now, self.queue, id, visibility_timeout)).transpose()?;
        let wait = receive.wait.unwrap_or(state.settings(self.queue)?.receive_wait);
        let messages = match again.flatten() {
            Some(again) => again,
            None => match state.receive(now, self.queue, ReceiveRequest { max_messages, visibility_timeout }, &part) {
                // Only a short poll is told that too many messages are in flight.
                // <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
                Err(fault) if fault.is_over_limit() && wait > 0 => Vec::new(),
                messages => messages?,
            },
        };
        if let Some(id) = attempt {
            state.remember_attempt(now, self.queue, id, &messages)?;
        }
        let until = match self.poll {
            Poll::First => later(now, wait),
            Poll::Again(until) => until,
            Poll::Last => now,
        };
        if messages.is_empty() && now < until {
            return Ok(Executed::Wait { queue: self.queue.clone(), until });
        }
        let messages = messages.into_iter().map(|message| received::shown(message, receive)).collect();
        Ok(Executed::Done(Output::Messages { messages }))
    }
}

fn nothing((): ()) -> Output {
    Output::Nothing {}
}
