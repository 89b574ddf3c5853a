//! Who may do what: the one place where permission is decided, for requests and for deliveries alike.
//!
//! A resource belongs to an account, which may do everything with it, and nobody else may do anything that no policy of the
//! resource allows. A function with a [`Role`] may do only what the role's policy allows. The policies of functions, queues and
//! buckets are evaluated here.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

mod address;
mod condition;
mod document;
mod error;
mod glob;
mod keys;
mod principal;
mod public;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::event::{AccountId, Arn};
use crate::history::Caller;

pub(crate) use document::{Foreign, PolicyDocument};
use document::{Question, Said};
pub(crate) use error::InvalidPolicy;
use principal::{Fit, Who};

/// The services that do what they do in the name of a role of the account: no policy of a resource names them.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>,
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role>
const WITH_A_ROLE: [&str; 2] = ["lambda.amazonaws.com", "scheduler.amazonaws.com"];

/// A policy that says something about one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Policy {
    /// The account that owns the resource may do everything with it, and so may the services that act for it.
    Owner(AccountId),
    /// The account that owns the resource may do everything with it, and so may those services that have a role of the account;
    /// other services may what the policy of the resource allows.
    OwnerAndRoles(AccountId),
    /// The policy of the resource itself.
    OfResource(Arc<PolicyDocument>),
    /// A policy of the resource that lets nobody in and may forbid.
    Forbids(Arc<PolicyDocument>),
    /// The actions that an access control list lets whoever asks do.
    Granted(&'static [&'static str]),
    /// A policy of the resource that is kept but not evaluated yet: a refusal says so.
    NotEvaluated,
    /// Whoever has signed may, for operations about no resource of anybody, such as ListBuckets.
    Signed,
}

impl Policy {
    fn is_document(&self) -> bool {
        matches!(self, Self::OfResource(_) | Self::Forbids(_))
    }
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
    DeniedByResource,
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
            Because::DeniedByResource => f.write_str(" with an explicit deny in a resource-based policy"),
            Because::NoResourcePolicy => write!(f, " because no resource-based policy allows the {action} action"),
            Because::NotEvaluated => write!(
                f,
                " because no resource-based policy allows the {action} action (lambda-testkit keeps the policies of \
                 resources but does not evaluate them)"
            ),
        }
    }
}

/// Who asks: the principal of a signature, `None` for an anonymous one; the role of the function that signed with its own
/// credentials, if it has one; of a service, the resource for which it asks, such as the bucket of a notification; and the
/// values of the keys that the request itself has.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub principal: Option<&'a Caller>,
    pub role: Option<&'a Role>,
    pub source: Option<&'a Arn>,
    pub region: &'a str,
    pub facts: &'a dyn Fn(&str) -> Vec<String>,
}

/// Whether whoever asks may do `action` with `resource`, to which `policies` apply.
///
/// # Errors
///
/// [`Denial`] unless some policy allows it, and none of the role or the resource forbids it.
pub(crate) fn decide(
    asking: Asking<'_>,
    action: &str,
    resource: impl fmt::Display,
    policies: &[Policy],
) -> Result<(), Denial> {
    let Asking { principal, role, .. } = asking;
    // With the credentials of another account it is not the role that asks.
    let role = role.filter(|role| principal.is_some_and(|principal| principal.account == role.account));
    let denied = |because| {
        let principal = role.map(|role| role.arn.clone()).or_else(|| principal.map(|principal| principal.arn.clone()));
        Err(Denial { principal, action: action.to_owned(), resource: resource.to_string(), because })
    };
    let owner = policies.iter().find_map(|policy| match policy {
        Policy::Owner(account) | Policy::OwnerAndRoles(account) => Some(account),
        _ => None,
    });
    // What is the account's own needs no name for documents to compare.
    let is_read = role.is_some() || policies.iter().any(Policy::is_document);
    let about = if is_read { resource.to_string() } else { String::new() };
    let question = Question {
        action,
        resource: if about.is_empty() { "*" } else { &about },
        context: &|key| context(Asking { role, ..asking }, owner, key),
    };
    let granted = granted(Who { principal, session: role.map(|role| &*role.arn) }, &question, policies);
    if granted == Said::Denied {
        return denied(Because::DeniedByResource);
    }
    if let Some(role) = role {
        match role.policy.says(&question) {
            Said::Allowed(_) => {}
            Said::Denied => return denied(Because::ExplicitDeny),
            // Within an account either policy is enough, if that of the resource names the role and not just its account.
            Said::Nothing if owner == Some(&role.account) && granted == Said::Allowed(Fit::Itself) => {}
            Said::Nothing => return denied(Because::NoIdentityPolicy),
        }
    }
    let owns = |policy: &Policy| match (policy, principal) {
        (Policy::Owner(account), Some(principal)) => principal.account == *account,
        (Policy::OwnerAndRoles(account), Some(principal)) => {
            let has_role = !principal.is_service() || WITH_A_ROLE.contains(&&*principal.principal);
            principal.account == *account && has_role
        }
        (Policy::Signed, Some(_)) => true,
        (Policy::Granted(actions), _) => actions.contains(&action),
        (Policy::OfResource(_) | Policy::Forbids(_) | Policy::NotEvaluated, _) | (_, None) => false,
    };
    if granted != Said::Nothing || policies.iter().any(owns) {
        return Ok(());
    }
    denied(if policies.contains(&Policy::NotEvaluated) { Because::NotEvaluated } else { Because::NoResourcePolicy })
}

/// What the policies of the resource say.
fn granted(who: Who<'_>, question: &Question<'_>, policies: &[Policy]) -> Said {
    let mut granted = Said::Nothing;
    for policy in policies {
        let (document, forbids) = match policy {
            Policy::OfResource(document) => (document, false),
            Policy::Forbids(document) => (document, true),
            _ => continue,
        };
        match document.says_to(who, question) {
            Said::Denied => return Said::Denied,
            _ if forbids => {}
            Said::Allowed(fit) if granted != Said::Allowed(Fit::Itself) => granted = Said::Allowed(fit),
            Said::Allowed(_) | Said::Nothing => {}
        }
    }
    granted
}

/// The values of a key that conditions may ask for.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
fn context(asking: Asking<'_>, owner: Option<&AccountId>, key: &str) -> Vec<String> {
    let Asking { principal, role, source, region, facts } = asking;
    let user = principal.filter(|principal| !principal.is_service());
    let service = principal.filter(|principal| principal.is_service());
    let value = match key {
        "aws:PrincipalAccount" => user.map(|user| user.account.to_string()),
        "aws:PrincipalArn" => role.map(|role| role.arn.clone()).or_else(|| user.map(|user| user.arn.clone())),
        "aws:PrincipalType" => Some(match (user, role) {
            (_, Some(_)) => "AssumedRole".to_owned(),
            (Some(_), None) => "User".to_owned(),
            (None, None) => "Anonymous".to_owned(),
        }),
        "aws:PrincipalIsAWSService" => Some(service.is_some().to_string()),
        "aws:RequestedRegion" => Some(region.to_owned()),
        "aws:ResourceAccount" | "s3:ResourceAccount" => owner.map(ToString::to_string),
        "aws:SecureTransport" => Some("true".to_owned()),
        "aws:SourceArn" => source.map(ToString::to_string),
        "aws:SourceAccount" => service.map(|service| service.account.to_string()),
        key => return facts(key),
    };
    value.into_iter().collect()
}
