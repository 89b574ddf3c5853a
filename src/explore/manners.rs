//! What no handler should do in any run, whatever the end: rules that need no declaration.

use std::collections::BTreeMap;
use std::time::Duration;

use super::repeats;
use super::run::Ran;
use super::view::Place;
use crate::event::{BatchVerdict, SqsEvent};
use crate::history::{Actor, Entry, EntryId, History, InvokedFunction, OVERDUE, Outcome, Source, What};

/// More equal requests that fail at one instant do not wait for each other.
const MOST_AT_ONCE: usize = 2;
/// More equal requests that fail in one invocation have no end but the timeout.
const MOST_RETRIES: usize = 20;
/// Who is denied more often than this asks in vain.
const MOST_DENIED: usize = 3;

/// The rules that a run broke, each with what was seen.
pub(super) fn broken(history: &History) -> Vec<(&'static str, String)> {
    let mut broken = Vec::new();
    broken.extend(retry_after(history).map(|seen| ("Slack's Retry-After is not respected", seen)));
    broken.extend(hammering(history));
    broken.extend(group_order(history).map(|seen| ("the order of a message group is not kept", seen)));
    broken
}

/// The rule that work ends before others receive its message.
pub(super) const VISIBILITY: &str = "the work takes longer than the visibility timeout";

/// A function that deletes a message when it is visible again. A fault may delay any work, so this is asked about the ordinary
/// course alone.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html>
pub(super) fn overdue(history: &History) -> Option<String> {
    let overdue = |entry: &Entry| matches!(entry.outcome, Outcome::Answered { remark: Some(OVERDUE), .. });
    let mut requests = history.requests().service("sqs").into_iter();
    let late = requests.find(|asked| matches!(asked.entry.actor, Actor::Function(_)) && overdue(asked.entry))?;
    Some(late.entry.to_string())
}

/// The rule that what was done is deleted.
pub(super) const NEVER_DELETED: &str = "a message comes back although its work was done";

/// A message that functions have received themselves again and again, and that is still there although all of them succeeded.
/// Who changes its visibility leaves it there on purpose, and dead letters wait for somebody.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html>: a consumer
/// deletes what it has processed.
pub(super) fn never_deleted(ran: &Ran) -> Option<(Place, String)> {
    let history = &ran.history;
    let succeeded = |by: EntryId| matches!(history.get(by)?.outcome, Outcome::Succeeded { .. }).then_some(());
    let by_function = |entry: &Entry| matches!(entry.actor, Actor::Function(_));
    let is_left = |queue: &str| {
        let asked = || history.requests().service("sqs").resource(queue).into_iter();
        let mut receives = asked().filter(|asked| asked.request.operation == "ReceiveMessage");
        let well = receives.all(|one| by_function(one.entry) && one.entry.cause.and_then(succeeded).is_some());
        well && !asked().any(|asked| asked.request.operation.starts_with("ChangeMessageVisibility"))
            && history.deliveries().from(queue).count() == 0
    };
    let (queue, body, times) = ran.received.iter().find(|(queue, ..)| is_left(queue))?;
    let seen =
        format!("queue {queue}: {body:?} was received {times} times by functions that succeeded, and is still there");
    Some((Place::Queue { name: queue.clone() }, seen))
}

/// The same post within the time that Slack asked to wait, by the very invocation that was told so.
///
/// <https://docs.slack.dev/apis/web-api/rate-limits/>: `Retry-After`, in seconds.
fn retry_after(history: &History) -> Option<String> {
    let mut limited: BTreeMap<(EntryId, &str, &str), (&Entry, Duration)> = BTreeMap::new();
    for post in history.requests().service("slack") {
        let Some(invocation) = post.entry.cause else { continue };
        let same = (invocation, &*post.request.resource, &*post.request.detail);
        if let Some((earlier, asked)) = limited.get(&same) {
            let waited = post.entry.at.duration_since(earlier.at).unsigned_abs();
            if waited < *asked {
                return Some(format!("{}: posted again {waited:?} after a 429 that asked for {asked:?}", post.request));
            }
        }
        if let (Some(429), Some(asked)) = (post.status(), post.retry_after()) {
            limited.insert(same, (post.entry, asked));
        }
    }
    None
}

