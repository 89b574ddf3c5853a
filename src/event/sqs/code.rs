//! The code that builds a batch of SQS messages.

use jiff::Timestamp;

use super::{MessageAttribute, SqsEvent, SqsMessageBuilder, SqsRecord, ValueKind};
use crate::event::code::{Builds, Chain, Expression, bytes, completed, field, joined, text, text_of, time};
use crate::event::{Document, Nullable, S3Event, TestEvent, s3_code, s3_test_code};

impl Builds for SqsMessageBuilder {
    type Built = SqsRecord;

    fn built(&self, place: usize) -> Option<SqsRecord> {
        self.clone().try_build_record(place).ok()
    }
}

/// The code that builds the event; none for one that is too unlike what the builder builds.
pub(in crate::event) fn code(event: &SqsEvent) -> Option<Expression> {
    let (builder, code) = joined(&event.records, record, SqsMessageBuilder::record)?;
    completed(&builder.try_build().ok()?, event, code.then("build", [""; 0]))
}

/// The builder of the message at this place of a batch.
fn record(record: &SqsRecord, place: usize) -> Option<(SqsMessageBuilder, Expression)> {
    let builder = SqsEvent::message(record.body.as_str());
    let mut chain = Chain::new(builder, message(&record.body), record, place)?;
    let knows = &record.attributes;
    if let (Some(group), Some(id)) = (&knows.message_group_id, &knows.message_deduplication_id) {
        chain.call("fifo", [text(group), text(id)], |builder| builder.fifo(group, id));
    }
    place_and_time(&mut chain);
    for (name, attribute) in record.message_attributes.iter() {
        let set = |builder: SqsMessageBuilder| builder.attribute(name, attribute.clone());
        chain.call("attribute", [text(name), attribute_code(attribute)], set);
    }
    if record.md5_of_message_attributes == Nullable::Null {
        chain.call("batching_window", [], SqsMessageBuilder::batching_window);
    }
    delivery(&mut chain);
    Some(chain.into_parts())
}

/// The start of the chain. A body that is an event of S3 is built too.
fn message(body: &str) -> Expression {
    let inner = || {
        if !body.starts_with('{') {
            return None;
        }
        let notification = serde_json::from_str::<S3Event>(body).ok().filter(|event| event.to_text() == body);
        if let Some(event) = notification {
            return s3_code(&event);
        }
        let test = serde_json::from_str::<TestEvent>(body).ok().filter(|event| event.to_text() == body);
        s3_test_code(&test?)
    };
    match inner() {
        Some(code) => code.then("sqs_message", [""; 0]),
        None => Expression::new("SqsEvent::message", [text(body)]),
    }
}

/// What the rest follows from: the queue, and when the message was sent.
fn place_and_time(chain: &mut Chain<'_, SqsMessageBuilder>) {
    let queue = |record: &SqsRecord| Some(record.event_source_arn.resource().to_owned());
    field!(chain.queue of SqsMessageBuilder, queue, text_of);
    let region = |record: &SqsRecord| record.event_source_arn.region().cloned();
    field!(chain.region of SqsMessageBuilder, region, |region| text(region.as_str()));
    let account = |record: &SqsRecord| record.event_source_arn.account().cloned();
    field!(chain.account of SqsMessageBuilder, account, |account| text(account.as_str()));
    field!(chain.sent_at of SqsMessageBuilder, |record| at(record.attributes.sent_timestamp), |at| time(*at));
}

/// Who sent the message, which one it is, and how it was delivered.
fn delivery(chain: &mut Chain<'_, SqsMessageBuilder>) {
    field!(chain.message_id of SqsMessageBuilder, |record| Some(record.message_id.clone()), text_of);
    let count = |record: &SqsRecord| Some(record.attributes.approximate_receive_count);
    field!(chain.receive_count of SqsMessageBuilder, count, u64::to_string);
    field!(chain.receipt_handle of SqsMessageBuilder, |record| Some(record.receipt_handle.clone()), text_of);
    let first = |record: &SqsRecord| at(record.attributes.approximate_first_receive_timestamp);
    field!(chain.first_received_at of SqsMessageBuilder, first, |at| time(*at));
    let number = |record: &SqsRecord| record.attributes.sequence_number.clone();
    field!(chain.sequence_number of SqsMessageBuilder, number, text_of);
    field!(chain.group of SqsMessageBuilder, |record| record.attributes.message_group_id.clone(), text_of);
    field!(chain.sender_id of SqsMessageBuilder, |record| Some(record.attributes.sender_id.clone()), text_of);
    field!(chain.trace_header of SqsMessageBuilder, |record| record.attributes.aws_trace_header.clone(), text_of);
    let source = |record: &SqsRecord| Some(record.attributes.dead_letter_queue_source_arn.as_ref()?.to_string());
    field!(chain.dead_letter_source of SqsMessageBuilder, source, text_of);
}

fn at(millisecond: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(millisecond).ok()?).ok()
}

fn attribute_code(attribute: &MessageAttribute) -> String {
    let data_type = attribute.data_type();
    let value = || text(attribute.string_value().unwrap_or_default());
    let code = match data_type.kind() {
        ValueKind::String => format!("MessageAttribute::string({})", value()),
        ValueKind::Number => format!("MessageAttribute::number({})", value()),
        ValueKind::Binary => match attribute.binary_value().unwrap_or_default() {
            [] => "MessageAttribute::binary([0; 0])".to_owned(),
            value => format!("MessageAttribute::binary({})", bytes(value)),
        },
    };
    match data_type.label() {
        Some(label) => format!("{code}.labelled({}).unwrap()", text(label)),
        None => code,
    }
}
