//! The attributes of a queue that can be set: names, ranges, defaults and how they read back.

use std::collections::BTreeMap;

use super::fault::SqsFault;
use super::policy::QueuePolicy;
use super::queue_id::QueueId;
use super::redrive::{RedriveAllowPolicy, RedrivePolicy};

/// The settable attributes that every queue knows.
const COMMON: [&str; 11] = [
    "DelaySeconds",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

/// The settable attributes of FIFO queues only.
const FIFO: [&str; 4] = ["ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"];

/// The attributes that can only be read.
const READ_ONLY: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// The name of every attribute that a queue can have.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMON.into_iter().chain(FIFO).chain(READ_ONLY)
}

/// Whether AWS knows an attribute of that name.
pub(super) fn is_known(name: &str) -> bool {
    names().any(|known| known == name)
}

/// A queue's settings. Times are in seconds, sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How long a received message stays hidden; 0 to 43,200, default 30.
    pub visibility_timeout: u32,
    /// How long a new message stays hidden; 0 to 900, default 0.
    pub delay: u32,
    /// How long a receive waits unless it says otherwise; 0 to 20, default 0.
    pub receive_wait: u32,
    /// How long a message lives; 60 to 1,209,600, default 345,600 (four days).
    pub retention: u32,
    /// 1,024 to 1,048,576, which is the default.
    pub maximum_message_size: u32,
    /// The dead-letter queue, if there is one.
    pub redrive: Option<RedrivePolicy>,
    /// `None` allows all.
    pub(super) redrive_allow: Option<RedriveAllowPolicy>,
    /// Who else may use the queue.
    pub policy: Option<QueuePolicy>,
    /// Kept and read back; messages in memory are not encrypted.
    kms_key: Option<String>,
    kms_reuse: u32,
    managed_sse: bool,
    /// Only on FIFO queues.
    pub fifo: Option<FifoSettings>,
}

/// The settings that only FIFO queues have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FifoSettings {
    /// Whether a message without deduplication id gets the SHA-256 of its body.
    pub content_based_deduplication: bool,
    /// Whether an id counts as seen only within its group.
    pub scope_is_group: bool,
    /// Only read back: the mock has no throughput limit.
    pub limit_is_per_group: bool,
}

impl Settings {
    /// AWS's defaults.
    pub(crate) fn new(fifo: bool) -> Self {
        Self {
            visibility_timeout: 30,
            delay: 0,
            receive_wait: 0,
            retention: 345_600,
            maximum_message_size: 1_048_576,
            redrive: None,
            redrive_allow: None,
            policy: None,
            kms_key: None,
            kms_reuse: 300,
            managed_sse: true,
            fifo: fifo.then_some(FifoSettings {
                content_based_deduplication: false,
                scope_is_group: false,
                limit_is_per_group: false,
            }),
        }
    }

    /// These settings with some changed; all of them are checked before any counts.
    ///
    /// # Errors
    ///
    /// `InvalidAttributeName`, `InvalidAttributeValue` or `InvalidParameterValue` with AWS's text.
    pub(super) fn with(&self, changes: &BTreeMap<String, String>) -> Result<Self, SqsFault> {
        let mut new = self.clone();
        for (name, value) in changes {
            new.set(name, value)?;
        }
        if changes.get("SqsManagedSseEnabled").is_some_and(|value| value.eq_ignore_ascii_case("true"))
            && new.kms_key.is_some()
        {
            return Err(SqsFault::invalid_attribute_name(
                "You can use one type of server-side encryption (SSE) at one time. \
                 You can either enable KMS SSE or SQS SSE.",
            ));
        }
        if new.kms_key.is_some() {
            new.managed_sse = false;
        }
        if let Some(fifo) = new.fifo
            && fifo.limit_is_per_group
            && !fifo.scope_is_group
        {
            return Err(SqsFault::invalid_attribute_value(
                "The FifoThroughputLimit perMessageGroupId is allowed only when DeduplicationScope is messageGroup.",
            ));
        }
        Ok(new)
    }

