//! The code that builds an S3 event.

use super::S3EventBuilder;
use crate::event::code::{Builds, Chain, Expression, completed, field, joined, text, text_of, time};
use crate::event::s3::{S3Event, S3EventName, S3Record};
use crate::event::{EventVersion, Members, VersionPolicy};

impl Builds for S3EventBuilder {
    type Built = S3Record;

    fn built(&self, place: usize) -> Option<S3Record> {
        self.clone().record_at(place).ok()
    }
}

/// The code that builds the event; none for one that is too unlike what the builder builds.
pub(in crate::event) fn code(event: &S3Event) -> Option<Expression> {
    let (builder, code) = joined(&event.records, record, S3EventBuilder::record)?;
    completed(&builder.try_build().ok()?, event, code.then("build", [""; 0]))
}

/// The builder of the record at this place of an event.
fn record(record: &S3Record, place: usize) -> Option<(S3EventBuilder, Expression)> {
    let (name, bucket, key) = (&record.event_name, record.bucket(), record.key());
    let (function, mut arguments) = match name {
        S3EventName::ObjectCreatedPut => ("S3Event::put", Vec::new()),
        S3EventName::ObjectRemovedDelete => ("S3Event::delete", Vec::new()),
        _ => ("S3Event::builder", vec![text(name.as_str())]),
    };
    arguments.extend([text(bucket), text(key.as_str())]);
    let builder = S3Event::builder(name.clone(), bucket, key);
    let mut chain = Chain::new(builder, Expression::new(function, arguments), record, place)?;
    identify(&mut chain);
    describe(&mut chain);
    Some(chain.into_parts())
}

/// What the rest follows from: version, place, time, people and ids.
fn identify(chain: &mut Chain<'_, S3EventBuilder>) {
    let version = |version: &EventVersion| format!("VersionPolicy::unified(\"{version}\").unwrap()");
    let unified = |builder: S3EventBuilder, version| builder.version_policy(VersionPolicy::Unified(version));
    chain.field("version_policy", |record| Some(record.event_version), version, unified);
    field!(chain.region of S3EventBuilder, |record| Some(record.aws_region.clone()), |region| text(region.as_str()));
    field!(chain.time of S3EventBuilder, |record| Some(record.event_time.timestamp()), |at| time(*at));
    let owner = |record: &S3Record| Some(record.s3.bucket.owner_identity.principal_id.to_string());
    field!(chain.owner of S3EventBuilder, owner, text_of);
    let principal = |record: &S3Record| Some(record.user_identity.principal_id.to_string());
    field!(chain.principal of S3EventBuilder, principal, text_of);
    let address = |record: &S3Record| Some(record.request_parameters.source_ip_address.to_string());
    field!(chain.source_ip of S3EventBuilder, address, text_of);
    field!(chain.configuration_id of S3EventBuilder, |record| Some(record.s3.configuration_id.clone()), text_of);
    let request_id = |record: &S3Record| Some(record.response_elements.x_amz_request_id.clone());
    field!(chain.request_id of S3EventBuilder, request_id, text_of);
    let host_id = |record: &S3Record| Some(record.response_elements.x_amz_id_2.clone());
    field!(chain.host_id of S3EventBuilder, host_id, text_of);
}

/// The object, its bucket, and the block beside them. Default ids are drawn one after the other, so the size comes before the
/// entity tag, and that before the version.
fn describe(chain: &mut Chain<'_, S3EventBuilder>) {
    field!(chain.size of S3EventBuilder, |record| record.s3.object.size, u64::to_string);
    field!(chain.e_tag of S3EventBuilder, |record| record.s3.object.e_tag.clone(), text_of);
    field!(chain.version_id of S3EventBuilder, |record| record.s3.object.version_id.value().cloned(), text_of);
    let sequencer = |record: &S3Record| record.s3.object.sequencer.clone();
    field!(chain.sequencer of S3EventBuilder, sequencer, |sequencer| text(sequencer.as_str()));
    field!(chain.aws_generated_tags of S3EventBuilder, |record| record.s3.bucket.aws_generated_tags.clone(), pairs);
    let annotated = |record: &S3Record| record.s3.object.has_object_annotation;
    field!(chain.has_object_annotation of S3EventBuilder, annotated, bool::to_string);
    let class = |record: &S3Record| {
        let restored = record.glacier_event_data.as_ref().map(|data| &data.restore_event_data);
        let moved = record.lifecycle_event_data.as_ref().map(|data| &data.transition_event_data);
        let restored = restored.map(|data| data.lifecycle_restore_storage_class.clone());
        restored.or_else(|| moved.map(|data| data.destination_storage_class.clone()))
    };
    field!(chain.storage_class of S3EventBuilder, class, |class| text(class.as_str()));
    let expiry = |record: &S3Record| {
        let data = &record.glacier_event_data.as_ref()?.restore_event_data;
        Some(data.lifecycle_restoration_expiry_time.timestamp())
    };
    field!(chain.restore_expiry of S3EventBuilder, expiry, |at| time(*at));
    let tier =
        |record: &S3Record| Some(record.intelligent_tiering_event_data.as_ref()?.destination_access_tier.clone());
    field!(chain.access_tier of S3EventBuilder, tier, |tier| text(tier.as_str()));
}

/// Tags as an array of pairs.
pub(super) fn pairs(tags: &Members<String>) -> String {
    let pairs: Vec<_> = tags.iter().map(|(name, value)| format!("({}, {})", text(name), text(value))).collect();
    format!("[{}]", pairs.join(", "))
}
