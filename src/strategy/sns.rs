//! SNS notifications and events.

use super::draws::Draws;
use super::place::{ACCOUNTS, REGIONS, UnknownMembers, time, unknown_members};
use super::tree::Generate;
use super::{s3_event, strategy, text};
use crate::event::{Arn, Document, SnsEvent, SnsNotification};

/// A strategy for notifications as queues and HTTP endpoints receive them: around S3 events, JSON and any text, with
/// and without subject and attributes.
pub fn sns_notification() -> SnsNotifications {
    SnsNotifications(UnknownMembers::default())
}

/// A strategy for the events that functions receive from SNS, with the contents of [`sns_notification`].
pub fn sns_event() -> SnsEvents {
    SnsEvents(UnknownMembers::default())
}

/// The strategy of [`sns_notification`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct SnsNotifications(UnknownMembers);

impl SnsNotifications {
    unknown_members!();

    fn with_unknown(self, unknown: UnknownMembers) -> Self {
        Self(unknown)
    }
}

impl Generate for SnsNotifications {
    type Value = SnsNotification;

    fn generate(&self, source: &mut Draws<'_>) -> SnsNotification {
        let mut notification = match source.up_to(2) {
            0 => SnsNotification::new(text::nasty(source), None),
            1 => s3_event().with_unknown(self.0).records(1..=1).generate(source).in_sns(),
            _ => SnsNotification::new(serde_json::json!({ "log": text::nasty(source) }).to_string(), Some("alarm")),
        };
        let topic = Arn::regional("sns", source.pick(&REGIONS), source.pick(&ACCOUNTS), text::word(source));
        notification = notification.topic(topic).timestamp(time(source));
        if source.one_in(4) {
            notification = notification.attribute("a", "String", text::nasty(source)).attribute("n", "Number", "7");
        }
        self.0.add(source, &mut notification.unknown);
        notification
    }
}

strategy!(SnsNotifications);

/// The strategy of [`sns_event`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct SnsEvents(UnknownMembers);

impl SnsEvents {
    unknown_members!();

    fn with_unknown(self, unknown: UnknownMembers) -> Self {
        Self(unknown)
    }
}

impl Generate for SnsEvents {
    type Value = SnsEvent;

    fn generate(&self, source: &mut Draws<'_>) -> SnsEvent {
        let mut notification = sns_notification().with_unknown(self.0).generate(source);
        let unknown = std::mem::take(&mut notification.unknown);
        let mut event = notification.to_lambda();
        event.records.iter_mut().for_each(|record| record.sns.unknown = unknown.clone());
        event
    }
}

strategy!(SnsEvents);