    /// Refuses a policy that lets another account do what is the owner's alone.
    ///
    /// # Errors
    ///
    /// `InvalidAttributeValue`.
    pub(super) fn check_policy(&self, queue: &QueueId) -> Result<(), SqsFault> {
        match &self.policy {
            Some(policy) if policy.gives_away(&queue.account) => Err(invalid("Policy")),
            _ => Ok(()),
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SqsFault> {
        match name {
            "VisibilityTimeout" => self.visibility_timeout = number(name, value, 0, 43_200)?,
            "DelaySeconds" => self.delay = number(name, value, 0, 900)?,
            "ReceiveMessageWaitTimeSeconds" => self.receive_wait = number(name, value, 0, 20)?,
            "MessageRetentionPeriod" => self.retention = number(name, value, 60, 1_209_600)?,
            "MaximumMessageSize" => self.maximum_message_size = number(name, value, 1024, 1_048_576)?,
            "KmsDataKeyReusePeriodSeconds" => self.kms_reuse = number(name, value, 60, 86_400)?,
            "KmsMasterKeyId" => self.kms_key = (!value.is_empty()).then(|| value.to_owned()),
            "SqsManagedSseEnabled" => self.managed_sse = boolean(name, value)?,
            "RedrivePolicy" if value.is_empty() => self.redrive = None,
            "RedrivePolicy" => self.redrive = Some(RedrivePolicy::parse(value)?),
            "RedriveAllowPolicy" if value.is_empty() => self.redrive_allow = None,
            "RedriveAllowPolicy" => self.redrive_allow = Some(RedriveAllowPolicy::parse(value)?),
            "Policy" if value.is_empty() => self.policy = None,
            "Policy" => {
                self.policy = Some(QueuePolicy::read(value).ok_or_else(|| invalid(name))?);
            }
            _ => return self.set_fifo(name, value),
        }
        Ok(())
    }

    fn set_fifo(&mut self, name: &str, value: &str) -> Result<(), SqsFault> {
        let Some(fifo) = &mut self.fifo else {
            return Err(match name {
                "DeduplicationScope" | "FifoThroughputLimit" => SqsFault::invalid_attribute_name(format!(
                    "You can specify the {name} only when FifoQueue is set to true."
                )),
                _ => SqsFault::unknown_attribute(name),
            });
        };
        match (name, value) {
            ("ContentBasedDeduplication", _) => fifo.content_based_deduplication = boolean(name, value)?,
            ("DeduplicationScope", "queue" | "messageGroup") => fifo.scope_is_group = value == "messageGroup",
            ("FifoThroughputLimit", "perQueue" | "perMessageGroupId") => {
                fifo.limit_is_per_group = value == "perMessageGroupId";
            }
            ("DeduplicationScope" | "FifoThroughputLimit", _) => return Err(invalid(name)),
            ("FifoQueue", _) => {
                if !boolean(name, value)? {
                    return Err(SqsFault::invalid_attribute_value(
                        "Invalid value for the parameter FifoQueue. \
                         Reason: Modifying queue type is not supported.",
                    ));
                }
            }
            _ => return Err(SqsFault::unknown_attribute(name)),
        }
        Ok(())
    }

    /// The value of an attribute as AWS gives it back; `None` if it is not set.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let fifo = self.fifo;
        match name {
            "VisibilityTimeout" => Some(self.visibility_timeout.to_string()),
            "DelaySeconds" => Some(self.delay.to_string()),
            "ReceiveMessageWaitTimeSeconds" => Some(self.receive_wait.to_string()),
            "MessageRetentionPeriod" => Some(self.retention.to_string()),
            "MaximumMessageSize" => Some(self.maximum_message_size.to_string()),
            "KmsMasterKeyId" => self.kms_key.clone(),
            "KmsDataKeyReusePeriodSeconds" => self.kms_key.as_ref().map(|_| self.kms_reuse.to_string()),
            "SqsManagedSseEnabled" => Some(self.managed_sse.to_string()),
            "RedrivePolicy" => self.redrive.as_ref().map(RedrivePolicy::to_json),
            "RedriveAllowPolicy" => self.redrive_allow.as_ref().map(|policy| policy.as_str().to_owned()),
            "Policy" => self.policy.as_ref().map(|policy| policy.as_str().to_owned()),
            "FifoQueue" => fifo.map(|_| "true".to_owned()),
            "ContentBasedDeduplication" => fifo.map(|fifo| fifo.content_based_deduplication.to_string()),
            "DeduplicationScope" => {
                fifo.map(|fifo| if fifo.scope_is_group { "messageGroup" } else { "queue" }.to_owned())
            }
            "FifoThroughputLimit" => {
                fifo.map(|fifo| if fifo.limit_is_per_group { "perMessageGroupId" } else { "perQueue" }.to_owned())
            }
            _ => None,
        }
    }
}

fn invalid(name: &str) -> SqsFault {
    SqsFault::invalid_attribute_value(format!("Invalid value for the parameter {name}."))
}

fn number(name: &str, value: &str, least: u32, most: u32) -> Result<u32, SqsFault> {
    value.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| invalid(name))
}

