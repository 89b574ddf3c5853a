//! What the next run of a schedule makes good.
//!
//! A receive whose answer is lost has taken its messages: until their visibility timeout ends, whoever asks again finds the
//! queue empty, and cannot know. Where a rule or schedule comes back, it receives them then. And what others could only bring when
//! its last run was over, such as an object whose writer had to try again, waits for the next one. So both ends, this one and
//! the ordinary one, are compared after one run more.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html>

use std::collections::BTreeSet;
use std::ops::AsyncFn;

use tokio::runtime::Runtime;

use super::oracle::{Ordinary, Verdict, judge};
use super::phases::Exploration;
use super::repeats::is_done;
use super::run::{Ran, run_then};
use super::view::View;
use crate::choice::{Plan, Point, PointKind};
use crate::cloud::Cloud;
use crate::history::{Actor, Entry, EntryId, History, Outcome, Source, What};

impl<S: AsyncFn(&Cloud) + Sync> Exploration<'_, S> {
    /// Whether a run in which the answer of a receive is lost, or something comes when the schedules have run for the last time,
    /// ends as the ordinary one does, if each has one run more.
    pub fn is_made_good(&self, runtime: &Runtime, ordinary: &Ordinary, ran: &Ran) -> bool {
        let is_late = || comes_late(&ran.history) && !comes_late(&ordinary.ran.history);
        if !recurs(&ran.history) || !(is_receive_lost(ran) || is_late()) {
            return false;
        }
        // What is drawn would meet that run too.
        let one_more = |plan| {
            let builder = self.builder(ordinary, plan);
            run_then(runtime, self.scenario, builder, async |cloud: &Cloud| cloud.next_run().await)
        };
        let (usual, here) = (one_more(&Plan::new()), one_more(&ran.fired()));
        let view = ordinary.masks.apply(&View::of(&usual.state));
        let usual = Ordinary { ran: usual, masks: ordinary.masks.clone(), view };
        !matches!(judge(&usual, &here, self.settings, self.check), Verdict::Wrong(_))
    }
}

/// Whether a receive has taken messages and nobody was told of them.
fn is_receive_lost(ran: &Ran) -> bool {
    let is_lost = |point: &Point| point.kind == PointKind::After && point.label.starts_with("sqs.ReceiveMessage ");
    ran.course.points().iter().any(|point| point.taken.is_some() && is_lost(point))
}

/// The entries of what rules and schedules have led to.
fn scheduled(history: &History) -> BTreeSet<EntryId> {
    let mut ids = BTreeSet::new();
    // What follows from an entry stands behind it.
    for entry in history.entries() {
        if is_run(entry) || entry.cause.is_some_and(|cause| ids.contains(&cause)) {
            ids.insert(entry.id);
        }
    }
    ids
}

fn is_run(entry: &Entry) -> bool {
    matches!(&entry.what, What::Delivery(delivery) if matches!(delivery.from, Source::Schedule { .. }))
}

fn recurs(history: &History) -> bool {
    history.entries().iter().any(is_run)
}

/// Whether others than the scheduled functions wrote something when all that these did was over.
fn comes_late(history: &History) -> bool {
    let ids = scheduled(history);
    let (runs, others): (Vec<&Entry>, Vec<&Entry>) =
        history.entries().iter().partition(|entry| ids.contains(&entry.id));
    let ended = |entry: &&Entry| match entry.outcome {
        Outcome::Succeeded { at, .. } | Outcome::Failed { at, .. } => at,
        _ => entry.at,
    };
    let last = runs.iter().map(ended).max();
    let reads = ["Get", "Head", "List", "Receive"];
    let is_write = |entry: &Entry| match &entry.what {
        What::Request(request) => {
            let is_read = reads.iter().any(|verb| request.operation.starts_with(verb));
            !is_read && matches!(entry.actor, Actor::Function(_)) && is_done(&entry.outcome)
        }
        _ => false,
    };
    others.iter().any(|entry| is_write(entry) && Some(entry.at) >= last)
}
