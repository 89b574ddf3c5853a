//! How the triggers of a cloud stand now: what they wait for, and what keeps them from firing.

use std::sync::Arc;

use jiff::Timestamp;

use super::router::{Target, event_bridge};
use super::triggers::mapping::Mapping;
use super::triggers::objects::{check_destination, short_name};
use super::triggers::runs::Runner;
use super::world::World;
use crate::history::Standing;
use crate::mock::events::EventBuses;
use crate::mock::sqs::{Place, QueueId};

/// All that is to be said: of each trigger of a queue, each rule and schedule, and the triggers of buckets
/// and event buses that cannot fire.
pub(super) fn standings(world: &World) -> Vec<Standing> {
    let mappings = world.mappings.all().into_iter().map(|(queue, mapping)| {
        let stands = of_mapping(world, &queue, &mapping);
        Standing::new(mapping.label(), mapping.id.clone(), stands)
    });
    let schedules = world.schedules.all().into_iter().map(|runner| {
        let stands = of_schedule(world, &runner);
        Standing::new(runner.label(), runner.id(), stands)
    });
    mappings.chain(schedules).chain(of_buckets(world)).chain(of_rules(world)).collect()
}

fn of_mapping(world: &World, queue: &QueueId, mapping: &Mapping) -> String {
    let setup = mapping.setup();
    let phase = mapping.phase();
    let (in_flight, gathered) = mapping.load();
    let most = setup.settings.maximum_concurrency;
    let busy = setup.function.reserved_concurrency().filter(|_| setup.function.is_busy());
    let mut parts = Vec::new();
    if !phase.polls() {
        parts.push(match phase.transition() {
            Some(_) => format!("{}: it goes on when the cloud is driven", phase.name()),
            None => "disabled".to_owned(),
        });
    } else if most.is_some_and(|most| in_flight >= most) {
        parts.push(format!(
            "{}, as many as its maximum concurrency allows",
            count(in_flight, "batch runs", "batches run")
        ));
    } else if in_flight > 0 {
        parts.push(count(in_flight, "batch runs", "batches run"));
    }
    if let Some(reserved) = busy {
        parts.push(format!("{} is as busy as its reserved concurrency of {reserved} allows", setup.function.label));
    }
    if let Some((messages, closes)) = gathered {
        parts.push(format!("holds {} until its window closes at {closes}", count(messages, "message", "messages")));
    }
    parts.push(of_messages(world, queue));
    parts.join("; ")
}

/// How the messages of a queue stand.
fn of_messages(world: &World, queue: &QueueId) -> String {
    let Ok(messages) = world.sqs.messages(queue) else { return format!("there is no queue {}", queue.name) };
    let (mut visible, mut in_flight, mut delayed) = (0, Vec::new(), Vec::new());
    for message in messages {
        match message.place {
            Place::Visible => visible += 1,
            Place::InFlight(until) => in_flight.push(until),
            Place::Delayed(until) => delayed.push(until),
        }
    }
    let hidden = |name: &str, times: &[Timestamp]| {
        let first = times.iter().min()?;
        let which = if times.len() > 1 { "the first until" } else { "until" };
        Some(format!("{} {name}, {which} {first}", times.len()))
    };
    let visible = (visible > 0).then(|| format!("{visible} visible"));
    let parts: Vec<_> =
        [visible, hidden("in flight", &in_flight), hidden("delayed", &delayed)].into_iter().flatten().collect();
    if parts.is_empty() {
        format!("no messages in {}", queue.name)
    } else {
        format!("in {}: {}", queue.name, parts.join("; "))
    }
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn of_schedule(world: &World, runner: &Runner) -> String {
    if !runner.is_enabled() {
        return "disabled".to_owned();
    }
    if let Err(why) = runner.may_invoke(&world.router) {
        return format!("cannot start its function: {why}");
    }
    match runner.calendar().runs_after(world.kernel.now()).next() {
        Some(next) => format!("next at {next}"),
        None => "it has no further run".to_owned(),
    }
}

/// The triggers of buckets that are disabled, or whose function or queue S3 may not reach.
fn of_buckets(world: &World) -> Vec<Standing> {
    let mut standings = Vec::new();
    for (bucket, configuration) in world.s3.notifications() {
        for rule in &configuration.rules {
            let stands = if world.disabled.contains(&bucket.name, &rule.id) {
                "disabled".to_owned()
            } else {
                match check_destination(&world.router, &bucket, &rule.destination) {
                    Ok(()) => continue,
                    Err(why) => format!("S3 cannot deliver: {why}"),
                }
            };
            let trigger = format!("{} → {}", bucket.name, short_name(&rule.destination.arn));
            standings.push(Standing::new(trigger, rule.id.clone(), stands));
        }
    }
    standings
}

/// The rules of event buses that are disabled, or whose function or queue EventBridge may not reach.
fn of_rules(world: &World) -> Vec<Standing> {
    let mut standings = Vec::new();
    for (bus, rule) in world.buses.all_rules() {
        let (Some(arn), Some(by)) = (EventBuses::rule_arn(&bus, &rule.name), event_bridge(&bus)) else { continue };
        let (by, source) = (Arc::new(by), Some(&arn));
        let reached = match Target::from_arn(&rule.target) {
            Some(Target::Function(function)) if world.lambda.callee(&function).is_some() => {
                world.router.may_invoke(&by, source, &function)
            }
            Some(Target::Queue(queue)) if world.sqs.exists(&queue) => world.router.may_send(&by, source, &queue),
            _ => Err(format!("there is no {}", rule.target)),
        };
        let stands = match reached {
            _ if !rule.enabled => "disabled".to_owned(),
            Ok(()) => continue,
            Err(why) => format!("EventBridge cannot deliver: {why}"),
        };
        let trigger = format!("{} → {}", rule.name, short_name(&rule.target));
        standings.push(Standing::new(trigger, arn.to_string(), stands));
    }
    standings
}
