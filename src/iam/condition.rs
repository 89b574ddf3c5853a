//! Conditions of statements.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use serde_json::Value;

use super::document::texts;
use super::error::InvalidPolicy;
use super::glob;

/// The keys that every request of the cloud has a value for.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub(super) const KEYS: [&str; 5] =
    ["aws:PrincipalAccount", "aws:PrincipalArn", "aws:RequestedRegion", "aws:ResourceAccount", "aws:SecureTransport"];

/// One key compared with one value or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    operator: Operator,
    /// Whether the condition holds for its opposite.
    inverted: bool,
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
    /// The operator of this name, and whether it is the opposite.
    fn of(name: &str) -> Option<(Self, bool)> {
        // A key that every request has makes no difference to `…IfExists`.
        let name = name.strip_suffix("IfExists").unwrap_or(name);
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
    /// Reads all of a statement: each has to hold.
    pub fn parse_all(conditions: &Value, path: &str) -> Result<Vec<Self>, InvalidPolicy> {
        let object = |value: &'_ Value, path: &str| match value.as_object() {
            Some(members) => Ok(members.clone()),
            None => Err(InvalidPolicy::new(path, value, "it is a JSON object")),
        };
        let mut all = Vec::new();
        for (name, keys) in object(conditions, path)? {
            let path = format!("{path}.{name}");
            let Some((operator, inverted)) = Operator::of(&name) else {
                let rule = "lambda-testkit evaluates StringEquals, StringLike, their opposites and …IgnoreCase, ArnLike, \
                            ArnEquals and their opposites, Bool and Null, each with …IfExists";
                return Err(InvalidPolicy::new(&path, &keys, rule));
            };
            for (key, values) in object(&keys, &path)? {
                let Some(known) = KEYS.iter().find(|known| known.eq_ignore_ascii_case(&key)) else {
                    let rule = format!("lambda-testkit knows the keys {}", KEYS.join(", "));
                    return Err(InvalidPolicy::new(&format!("{path}.{key}"), &values, &rule));
                };
                let values = texts(&values, &format!("{path}.{key}"))?;
                all.push(Self { operator, inverted, key: (*known).to_owned(), values });
            }
        }
        Ok(all)
    }

    /// Whether it holds, where `context` tells the value of a key.
    pub fn holds(&self, context: &dyn Fn(&str) -> Option<String>) -> bool {
        let value = context(&self.key);
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
