//! The two JSON documents about dead-letter queues: `RedrivePolicy` and `RedriveAllowPolicy`.

use serde_json::Value;

use crate::event::Arn;

use super::fault::SqsFault;
use super::queue_id::QueueId;

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedrivePolicy {
    /// The dead-letter queue.
    pub target: QueueId,
    /// How often a message is received before it is moved, 1 to 1000.
    pub max_receive_count: u32,
}

impl RedrivePolicy {
    /// Reads the attribute's text. The count may be a number or a numeric string, as on AWS.
    pub(super) fn parse(text: &str) -> Result<Self, SqsFault> {
        let invalid = |reason: &str| SqsFault::invalid_value(text, "RedrivePolicy", reason);
        let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
            return Err(invalid("Redrive policy is not a valid JSON map."));
        };
        let mandatory = |key: &str| {
            let reason = format!("Redrive policy does not contain mandatory attribute: {key}.");
            policy.get(key).ok_or_else(|| invalid(&reason))
        };
        // The count is missed first where both are lacking.
        let count = mandatory("maxReceiveCount")?;
        let arn = mandatory("deadLetterTargetArn")?;
        if let Some(key) = policy.keys().find(|key| !["deadLetterTargetArn", "maxReceiveCount"].contains(&&***key)) {
            return Err(invalid(&format!("Unknown attribute: {key}.")));
        }
        let target = arn.as_str().and_then(|arn| QueueId::from_arn(&arn.parse::<Arn>().ok()?));
        let target = target.ok_or_else(|| invalid("Invalid value for deadLetterTargetArn."))?;
        let number = match count {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64(),
        };
        let max_receive_count = number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (1..=1000).contains(number))
            .ok_or_else(|| {
                let count = count.as_str().map_or_else(|| count.to_string(), str::to_owned);
                let range = "valid values are from 1 to 1000 both inclusive.";
                invalid(&format!("Invalid value for maxReceiveCount: {count}, {range}"))
            })?;
        Ok(Self { target, max_receive_count })
    }

    /// The attribute's text as it is read back, the count as a number.
    pub(super) fn to_json(&self) -> String {
        let Self { target, max_receive_count } = self;
        format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{max_receive_count}}}"#, target.arn())
    }
}

/// Which queues may use this queue as their dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RedriveAllowPolicy {
    text: String,
    allowed: Allowed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    All,
    None,
    ByQueue(Vec<String>),
}

impl RedriveAllowPolicy {
    pub(super) fn parse(text: &str) -> Result<Self, SqsFault> {
        let invalid = |reason: &str| SqsFault::invalid_value(text, "RedriveAllowPolicy", reason);
        let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
            return Err(invalid("Redrive allow policy is not a valid JSON map."));
        };
        let sources = match policy.get("sourceQueueArns") {
            None => None,
            Some(arns) => Some(
                arns.as_array()
                    .and_then(|arns| arns.iter().map(|arn| arn.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>())
                    .filter(|arns| (1..=10).contains(&arns.len()))
                    .ok_or_else(|| invalid("sourceQueueArns must be a list of 1 to 10 queue ARNs."))?,
            ),
        };
        let allowed = match (policy.get("redrivePermission").and_then(Value::as_str), sources) {
            (Some("allowAll"), None) => Allowed::All,
            (Some("denyAll"), None) => Allowed::None,
            (Some("byQueue"), Some(arns)) => Allowed::ByQueue(arns),
            _ => {
                return Err(invalid(
                    "redrivePermission must be allowAll, denyAll or byQueue, the last one with sourceQueueArns.",
                ));
            }
        };
        Ok(Self { text: text.to_owned(), allowed })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn allows(&self, source: &QueueId) -> bool {
        match &self.allowed {
            Allowed::All => true,
            Allowed::None => false,
            Allowed::ByQueue(arns) => arns.contains(&source.arn().to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEAD: &str = "arn:aws:sqs:us-east-1:111111111111:dead";

    #[test]
    fn the_count_may_be_a_numeric_string_and_reads_back_as_a_number() {
        for count in ["3", "\"3\""] {
            let policy = format!(r#"{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":{count}}}"#);
            let policy = RedrivePolicy::parse(&policy).unwrap();
            assert_eq!(policy.max_receive_count, 3);
            assert_eq!(policy.to_json(), format!(r#"{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":3}}"#));
        }
    }

    #[test]
    fn broken_redrive_policies_are_refused_with_the_value() {
        for (text, reason) in [
            ("x".to_owned(), "not a valid JSON map"),
            ("{}".to_owned(), "mandatory attribute: maxReceiveCount"),
            (r#"{"maxReceiveCount":1}"#.to_owned(), "mandatory attribute: deadLetterTargetArn"),
            (format!(r#"{{"deadLetterTargetArn":"{DEAD}"}}"#), "mandatory attribute: maxReceiveCount"),
            (format!(r#"{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":"a"}}"#), "maxReceiveCount: a"),
            (format!(r#"{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":0}}"#), "maxReceiveCount: 0"),
            (format!(r#"{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":1001}}"#), "maxReceiveCount: 1001"),
            (r#"{"deadLetterTargetArn":"dead","maxReceiveCount":1}"#.to_owned(), "deadLetterTargetArn"),
            (format!(r#"{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":1,"x":1}}"#), "Unknown attribute: x"),
        ] {
            let fault = RedrivePolicy::parse(&text).unwrap_err();
            assert_eq!(fault.query_code, "InvalidParameterValue");
            assert!(fault.message.starts_with(&format!("Value {text} for parameter RedrivePolicy")), "{fault}");
            assert!(fault.message.contains(reason), "{fault}");
        }
    }

    #[test]
    fn an_allow_policy_names_the_queues_that_may_redrive() {
        let source = QueueId::from_arn(&DEAD.replace("dead", "source").parse().unwrap()).unwrap();
        let other = QueueId::from_arn(&DEAD.parse().unwrap()).unwrap();
        let policy = format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{}"]}}"#, source.arn());
        let policy = RedriveAllowPolicy::parse(&policy).unwrap();
        assert!(policy.allows(&source) && !policy.allows(&other));
        assert!(!RedriveAllowPolicy::parse(r#"{"redrivePermission":"denyAll"}"#).unwrap().allows(&source));
        for text in ["", "[]", "{}", r#"{"redrivePermission":"byQueue"}"#, r#"{"redrivePermission":"some"}"#] {
            assert!(RedriveAllowPolicy::parse(text).is_err(), "{text}");
        }
    }
}
