//! Who was told that something went wrong: by an error, or by a message that the ordinary end does not have.

use super::differences::Difference;
use super::repeats;
use super::view::Place;
use crate::history::{Entry, History, Outcome, Source, What};

/// Whether an invocation failed and nobody swallowed the error (a caller that was answered with it failed too), or a message
/// was reported as failed and is still there for somebody to see.
pub(super) fn is_told(history: &History) -> bool {
    if history.entries().iter().any(|entry| matches!(entry.what, What::Kept { .. }) && !is_dropped(history, entry)) {
        return true;
    }
    let failed = |entry: &Entry| matches!(entry.outcome, Outcome::Failed { .. });
    history.invocations().into_iter().any(|invoked| {
        let by_function = || {
            let path = history.path_to(invoked.entry.id);
            path.iter().rev().skip(1).any(|entry| matches!(entry.what, What::Invocation(_)))
        };
        failed(invoked.entry) && (!invoked.invocation.answered || !by_function())
    })
}

/// Whether messages that a function had reported as failed were delivered again, and all of them taken as done. No metric
/// counts what was reported, and nothing is left of it.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>: the function succeeds, and the messages
/// come back.
fn is_dropped(history: &History, kept: &Entry) -> bool {
    let message = kept.cause.and_then(|delivery| history.get(delivery)?.cause);
    let again = history.entries().iter().rfind(|entry| entry.cause == message && is_batch(entry));
    let Some(last) = again.filter(|last| message.is_some() && last.id > kept.id) else { return false };
    let succeeded = |entry: &Entry| {
        let is_of_it = entry.cause == Some(last.id) && matches!(entry.what, What::Invocation(_));
        is_of_it && matches!(entry.outcome, Outcome::Succeeded { .. })
    };
    history.entries().iter().any(succeeded) && repeats::kept(history, Some(last.id)).is_none()
}

fn is_batch(entry: &Entry) -> bool {
    matches!(&entry.what, What::Delivery(delivery) if matches!(delivery.from, Source::Messages { .. }))
}

/// Whether it is a message that the ordinary run does not have at all, such as an alarm.
pub(super) fn is_new(difference: &Difference) -> bool {
    let tells = matches!(difference.place, Place::Channel { .. } | Place::Queue { .. } | Place::Bus { .. });
    difference.ordinary == 0 && tells
}

/// Whether it is the word of a function that has tried something as often as there were faults, and gives it up.
///
/// It had no better chance, as with a dead-letter queue of that many receives.
pub(super) fn is_last_resort(history: &History, place: &Place, text: &str, deviations: usize) -> bool {
    let is_late = |attempt: usize| (2..=deviations).contains(&attempt);
    repeats::commits(history, place, text).iter().any(|word| is_late(attempt_of(history, word.entry)))
}

/// At which attempt something was done.
fn attempt_of(history: &History, entry: &Entry) -> usize {
    let attempts = history.path_to(entry.id).into_iter().map(|entry| match &entry.what {
        What::Invocation(invocation) => invocation.attempt,
        What::Delivery(delivery) => match delivery.from {
            Source::Messages { received, .. } => received,
            _ => 1,
        },
        _ => 1,
    });
    attempts.max().map_or(1, |attempt| usize::try_from(attempt).unwrap_or(usize::MAX))
}