/// Retries that do not wait, or do not end. Of other services it is not known whether two requests ask for the same.
fn hammering(history: &History) -> Option<(&'static str, String)> {
    let mut failed: BTreeMap<(EntryId, String, bool), Vec<&Entry>> = BTreeMap::new();
    for answered in history.requests().failed() {
        let may_pass = answered.status().is_none_or(|status| status == 429 || status >= 500);
        let is_denied = answered.status() == Some(403);
        let is_known = matches!(answered.request.service, "s3" | "slack");
        if let (Some(invocation), true) = (answered.entry.cause, (may_pass || is_denied) && is_known) {
            let asked = format!("{} {}", answered.request.subject(), answered.request.detail);
            failed.entry((invocation, asked, is_denied)).or_default().push(answered.entry);
        }
    }
    for ((_, asked, is_denied), entries) in failed {
        if is_denied {
            match entries.len() {
                ..=MOST_DENIED => continue,
                count => return Some(("what is denied is tried again", format!("{asked}: {count} times"))),
            }
        }
        let at_once = |entry: &Entry| entries.iter().filter(|other| other.at == entry.at).count();
        if let Some(count) = entries.iter().map(|entry| at_once(entry)).max().filter(|count| *count > MOST_AT_ONCE) {
            return Some(("retries do not wait", format!("{asked}: failed {count} times at one instant")));
        }
        if entries.len() > MOST_RETRIES {
            let count = entries.len();
            return Some(("retries do not end", format!("{asked}: failed {count} times in one invocation")));
        }
    }
    None
}

/// A message of a FIFO queue that was taken care of before an earlier one of its group.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>: after the first failure of a batch from a
/// FIFO queue, a function returns it and all that it has not processed.
fn group_order(history: &History) -> Option<String> {
    // The function, the queue and the group; and the latest message that was done.
    let mut done: BTreeMap<(String, String, String), (u128, String)> = BTreeMap::new();
    let mut invocations: Vec<InvokedFunction<'_>> = history.invocations().into_iter().collect();
    invocations.sort_by_key(InvokedFunction::ended);
    for invoked in invocations {
        // Then the test has broken the order.
        if is_redelivered(history, &invoked) {
            continue;
        }
        let Outcome::Succeeded { response, .. } = &invoked.entry.outcome else { continue };
        let Ok(event) = invoked.event::<SqsEvent>() else { continue };
        let ids: Vec<&str> = event.records.iter().map(|record| record.message_id.as_str()).collect();
        let listens = repeats::kept(history, invoked.entry.cause).is_some();
        let verdict = BatchVerdict::of_response(response, &ids, listens);
        for record in event.records.iter().filter(|record| !verdict.is_retried(&record.message_id)) {
            let attributes = &record.attributes;
            let (Some(group), Some(number)) = (&attributes.message_group_id, &attributes.sequence_number) else {
                continue;
            };
            let Ok(number) = number.parse() else { continue };
            let function = &invoked.invocation.function;
            let key = (function.to_string(), record.event_source_arn.to_string(), group.clone());
            match done.get(&key) {
                Some((later, body)) if number < *later => {
                    return Some(format!(
                        "{function}: {:?} was done after {body:?}, which was sent later",
                        record.body
                    ));
                }
                _ => done.insert(key, (number, record.body.clone())),
            };
        }
    }
    None
}

/// Whether a test has had an event delivered once more.
fn is_redelivered(history: &History, invoked: &InvokedFunction<'_>) -> bool {
    let delivery = invoked.entry.cause.and_then(|cause| history.get(cause));
    let is_again =
        |what: &What| matches!(what, What::Delivery(delivery) if matches!(delivery.from, Source::Redelivery { .. }));
    delivery.is_some_and(|delivery| is_again(&delivery.what))
}
