//! AddPermission, RemovePermission, and what the verbs of triggers permit: statements of a queue's policy.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::SqsState;
use crate::event::{AccountId, Arn};
use crate::history::Caller;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::policy::{OF_THE_OWNER, QueuePolicy};
use crate::mock::sqs::queue_id::QueueId;

const MOST_ACTIONS: usize = 7;

/// What an owner can share. `*` are all of them.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-using-identity-based-policies.html>
const SHAREABLE: [&str; 9] = [
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
];

impl SqsState {
    /// Lets accounts do some actions with the queue.
    ///
    /// # Errors
    ///
    /// For a label that is there already or has other characters than a queue's name, and for accounts and actions that are
    /// missing or unknown.
    pub(crate) fn add_permission(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        label: &str,
        accounts: &[String],
        actions: &[String],
    ) -> Result<(), SqsFault> {
        self.settings(queue)?;
        check_label(label)?;
        check_actions(actions)?;
        if accounts.is_empty() || accounts.iter().any(|account| AccountId::new(account.as_str()).is_err()) {
            let named = accounts.join(", ");
            return Err(SqsFault::invalid_value(format!("[{named}]"), "PrincipalId", "Unable to verify."));
        }
        let partition = queue.region.partition();
        let accounts = accounts.iter().map(|account| format!("arn:{}:iam::{account}:root", partition.as_str()));
        let statement = json!({
            "Sid": label,
            "Effect": "Allow",
            "Principal": { "AWS": one_or_many(accounts) },
            "Action": one_or_many(actions.iter().map(|action| format!("SQS:{action}"))),
            "Resource": queue.arn().to_string(),
        });
        self.add_statement(now, queue, label, statement)
    }

    /// Lets a service send messages for one of its resources, such as S3 for a bucket, in the statement that S3's guide asks for.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html>
    ///
    /// # Errors
    ///
    /// For a label that is there already.
    pub(crate) fn let_send(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        label: &str,
        service: &Caller,
        source: &Arn,
    ) -> Result<(), SqsFault> {
        let statement = json!({
            "Sid": label,
            "Effect": "Allow",
            "Principal": { "Service": service.principal },
            "Action": "SQS:SendMessage",
            "Resource": queue.arn().to_string(),
            "Condition": {
                "ArnLike": { "aws:SourceArn": source.to_string() },
                "StringEquals": { "aws:SourceAccount": service.account.to_string() },
            },
        });
        self.add_statement(now, queue, label, statement)
    }

    fn add_statement(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        label: &str,
        statement: Value,
    ) -> Result<(), SqsFault> {
        let id = format!("{}/SQSDefaultPolicy", queue.arn());
        let first = || json!({ "Version": "2008-10-17", "Id": id, "Statement": [] });
        let mut policy = self.policy(queue)?.unwrap_or_else(first);
        let statements = statements(&mut policy);
        if statements.iter().any(|statement| statement["Sid"] == label) {
            return Err(SqsFault::invalid_value(label, "Label", "Already exists."));
        }
        statements.push(statement);
        self.set_policy(now, queue, Some(policy.to_string()))
    }

    /// Takes a statement out of the policy; without any there is no policy.
    ///
    /// # Errors
    ///
    /// For a label that is not there.
    pub(crate) fn remove_permission(&mut self, now: Timestamp, queue: &QueueId, label: &str) -> Result<(), SqsFault> {
        let missing = || SqsFault::invalid_value(label, "Label", "can't find label.");
        let mut policy = self.policy(queue)?.ok_or_else(missing)?;
        let statements = statements(&mut policy);
        let before = statements.len();
        statements.retain(|statement| statement["Sid"] != label);
        let after = statements.len();
        if after == before {
            return Err(missing());
        }
        self.set_policy(now, queue, (after > 0).then(|| policy.to_string()))
    }

    /// Whether the policy has a statement of this label.
    pub(crate) fn has_permission(&self, queue: &QueueId, label: &str) -> Result<bool, SqsFault> {
        let has = |mut policy| statements(&mut policy).iter().any(|statement| statement["Sid"] == label);
        Ok(self.policy(queue)?.is_some_and(has))
    }

    fn policy(&self, queue: &QueueId) -> Result<Option<Value>, SqsFault> {
        let policy = self.settings(queue)?.policy.as_ref();
        Ok(policy.and_then(|policy| serde_json::from_str(policy.as_str()).ok()))
    }

    fn set_policy(&mut self, now: Timestamp, queue: &QueueId, policy: Option<String>) -> Result<(), SqsFault> {
        let state = self.queue_at(now, queue)?;
        state.settings.policy = policy.as_deref().and_then(QueuePolicy::parse);
        state.modified = now;
        Ok(())
    }
}

/// The statements of a policy, of which one may stand alone.
fn statements(policy: &mut Value) -> &mut Vec<Value> {
    let said = policy["Statement"].take();
    policy["Statement"] = match said {
        Value::Array(list) => Value::Array(list),
        Value::Null => json!([]),
        one => json!([one]),
    };
    policy["Statement"].as_array_mut().expect("it was made one above")
}

fn one_or_many(values: impl Iterator<Item = String>) -> Value {
    let mut values: Vec<Value> = values.map(Value::String).collect();
    if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
}

fn check_label(label: &str) -> Result<(), SqsFault> {
    if label.is_empty() {
        return Err(SqsFault::missing_parameter("Label"));
    }
    let ok = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if label.len() > 80 || !label.bytes().all(ok) {
        let reason = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
        return Err(SqsFault::invalid_value(label, "Label", reason));
    }
    Ok(())
}

fn check_actions(actions: &[String]) -> Result<(), SqsFault> {
    if actions.is_empty() {
        return Err(SqsFault::missing_parameter("Actions"));
    }
    if actions.len() > MOST_ACTIONS {
        let found = actions.len();
        return Err(SqsFault::over_limit(format!("{found} Actions were found, maximum allowed is {MOST_ACTIONS}.")));
    }
    let known = |action: &&String| SHAREABLE.contains(&action.as_str());
    match actions.iter().find(|action| !known(action)) {
        None => Ok(()),
        Some(action) => {
            // <https://github.com/cloudtools/awacs/issues/34> has the words about what is no action.
            let reason = if OF_THE_OWNER.contains(&action.as_str()) {
                "Only the queue owner is allowed to invoke this action."
            } else {
                "Please refer to the appropriate WSDL for a list of valid actions."
            };
            Err(SqsFault::invalid_value(format!("SQS:{action}"), "ActionName", reason))
        }
    }
}
