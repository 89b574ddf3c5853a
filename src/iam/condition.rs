//! Conditions of statements.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use serde_json::Value;

use super::document::texts;
use super::error::InvalidPolicy;
use super::glob;

/// The keys that the policy of an identity may ask for.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub(super) const OF_IDENTITY: [&str; 5] =
    ["aws:PrincipalAccount", "aws:PrincipalArn", "aws:RequestedRegion", "aws:ResourceAccount", "aws:SecureTransport"];

/// The keys that the policy of a resource may ask for. Accounts of a cloud belong to no organization, and nobody sends a token,
/// so that those two keys never have a value.
pub(super) const OF_RESOURCE: [&str; 9] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:SecureTransport",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:PrincipalOrgID",
    "lambda:EventSourceToken",
];

/// One key compared with one value or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    operator: Operator,
    /// Whether the condition holds for its opposite.
    inverted: bool,
    /// Whether it holds when there is no value.
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    EqualsIgnoreCase,
    Like,
    Bool,
    /// Whether there is no value.
    Null,
}

impl Operator {
    /// The operator of this name, without `IfExists`, and whether it is the opposite.
    fn of(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "StringEquals" => (Self::Equals, false),
            "StringNotEquals" => (Self::Equals, true),
            "StringEqualsIgnoreCase" => (Self::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Self::EqualsIgnoreCase, true),
            "StringLike" | "ArnLike" | "ArnEquals" => (Self::Like, false),
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => (Self::Like, true),
            "Bool" => (Self::Bool, false),
            "Null" => (Self::Null, false),
            _ => return None,
        })
    }
}

impl Condition {
    /// Reads all of a statement: each has to hold. They ask for these `keys`.
    pub fn parse_all(conditions: &Value, path: &str, keys: &[&'static str]) -> Result<Vec<Self>, InvalidPolicy> {
        let object = |value: &'_ Value, path: &str| match value.as_object() {
            Some(members) => Ok(members.clone()),
            None => Err(InvalidPolicy::new(path, value, "it is a JSON object")),
        };
        let known_keys = keys;
        let mut all = Vec::new();
        for (name, keys) in object(conditions, path)? {
            let path = format!("{path}.{name}");
            let (bare, if_exists) = name.strip_suffix("IfExists").map_or((&*name, false), |bare| (bare, true));
            let Some((operator, inverted)) = Operator::of(bare) else {
                let rule = "lambda-testkit evaluates StringEquals, StringLike, their opposites and …IgnoreCase, ArnLike, \
                            ArnEquals and their opposites, Bool and Null, each with …IfExists";
                return Err(InvalidPolicy::new(&path, &keys, rule));
            };
            for (key, values) in object(&keys, &path)? {
                let Some(known) = known_keys.iter().find(|known| known.eq_ignore_ascii_case(&key)) else {
                    let rule = format!("lambda-testkit knows the keys {}", known_keys.join(", "));
                    return Err(InvalidPolicy::new(&format!("{path}.{key}"), &values, &rule));
                };
                let values = texts(&values, &format!("{path}.{key}"))?;
                all.push(Self { operator, inverted, if_exists, key: (*known).to_owned(), values });
            }
        }
        Ok(all)
    }

    /// Whether it holds, where `context` tells the value of a key.
    pub fn holds(&self, context: &dyn Fn(&str) -> Option<String>) -> bool {
        let value = context(&self.key);
        if value.is_none() && self.if_exists {
            return true;
        }
        let any = self.values.iter().any(|expected| match (&value, self.operator) {
            (value, Operator::Null) => value.is_none() == (expected == "true"),
            (None, _) => false,
            (Some(value), Operator::Equals) => value == expected,
            (Some(value), Operator::EqualsIgnoreCase | Operator::Bool) => value.eq_ignore_ascii_case(expected),
            (Some(value), Operator::Like) => glob::matches(expected, value),
        });
        any != self.inverted
    }
}
