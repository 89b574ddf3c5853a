//! Object → function, queue or EventBridge: what a bucket's notification configuration asks for.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use crate::cloud::router::{Delivery, Router, Target};
use crate::event::{
    AccountId, Arn, Nullable, ObjectRetentionEventData, PrincipalId, Region, S3Event, S3EventName, S3ObjectAnnotation,
    TestEvent,
};
use crate::history::{Caller, DeliveryInfo, Source};
use crate::lock::Lock;
use crate::mock::events::{DEFAULT, EventBuses};
use crate::mock::http::Call;
use crate::mock::s3::{
    BucketInfo, Change, ChangeKind, Destination, DestinationKind, Extra, NotificationConfiguration, Outcome,
};

/// S3's own principal.
const S3: &str = "s3.amazonaws.com";

/// The notification configurations that a test has disabled, by bucket and id. S3 itself knows no such state.
#[derive(Debug, Default)]
pub(in crate::cloud) struct Disabled(Lock<BTreeSet<(String, String)>>);

impl Disabled {
    pub fn set(&self, bucket: &str, id: &str, disabled: bool) {
        let (mut all, key) = (self.lock(), (bucket.to_owned(), id.to_owned()));
        if disabled {
            all.insert(key);
        } else {
            all.remove(&key);
        }
    }

