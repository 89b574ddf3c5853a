//! Who may do what: the one place where permission is decided, for requests and for deliveries alike.
//!
//! A resource belongs to an account, which may do everything with it, and nobody else may do anything. A function with a
//! [`Role`] may do only what the role's policy allows. The policies of buckets, queues and functions are evaluated here too,
//! once the services have them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

mod condition;
mod document;
mod error;
mod glob;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::event::AccountId;
use crate::history::Caller;

pub(crate) use document::PolicyDocument;
use document::Said;

/// A policy that says something about one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Policy {
    /// The account that owns the resource may do everything with it, and so may the services that act for it.
    Owner(AccountId),
    /// A policy of the resource that is kept but not evaluated yet: a refusal says so.
    NotEvaluated,
    /// Whoever has signed may, for operations about no resource of anybody, such as ListBuckets.
    Signed,
}

/// What a function is while it runs: the session of a role, whose policy says what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    /// The account of the role.
    pub account: AccountId,
    /// The ARN of the session, such as `arn:aws:sts::111111111111:assumed-role/copy-role/copy`.
    pub arn: String,
    pub policy: PolicyDocument,
}

/// Why something is not allowed, in the words of AWS.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    principal: Option<String>,
    action: String,
    resource: String,
    because: Because,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Because {
    NoResourcePolicy,
    NotEvaluated,
    NoIdentityPolicy,
    ExplicitDeny,
}

impl Denial {
    /// Whether the policy of the one who asks is what does not allow it: then S3, too, says more than "Access Denied".
    pub fn is_of_identity(&self) -> bool {
        matches!(self.because, Because::NoIdentityPolicy | Because::ExplicitDeny)
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { principal, action, resource, because } = self;
        let principal = principal.as_deref().unwrap_or("anonymous");
        write!(f, "User: {principal} is not authorized to perform: {action}")?;
        if !resource.is_empty() {
            write!(f, " on resource: {resource}")?;
        }
        match because {
            Because::NoIdentityPolicy => write!(f, " because no identity-based policy allows the {action} action"),
            Because::ExplicitDeny => f.write_str(" with an explicit deny in an identity-based policy"),
            Because::NoResourcePolicy => write!(f, " because no resource-based policy allows the {action} action"),
            Because::NotEvaluated => write!(
                f,
                " because no resource-based policy allows the {action} action (lambda-testkit keeps the policies of \
                 resources but does not evaluate them)"
            ),
        }
    }
}

/// Who asks: the principal of a signature, `None` for an anonymous one; and the role of the function that signed with
/// its own credentials, if it has one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub principal: Option<&'a Caller>,
    pub role: Option<&'a Role>,
    pub region: &'a str,
}

/// Whether whoever asks may do `action` with `resource`, to which `policies` apply.
///
/// # Errors
///
/// [`Denial`] unless some policy allows it, and none of the role forbids it.
pub(crate) fn decide(
    asking: Asking<'_>,
    action: &str,
    resource: impl fmt::Display,
    policies: &[Policy],
) -> Result<(), Denial> {
    let Asking { principal, role, region } = asking;
    // With the credentials of another account it is not the role that asks.
    let role = role.filter(|role| principal.is_some_and(|principal| principal.account == role.account));
    let denied = |because| {
        let principal = role.map(|role| role.arn.clone()).or_else(|| principal.map(|principal| principal.arn.clone()));
        Err(Denial { principal, action: action.to_owned(), resource: resource.to_string(), because })
    };
    if let Some(role) = role {
        let owner = policies.iter().find_map(|policy| match policy {
            Policy::Owner(account) => Some(account),
            Policy::NotEvaluated | Policy::Signed => None,
        });
        let context = |key: &str| match key {
            "aws:PrincipalAccount" => Some(role.account.to_string()),
            "aws:PrincipalArn" => Some(role.arn.clone()),
            "aws:RequestedRegion" => Some(region.to_owned()),
            "aws:ResourceAccount" => owner.map(ToString::to_string),
            "aws:SecureTransport" => Some("true".to_owned()),
            _ => None,
        };
        let about = resource.to_string();
        let about = if about.is_empty() { "*" } else { &about };
        match role.policy.says(action, about, &context) {
            Said::Allowed => {}
            Said::Denied => return denied(Because::ExplicitDeny),
            Said::Nothing => return denied(Because::NoIdentityPolicy),
        }
    }
    let allows = |policy: &Policy| match (policy, principal) {
        (Policy::Owner(account), Some(principal)) => principal.account == *account,
        (Policy::Signed, Some(_)) => true,
        (Policy::NotEvaluated, _) | (_, None) => false,
    };
    if policies.iter().any(allows) {
        return Ok(());
    }
    denied(if policies.contains(&Policy::NotEvaluated) { Because::NotEvaluated } else { Because::NoResourcePolicy })
}
