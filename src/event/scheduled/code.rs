//! The code that builds the event of a schedule.

use std::fmt;

use super::{ScheduledEvent, ScheduledEventBuilder};
use crate::event::code::{Builds, Chain, Expression, completed, field, text, text_of, time};
use crate::event::{Arn, EventBridgeEvent, Json};

impl Builds for ScheduledEventBuilder {
    type Built = ScheduledEvent;

    fn built(&self, _place: usize) -> Option<ScheduledEvent> {
        self.clone().try_build().ok()
    }
}

/// The code that builds the event, if it is one of a schedule. Of a detail only `Debug` is known, which is enough: those of
/// schedules are `{}` and `"{}"`, and JSON prints as itself.
pub(in crate::event) fn code<D: fmt::Debug>(event: &EventBridgeEvent<D>) -> Option<Expression> {
    let [resource] = event.resources.as_slice() else { return None };
    let arn: Arn = resource.parse().ok()?;
    let (function, name, group, detail) = match arn.resource().split('/').collect::<Vec<_>>().as_slice() {
        ["rule", name] => ("ScheduledEvent::rule", *name, None, Json::empty_object()),
        ["schedule", group, name] => ("ScheduledEvent::scheduler", *name, Some(*group), Json::from("{}")),
        _ => return None,
    };
    if event.source != source(function) || format!("{:?}", event.detail) != format!("{detail:?}") {
        return None;
    }
    let wanted = event.with_detail(detail);
    let builder = match group {
        Some(_) => ScheduledEvent::scheduler(name),
        None => ScheduledEvent::rule(name),
    };
    let mut chain = Chain::new(builder, Expression::new(function, [text(name)]), &wanted, 0)?;
    if let Some(group) = group.filter(|group| *group != "default") {
        chain.call("group", [text(group)], |builder| builder.group(group));
    }
    field!(chain.region of ScheduledEventBuilder, |event| Some(event.region.clone()), |region| text(region.as_str()));
    field!(chain.account of ScheduledEventBuilder, |event| Some(event.account.clone()), |account| text(account.as_str()));
    field!(chain.time of ScheduledEventBuilder, |event| Some(event.time.timestamp()), |at| time(*at));
    field!(chain.id of ScheduledEventBuilder, |event| Some(event.id.clone()), text_of);
    let (builder, code) = chain.into_parts();
    completed(&builder.try_build().ok()?, &wanted, code.then("build", [""; 0]))
}

fn source(function: &str) -> &'static str {
    if function == "ScheduledEvent::rule" { "aws.events" } else { "aws.scheduler" }
}
