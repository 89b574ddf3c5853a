//! Takes the state of a cloud.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{BucketState, BusState, CloudState, FunctionState, MessageState, ObjectState, QueueState};
use crate::cloud::world::World;
use crate::event::{EventBridgeEvent, Json, MessageAttribute};
use crate::history::What;
use crate::mock::events::EventBuses;
use crate::mock::sqs::StoredMessage;

pub(in crate::cloud) fn take(world: &World) -> CloudState {
    CloudState {
        buckets: buckets(world),
        queues: queues(world),
        buses: buses(world),
        functions: functions(world),
        #[cfg(feature = "slack")]
        slack: slack(world),
        #[cfg(not(feature = "slack"))]
        slack: BTreeMap::new(),
    }
}

fn buckets(world: &World) -> BTreeMap<String, BucketState> {
    let buckets = world.s3.contents().into_iter().map(|(info, objects, open_uploads)| {
        let objects = objects.into_iter().map(|(key, object)| {
            let content = &object.content;
            let state = ObjectState {
                bytes: object.body.clone(),
                content_type: content.content_type.clone(),
                metadata: content.metadata.clone(),
                tags: content.tags.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            };
            (key, state)
        });
        let (owner, region) = (info.owner.to_string(), info.region.to_string());
        (info.name, BucketState { owner, region, objects: objects.collect(), open_uploads })
    });
    buckets.collect()
}

fn queues(world: &World) -> BTreeMap<String, QueueState> {
    let queues = world.sqs.contents().into_iter().map(|(queue, messages)| {
        let mut messages: Vec<MessageState> = messages.into_iter().map(message).collect();
        if !queue.is_fifo() {
            messages.sort();
        }
        (queue.arn().to_string(), QueueState { name: queue.name, messages })
    });
    queues.collect()
}

fn message(stored: StoredMessage) -> MessageState {
    let message = stored.message;
    let attribute = |(name, attribute): (&str, &MessageAttribute)| {
        let value = match (attribute.string_value(), attribute.binary_value()) {
            (Some(text), _) => text.to_owned(),
            (None, bytes) => STANDARD.encode(bytes.unwrap_or_default()),
        };
        format!("{name}: {} = {value}", attribute.data_type().as_str())
    };
    let mut attributes: Vec<String> = message.attributes.iter().map(attribute).collect();
    attributes.sort();
    MessageState {
        body: message.body,
        attributes,
        group_id: message.group_id,
        dead_letter_source: message.dead_letter_source.map(|source| source.to_string()),
    }
}

fn buses(world: &World) -> BTreeMap<String, BusState> {
    let buses = world.buses.contents().into_iter().map(|(arn, events)| {
        let text = |event: EventBridgeEvent<Json>| format!("{}, {}: {}", event.source, event.detail_type, event.detail);
        // What S3 says of its objects stands there already.
        let others = events.into_iter().filter(|event| event.source != "aws.s3");
        let mut events: Vec<String> = others.map(text).collect();
        events.sort();
        let name = EventBuses::name_in(&arn).unwrap_or_default().to_owned();
        (arn.to_string(), BusState { name, events })
    });
    buses.collect()
}

fn functions(world: &World) -> BTreeMap<String, FunctionState> {
    let mut given_up: BTreeMap<String, usize> = BTreeMap::new();
    world.kernel.recorder().look(|entries| {
        for entry in entries {
            if let What::GivenUp { arn, .. } = &entry.what {
                *given_up.entry(arn.clone()).or_default() += 1;
            }
        }
    });
    let functions = world.lambda.all().into_iter().map(|function| {
        let arn = function.arn.to_string();
        let given_up = given_up.get(&arn).copied().unwrap_or_default();
        (arn, FunctionState { name: function.name.to_string(), given_up })
    });
    functions.collect()
}

#[cfg(feature = "slack")]
fn slack(world: &World) -> BTreeMap<String, Vec<String>> {
    let texts = |messages: Vec<crate::mock::slack::SlackMessage>| messages.into_iter().map(|m| m.text).collect();
    world.slack.posted().into_iter().map(|(channel, messages)| (channel, texts(messages))).collect()
}
