//! A bucket's notification configuration, changed one rule at a time: S3 only knows it as a whole.

use super::error::CloudError;
use super::world::World;
use crate::event::{AccountId, Region};
use crate::mock::s3::{DestinationKind, NotificationConfiguration, NotificationRequest, NotificationRule, RuleRequest};

/// The rules that a bucket has, to be given once more.
pub(super) fn repeated_rules(
    configuration: &NotificationConfiguration,
    keep: impl Fn(&NotificationRule) -> bool,
) -> NotificationRequest {
    let mut request =
        NotificationRequest { event_bridge: configuration.event_bridge, ..NotificationRequest::default() };
    for rule in configuration.rules.iter().filter(|rule| keep(rule)) {
        rules_of(&mut request, rule.destination.kind).push(repeated(rule));
    }
    request
}

/// Takes one rule out of a bucket's configuration; nobody is sent a test event for that.
pub(super) fn remove_rule(
    world: &World,
    account: &AccountId,
    region: &Region,
    bucket: &str,
    id: &str,
) -> Result<(), CloudError> {
    let now = world.s3.notification(&world.look(account, region), bucket)?;
    let request = repeated_rules(&now, |rule| rule.id != id);
    let info = world.s3_request(account, region, "PutBucketNotificationConfiguration", bucket, "");
    let info = info.detail(format!("without the rule {id}"));
    world.act_on_s3(info, |s3, call| s3.set_notification(call, bucket, request, true))
}

/// The list that a rule for such a destination belongs to.
pub(super) fn rules_of(request: &mut NotificationRequest, kind: DestinationKind) -> &mut Vec<RuleRequest> {
    match kind {
        DestinationKind::Function => &mut request.functions,
        DestinationKind::Queue => &mut request.queues,
    }
}

fn repeated(rule: &NotificationRule) -> RuleRequest {
    let filter = [("prefix", &rule.prefix), ("suffix", &rule.suffix)];
    let filter = filter.into_iter().filter_map(|(name, value)| Some((Some(name.to_owned()), Some(value.clone()?))));
    RuleRequest {
        id: Some(rule.id.clone()),
        arn: rule.destination.arn.to_string(),
        events: rule.events.clone(),
        filter: filter.collect(),
    }
}
