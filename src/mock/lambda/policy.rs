//! The policies of functions: who may do what with them, beside their own account.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html>

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

use crate::event::{AccountId, Partition};
use crate::iam::{InvalidPolicy, PolicyDocument};

/// How long a policy may be, in bytes.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LONGEST: usize = 20_480;

/// What is permitted, as AddPermission says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Permission {
    pub statement_id: String,
    pub action: String,
    /// A service, the digits of an account, an ARN, or `*`.
    pub principal: String,
    pub source_arn: Option<String>,
    pub source_account: Option<String>,
    pub principal_org_id: Option<String>,
    pub event_source_token: Option<String>,
}

/// A statement, whose members stand in the order in which AWS prints them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement {
    pub sid: String,
    effect: &'static str,
    principal: Principal,
    action: String,
    resource: String,
    #[serde(skip_serializing_if = "Conditions::is_empty")]
    condition: Conditions,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
enum Principal {
    #[serde(rename = "AWS")]
    Aws(String),
    Service(String),
    #[serde(untagged)]
    Anyone(&'static str),
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Conditions {
    #[serde(skip_serializing_if = "Equals::is_empty")]
    string_equals: Equals,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn_like: Option<Like>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Equals {
    #[serde(rename = "AWS:SourceAccount", skip_serializing_if = "Option::is_none")]
    source_account: Option<String>,
    #[serde(rename = "aws:PrincipalOrgID", skip_serializing_if = "Option::is_none")]
    principal_org_id: Option<String>,
    #[serde(rename = "lambda:EventSourceToken", skip_serializing_if = "Option::is_none")]
    event_source_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Like {
    #[serde(rename = "AWS:SourceArn")]
    source_arn: String,
}

impl Conditions {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Equals {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Principal {
    fn of(text: &str, partition: Partition) -> Self {
        if text == "*" {
            Self::Anyone("*")
        } else if AccountId::new(text).is_ok() {
            Self::Aws(format!("arn:{partition}:iam::{text}:root"))
        } else if text.starts_with("arn:") {
            Self::Aws(text.to_owned())
        } else {
            Self::Service(text.to_owned())
        }
    }
}

impl Statement {
    /// The statement that permits it with `resource`, the ARN of a function, a version or an alias.
    pub fn new(permission: Permission, resource: String, partition: Partition) -> Self {
        let Permission { statement_id, action, principal, source_arn, .. } = permission;
        let string_equals = Equals {
            source_account: permission.source_account,
            principal_org_id: permission.principal_org_id,
            event_source_token: permission.event_source_token,
        };
        let condition = Conditions { string_equals, arn_like: source_arn.map(|source_arn| Like { source_arn }) };
        let principal = Principal::of(&principal, partition);
        Self { sid: statement_id, effect: "Allow", principal, action, resource, condition }
    }

    /// The statement as AWS prints it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("statements have string keys")
    }
}

/// The policy of a function, or of one of its versions and aliases. It has one statement or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionPolicy {
    statements: Vec<Statement>,
    document: Arc<PolicyDocument>,
    pub revision: String,
}

/// Why a statement cannot be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CannotAdd {
    /// There is one of this id.
    Exists,
    /// The policy would have so many bytes.
    TooLong(usize),
    Invalid(InvalidPolicy),
}

/// In the words of AWS, but for an id that is taken, which they name.
impl fmt::Display for CannotAdd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("the statement id provided already exists"),
            Self::TooLong(length) => {
                write!(f, "The final policy size ({length}) is bigger than the limit ({LONGEST}).")
            }
            // All but the principal is checked before.
            Self::Invalid(_) => {
                f.write_str("The provided principal was invalid. Please check the principal and try again.")
            }
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Printed<'a> {
    version: &'static str,
    id: &'static str,
    statement: &'a [Statement],
}

impl FunctionPolicy {
    fn new(statements: Vec<Statement>, revision: String) -> Result<Self, CannotAdd> {
        let document = PolicyDocument::parse_of_resource(&json!({ "Version": "2012-10-17", "Statement": statements }));
        let document = Arc::new(document.map_err(CannotAdd::Invalid)?);
        Ok(Self { statements, document, revision })
    }

    /// What permissions are decided by.
    pub fn document(&self) -> Arc<PolicyDocument> {
        Arc::clone(&self.document)
    }

    /// The policy as AWS prints it.
    pub fn to_json(&self) -> String {
        let printed = Printed { version: "2012-10-17", id: "default", statement: &self.statements };
        serde_json::to_string(&printed).expect("policies have string keys")
    }

    /// Whether it has a statement of this id.
    pub fn has(&self, sid: &str) -> bool {
        self.statements.iter().any(|statement| statement.sid == sid)
    }

    /// The policy with a statement more.
    pub fn with(policy: Option<&Self>, statement: Statement, revision: String) -> Result<Self, CannotAdd> {
        if policy.is_some_and(|policy| policy.has(&statement.sid)) {
            return Err(CannotAdd::Exists);
        }
        let mut statements = policy.map(|policy| policy.statements.clone()).unwrap_or_default();
        statements.push(statement);
        let policy = Self::new(statements, revision)?;
        match policy.to_json().len() {
            length if length > LONGEST => Err(CannotAdd::TooLong(length)),
            _ => Ok(policy),
        }
    }

    /// The policy without the statement of this id; none when it was the only one.
    pub fn without(&self, sid: &str, revision: String) -> Option<Self> {
        let statements: Vec<_> = self.statements.iter().filter(|statement| statement.sid != sid).cloned().collect();
        if statements.is_empty() {
            return None;
        }
        Self::new(statements, revision).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:111111111111:function:f";

    fn statement(sid: &str, principal: &str) -> Statement {
        let (statement_id, action) = (sid.to_owned(), "lambda:InvokeFunction".to_owned());
        let permission = Permission { statement_id, action, principal: principal.to_owned(), ..Permission::default() };
        Statement::new(permission, FUNCTION.to_owned(), Partition::Aws)
    }

    #[test]
    fn statements_are_printed_as_aws_prints_them() {
        let permission = Permission {
            statement_id: "s3".into(),
            action: "lambda:InvokeFunction".into(),
            principal: "s3.amazonaws.com".into(),
            source_arn: Some("arn:aws:s3:::box".into()),
            source_account: Some("111111111111".into()),
            ..Permission::default()
        };
        let printed = Statement::new(permission, FUNCTION.to_owned(), Partition::Aws).to_json();
        assert_eq!(
            printed,
            r#"{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:111111111111:function:f","Condition":{"StringEquals":{"AWS:SourceAccount":"111111111111"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::box"}}}"#
        );
        for (principal, expected) in [
            ("*", r#""Principal":"*""#),
            ("222222222222", r#""Principal":{"AWS":"arn:aws:iam::222222222222:root"}"#),
            ("arn:aws:iam::222222222222:user/u", r#""Principal":{"AWS":"arn:aws:iam::222222222222:user/u"}"#),
        ] {
            let printed = statement("s", principal).to_json();
            assert!(printed.contains(expected) && !printed.contains("Condition"), "{printed}");
        }
    }

    #[test]
    fn a_policy_grows_and_shrinks_by_statements_and_goes_with_the_last() {
        let one = FunctionPolicy::with(None, statement("a", "*"), "1".into()).unwrap();
        let two = FunctionPolicy::with(Some(&one), statement("b", "222222222222"), "2".into()).unwrap();
        assert!(two.has("a") && two.has("b") && !two.has("c"));
        assert_eq!(FunctionPolicy::with(Some(&two), statement("a", "*"), "3".into()), Err(CannotAdd::Exists));
        let left = two.without("b", "3".into()).unwrap();
        assert_eq!((left.to_json(), &*left.revision), (one.to_json(), "3"));
        assert_eq!(left.without("a", "4".into()), None);
        let mut long = one;
        let error = loop {
            let sid = format!("{:0>90}", long.statements.len());
            match FunctionPolicy::with(Some(&long), statement(&sid, "*"), String::new()) {
                Ok(longer) => long = longer,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, CannotAdd::TooLong(length) if length > LONGEST && long.to_json().len() <= LONGEST));
        assert!(matches!(FunctionPolicy::with(None, statement("a", "s3"), String::new()), Err(CannotAdd::Invalid(_))));
    }
}
