//! What the next run of a schedule makes good.
//!
//! A receive whose answer is lost has taken its messages: until their visibility timeout ends, whoever asks again finds the
//! queue empty, and cannot know. Where a rule or schedule comes back, it receives them then. So both ends, this one and the
//! ordinary one, are compared after one run more.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html>

use std::ops::AsyncFn;

use tokio::runtime::Runtime;

use super::oracle::{Ordinary, Verdict, judge};
use super::phases::Exploration;
use super::run::{Ran, run_then};
use super::view::View;
use crate::choice::{Plan, Point, PointKind};
use crate::cloud::Cloud;
use crate::history::{Source, What};

impl<S: AsyncFn(&Cloud) + Sync> Exploration<'_, S> {
    /// Whether a run in which the answer of a receive is lost ends as the ordinary one does, if each has one run more.
    pub fn is_made_good(&self, runtime: &Runtime, ordinary: &Ordinary, ran: &Ran) -> bool {
        if !is_receive_lost(ran) || !recurs(ran) {
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

fn recurs(ran: &Ran) -> bool {
    let by_schedule =
        |what: &What| matches!(what, What::Delivery(info) if matches!(info.from, Source::Schedule { .. }));
    ran.history.entries().iter().any(|entry| by_schedule(&entry.what))
}
