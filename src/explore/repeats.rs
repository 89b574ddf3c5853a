//! Exactly once does not exist: who does something and dies before he can say so does it again.
//!
//! An effect may be repeated once for each time that its invocation did not come to a good end after it, or that its own
//! answer was lost. A repeat after an invocation that succeeded is another thing: the function is not idempotent.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/concepts-event-driven-architectures.html> (at-least-once delivery)

use std::collections::BTreeSet;

use super::view::Place;
use crate::event::invoke::FunctionError;
use crate::history::{Answered, Entry, EntryId, History, InvocationInfo, Origin, Outcome, What};

/// How often an effect was done by those who could not say so.
pub(super) fn excused(history: &History, place: &Place, text: &str) -> usize {
    commits(history, place, text).iter().filter(|commit| is_excused(history, commit.entry.id)).count()
}

/// How often something was put at a place by those who could not take it away again.
pub(super) fn left(history: &History, place: &Place, text: &str) -> usize {
    commits(history, place, text).iter().filter(|commit| is_left_excused(history, commit)).count()
}

/// The requests that brought a text to a place.
pub(super) fn commits<'a>(history: &'a History, place: &Place, text: &str) -> Vec<Answered<'a>> {
    let all = history.requests().filter(|answered| is_done(&answered.entry.outcome));
    let found = match place {
        Place::Channel { name } => {
            // What a test answers in Slack's place is not posted.
            let by_test = |post: &Answered<'_>| matches!(post.entry.outcome, Outcome::Answered { remark: Some(_), .. });
            all.service("slack").resource(name).filter(|post| post.request.detail == text && !by_test(post))
        }
        Place::Queue { name } => {
            all.service("sqs").resource(name).filter(|sent| sent.request.operation.starts_with("Send"))
        }
        Place::Bus { name } => all.service("events").resource(name),
        Place::Object { bucket, key } => {
            let resource = format!("{bucket}/{key}");
            let writes = ["PutObject", "CopyObject", "CompleteMultipartUpload"];
            all.service("s3").resource(&resource).filter(|put| writes.contains(&&*put.request.operation))
        }
        Place::Uploads { bucket } => {
            let begins = format!("{bucket}/");
            all.operation("CreateMultipartUpload").filter(|begun| begun.request.resource.starts_with(&begins))
        }
        Place::GivenUp { .. } => return Vec::new(),
    };
    found.into_iter().collect()
}

/// Whether a request's work was done, whatever became of the answer.
pub(super) fn is_done(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Answered { error, status, .. } => error.is_none() && *status < 400,
        Outcome::Unanswered { why } => why.starts_with("done"),
        _ => false,
    }
}

/// Whether an entry, or something that led to it, was done by somebody who was not heard of any more.
fn is_excused(history: &History, id: EntryId) -> bool {
    history.path_to(id).into_iter().any(|entry| match (&entry.what, &entry.outcome) {
        (What::Request(_), Outcome::Unanswered { .. }) => true,
        // What a service of the cloud does twice is no fault of any handler.
        (What::Request(request), _) => entry.id == id && request.origin == Origin::Service,
        (What::Invocation(invocation), outcome) => !is_acknowledged(history, entry, invocation, outcome),
        _ => false,
    })
}

/// Whether whoever began an upload, or put an object, could not take it away: he never heard of it, died, or was refused when
/// he did.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/abort-mpu.html>: a function that merely fails can abort it before.
fn is_left_excused(history: &History, begun: &Answered<'_>) -> bool {
    let died = |entry: &&Entry| match (&entry.what, &entry.outcome) {
        (What::Request(_), outcome) => matches!(outcome, Outcome::Unanswered { .. }),
        _ => has_died(entry),
    };
    history.path_to(begun.entry.id).iter().any(died) || is_undo_refused(history, begun)
}

/// Whether the invocation that made something was refused when it tried to take it away again.
pub(super) fn is_undo_refused(history: &History, made: &Answered<'_>) -> bool {
    let undone = history.requests().failed().filter(|undo| {
        let operation = &undo.request.operation;
        let is_undo = operation.starts_with("Abort") || operation.starts_with("Delete");
        is_undo && undo.entry.cause == made.entry.cause && undo.request.resource == made.request.resource
    });
    undone.count() > 0
}

