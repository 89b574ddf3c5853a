//! SNS notifications and events.

use super::draws::Draws;
use super::place::{ACCOUNTS, REGIONS, time};
use super::tree::Generate;
use super::{s3_event, strategy, text};
use crate::event::{Arn, Document, SnsEvent, SnsNotification};

/// A strategy for notifications as queues and HTTP endpoints receive them: around S3 events, JSON and any text, with
/// and without subject and attributes.
pub fn sns_notification() -> SnsNotifications {
    SnsNotifications(())
}

/// A strategy for the events that functions receive from SNS, with the contents of [`sns_notification`].
pub fn sns_event() -> SnsEvents {
    SnsEvents(())
}

/// The strategy of [`sns_notification`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct SnsNotifications(());

impl Generate for SnsNotifications {
    type Value = SnsNotification;

    fn generate(&self, source: &mut Draws<'_>) -> SnsNotification {
        let mut notification = match source.up_to(2) {
            0 => SnsNotification::new(text::nasty(source), None),
            1 => s3_event().records(1..=1).generate(source).in_sns(),
            _ => SnsNotification::new(serde_json::json!({ "log": text::nasty(source) }).to_string(), Some("alarm")),
        };
        let topic = Arn::regional("sns", source.pick(&REGIONS), source.pick(&ACCOUNTS), text::word(source));
        notification = notification.topic(topic).timestamp(time(source));
        if source.one_in(4) {
            notification = notification.attribute("a", "String", text::nasty(source)).attribute("n", "Number", "7");
        }
        notification
    }
}

strategy!(SnsNotifications);

/// The strategy of [`sns_event`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct SnsEvents(());

impl Generate for SnsEvents {
    type Value = SnsEvent;

    fn generate(&self, source: &mut Draws<'_>) -> SnsEvent {
        sns_notification().generate(source).to_lambda()
    }
}

strategy!(SnsEvents);
