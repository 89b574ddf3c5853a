//! One rule about one value.

use std::fmt;

use serde_json::Value;

use super::cidr::Network;
use super::wildcard;

/// What a value must be. Values are compared with their type: `"300"` is not `300`, but `300.0` is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    Is(Value),
    Text(Text),
    /// All of these bounds.
    Numeric(Vec<(Comparison, f64)>),
    /// None of these.
    AnythingBut(Vec<Rule>),
    Cidr(Network),
    Exists(bool),
}

/// What a text must look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    Prefix(Case),
    Suffix(Case),
    EqualsIgnoreCase(String),
    Wildcard(String),
}

/// A text, and whether capital and small letters are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    pub text: String,
    pub ignored: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Rule {
    /// Whether a value that is there is what it must be.
    pub fn matches(&self, value: &Value) -> bool {
        match self {
            Self::Is(expected) => equal(expected, value),
            Self::Text(text) => value.as_str().is_some_and(|value| text.matches(value)),
            Self::Numeric(bounds) => value
                .as_f64()
                .is_some_and(|value| bounds.iter().all(|(comparison, bound)| comparison.holds(value, *bound))),
            Self::AnythingBut(rules) => !rules.iter().any(|rule| rule.matches(value)),
            Self::Cidr(network) => {
                value.as_str().and_then(|value| value.parse().ok()).is_some_and(|address| network.contains(address))
            }
            Self::Exists(exists) => *exists,
        }
    }
}

fn equal(one: &Value, two: &Value) -> bool {
    match (one.as_f64(), two.as_f64()) {
        (Some(one), Some(two)) => one == two,
        _ => one == two,
    }
}

impl Text {
    fn matches(&self, value: &str) -> bool {
        match self {
            Self::Prefix(case) => case.folded(value).starts_with(&case.folded(&case.text)),
            Self::Suffix(case) => case.folded(value).ends_with(&case.folded(&case.text)),
            Self::EqualsIgnoreCase(text) => value.to_lowercase() == text.to_lowercase(),
            Self::Wildcard(pattern) => wildcard::matches(pattern, value),
        }
    }
}

impl Case {
    fn folded(&self, text: &str) -> String {
        if self.ignored { text.to_lowercase() } else { text.to_owned() }
    }
}

impl Comparison {
    /// As patterns write it.
    pub fn of(operator: &str) -> Option<Self> {
        Some(match operator {
            "=" => Self::Equal,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            _ => return None,
        })
    }

    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Equal => value == bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(value) => write!(f, "{value}"),
            Self::Text(Text::Prefix(Case { text, .. })) => write!(f, "prefix {text:?}"),
            Self::Text(Text::Suffix(Case { text, .. })) => write!(f, "suffix {text:?}"),
            Self::Text(Text::EqualsIgnoreCase(text)) => write!(f, "{text:?} in any case"),
            Self::Text(Text::Wildcard(pattern)) => write!(f, "wildcard {pattern:?}"),
            Self::Numeric(bounds) => {
                let bounds: Vec<_> = bounds.iter().map(|(sign, bound)| format!("{} {bound}", sign.sign())).collect();
                f.write_str(&bounds.join(" and "))
            }
            Self::AnythingBut(rules) => {
                let rules: Vec<_> = rules.iter().map(ToString::to_string).collect();
                write!(f, "anything but {}", rules.join(" or "))
            }
            Self::Cidr(network) => write!(f, "an address in {network}"),
            Self::Exists(true) => f.write_str("a value"),
            Self::Exists(false) => f.write_str("no value"),
        }
    }
}
