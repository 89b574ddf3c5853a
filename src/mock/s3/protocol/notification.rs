//! A bucket's notification configuration as XML.

use s3s::dto::*;

use super::super::fault::S3Fault;
use super::super::notification::{DestinationKind, NotificationRequest, NotificationRule, RuleRequest};
use super::adapter::Context;
use super::headers::claims;

pub(super) fn put(
    context: &Context<'_>,
    input: PutBucketNotificationConfigurationInput,
) -> Result<PutBucketNotificationConfigurationOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let given = input.notification_configuration;
    let functions = given.lambda_function_configurations.unwrap_or_default();
    let queues = given.queue_configurations.unwrap_or_default();
    let request = NotificationRequest {
        functions: functions.into_iter().map(|f| rule(f.id, f.lambda_function_arn, f.events, f.filter)).collect(),
        queues: queues.into_iter().map(|q| rule(q.id, q.queue_arn, q.events, q.filter)).collect(),
        topics: given.topic_configurations.is_some_and(|topics| !topics.is_empty()),
        event_bridge: given.event_bridge_configuration.is_some(),
    };
    let skip = input.skip_destination_validation.unwrap_or(false);
    context.service.set_notification(context.call, &input.bucket, request, skip)?;
    Ok(PutBucketNotificationConfigurationOutput::default())
}

fn rule(
    id: Option<String>,
    arn: String,
    events: EventList,
    filter: Option<NotificationConfigurationFilter>,
) -> RuleRequest {
    let rules = filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
    let filter = rules.into_iter().map(|rule| (rule.name.map(|name| name.as_str().to_owned()), rule.value));
    RuleRequest { id, arn, events: events.into_iter().map(String::from).collect(), filter: filter.collect() }
}

pub(super) fn get(
    context: &Context<'_>,
    input: GetBucketNotificationConfigurationInput,
) -> Result<GetBucketNotificationConfigurationOutput, S3Fault> {
    let configuration = context.service.notification(context.call, &input.bucket)?;
    let of = |kind| configuration.rules.iter().filter(move |rule| rule.destination.kind == kind);
    let functions: Vec<_> = of(DestinationKind::Function)
        .map(|rule| LambdaFunctionConfiguration {
            events: events(rule),
            filter: filter(rule),
            id: Some(rule.id.clone()),
            lambda_function_arn: rule.destination.arn.to_string(),
        })
        .collect();
    let queues: Vec<_> = of(DestinationKind::Queue)
        .map(|rule| QueueConfiguration {
            events: events(rule),
            filter: filter(rule),
            id: Some(rule.id.clone()),
            queue_arn: rule.destination.arn.to_string(),
        })
        .collect();
    Ok(GetBucketNotificationConfigurationOutput {
        lambda_function_configurations: Some(functions).filter(|list| !list.is_empty()),
        queue_configurations: Some(queues).filter(|list| !list.is_empty()),
        event_bridge_configuration: configuration.event_bridge.then(EventBridgeConfiguration::default),
        ..GetBucketNotificationConfigurationOutput::default()
    })
}

fn events(rule: &NotificationRule) -> EventList {
    rule.events.iter().cloned().map(Event::from).collect()
}

/// S3 answers the names with a capital, however they were given.
fn filter(rule: &NotificationRule) -> Option<NotificationConfigurationFilter> {
    let named = [("Prefix", &rule.prefix), ("Suffix", &rule.suffix)];
    let rules: Vec<FilterRule> = named
        .into_iter()
        .filter_map(|(name, value)| {
            value
                .as_ref()
                .map(|value| FilterRule { name: Some(FilterRuleName::from_static(name)), value: Some(value.clone()) })
        })
        .collect();
    if rules.is_empty() {
        return None;
    }
    Some(NotificationConfigurationFilter { key: Some(S3KeyFilter { filter_rules: Some(rules) }) })
}
