//! The code that builds an event of EventBridge: of a schedule, of S3, or of an application.

use std::any::type_name;
use std::fmt;

use serde::de::DeserializeOwned;

use super::{Builds, Chain, Expression, completed, field, json, text, text_of, time};
use crate::event::ids::is_uuid;
use crate::event::{Arn, EventBridgeEvent, Json, ScheduledEvent, ScheduledEventBuilder, s3_bridge_code};

/// The code that builds the event; none for one whose detail is of another crate's type.
pub(in crate::event) fn bridge_code<D: fmt::Debug>(event: &EventBridgeEvent<D>) -> Option<Expression> {
    if let Some(event) = with_known_detail::<D, Json>(event, "") {
        return scheduled(&event).or_else(|| custom(&event));
    }
    s3_bridge_code(&with_known_detail(event, "S3Detail ")?)
}

/// The event with a detail of a type of this crate, if it has one. Nothing is known of a detail but its `Debug`, so it is read
/// from that: it is JSON behind the name of the type.
fn with_known_detail<D: fmt::Debug, T: DeserializeOwned>(
    event: &EventBridgeEvent<D>,
    name: &str,
) -> Option<EventBridgeEvent<T>> {
    if type_name::<D>() != type_name::<T>() {
        return None;
    }
    let printed = format!("{:?}", event.detail);
    Some(event.with_detail(serde_json::from_str(printed.strip_prefix(name)?).ok()?))
}

impl Builds for ScheduledEventBuilder {
    type Built = ScheduledEvent;

    fn built(&self, _place: usize) -> Option<ScheduledEvent> {
        self.clone().try_build().ok()
    }
}

fn scheduled(event: &ScheduledEvent) -> Option<Expression> {
    let [resource] = event.resources.as_slice() else { return None };
    let arn: Arn = resource.parse().ok()?;
    let parts: Vec<&str> = arn.resource().split('/').collect();
    let (builder, code, group) = match (event.source.as_str(), parts.as_slice()) {
        ("aws.events", ["rule", name]) => {
            (ScheduledEvent::rule(*name), Expression::new("ScheduledEvent::rule", [text(name)]), None)
        }
        ("aws.scheduler", ["schedule", group, name]) => {
            let code = Expression::new("ScheduledEvent::scheduler", [text(name)]);
            (ScheduledEvent::scheduler(*name), code, Some(*group).filter(|group| *group != "default"))
        }
        _ => return None,
    };
    let mut chain = Chain::new(builder, code, event, 0)?;
    if let Some(group) = group {
        chain.call("group", [text(group)], |builder| builder.group(group));
    }
    field!(chain.region of ScheduledEventBuilder, |event| Some(event.region.clone()), |region| text(region.as_str()));
    field!(chain.account of ScheduledEventBuilder, |event| Some(event.account.clone()), |account| text(account.as_str()));
    field!(chain.time of ScheduledEventBuilder, |event| Some(event.time.timestamp()), |at| time(*at));
    field!(chain.id of ScheduledEventBuilder, |event| Some(event.id.clone()), text_of);
    let (builder, code) = chain.into_parts();
    completed(&builder.try_build().ok()?, event, code.then("build", [""; 0]))
}

type Custom = EventBridgeEvent<Json>;

impl Builds for Custom {
    type Built = Self;

    fn built(&self, _place: usize) -> Option<Self> {
        Some(self.clone())
    }
}

fn custom(event: &Custom) -> Option<Expression> {
    let made = EventBridgeEvent::custom(event.source.as_str(), event.detail_type.as_str(), event.detail.clone());
    let arguments = [text(&event.source), text(&event.detail_type), json(&event.detail)];
    let mut chain = Chain::new(made, Expression::new("EventBridgeEvent::custom", arguments), event, 0)?;
    field!(chain.id of Custom, |event| Some(event.id.clone()).filter(|id| is_uuid(id)), text_of);
    field!(chain.time of Custom, |event| Some(event.time.timestamp()), |at| time(*at));
    let (made, code) = chain.into_parts();
    completed(&made, event, code)
}
