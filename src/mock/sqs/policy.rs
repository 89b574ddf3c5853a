//! The policies of queues: who may do what with them, beside their own account.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-using-identity-based-policies.html>

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::protocol::NAMES;
use crate::iam::{Policy, PolicyDocument};

/// What no policy allows another account to do.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html#grant-cross-account-permissions-to-role-and-user-name>
const OF_THE_OWNER: [&str; 12] = [
    "AddPermission",
    "CancelMessageMoveTask",
    "CreateQueue",
    "DeleteQueue",
    "ListMessageMoveTasks",
    "ListQueues",
    "ListQueueTags",
    "RemovePermission",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
];

/// A queue's policy, as it reads back and as it is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueuePolicy {
    text: String,
    /// None of a policy that asks for more than this crate evaluates.
    document: Option<Arc<PolicyDocument>>,
}

impl QueuePolicy {
    /// Reads a policy; none if it is no JSON object.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok().filter(Value::is_object)?;
        let document = PolicyDocument::parse_of_resource(&value).ok().map(Arc::new);
        Some(Self { text: text.to_owned(), document })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// What it says of an operation; none of one that is the owner's alone.
    pub(super) fn about(&self, operation: &str) -> Option<Policy> {
        if OF_THE_OWNER.contains(&operation) {
            return None;
        }
        Some(self.document.clone().map_or(Policy::NotEvaluated, Policy::OfResource))
    }
}

/// The action that permissions name: entries of a batch are allowed as single requests are.
pub(super) fn action(operation: &str) -> Cow<'static, str> {
    fn named(operation: &str) -> String {
        format!("sqs:{}", operation.strip_suffix("Batch").unwrap_or(operation).to_ascii_lowercase())
    }
    static ACTIONS: LazyLock<BTreeMap<&str, String>> =
        LazyLock::new(|| NAMES.into_iter().map(|operation| (operation, named(operation))).collect());
    ACTIONS.get(operation).map_or_else(|| Cow::Owned(named(operation)), |action| Cow::Borrowed(action.as_str()))
}
