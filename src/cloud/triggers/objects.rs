//! Object → function, object → queue: what a bucket's notification configuration asks for.

use std::sync::Arc;

use bytes::Bytes;

use super::decisions::Decision;
use crate::cloud::world::World;
use crate::event::{Arn, PrincipalId, S3Event, S3EventName, TestEvent};
use crate::kernel::{Kind, LineId};
use crate::mock::http::Call;
use crate::mock::s3::{BucketInfo, Change, Destination, DestinationKind, NotificationConfiguration};
use crate::mock::sqs::{OutgoingMessage, QueueId};

/// S3's own principal in the queues that it writes to.
const SENDER: &str = "s3.amazonaws.com";

/// Plans the deliveries that committed changes ask for, and records why others are not made.
pub(in crate::cloud) fn on_changes(world: &Arc<World>, call: &Call, changes: &[Change]) {
    for change in changes {
        for outcome in change.outcomes() {
            let name = change.kind.event_name();
            let target = short_name(&outcome.destination.arn);
            world.decisions.record(Decision {
                at: world.kernel.now(),
                change: format!("{name} s3://{}/{}", change.bucket, change.key),
                trigger: format!("{} → {target}", change.bucket),
                missed: outcome.result.clone().err(),
            });
            match outcome.result {
                Ok(()) => {
                    let line = world.kernel.note(call.cause, format!("notify {target}: {name}"));
                    let event = event(call, change, &outcome.configuration_id);
                    deliver(world, &outcome.destination, event, call.trace_header.clone(), line);
                }
                Err(reason) => {
                    world.kernel.note(call.cause, format!("no notification to {target}: {reason}"));
                }
            }
        }
    }
}

fn event(call: &Call, change: &Change, configuration_id: &str) -> Bytes {
    let principal = match &call.caller {
        Some(caller) => PrincipalId::User(caller.principal.clone()),
        None => PrincipalId::Anonymous,
    };
    let mut builder =
        S3Event::builder(S3EventName::from(change.kind.event_name()), change.bucket.as_str(), change.key.as_str())
            .region(change.region.clone())
            .account(change.owner.clone())
            .principal(principal)
            .source_ip(call.source_ip.to_string())
            .time(change.time)
            .configuration_id(configuration_id)
            .request_id(call.request_id.as_str())
            .host_id(call.host_id.as_str());
    if let Some(size) = change.size {
        builder = builder.size(size);
    }
    if let Some(e_tag) = &change.e_tag {
        builder = builder.e_tag(e_tag.as_str());
    }
    if let Some(version_id) = &change.version_id {
        builder = builder.version_id(version_id.as_str());
    }
    if let Some(sequencer) = &change.sequencer {
        builder = builder.sequencer(sequencer.as_str());
    }
    // The mock commits only what the event types can say.
    let event = builder.try_build().unwrap_or_else(|error| panic!("a committed change makes no event: {error}"));
    Bytes::from(serde_json::to_vec(&event).expect("events have string keys"))
}

fn deliver(world: &Arc<World>, to: &Destination, event: Bytes, trace_header: Option<String>, line: LineId) {
    match to.kind {
        DestinationKind::Function => match world.lambda.find_arn(&to.arn) {
            Some(function) => {
                let request_id = world.kernel.ids().uuid();
                world.lambda.invoke_later(&function, event, request_id, Some(line), trace_header);
            }
            None => {
                world.kernel.note(Some(line), format!("lost: there is no function {}", to.arn));
            }
        },
        DestinationKind::Queue => {
            let Some(queue) = QueueId::from_arn(&to.arn) else { return };
            let body = String::from_utf8_lossy(&event).into_owned();
            let message = OutgoingMessage { body, trace_header, ..OutgoingMessage::default() };
            let weak = Arc::downgrade(world);
            let label = format!("deliver to {}", queue.name);
            world.kernel.plan(world.kernel.now(), Kind::Work, label, move || {
                let Some(world) = weak.upgrade() else { return };
                if let Err(error) = world.queues.send(&world, &queue, SENDER, &message, Some(line)) {
                    world.kernel.note(Some(line), format!("lost: {}", error.message));
                }
            });
        }
    }
}

/// Whether S3 may deliver to a destination, in AWS's words if not.
pub(in crate::cloud) fn check_destination(
    world: &Arc<World>,
    bucket: &BucketInfo,
    destination: &Destination,
) -> Result<(), String> {
    // There are no policies yet, so only destinations of the bucket's own account can be reached.
    let own = destination.arn.account() == Some(&bucket.owner);
    match destination.kind {
        DestinationKind::Function if own && world.lambda.find_arn(&destination.arn).is_some() => Ok(()),
        DestinationKind::Function => Err(format!("Not authorized to invoke function [{}]", destination.arn)),
        DestinationKind::Queue => match QueueId::from_arn(&destination.arn) {
            Some(queue) if own && world.sqs.exists(&queue) && queue.is_fifo() => {
                Err("FIFO SQS queues are not supported.".to_owned())
            }
            Some(queue) if own && world.sqs.exists(&queue) => Ok(()),
            _ => Err("The destination queue does not exist".to_owned()),
        },
    }
}

/// Tells each queue of a new configuration so, as S3 does with `s3:TestEvent`. Functions get none.
pub(in crate::cloud) fn send_test_events(
    world: &Arc<World>,
    call: &Call,
    bucket: &BucketInfo,
    configuration: &NotificationConfiguration,
) {
    for rule in configuration.rules.iter().filter(|rule| rule.destination.kind == DestinationKind::Queue) {
        let event = TestEvent::new(bucket.name.as_str())
            .time(world.kernel.now())
            .request(call.request_id.as_str(), call.host_id.as_str());
        let body = serde_json::to_vec(&event).expect("events have string keys");
        let line = world.kernel.note(call.cause, format!("s3:TestEvent to {}", short_name(&rule.destination.arn)));
        deliver(world, &rule.destination, Bytes::from(body), None, line);
    }
}

/// The name of a function or queue, as the timeline shows it.
pub(in crate::cloud) fn short_name(arn: &Arn) -> String {
    let resource = arn.resource();
    resource.strip_prefix("function:").unwrap_or(resource).to_owned()
}
