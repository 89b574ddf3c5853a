//! Events of applications on EventBridge.

use super::draws::Draws;
use super::place::{ACCOUNTS, REGIONS, UnknownMembers, time, unknown_members};
use super::tree::Generate;
use super::{scheduled_input, strategy, text};
use crate::event::{EventBridgeEvent, Json};

/// A strategy for events that applications put on a bus: any source, detail type, detail and resources.
///
/// # Example
///
/// ```
/// use lambda_testkit::strategy::{eventbridge_event, sample};
///
/// let event = sample(&eventbridge_event(), 7, 0);
/// assert!(!event.source.starts_with("aws."), "that is for services of AWS");
/// ```
pub fn eventbridge_event() -> CustomBridgeEvents {
    CustomBridgeEvents(UnknownMembers::default())
}

/// The strategy of [`eventbridge_event`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct CustomBridgeEvents(UnknownMembers);

impl CustomBridgeEvents {
    unknown_members!();

    fn with_unknown(self, unknown: UnknownMembers) -> Self {
        Self(unknown)
    }
}

impl Generate for CustomBridgeEvents {
    type Value = EventBridgeEvent<Json>;

    fn generate(&self, source: &mut Draws<'_>) -> EventBridgeEvent<Json> {
        const SOURCES: [&str; 4] = ["custom.application", "com.example.orders", "my-app", "Ä/1"];
        const TYPES: [&str; 4] = ["Custom Event", "order.created", "Object created", "日本 🦀"];
        let (sender, kind) = (*source.pick::<&str>(&SOURCES), *source.pick::<&str>(&TYPES));
        let detail = scheduled_input().generate(source);
        let mut event = EventBridgeEvent::custom(sender, kind, detail).time(time(source));
        // The simplest id is the one that follows from the rest.
        if source.up_to(7) > 0 {
            event = event.id(text::uuid(source));
        }
        event.account = source.pick(&ACCOUNTS).clone();
        event.region = source.pick(&REGIONS).clone();
        // PutEvents takes any text.
        event.resources = source.list(0..=3, 1, |source, _| text::nasty(source));
        self.0.add(source, &mut event.unknown);
        event
    }
}

strategy!(CustomBridgeEvents);