/// How often a mark was taken away that somebody else had set since: the answer to the taking away was lost, and the client did it
/// again by itself.
pub(super) fn undone_twice(history: &History) -> usize {
    let is_undo = |undo: &Answered<'_>| undo.request.operation.starts_with("Delete") && is_done(&undo.entry.outcome);
    let undone: Vec<Answered<'_>> = history.requests().filter(is_undo).into_iter().collect();
    let lost = undone.iter().filter(|undo| matches!(undo.entry.outcome, Outcome::Unanswered { .. }));
    let between = lost.filter(|first| {
        let same =
            |other: &Answered<'_>| other.request.resource == first.request.resource && other.entry.id > first.entry.id;
        let Some(again) = undone.iter().find(|other| same(other) && other.entry.cause == first.entry.cause) else {
            return false;
        };
        // One that was put aside has begun before.
        let mut marks = history.requests().resource(&first.request.resource).into_iter();
        marks.any(|mark| {
            let is_set = mark.request.operation.starts_with("Put") && is_done(&mark.entry.outcome);
            let is_between = (first.entry.at..=again.entry.at).contains(&mark.entry.at);
            is_set && is_between && mark.entry.cause != first.entry.cause
        })
    });
    between.count()
}

/// Whether an invocation's work counts as done, so that nobody asks for it again.
///
/// A function that fails a batch of several messages because of one of them is answerable for the others: it might have
/// reported the one. So is one that spends its time on some of them until it is ended.
fn is_acknowledged(history: &History, entry: &Entry, invocation: &InvocationInfo, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Succeeded { .. } => !keeps_some(history, entry),
        Outcome::Failed { error, .. } => {
            let was_held_up = was_killed(error) && is_held_up(history, entry.id);
            !was_held_up && batch_size(invocation) > 1
        }
        _ => false,
    }
}

/// Whether an invocation was still waiting for an answer when it ended. Without that it has spent its time itself.
fn is_held_up(history: &History, invocation: EntryId) -> bool {
    let waits = |outcome: &Outcome| matches!(outcome, Outcome::Unanswered { .. } | Outcome::Open);
    history.requests().into_iter().any(|asked| asked.entry.cause == Some(invocation) && waits(&asked.entry.outcome))
}

/// Whether messages of a batch were reported as failed, in a good answer: some of them, or all when as many were hit.
fn keeps_some(history: &History, invocation: &Entry) -> bool {
    let Some(What::Kept { kept, of, why: None, .. }) = kept(history, invocation.cause) else { return false };
    kept < of || *of == 1 || hit(history, invocation.id) >= *of
}

/// How many different requests of an invocation failed in a way that may pass.
fn hit(history: &History, invocation: EntryId) -> usize {
    let may_pass = |asked: &Answered<'_>| asked.status().is_none_or(|status| status == 429 || status >= 500);
    let failed = history.requests().failed().filter(|asked| asked.entry.cause == Some(invocation) && may_pass(asked));
    let asked = failed.into_iter().map(|asked| (asked.request.subject(), &*asked.request.detail));
    asked.collect::<BTreeSet<_>>().len()
}

/// What is said of the messages of a batch that came back.
pub(super) fn kept(history: &History, delivery: Option<EntryId>) -> Option<&What> {
    let of_batch = |entry: &&Entry| entry.cause == delivery && matches!(entry.what, What::Kept { .. });
    history.entries().iter().find(of_batch).map(|entry| &entry.what)
}

/// Whether an entry is an invocation that the platform ended, or that is not over.
pub(super) fn has_died(entry: &Entry) -> bool {
    match (&entry.what, &entry.outcome) {
        (What::Invocation(_), Outcome::Failed { error, .. }) => was_killed(error),
        (What::Invocation(_), outcome) => !matches!(outcome, Outcome::Succeeded { .. }),
        _ => false,
    }
}

/// Whether the platform ended it: then it had no chance to say anything.
pub(super) fn was_killed(error: &FunctionError) -> bool {
    matches!(error.error_type.as_deref(), Some("Sandbox.Timedout" | "Runtime.ExitError"))
}

/// How many records the event has.
fn batch_size(invocation: &InvocationInfo) -> usize {
    #[derive(serde::Deserialize)]
    struct Records {
        #[serde(rename = "Records")]
        records: Vec<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Records>(&invocation.event).map_or(1, |event| event.records.len())
}
