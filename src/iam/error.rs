//! Why a policy is none.

use std::fmt;

use serde_json::Value;

/// A document that is no policy, or one that is not evaluated here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvalidPolicy {
    /// Where, as `Statement[0].Effect`; empty for the whole.
    member: String,
    value: String,
    rule: String,
}

impl InvalidPolicy {
    pub(super) fn new(member: &str, value: &Value, rule: &str) -> Self {
        Self { member: member.to_owned(), value: value.to_string(), rule: rule.to_owned() }
    }
}

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { member, value, rule } = self;
        if !member.is_empty() {
            write!(f, "{member} ")?;
        }
        write!(f, "{value}: {rule}")
    }
}

impl std::error::Error for InvalidPolicy {}