    pub fn contains(&self, bucket: &str, id: &str) -> bool {
        self.lock().contains(&(bucket.to_owned(), id.to_owned()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<(String, String)>> {
        self.0.lock()
    }
}

/// Submits the deliveries that committed changes ask for, and records why others are not made.
pub(in crate::cloud) fn on_changes(router: &Router, disabled: &Disabled, call: &Call, changes: &[Change]) {
    for change in changes {
        for outcome in change.outcomes() {
            let result = if disabled.contains(&change.bucket, &outcome.configuration_id) {
                Err("the trigger is disabled".to_owned())
            } else {
                outcome.result.clone()
            };
            match result {
                Ok(()) => notify(router, call, change, &outcome),
                Err(reason) => missed(router, call, change, &outcome, reason),
            }
        }
        if change.notification.event_bridge {
            tell_event_bridge(router, call, change);
        }
    }
}

/// What stands for the one configuration without an id.
const EVENT_BRIDGE: &str = "EventBridge";

/// Puts the event on the default bus of the bucket's owner.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html>
fn tell_event_bridge(router: &Router, call: &Call, change: &Change) {
    let bus = EventBuses::arn(&change.owner, &change.region, DEFAULT);
    let to = Target::Bus { arn: bus, region: change.region.clone() };
    let Some(record) = event(call, change, EVENT_BRIDGE).records.pop() else { return };
    let mut event = match record.to_event_bridge(&change.owner) {
        Ok(event) => event,
        Err(not_there) => {
            let delivery = DeliveryInfo::new(source(change), EVENT_BRIDGE, to.name(), to.arn());
            return router.missed(call.entry, &delivery, not_there.to_string());
        }
    };
    if let Some(caller) = call.caller.as_ref().filter(|caller| caller.principal != S3) {
        event.detail.requester = Cow::Owned(caller.account.to_string());
    }
    let event = Bytes::from(serde_json::to_vec(&event).expect("events have string keys"));
    let delivery = Delivery::new(source(change), EVENT_BRIDGE, to, event, s3(&change.owner), router.kernel().now());
    router.submit(Delivery { cause: call.entry, trace_header: call.trace_header.clone(), ..delivery });
}

fn missed(router: &Router, call: &Call, change: &Change, outcome: &Outcome, why: String) {
    let arn = outcome.destination.arn.clone();
    let delivery = DeliveryInfo::new(source(change), &outcome.configuration_id, short_name(&arn), arn);
    router.missed(call.entry, &delivery, why);
}

fn notify(router: &Router, call: &Call, change: &Change, outcome: &Outcome) {
    let Some(to) = Target::from_arn(&outcome.destination.arn) else { return };
    let event = router.printed(event(call, change, &outcome.configuration_id));
    let by = s3(&change.owner);
    let delivery = Delivery::new(source(change), &outcome.configuration_id, to, event, by, router.kernel().now());
    let (trace_header, source) = (call.trace_header.clone(), Some(bucket_arn(&change.region, &change.bucket)));
    router.submit(Delivery { cause: call.entry, trace_header, source, ..delivery });
}

/// S3, when it acts for a bucket of this account.
pub(in crate::cloud) fn s3(owner: &AccountId) -> Caller {
    Caller::service(S3, owner)
}

pub(in crate::cloud) fn bucket_arn(region: &Region, bucket: &str) -> Arn {
    Arn::global(region.partition(), "s3", bucket)
}

fn source(change: &Change) -> Source {
    Source::Object {
        bucket: change.bucket.clone(),
        key: change.key.clone(),
        event: change.kind.event_name().to_owned(),
    }
}

fn event(call: &Call, change: &Change, configuration_id: &str) -> S3Event {
    let principal = match &call.caller {
        Some(caller) if caller.principal == S3 => PrincipalId::S3,
        Some(caller) => PrincipalId::User(caller.principal.clone()),
        None => PrincipalId::Anonymous,
    };
    let mut builder =
        S3Event::builder(S3EventName::from(change.kind.event_name()), change.bucket.as_str(), change.key.as_str())
            .region(change.region.clone())
            .account(change.owner.clone())
            .time(change.time)
            .configuration_id(configuration_id)
            .request_id(call.request_id.as_str())
            .host_id(call.host_id.as_str());
    if let Some(class) = &change.storage_class {
        builder = builder.storage_class(class.as_str());
    }
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
    builder = match change.kind {
        // Time did it, and the builder knows in whose name.
        ChangeKind::RestoreCompleted | ChangeKind::RestoreDelete => builder.source_ip(S3),
        // What S3 does by itself comes from no address.
        _ if call.caller.as_ref().is_some_and(|caller| caller.principal == S3) => builder.principal(principal),
        _ => builder.principal(principal).source_ip(call.source_ip.to_string()),
    };
    match &change.extra {
        Extra::None => {}
        Extra::Restored { class, until } => {
            builder = builder.storage_class(class.as_str()).restore_expiry(*until);
        }
        Extra::Retained { mode, until } => {
            builder = builder.retention(ObjectRetentionEventData::fixed(*mode, *until));
        }
        Extra::Annotated { name, written } => {
            let (size, e_tag) = written.clone().unzip();
            builder = builder.object_annotation(S3ObjectAnnotation { size, e_tag, ..S3ObjectAnnotation::new(name) });
        }
    }
    // The mock commits only what the event types can say.
    let mut event = builder.try_build().unwrap_or_else(|error| panic!("a committed change makes no event: {error}"));
    if change.version_id.is_none() {
        // The builder gives every delete marker a version; that of a bucket whose versioning is suspended has none.
        event.records.iter_mut().for_each(|record| record.s3.object.version_id = Nullable::Absent);
    }
    event
}

/// Whether S3 may deliver to a destination, in AWS's words if not: the policy of a function or a queue has to let it.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html>,
/// <https://github.com/aws/aws-cli/issues/8162>
pub(in crate::cloud) fn check_destination(
    router: &Router,
    bucket: &BucketInfo,
    destination: &Destination,
) -> Result<(), String> {
    let (by, source) = (Arc::new(s3(&bucket.owner)), bucket_arn(&bucket.region, &bucket.name));
    let own = destination.arn.account() == Some(&bucket.owner);
    let near = destination.arn.region() == Some(&bucket.region);
    match Target::from_arn(&destination.arn) {
        Some(_) if own && !near => {
            Err("The notification destination service region is not valid for the bucket location constraint"
                .to_owned())
        }
        Some(Target::Function(function)) if near && router.lambda().callee(&function).is_some() => {
            let refused = |_| format!("Not authorized to invoke function [{}]", destination.arn);
            router.may_invoke(&by, Some(&source), &function).map_err(refused)
        }
        Some(Target::Queue(queue)) if near && router.sqs().exists(&queue) => {
            if queue.is_fifo() {
                return Err("FIFO SQS queues are not supported.".to_owned());
            }
            let refused = |_| {
                "Permissions on the destination queue do not allow S3 to publish notifications from this bucket"
                    .to_owned()
            };
            router.may_send(&by, Some(&source), &queue).map_err(refused)
        }
        _ if destination.kind == DestinationKind::Function => {
            Err(format!("Not authorized to invoke function [{}]", destination.arn))
        }
        _ => Err("The destination queue does not exist".to_owned()),
    }
}

/// Tells each queue of a new configuration so, as S3 does with `s3:TestEvent`. Functions get none.
pub(in crate::cloud) fn send_test_events(
    router: &Router,
    call: &Call,
    bucket: &BucketInfo,
    configuration: &NotificationConfiguration,
) {
    for rule in &configuration.rules {
        let Some(to @ Target::Queue(_)) = Target::from_arn(&rule.destination.arn) else { continue };
        let now = router.kernel().now();
        let event =
            TestEvent::new(bucket.name.as_str()).time(now).request(call.request_id.as_str(), call.host_id.as_str());
        let body = router.printed(event);
        let (from, by) = (Source::TestEvent { bucket: bucket.name.clone() }, s3(&bucket.owner));
        let source = Some(bucket_arn(&bucket.region, &bucket.name));
        router.submit(Delivery { cause: call.entry, source, ..Delivery::new(from, &rule.id, to, body, by, now) });
    }
}

/// The name of a function or queue, as the timeline shows it.
pub(in crate::cloud) fn short_name(arn: &Arn) -> String {
    let resource = arn.resource();
    resource.strip_prefix("function:").unwrap_or(resource).to_owned()
}
