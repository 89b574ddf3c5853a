//! Events inside envelopes inside envelopes.

use super::draws::Draws;
use super::place::{UnknownMembers, unknown_members};
use super::tree::Generate;
use super::{s3_event, scheduled_event, scheduled_input, strategy};
use crate::event::{Document, EventBridgeEvent, Json};

/// A strategy for S3 events, scheduled events and JSON objects inside one to three envelopes of SQS, SNS and
/// EventBridge, in any order: what a function behind a queue behind a topic has to unpack.
///
/// # Example
///
/// ```
/// use lambda_testkit::event::{Event, Family};
/// use lambda_testkit::strategy::{nested_event, sample};
///
/// let document = serde_json::to_value(sample(&nested_event(), 7, 0)).unwrap();
/// let outside = Event::detect(&document).unwrap();
/// assert!(matches!(outside, Family::Sqs | Family::Sns | Family::EventBridge | Family::S3EventBridge));
/// ```
pub fn nested_event() -> NestedEvents {
    NestedEvents(UnknownMembers::default())
}

/// The strategy of [`nested_event`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct NestedEvents(UnknownMembers);

impl NestedEvents {
    unknown_members!();

    fn with_unknown(self, unknown: UnknownMembers) -> Self {
        Self(unknown)
    }
}

impl Generate for NestedEvents {
    type Value = Json;

    fn generate(&self, source: &mut Draws<'_>) -> Json {
        let depth = source.between(1..=3);
        match source.up_to(2) {
            // One record, so that messages have room for it, and S3 sends it to EventBridge as one event.
            0 => wrapped(&s3_event().with_unknown(self.0).records(1..=1).generate(source), depth, source),
            1 => wrapped(&scheduled_event().with_unknown(self.0).generate(source), depth, source),
            _ => wrapped(&scheduled_input().generate(source), depth, source),
        }
    }
}

strategy!(NestedEvents);

fn wrapped(document: &impl Document, depth: u64, source: &mut Draws<'_>) -> Json {
    let outer = match source.up_to(2) {
        0 => json(&document.sqs_message().try_build().expect("the message is short and has only text")),
        // A function receives another form of it than a queue.
        1 if depth == 1 => json(&document.in_sns().to_lambda()),
        1 => json(&document.in_sns()),
        // Not every kind of S3 event goes there by itself; an application can send it all the same.
        _ => json(
            &document
                .try_via_eventbridge()
                .unwrap_or_else(|_| EventBridgeEvent::custom("custom.application", "Custom Event", json(document))),
        ),
    };
    if depth == 1 { outer } else { wrapped(&outer, depth - 1, source) }
}

fn json(document: &impl Document) -> Json {
    serde_json::from_str(&document.to_text()).expect("events have a JSON form")
}
