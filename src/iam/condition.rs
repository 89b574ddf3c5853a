//! Conditions of statements.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use serde_json::Value;

use super::address;
use super::document::texts;
use super::error::InvalidPolicy;
use super::glob;
pub(super) use super::keys::Keys;

/// One key compared with one value or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    operator: Operator,
    /// Whether the condition holds for its opposite.
    inverted: bool,
    /// Whether it holds when there is no value.
    if_exists: bool,
    /// How many of the request's values have to fit.
    of: Of,
    key: String,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    TheOnly,
    Any,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    EqualsIgnoreCase,
    Like,
    Bool,
    Number(Order),
    Date(Order),
    Address,
    /// Whether there is no value.
    Null,
}

/// How a number or a time of the request is to stand to the one of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Order {
    /// The order that ends such a name, and whether it is the opposite.
    fn of(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "Equals" => (Self::Equal, false),
            "NotEquals" => (Self::Equal, true),
            "LessThan" => (Self::Less, false),
            "LessThanEquals" => (Self::AtMost, false),
            "GreaterThan" => (Self::More, false),
            "GreaterThanEquals" => (Self::AtLeast, false),
            _ => return None,
        })
    }

    fn holds<T: PartialOrd>(self, value: &T, expected: &T) -> bool {
        match self {
            Self::Equal => value == expected,
            Self::Less => value < expected,
            Self::AtMost => value <= expected,
            Self::More => value > expected,
            Self::AtLeast => value >= expected,
        }
    }
}

impl Operator {
    /// The operator of this name, without `IfExists`, and whether it is the opposite.
    fn of(name: &str) -> Option<(Self, bool)> {
        if let Some(order) = name.strip_prefix("Numeric") {
            return Order::of(order).map(|(order, inverted)| (Self::Number(order), inverted));
        }
        if let Some(order) = name.strip_prefix("Date") {
            return Order::of(order).map(|(order, inverted)| (Self::Date(order), inverted));
        }
        Some(match name {
            "StringEquals" => (Self::Equals, false),
            "StringNotEquals" => (Self::Equals, true),
            "StringEqualsIgnoreCase" => (Self::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Self::EqualsIgnoreCase, true),
            "StringLike" | "ArnLike" | "ArnEquals" => (Self::Like, false),
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => (Self::Like, true),
            "Bool" => (Self::Bool, false),
            "IpAddress" => (Self::Address, false),
            "NotIpAddress" => (Self::Address, true),
            "Null" => (Self::Null, false),
            _ => return None,
        })
    }

    /// What is wrong with a value that it cannot compare.
    fn rule(self, value: &str) -> Option<&'static str> {
        match self {
            Self::Number(_) if number(value).is_none() => Some("it is a number"),
            Self::Date(_) if instant(value).is_none() => Some("it is a time such as 2026-01-01T00:00:00Z, or seconds"),
            Self::Address if !address::is_range(value) => Some("it is an IP address or a range such as 10.0.0.0/8"),
            _ => None,
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// A time in seconds.
fn instant(text: &str) -> Option<f64> {
    let parsed = text.parse::<jiff::Timestamp>().ok().map(|time| time.as_duration().as_secs_f64());
    let date =
        || format!("{text}T00:00:00Z").parse::<jiff::Timestamp>().ok().map(|time| time.as_duration().as_secs_f64());
    parsed.or_else(date).or_else(|| number(text))
}

impl Condition {
    /// Reads all of a statement: each has to hold. They ask for these `keys`.
    pub fn parse_all(conditions: &Value, path: &str, known: Keys) -> Result<Vec<Self>, InvalidPolicy> {
        let object = |value: &'_ Value, path: &str| match value.as_object() {
            Some(members) => Ok(members.clone()),
            None => Err(InvalidPolicy::new(path, value, "it is a JSON object")),
        };
        let mut all = Vec::new();
        for (name, keys) in object(conditions, path)? {
            let path = format!("{path}.{name}");
            let (of, bare) = match name.split_once(':') {
                Some(("ForAnyValue", bare)) => (Of::Any, bare),
                Some(("ForAllValues", bare)) => (Of::All, bare),
                _ => (Of::TheOnly, &*name),
            };
            let (bare, if_exists) = bare.strip_suffix("IfExists").map_or((bare, false), |bare| (bare, true));
            let Some((operator, inverted)) = Operator::of(bare) else {
                let rule = "lambda-testkit evaluates StringEquals, StringLike, their opposites and …IgnoreCase, ArnLike, \
                            ArnEquals and their opposites, Numeric…, Date…, IpAddress, NotIpAddress, Bool and Null, each \
                            with …IfExists, ForAnyValue: and ForAllValues:";
                return Err(InvalidPolicy::lacking(&path, &keys, rule));
            };
            for (key, values) in object(&keys, &path)? {
                let Some(known) = known.find(&key) else {
                    let rule = format!("lambda-testkit knows the keys {}", known.listed());
                    return Err(InvalidPolicy::lacking(&format!("{path}.{key}"), &values, &rule));
                };
                let path = format!("{path}.{key}");
                let values = texts(&values, &path)?;
                let broken = values.iter().find_map(|value| operator.rule(value).map(|rule| (value, rule)));
                if let Some((value, rule)) = broken {
                    return Err(InvalidPolicy::new(&path, &Value::from(&**value), rule));
                }
                all.push(Self { operator, inverted, if_exists, of, key: known, values });
            }
        }
        Ok(all)
    }

    /// Whether it holds, where `context` tells the values of a key.
    pub fn holds(&self, context: &dyn Fn(&str) -> Vec<String>) -> bool {
        let values = context(&self.key);
        if self.operator == Operator::Null {
            return self.values.iter().any(|expected| values.is_empty() == (expected == "true"));
        }
        let fits = |value: &String| self.fits(value) != self.inverted;
        match self.of {
            Of::Any => values.iter().any(fits),
            Of::All => values.iter().all(fits),
            Of::TheOnly => values.first().map_or(self.if_exists || self.inverted, fits),
        }
    }

    /// Whether a value is as one of those that are expected.
    fn fits(&self, value: &String) -> bool {
        self.values.iter().any(|expected| match self.operator {
            Operator::Equals => value == expected,
            Operator::EqualsIgnoreCase | Operator::Bool => value.eq_ignore_ascii_case(expected),
            Operator::Like => glob::matches(expected, value),
            Operator::Number(order) => {
                number(value).zip(number(expected)).is_some_and(|(value, expected)| order.holds(&value, &expected))
            }
            Operator::Date(order) => {
                instant(value).zip(instant(expected)).is_some_and(|(value, expected)| order.holds(&value, &expected))
            }
            Operator::Address => address::is_in(value, expected),
            Operator::Null => false,
        })
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Whether the value has to be there, and to be one of those that are expected.
    pub fn is_plain(&self) -> bool {
        let compares =
            matches!(self.operator, Operator::Equals | Operator::EqualsIgnoreCase | Operator::Like | Operator::Address);
        compares && !self.inverted && !self.if_exists && self.of != Of::All
    }
}
