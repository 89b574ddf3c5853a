//! A rule of an event bus as a test sees it.

use std::sync::{Arc, Weak};

use serde::Serialize;

use super::error::{CloudError, expect};
use super::event_bus::EventBus;
use super::router::event_bridge;
use super::target::{self, Home, NotificationTarget};
use super::trigger::Trigger;
use super::triggers::objects::short_name;
use super::world::World;
use crate::event::{Arn, TargetInput};
use crate::mock::events::{BusRule, EventBuses};

/// A rule of an [`EventBus`] before it has a target. Made by [`EventBus::rule`].
#[derive(Debug, Clone)]
#[must_use = "a rule does nothing until it triggers something"]
pub struct EventRule {
    world: Weak<World>,
    bus: Arn,
    name: String,
    pattern: String,
    input: TargetInput,
}

impl EventBus {
    /// A rule that lets through what matches an event pattern, once it has a [target](EventRule::trigger).
    ///
    /// The pattern is anything that makes JSON, in the whole language of EventBridge.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # use lambda_testkit::event::S3EventBridgeEvent;
    /// # use serde_json::json;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let size = cloud.function("size", async |event: S3EventBridgeEvent| event.detail.object.size);
    /// let pattern = json!({ "source": ["aws.s3"], "detail": { "object": { "key": [{ "suffix": ".csv" }] } } });
    /// cloud.event_bus("default").rule("tables", pattern).trigger(&size);
    ///
    /// let inbox = cloud.bucket("inbox");
    /// inbox.notify_event_bridge();
    /// inbox.put("a b.csv", "1,2");
    /// inbox.put("a.txt", "");
    /// cloud.settle().await.assert_ok();
    /// assert_eq!(size.responses(), [json!(3)]);
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
    ///
    /// # Panics
    ///
    /// When the pattern cannot be written as JSON.
    #[track_caller]
    pub fn rule(&self, name: &str, pattern: impl Serialize) -> EventRule {
        expect(self.try_rule(name, pattern))
    }

    /// As [`rule`](Self::rule).
    ///
    /// # Errors
    ///
    /// [`CloudError::NotJson`].
    pub fn try_rule(&self, name: &str, pattern: impl Serialize) -> Result<EventRule, CloudError> {
        let pattern = serde_json::to_string(&pattern).map_err(|error| CloudError::NotJson(error.to_string()))?;
        Ok(EventRule {
            world: self.world_weakly(),
            bus: self.arn(),
            name: name.to_owned(),
            pattern,
            input: TargetInput::Whole,
        })
    }
}

impl EventRule {
    /// Gives the target this in place of the whole event: a constant, a part of it, or a text with values of it filled in.
    ///
    /// An event of which it cannot be made is not delivered, as on AWS: the timeline says why.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # use lambda_testkit::event::TargetInput;
    /// # use serde_json::json;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (bus, seen) = (cloud.event_bus("default"), cloud.queue("seen"));
    /// let key = TargetInput::path("$.detail.object.key").unwrap();
    /// bus.rule("keys", json!({ "source": ["aws.s3"] })).input(key).trigger(&seen);
    /// let inbox = cloud.bucket("inbox");
    /// inbox.notify_event_bridge();
    /// inbox.put("a b.csv", "");
    /// cloud.settle().await.assert_ok();
    /// assert_eq!(seen.messages()[0].body, r#""a b.csv""#);
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>
    pub fn input(self, input: TargetInput) -> Self {
        Self { input, ..self }
    }

    /// Hands each event that is put on the bus from now on, and matches, to `target`: to a function as an asynchronous
    /// invocation, to a queue as the body of a message.
    ///
    /// EventBridge is permitted to do so, by a statement in the target's policy. A rule has one target here; one of the same
    /// name is replaced, as PutRule does.
    ///
    /// # Panics
    ///
    /// As [`try_trigger`](Self::try_trigger) fails.
    #[track_caller]
    pub fn trigger(self, target: &impl NotificationTarget) -> Trigger {
        expect(self.try_trigger(target))
    }

    /// As [`trigger`](Self::trigger).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] with `InvalidEventPatternException` for what is no pattern or has more than 2,048 characters, and with
    /// `ValidationException` for what is no name; [`CloudError::Setting`] for a target of another account, region or Cloud, and
    /// for a FIFO queue, whose messages need a group.
    pub fn try_trigger(self, target: &impl NotificationTarget) -> Result<Trigger, CloudError> {
        let world = self.world.upgrade().ok_or(CloudError::Dropped)?;
        let Self { bus, name, pattern, input, .. } = self;
        let to = target.arn();
        if !target.is_in(&Home(&world)) {
            return Err(CloudError::of_another_cloud("target", &to));
        }
        let refused = |rule| Err(CloudError::Setting { name: "target", value: to.to_string(), rule });
        if (to.account(), to.region()) != (bus.account(), bus.region()) {
            return refused("a rule of an event bus triggers what is in its own account and region");
        }
        if to.resource().ends_with(".fifo") {
            return refused("a rule of an event bus here gives no message group, which a FIFO queue needs");
        }
        let rule = BusRule::new(&name, &pattern, to.clone(), input).map_err(|why| CloudError::Aws {
            service: "events",
            code: why.code().to_owned(),
            message: why.to_string(),
        })?;
        let (Some(arn), Some(by), Some(region)) = (EventBuses::rule_arn(&bus, &name), event_bridge(&bus), bus.region())
        else {
            return Err(CloudError::Dropped);
        };
        target::permit(&world, &to, (&Arc::new(by), &arn), region, &format!("events-{name}"))?;
        world.buses.put_rule(&bus, rule);
        Ok(Trigger::of_rule(&world, &bus, &name, arn.to_string(), &short_name(&to)))
    }
}
