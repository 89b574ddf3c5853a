//! Who may do what: the one place where permission is decided, for requests and for deliveries alike.
//!
//! Today there is one policy for every resource: its owner's account may do everything, and nobody else anything. The
//! policies of roles, buckets, queues and functions are evaluated here too, once the services have them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::fmt;

use crate::event::AccountId;
use crate::history::Caller;

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

/// Why something is not allowed, in the words of AWS.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    principal: Option<String>,
    action: String,
    resource: String,
    not_evaluated: bool,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { principal, action, resource, not_evaluated } = self;
        let principal = principal.as_deref().unwrap_or("anonymous");
        write!(f, "User: {principal} is not authorized to perform: {action}")?;
        if !resource.is_empty() {
            write!(f, " on resource: {resource}")?;
        }
        write!(f, " because no resource-based policy allows the {action} action")?;
        if *not_evaluated {
            f.write_str(" (lambda-testkit keeps the policies of resources but does not evaluate them)")?;
        }
        Ok(())
    }
}

/// Whether `principal` may do `action` with `resource`, to which `policies` apply; `None` asks for an anonymous one.
///
/// # Errors
///
/// [`Denial`] unless some policy allows it.
pub(crate) fn decide(
    principal: Option<&Caller>,
    action: &str,
    resource: impl fmt::Display,
    policies: &[Policy],
) -> Result<(), Denial> {
    let allows = |policy: &Policy| match (policy, principal) {
        (Policy::Owner(account), Some(principal)) => principal.account == *account,
        (Policy::Signed, Some(_)) => true,
        (Policy::NotEvaluated, _) | (_, None) => false,
    };
    if policies.iter().any(allows) {
        return Ok(());
    }
    let principal = principal.map(|principal| principal.arn.clone());
    let not_evaluated = policies.contains(&Policy::NotEvaluated);
    Err(Denial { principal, action: action.to_owned(), resource: resource.to_string(), not_evaluated })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str) -> AccountId {
        AccountId::new(id).unwrap()
    }

    #[test]
    fn the_owner_and_the_services_that_act_for_him_may_and_nobody_else() {
        let (own, other) = (account("111111111111"), account("222222222222"));
        let policies = [Policy::Owner(own.clone())];
        let ask = |who: Option<&Caller>| decide(who, "s3:GetObject", "arn:aws:s3:::export/a", &policies);
        assert_eq!(ask(Some(&Caller::user(&own, "AIDA1"))), Ok(()));
        assert_eq!(ask(Some(&Caller::service("s3.amazonaws.com", &own))), Ok(()));
        assert!(ask(Some(&Caller::service("s3.amazonaws.com", &other))).is_err());
        assert!(ask(None).is_err());
        assert_eq!(
            ask(Some(&Caller::user(&other, "AIDA2"))).unwrap_err().to_string(),
            "User: arn:aws:iam::222222222222:user/AIDA2 is not authorized to perform: s3:GetObject on resource: \
             arn:aws:s3:::export/a because no resource-based policy allows the s3:GetObject action"
        );
    }

    #[test]
    fn what_is_about_nobodys_resource_takes_any_signature() {
        let signed = [Policy::Signed];
        assert_eq!(
            decide(Some(&Caller::user(&account("333333333333"), "A")), "s3:ListAllMyBuckets", "*", &signed),
            Ok(())
        );
        assert!(decide(None, "s3:ListAllMyBuckets", "*", &signed).is_err());
        assert!(decide(Some(&Caller::user(&account("333333333333"), "A")), "s3:GetObject", "*", &[]).is_err());
    }
}