fn boolean(name: &str, value: &str) -> Result<bool, SqsFault> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(invalid(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(settings: &Settings, changes: &[(&str, &str)]) -> Result<Settings, SqsFault> {
        settings.with(&changes.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn numbers_are_kept_within_their_ranges() {
        for (name, least, most) in [
            ("VisibilityTimeout", 0, 43_200),
            ("DelaySeconds", 0, 900),
            ("ReceiveMessageWaitTimeSeconds", 0, 20),
            ("MessageRetentionPeriod", 60, 1_209_600),
            ("MaximumMessageSize", 1024, 1_048_576),
            ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
        ] {
            let settings = Settings::new(false);
            for good in [least, most] {
                assert!(changed(&settings, &[(name, &good.to_string())]).is_ok(), "{name} {good}");
            }
            for bad in [(least - 1).to_string(), (most + 1).to_string(), String::new(), "x".to_owned()] {
                let fault = changed(&settings, &[(name, &bad)]).unwrap_err();
                assert_eq!(fault.query_code, "InvalidAttributeValue", "{name} {bad}");
            }
        }
    }

    #[test]
    fn fifo_settings_on_a_standard_queue_are_refused_in_aws_words() {
        for (name, value, message) in [
            ("FifoQueue", "false", "Unknown Attribute FifoQueue."),
            ("FifoQueue", "true", "Unknown Attribute FifoQueue."),
            ("ContentBasedDeduplication", "true", "Unknown Attribute ContentBasedDeduplication."),
            (
                "DeduplicationScope",
                "queue",
                "You can specify the DeduplicationScope only when FifoQueue is set to true.",
            ),
            (
                "FifoThroughputLimit",
                "perQueue",
                "You can specify the FifoThroughputLimit only when FifoQueue is set to true.",
            ),
            ("QueueArn", "x", "Unknown Attribute QueueArn."),
        ] {
            let fault = changed(&Settings::new(false), &[(name, value)]).unwrap_err();
            assert_eq!((fault.query_code, fault.message.as_str()), ("InvalidAttributeName", message));
        }
        let fault = changed(&Settings::new(true), &[("FifoQueue", "false")]).unwrap_err();
        assert_eq!(
            fault.message,
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
        );
        assert!(changed(&Settings::new(true), &[("FifoQueue", "True")]).is_ok());
        let fault = changed(&Settings::new(true), &[("FifoThroughputLimit", "perMessageGroupId")]);
        assert!(fault.is_err(), "the limit per group needs the scope of a group");
    }

    // Recorded from AWS: setting a KMS key turns SQS's own encryption off for good.
    #[test]
    fn a_kms_key_replaces_the_managed_encryption() {
        let keyed = changed(
            &Settings::new(false),
            &[("KmsMasterKeyId", "testKeyId"), ("KmsDataKeyReusePeriodSeconds", "6000")],
        )
        .unwrap();
        assert_eq!(keyed.get("SqsManagedSseEnabled").as_deref(), Some("false"));
        assert_eq!(keyed.get("KmsDataKeyReusePeriodSeconds").as_deref(), Some("6000"));
        let cleared = changed(&keyed, &[("KmsMasterKeyId", ""), ("KmsDataKeyReusePeriodSeconds", "300")]).unwrap();
        assert_eq!(cleared.get("SqsManagedSseEnabled").as_deref(), Some("false"));
        assert_eq!(cleared.get("KmsMasterKeyId"), None);
        assert_eq!(cleared.get("KmsDataKeyReusePeriodSeconds"), None);
        let fault = changed(&keyed, &[("SqsManagedSseEnabled", "true")]).unwrap_err();
        assert_eq!(
            fault.message,
            "You can use one type of server-side encryption (SSE) at one time. \
             You can either enable KMS SSE or SQS SSE."
        );
    }

    #[test]
    fn a_policy_must_be_one_and_an_empty_text_removes_it() {
        let policy = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage"}}"#;
        let settings = changed(&Settings::new(false), &[("Policy", policy)]).unwrap();
        assert!(settings.policy.is_some());
        assert_eq!(changed(&settings, &[("Policy", "")]).unwrap().policy, None);
        assert!(changed(&settings, &[("Policy", "x")]).is_err());
    }
}
