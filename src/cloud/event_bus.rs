//! An event bus as a test sees it.

use std::sync::{Arc, Weak};

use super::account::Account;
use super::error::{CloudError, expect};
use super::world::World;
use crate::event::{Arn, EventBridgeEvent, Json};
use crate::mock::events::{EventBuses, is_name};

/// An event bus of EventBridge: it keeps what clients (by PutEvents), [functions](crate::Function::on_success) and, on `default`,
/// [buckets](crate::Bucket::notify_event_bridge) put there, and its [rules](Self::rule) hand it on.
///
/// A bus that is not there takes events, too, and loses them, as EventBridge does: the timeline says so. The rest of EventBridge's API is
/// refused by name; a test may answer for all of it by [`Cloud::json_service`](crate::Cloud::json_service).
///
/// ```
/// # use lambda_testkit::prelude::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let (bus, double) = (cloud.event_bus("default"), cloud.function("double", async |number: u32| number * 2));
/// double.on_success(&bus).invoke_later(21);
/// cloud.settle().await.assert_ok();
/// let event = &bus.events()[0];
/// assert_eq!((event.source.as_str(), event.detail_type.as_str()), ("lambda", "Lambda Function Invocation Result - Success"));
/// assert_eq!(event.detail.get("responsePayload").unwrap().to::<u32>().unwrap(), 42);
/// # }
/// ```
#[derive(Clone)]
pub struct EventBus {
    world: Weak<World>,
    arn: Arn,
}

impl std::fmt::Debug for EventBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventBus").field("arn", &self.arn.to_string()).finish_non_exhaustive()
    }
}

impl Account {
    /// The account's event bus of this name, created if there is none. Each account has `default` in each region.
    ///
    /// # Panics
    ///
    /// As [`try_event_bus`](Self::try_event_bus) fails.
    #[track_caller]
    pub fn event_bus(&self, name: &str) -> EventBus {
        expect(self.try_event_bus(name))
    }

    /// As [`event_bus`](Self::event_bus).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] when the name is none: 1 to 256 letters, digits, dots, hyphens and underscores. Those of partners,
    /// with slashes, are not mocked.
    ///
    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html>
    pub fn try_event_bus(&self, name: &str) -> Result<EventBus, CloudError> {
        if !is_name(name, 256) {
            let rule = "the name of an event bus has 1 to 256 letters, digits, dots, hyphens and underscores";
            return Err(CloudError::Setting { name: "event bus", value: name.to_owned(), rule });
        }
        let world = self.world()?;
        let arn = EventBuses::arn(self.id(), self.region_name(), name);
        world.buses.create(&arn);
        Ok(EventBus { world: Arc::downgrade(&world), arn })
    }
}

impl super::Cloud {
    /// The event bus of this name, created if there is none. See [`Account::event_bus`].
    #[track_caller]
    pub fn event_bus(&self, name: &str) -> EventBus {
        self.account.event_bus(name)
    }
}

impl EventBus {
    /// Whether it belongs to this cloud.
    pub(super) fn is_of(&self, world: &Arc<World>) -> bool {
        std::ptr::eq(self.world.as_ptr(), Arc::as_ptr(world))
    }

    pub(super) fn world_weakly(&self) -> Weak<World> {
        Weak::clone(&self.world)
    }

    /// The bus's name.
    pub fn name(&self) -> &str {
        EventBuses::name_in(&self.arn).unwrap_or_default()
    }

    /// The bus's ARN.
    pub fn arn(&self) -> Arn {
        self.arn.clone()
    }

    /// What was put on the bus, in order.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn events(&self) -> Vec<EventBridgeEvent<Json>> {
        let world = expect(self.world.upgrade().ok_or(CloudError::Dropped));
        world.buses.events(&self.arn)
    }
}
