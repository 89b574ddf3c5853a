//! What works in a test, and hurts in production.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::Cloud;
use super::triggers::mapping::Mapping;
use super::world::World;
use crate::event::Arn;
use crate::history::{Actor, Entry, What};
use crate::mock::lambda::{FunctionRef, Side};
use crate::mock::s3::{DestinationKind, NotificationRule};
use crate::mock::sqs::QueueId;

/// Wiring that AWS accepts and advises against; see [`Cloud::lint`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lint {
    /// The trigger that it is about, such as `orders → store`.
    pub trigger: String,
    /// What is wrong, with the values.
    pub what: String,
    /// The page of AWS's documentation that says so.
    pub page: &'static str,
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trigger, what, page } = self;
        write!(f, "{trigger}: {what} ({page})")
    }
}

const CONFIGURE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html";
const ERRORS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html";
const ASYNCHRONOUS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html";
const RECURSION: &str = "https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html";

/// How often a message should be received before it is given up, at least.
const RECEIVES: u32 = 5;

impl Cloud {
    /// Names what works here and hurts in production, in the order of the triggers' names:
    ///
    /// * a queue whose visibility timeout is below six times its function's timeout plus the batching window: messages that still
    ///   are in the works come again;
    /// * a queue with a trigger and without a dead-letter queue, or with one after fewer than 5 receives;
    /// * batches of several messages without `report_item_failures`: one that fails brings all of them again;
    /// * a function that a bucket or a schedule starts, and that has neither a dead-letter queue nor a destination for its failures:
    ///   what it fails on three times is gone;
    /// * a function that has written into the bucket that triggers it: nothing but the filter keeps it from triggering itself.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lambda_testkit::prelude::*;
    ///
    /// let cloud = Cloud::start();
    /// let (orders, store) = (cloud.queue("orders"), cloud.stub("store"));
    /// orders.trigger(&store, batch(10));
    /// let lints: Vec<String> = cloud.lint().iter().map(|lint| lint.what.clone()).collect();
    /// assert_eq!(lints.len(), 3, "{lints:?}");
    /// assert!(lints[0].starts_with("its queue's visibility timeout is 30s, below 180s"), "{lints:?}");
    /// ```
    pub fn lint(&self) -> Vec<Lint> {
        let mut lints: Vec<Lint> = Vec::new();
        for (queue, mapping) in self.world.mappings.all() {
            mapped(&self.world, &queue, &mapping, &mut lints);
        }
        let mut told = BTreeSet::new();
        for (bucket, configuration) in self.world.s3.notifications() {
            let functions =
                configuration.rules.iter().filter(|rule| rule.destination.kind == DestinationKind::Function);
            for rule in functions {
                notified(&self.world, &bucket.name, rule, &mut told, &mut lints);
            }
        }
        for runner in self.world.schedules.all() {
            unheard(&self.world, runner.label(), runner.function(), &mut told, &mut lints);
        }
        lints.sort_by(|one, two| one.trigger.cmp(&two.trigger));
        lints
    }
}

/// What is to be said of a queue that a function reads.
fn mapped(world: &World, queue: &QueueId, mapping: &Mapping, lints: &mut Vec<Lint>) {
    let Ok(settings) = world.sqs.settings(queue) else { return };
    let mut lint = |what: String, page| lints.push(Lint { trigger: mapping.label(), what, page });
    let setup = mapping.setup();
    let (timeout, batches) = (setup.function.settings().timeout, &setup.settings);
    let needed = timeout * 6 + batches.window;
    let visible = Duration::from_secs(u64::from(settings.visibility_timeout));
    if visible < needed {
        let window = match batches.window {
            Duration::ZERO => String::new(),
            window => format!(" and the window of {window:?}"),
        };
        lint(
            format!(
                "its queue's visibility timeout is {visible:?}, below {needed:?}: six times the function's timeout of \
                 {timeout:?}{window}"
            ),
            CONFIGURE,
        );
    }
    match &settings.redrive {
        None => lint(
            "its queue has no dead-letter queue: what always fails comes again until it expires".to_owned(),
            ERRORS,
        ),
        Some(redrive) if redrive.max_receive_count < RECEIVES => {
            let count = redrive.max_receive_count;
            lint(
                format!(
                    "messages go to the dead-letter queue after {count} receives, fewer than {RECEIVES}: being throttled counts, too"
                ),
                ERRORS,
            );
        }
        Some(_) => {}
    }
    if batches.batch_size > 1 && !batches.report_item_failures {
        let size = batches.batch_size;
        lint(
            format!("batches of {size} without report_item_failures: one message that fails brings all of them again"),
            ERRORS,
        );
    }
}

/// What is to be said of a function that a bucket notifies.
fn notified(world: &World, bucket: &str, rule: &NotificationRule, told: &mut BTreeSet<Arn>, lints: &mut Vec<Lint>) {
    let Some(function) = FunctionRef::from_arn(&rule.destination.arn) else { return };
    let trigger = format!("{bucket} → {}", function.label());
    let inside = |resource: &str| resource.split_once('/').is_some_and(|(inside, _)| inside == bucket);
    let is_write = |entry: &&Entry| match (&entry.what, &entry.actor) {
        (What::Request(request), Actor::Function(by)) => {
            **by == *function.name.as_str() && request.action == "s3:PutObject" && inside(&request.resource)
        }
        _ => false,
    };
    let writes = world.kernel.recorder().look(|entries| entries.filter(is_write).count() > 0);
    if writes {
        let what =
            "the function writes into the bucket that triggers it: nothing but the filter keeps it from triggering \
                    itself for ever"
                .to_owned();
        lints.push(Lint { trigger: trigger.clone(), what, page: RECURSION });
    }
    unheard(world, trigger, &function, told, lints);
}

/// What is to be said of a function whose failures nobody is told of; once for each.
fn unheard(world: &World, trigger: String, function: &FunctionRef, told: &mut BTreeSet<Arn>, lints: &mut Vec<Lint>) {
    let Some(registered) = world.lambda.callee(function) else { return };
    let is_heard =
        registered.settings().dead_letter.is_some() || registered.event_invoke().destination(Side::Failure).is_some();
    if !is_heard && told.insert(registered.invoked_arn()) {
        let what = "the function has neither a dead-letter queue nor a destination for failures: what it fails on three times \
                    is gone"
            .to_owned();
        lints.push(Lint { trigger, what, page: ASYNCHRONOUS });
    }
}
