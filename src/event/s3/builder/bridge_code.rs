//! The code that builds an S3 event in the form in which EventBridge delivers it.

use super::S3EventBuilder;
use crate::event::code::{Builds, Chain, Expression, completed, text, text_of, time};
use crate::event::s3::{S3Event, S3EventBridgeEvent, S3EventName};
use crate::event::{EventVersion, VersionPolicy};

/// A builder whose event goes to EventBridge.
#[derive(Clone)]
struct OnBridge(S3EventBuilder);

impl Builds for OnBridge {
    type Built = S3EventBridgeEvent;

    fn built(&self, _place: usize) -> Option<S3EventBridgeEvent> {
        self.0.clone().try_build_event_bridge().ok()
    }
}

/// Calls a setter with the value of a field, where the event would have another one.
macro_rules! field {
    ($chain:ident.$setter:ident, $field:expr, $code:expr) => {
        $chain.field(stringify!($setter), $field, $code, |builder, value| OnBridge(builder.0.$setter(value)))
    };
}

/// The code that builds the event; none for one that is too unlike what the builder builds.
pub(in crate::event) fn bridge_code(event: &S3EventBridgeEvent) -> Option<Expression> {
    type Event = S3EventBridgeEvent;
    let (bucket, object) = (event.detail.bucket.name.as_str(), &event.detail.object);
    let name = kind(event)?;
    let (function, mut arguments) = match name {
        S3EventName::ObjectCreatedPut => ("S3Event::put", Vec::new()),
        S3EventName::ObjectRemovedDelete => ("S3Event::delete", Vec::new()),
        _ => ("S3Event::builder", vec![text(name.as_str())]),
    };
    arguments.extend([text(bucket), text(object.key.as_str())]);
    let builder = OnBridge(S3Event::builder(name, bucket, object.key.clone()));
    let mut chain = Chain::new(builder, Expression::new(function, arguments), event, 0)?;

    // The record version that has this version of the detail.
    let record_version = |detail: Option<EventVersion>| match detail {
        None => EventVersion::V2_3,
        Some(version) if version == EventVersion::of(1, 0) => EventVersion::V2_4,
        Some(_) => EventVersion::V2_5,
    };
    let policy = |version: &Option<_>| format!("VersionPolicy::unified(\"{}\").unwrap()", record_version(*version));
    chain.field(
        "version_policy",
        |event| Some(event.detail.event_version),
        policy,
        |builder, version| OnBridge(builder.0.version_policy(VersionPolicy::Unified(record_version(version)))),
    );
    field!(chain.region, |event: &Event| Some(event.region.clone()), |region| text(region.as_str()));
    field!(chain.account, |event: &Event| Some(event.account.clone()), |account| text(account.as_str()));
    field!(chain.time, |event: &Event| Some(event.time.timestamp()), |at| time(*at));
    field!(chain.request_id, |event: &Event| Some(event.detail.request_id.clone()), text_of);
    field!(chain.source_ip, |event: &Event| event.detail.source_ip_address.clone(), text_of);
    field!(chain.size, |event: &Event| event.detail.object.size, u64::to_string);
    field!(chain.e_tag, |event: &Event| event.detail.object.etag.clone(), text_of);
    field!(chain.version_id, |event: &Event| event.detail.object.version_id.value().cloned(), text_of);
    let sequencer = |event: &Event| event.detail.object.sequencer.clone();
    field!(chain.sequencer, sequencer, |sequencer| text(sequencer.as_str()));
    let tags = |event: &Event| event.detail.bucket.aws_generated_tags.clone();
    field!(chain.aws_generated_tags, tags, super::code::pairs);
    let class = |event: &Event| {
        let detail = &event.detail;
        detail.source_storage_class.clone().or_else(|| detail.destination_storage_class.clone())
    };
    field!(chain.storage_class, class, |class| text(class.as_str()));
    let expiry = |event: &Event| Some(event.detail.restore_expiry_time.as_ref()?.timestamp());
    field!(chain.restore_expiry, expiry, |at| time(*at));
    field!(chain.access_tier, |event: &Event| event.detail.destination_access_tier.clone(), |tier| text(tier.as_str()));

    let (builder, code) = chain.into_parts();
    completed(&builder.0.try_build_event_bridge().ok()?, event, code.then("build_event_bridge", [""; 0]))
}

/// The kind that has the event's detail type, reason and kind of deletion.
fn kind(event: &S3EventBridgeEvent) -> Option<S3EventName> {
    let detail = &event.detail;
    S3EventName::all().find(|name| {
        name.facts().event_bridge.is_some_and(|facts| {
            facts.detail_type == event.detail_type
                && facts.reason == detail.reason.as_deref()
                && facts.deletion_type == detail.deletion_type.as_deref()
        })
    })
}
