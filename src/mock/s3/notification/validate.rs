//! The checks of PutBucketNotificationConfiguration, in S3's order: document, ARNs, events, overlaps.

use super::{
    Destination, DestinationKind, NotificationConfiguration, NotificationRequest, NotificationRule, RuleRequest,
};
use super::{events, filter};
use crate::event::{Arn, Region};
use crate::kernel::Ids;
use crate::mock::s3::fault::S3Fault;

/// A prefix and a suffix.
type Filter = (Option<String>, Option<String>);

impl NotificationConfiguration {
    /// Checks a request, and assigns the ids that it leaves out.
    ///
    /// # Errors
    ///
    /// `MalformedXML` or `InvalidArgument` as S3 has them; `NotImplemented` for topics.
    pub(crate) fn new(request: NotificationRequest, region: &Region, ids: &mut Ids) -> Result<Self, S3Fault> {
        if request.topics {
            return Err(S3Fault::not_implemented("a notification to an SNS topic (TopicConfiguration)"));
        }
        let event_bridge = request.event_bridge;
        let functions = request.functions.into_iter().map(|rule| (DestinationKind::Function, rule));
        let queues = request.queues.into_iter().map(|rule| (DestinationKind::Queue, rule));
        let requests: Vec<(DestinationKind, RuleRequest)> = functions.chain(queues).collect();

        let filters = requests.iter().map(|(_, rule)| read_filter(rule)).collect::<Result<Vec<_>, _>>()?;
        let arns = requests.iter().map(|(kind, rule)| arn(*kind, &rule.arn)).collect::<Result<Vec<_>, _>>()?;
        for ((_, rule), arn) in requests.iter().zip(&arns) {
            check_events(&rule.events)?;
            if arn.region() != Some(region) {
                let message =
                    "The notification destination service region is not valid for the bucket location constraint";
                return Err(S3Fault::invalid_argument(message, arn.to_string(), region.as_str()));
            }
        }

        let mut rules: Vec<NotificationRule> = Vec::with_capacity(requests.len());
        for (((kind, rule), (prefix, suffix)), arn) in requests.into_iter().zip(filters).zip(arns) {
            let id = rule.id.filter(|id| !id.is_empty()).unwrap_or_else(|| ids.uuid());
            if rules.iter().any(|earlier| earlier.id == id) {
                let message = "Same ID used for multiple configurations. Configuration IDs must be unique.";
                return Err(S3Fault::invalid_argument(message, "Id", id));
            }
            let destination = Destination { kind, arn };
            let rule = NotificationRule { id, destination, events: rule.events, prefix, suffix };
            if let Some(earlier) = rules.iter().find(|earlier| overlap(earlier, &rule)) {
                let message = "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules \
                               if the prefixes are overlapping for the same event type.";
                let both = format!("{} and {}", described(earlier), described(&rule));
                return Err(S3Fault::invalid_argument(message, "Id", format!("{}, {}", earlier.id, rule.id)).note(both));
            }
            rules.push(rule);
        }
        Ok(Self { rules, event_bridge })
    }

    /// Checks that each destination can be delivered to.
    ///
    /// # Errors
    ///
    /// One `InvalidArgument` that names all bad destinations.
    pub(crate) fn check_destinations(&self, check: impl Fn(&Destination) -> Result<(), String>) -> Result<(), S3Fault> {
        let mut fault = None;
        let failures = self.rules.iter().filter_map(|rule| Some((&rule.destination, check(&rule.destination).err()?)));
        for (number, (destination, reason)) in (1..).zip(failures) {
            let message = "Unable to validate the following destination configurations";
            let name = match destination.kind {
                DestinationKind::Function => format!("{}, null", destination.arn),
                DestinationKind::Queue => destination.arn.to_string(),
            };
            let so_far = fault.take().unwrap_or_else(|| S3Fault::new(400, "InvalidArgument", message));
            fault =
                Some(so_far.with(format!("ArgumentName{number}"), name).with(format!("ArgumentValue{number}"), reason));
        }
        fault.map_or(Ok(()), Err)
    }
}

impl DestinationKind {
    /// The element that carries the ARN.
    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::Function => "CloudFunction",
            Self::Queue => "Queue",
        }
    }

    fn service(self) -> &'static str {
        match self {
            Self::Function => "lambda",
            Self::Queue => "sqs",
        }
    }
}

fn arn(kind: DestinationKind, text: &str) -> Result<Arn, S3Fault> {
    text.parse::<Arn>()
        .ok()
        .filter(|arn| arn.service() == kind.service() && arn.account().is_some())
        .ok_or_else(|| S3Fault::invalid_argument("The ARN could not be parsed", kind.element(), text))
}

fn check_events(events: &[String]) -> Result<(), S3Fault> {
    if events.is_empty() {
        return Err(S3Fault::malformed_xml());
    }
    match events.iter().find(|event| !events::is_known(event)) {
        None => Ok(()),
        Some(unknown) => {
            let message = "A specified event is not supported for notifications.";
            Err(S3Fault::invalid_argument(message, "Event", unknown.as_str()))
        }
    }
}

fn read_filter(rule: &RuleRequest) -> Result<Filter, S3Fault> {
    let (mut prefix, mut suffix) = (None, None);
    for (name, value) in &rule.filter {
        let (Some(name), Some(value)) = (name, value) else { return Err(S3Fault::malformed_xml()) };
        let (slot, part) = match name.to_ascii_lowercase().as_str() {
            "prefix" => (&mut prefix, "prefix"),
            "suffix" => (&mut suffix, "suffix"),
            _ => {
                let message = "filter rule name must be either prefix or suffix";
                return Err(S3Fault::invalid_argument(message, "FilterRule.Name", name.as_str()));
            }
        };
        if value.len() > 1024 {
            let message = "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation";
            return Err(S3Fault::invalid_argument(message, "FilterRule.Value", value.as_str()));
        }
        if slot.replace(value.clone()).is_some() {
            let message = format!("Cannot specify more than one {part} rule in a filter.");
            return Err(S3Fault::invalid_argument(message, "FilterRule.Name", name.as_str()));
        }
    }
    Ok((prefix, suffix))
}

/// A rule as a person tells it from another one.
fn described(rule: &NotificationRule) -> String {
    let filter = |name: &str, value: &Option<String>| match value {
        Some(value) => format!(" {name} {value:?}"),
        None => String::new(),
    };
    let (prefix, suffix) = (filter("prefix", &rule.prefix), filter("suffix", &rule.suffix));
    format!("the rule {}{prefix}{suffix} → {}", rule.events.join(", "), rule.destination.arn.resource())
}

/// Whether one key and one event type could fire both rules.
fn overlap(a: &NotificationRule, b: &NotificationRule) -> bool {
    a.events.iter().any(|x| b.events.iter().any(|y| events::overlap(x, y)))
        && filter::overlap(a.prefix.as_deref(), b.prefix.as_deref(), <[u8]>::starts_with)
        && filter::overlap(a.suffix.as_deref(), b.suffix.as_deref(), <[u8]>::ends_with)
}
