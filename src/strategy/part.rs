//! The parts of events, each by itself: keys, names, records.

use std::fmt::Debug;

use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::TestRunner;

use super::draws::Draws;
use super::key::Keys;
use super::place::{ACCOUNTS, REGIONS, time};
use super::tree::{ChoiceTree, Generate};
use super::{
    destination_record, eventbridge_event, invoke, s3, s3_event, s3_eventbridge_event, s3_test_event, scheduled_event,
    sns_event, sns_notification, sqs, sqs_event, text,
};
use crate::event::{
    AccountId, Arn, DataType, Event, EventVersion, MessageAttribute, ObjectKey, Partition, PrincipalId, Region,
    S3Record, Sequencer, SqsRecord, Time,
};

/// The strategy of the types that are parts of events, such as [`ObjectKey`]: with the values that they have in
/// generated events. Made by [`any`](proptest::arbitrary::any).
#[must_use = "strategies do nothing unless used"]
#[derive(Debug, Clone)]
pub struct Parts<T>(pub(super) fn(&mut Draws<'_>) -> T);

impl<T: Debug + Clone> Generate for Parts<T> {
    type Value = T;

    fn generate(&self, source: &mut Draws<'_>) -> T {
        (self.0)(source)
    }
}

impl<T: Debug + Clone> Strategy for Parts<T> {
    type Tree = ChoiceTree<Self>;
    type Value = T;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut source = Draws::random(runner.rng());
        let value = self.generate(&mut source);
        Ok(ChoiceTree::new(self.clone(), source.into_tape(), value))
    }
}

pub(super) fn key(source: &mut Draws<'_>) -> ObjectKey {
    Keys::default().generate(source)
}

pub(super) fn sequencer(source: &mut Draws<'_>) -> Sequencer {
    let time = time(source);
    s3::sequencer(source, time)
}

pub(super) fn account(source: &mut Draws<'_>) -> AccountId {
    source.pick(&ACCOUNTS).clone()
}

pub(super) fn region(source: &mut Draws<'_>) -> Region {
    source.pick(&REGIONS).clone()
}

pub(super) fn partition(source: &mut Draws<'_>) -> Partition {
    region(source).partition()
}

pub(super) fn arn(source: &mut Draws<'_>) -> Arn {
    let name = text::word(source);
    let (region, account) = (region(source), account(source));
    match source.up_to(3) {
        0 => Arn::global(region.partition(), "s3", name),
        1 => Arn::regional("sqs", &region, &account, name),
        2 => Arn::regional("sns", &region, &account, name),
        _ => Arn::regional("lambda", &region, &account, format!("function:{name}:$LATEST")),
    }
}

pub(super) fn principal(source: &mut Draws<'_>) -> PrincipalId {
    s3::principal(source)
}

pub(super) fn version(source: &mut Draws<'_>) -> EventVersion {
    let minor = if source.one_in(2) { source.up_to(99) } else { 6 };
    EventVersion::of(2, u16::try_from(minor).unwrap_or(6))
}

pub(super) fn moment(source: &mut Draws<'_>) -> Time {
    let at = time(source);
    if source.one_in(2) { Time::seconds(at) } else { Time::millis(at) }
}

pub(super) fn s3_record(source: &mut Draws<'_>) -> S3Record {
    s3_event().records(1..=1).generate(source).records.remove(0)
}

pub(super) fn sqs_record(source: &mut Draws<'_>) -> SqsRecord {
    sqs_event().messages(1..=1).generate(source).records.remove(0)
}

pub(super) fn attribute(source: &mut Draws<'_>) -> MessageAttribute {
    sqs::attribute(source)
}

pub(super) fn data_type(source: &mut Draws<'_>) -> DataType {
    sqs::attribute(source).data_type().clone()
}

pub(super) fn client_context(source: &mut Draws<'_>) -> crate::event::invoke::ClientContext {
    invoke::client_context(source)
}

/// An event of any family.
pub(super) fn event(source: &mut Draws<'_>) -> Event {
    match source.up_to(9) {
        0 => Event::S3(s3_event().generate(source)),
        1 => Event::Sqs(sqs_event().generate(source)),
        2 => Event::Rule(Box::new(scheduled_event().rules().generate(source))),
        3 => Event::Scheduler(Box::new(scheduled_event().scheduler().generate(source))),
        4 => Event::S3EventBridge(Box::new(s3_eventbridge_event(s3_event()).generate(source))),
        5 => Event::S3Test(Box::new(s3_test_event().generate(source))),
        6 => Event::Sns(sns_event().generate(source)),
        7 => Event::SnsNotification(Box::new(sns_notification().generate(source))),
        8 => Event::EventBridge(Box::new(eventbridge_event().generate(source))),
        _ => Event::Destination(Box::new(destination_record().generate(source))),
    }
}
