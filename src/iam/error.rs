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
    /// Whether it is valid on AWS.
    lacking: bool,
}

impl InvalidPolicy {
    pub(super) fn new(member: &str, value: &Value, rule: &str) -> Self {
        Self { member: member.to_owned(), value: value.to_string(), rule: rule.to_owned(), lacking: false }
    }

    /// What is valid on AWS and not evaluated here.
    pub(super) fn lacking(member: &str, value: &Value, rule: &str) -> Self {
        Self { lacking: true, ..Self::new(member, value, rule) }
    }

    /// The member of a statement that is none of AWS, as `Effect`, and its value as JSON.
    pub(crate) fn of_statement(&self) -> Option<(&str, &str)> {
        let (statement, member) = self.member.split_once('.').filter(|_| !self.lacking)?;
        let member = member.split_once('.').map_or(member, |(member, _)| member);
        statement.starts_with("Statement").then_some((member, &self.value))
    }
}

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { member, value, rule, .. } = self;
        if !member.is_empty() {
            write!(f, "{member} ")?;
        }
        write!(f, "{value}: {rule}")
    }
}

impl std::error::Error for InvalidPolicy {}
