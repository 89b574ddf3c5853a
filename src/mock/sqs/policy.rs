//! The policies of queues: who may do what with them, beside their own account.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-using-identity-based-policies.html>

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::protocol::NAMES;
use crate::event::{AccountId, Arn};
use crate::iam::{Policy, PolicyDocument};

/// What no policy allows another account to do.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html#grant-cross-account-permissions-to-role-and-user-name>
pub(super) const OF_THE_OWNER: [&str; 12] = [
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
        Some(Self::of(text, &value))
    }

    fn of(text: &str, value: &Value) -> Self {
        Self { text: text.to_owned(), document: PolicyDocument::parse_of_resource(value).ok().map(Arc::new) }
    }

    /// Reads the policy that somebody sets; none unless it has what SQS asks of one: statements, each with an effect, a principal
    /// and an action.
    ///
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-api-errors.html#invalidattributevalue-error>
    pub(super) fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let has_version = value.get("Version").is_none_or(|version| VERSIONS.iter().any(|known| version == known));
        let statements = statements(&value);
        let are_whole = !statements.is_empty() && statements.into_iter().all(is_whole);
        (has_version && are_whole).then(|| Self::of(text, &value))
    }

    /// Whether it names an action of the owner alone to let another account than this one do it, which SQS refuses to take.
    ///
    /// <https://github.com/hashicorp/terraform-provider-aws/pull/42209>
    pub(super) fn gives_away(&self, owner: &AccountId) -> bool {
        let value: Value = serde_json::from_str(&self.text).unwrap_or_default();
        statements(&value).into_iter().any(|statement| {
            let allows = statement["Effect"] == "Allow";
            let is_of_owner = |action: &str| {
                let name = action.split_once(':').map_or(action, |(_, name)| name);
                OF_THE_OWNER.iter().any(|known| known.eq_ignore_ascii_case(name))
            };
            let is_of_another = |principal: &str| account_of(principal).is_some_and(|account| account != *owner);
            let principals = &statement["Principal"]["AWS"];
            allows && texts(principals).any(is_of_another) && texts(&statement["Action"]).any(is_of_owner)
        })
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

/// The versions of the policy language.
const VERSIONS: [&str; 2] = ["2008-10-17", "2012-10-17"];

/// The statements of a policy, of which one may stand alone.
fn statements(policy: &Value) -> Vec<&Value> {
    match policy.get("Statement") {
        Some(Value::Array(several)) => several.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

fn is_whole(statement: &Value) -> bool {
    let has =
        |members: [&str; 2]| members.iter().any(|member| statement.get(member).is_some_and(|value| !is_void(value)));
    let has_effect = ["Allow", "Deny"].iter().any(|effect| statement["Effect"] == *effect);
    has_effect && has(["Principal", "NotPrincipal"]) && has(["Action", "NotAction"])
}

fn is_void(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// One text, or the texts of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let several = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    value.as_str().into_iter().chain(several)
}

/// The account of a principal: one by its number, or that of an ARN.
fn account_of(principal: &str) -> Option<AccountId> {
    let arn = principal.parse::<Arn>().ok();
    arn.and_then(|arn| arn.account().cloned()).or_else(|| AccountId::new(principal).ok())
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_has_statements_with_effect_principal_and_action() {
        let whole = json!({ "Effect": "Allow", "Principal": "*", "Action": "sqs:*" });
        for good in [
            json!({ "Statement": whole }),
            json!({ "Version": "2008-10-17", "Statement": [whole, whole] }),
            json!({ "Statement": { "Effect": "Deny", "NotPrincipal": { "AWS": ["1"] }, "NotAction": ["sqs:SendMessage"] } }),
        ] {
            assert!(QueuePolicy::read(&good.to_string()).is_some(), "{good}");
        }
        let mut bad = vec![
            json!({}),
            json!([whole]),
            json!("x"),
            json!({ "Statement": [] }),
            json!({ "Statement": ["x"] }),
            json!({ "Version": "2015-10-17", "Statement": whole }),
        ];
        for member in ["Effect", "Principal", "Action"] {
            let mut part = whole.clone();
            part.as_object_mut().unwrap().remove(member);
            bad.push(json!({ "Statement": [whole, part] }));
        }
        for bad in bad {
            assert_eq!(QueuePolicy::read(&bad.to_string()), None, "{bad}");
        }
        assert_eq!(QueuePolicy::read("{"), None);
    }

    #[test]
    fn what_is_the_owners_alone_is_not_given_away() {
        let owner = AccountId::new("111111111111").unwrap();
        for (effect, principal, action, is_given_away) in [
            ("Allow", "arn:aws:iam::222222222222:role/r", "sqs:ListQueues", true),
            ("Allow", "222222222222", "SQS:deletequeue", true),
            ("Allow", "arn:aws:iam::111111111111:role/r", "sqs:ListQueues", false),
            ("Allow", "arn:aws:iam::222222222222:root", "sqs:SendMessage", false),
            ("Allow", "arn:aws:iam::222222222222:root", "sqs:*", false),
            ("Allow", "*", "sqs:ListQueues", false),
            ("Deny", "arn:aws:iam::222222222222:root", "sqs:DeleteQueue", false),
        ] {
            let statement =
                json!({ "Effect": effect, "Principal": { "AWS": principal }, "Action": ["sqs:GetQueueUrl", action] });
            let policy = QueuePolicy::read(&json!({ "Statement": [statement] }).to_string()).unwrap();
            assert_eq!(policy.gives_away(&owner), is_given_away, "{effect} {principal} {action}");
        }
    }
}
