//! From JSON to a pattern.

use serde_json::Value;

use super::cidr::Network;
use super::error::InvalidPattern;
use super::rule::{Case, Comparison, Rule, Text};
use super::{Node, wildcard};

type Parsed<T> = Result<T, InvalidPattern>;

/// The numbers that EventBridge compares.
const LARGEST: f64 = 5.0e9;

pub(super) fn pattern(text: &str) -> Parsed<Node> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| InvalidPattern::new("", format!("Filter is not valid JSON: {error}")))?;
    match value {
        Value::Object(_) => node(&value, ""),
        _ => Err(InvalidPattern::new("", "Filter is not an object")),
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn node(value: &Value, path: &str) -> Parsed<Node> {
    match value {
        Value::Object(members) if members.is_empty() => Err(InvalidPattern::new(path, "Empty objects are not allowed")),
        Value::Object(members) => {
            let (mut nodes, mut either) = (Vec::new(), Vec::new());
            for (name, value) in members {
                if name == "$or" {
                    either.push(alternatives(value, path)?);
                } else {
                    nodes.push((name.clone(), node(value, &below(path, name))?));
                }
            }
            Ok(Node::Object { members: nodes, either })
        }
        Value::Array(rules) if rules.is_empty() => Err(InvalidPattern::new(path, "Empty arrays are not allowed")),
        Value::Array(rules) => Ok(Node::Leaf(rules.iter().map(|value| rule(value, path)).collect::<Parsed<_>>()?)),
        _ => {
            let name = path.rsplit('.').next().unwrap_or(path);
            Err(InvalidPattern::new(path, format!("\"{name}\" must be an object or an array")))
        }
    }
}

fn alternatives(value: &Value, path: &str) -> Parsed<Vec<Node>> {
    let wrong = || InvalidPattern::new(path, "\"$or\" must be an array of two or more patterns");
    let patterns = value.as_array().filter(|patterns| patterns.len() > 1).ok_or_else(wrong)?;
    let each = |pattern: &Value| if pattern.is_object() { node(pattern, path) } else { Err(wrong()) };
    patterns.iter().map(each).collect()
}

fn rule(value: &Value, path: &str) -> Parsed<Rule> {
    let wrong = |reason: &str| InvalidPattern::new(path, reason);
    match value {
        Value::Object(operator) => {
            let mut operators = operator.iter();
            let (Some((name, argument)), None) = (operators.next(), operators.next()) else {
                return Err(wrong("Only one key allowed in match expression"));
            };
            match &**name {
                "exists" => {
                    let exists = argument.as_bool();
                    exists.map(Rule::Exists).ok_or_else(|| wrong("exists match pattern must be either true or false."))
                }
                "numeric" => numeric(argument, path),
                "anything-but" => anything_but(argument, path),
                "cidr" => {
                    let text = argument.as_str().ok_or_else(|| wrong("prefix match pattern must be a string"))?;
                    Network::parse(text).map(Rule::Cidr).ok_or_else(|| wrong("Malformed CIDR, one '/' required"))
                }
                name => Ok(Rule::Text(text(name, argument, path)?)),
            }
        }
        Value::Array(_) => Err(wrong("Match value must be String, number, true, false, or null")),
        value => Ok(Rule::Is(value.clone())),
    }
}

/// One of the four operators of texts.
fn text(name: &str, argument: &Value, path: &str) -> Parsed<Text> {
    let wrong = |reason: String| InvalidPattern::new(path, reason);
    let plain =
        || argument.as_str().map(str::to_owned).ok_or_else(|| wrong(format!("{name} match pattern must be a string")));
    let case = || match argument.as_object().and_then(|nested| nested.get("equals-ignore-case")) {
        Some(Value::String(text)) => Ok(Case { text: text.clone(), ignored: true }),
        Some(_) => Err(wrong("equals-ignore-case match pattern must be a string".to_owned())),
        None => Ok(Case { text: plain()?, ignored: false }),
    };
    Ok(match name {
        "prefix" => Text::Prefix(case()?),
        "suffix" => Text::Suffix(case()?),
        "equals-ignore-case" => Text::EqualsIgnoreCase(plain()?),
        "wildcard" => {
            let pattern = plain()?;
            if let Some(at) = wildcard::consecutive(&pattern) {
                return Err(wrong(format!("Consecutive wildcard characters at pos {at}")));
            }
            Text::Wildcard(pattern)
        }
        other => return Err(wrong(format!("Unrecognized match type {other}"))),
    })
}

fn numeric(argument: &Value, path: &str) -> Parsed<Rule> {
    let wrong = |reason: String| InvalidPattern::new(path, reason);
    let pairs = argument.as_array().ok_or_else(|| wrong("Value of numeric must be an array.".to_owned()))?;
    let mut bounds = Vec::new();
    for pair in pairs.chunks(2) {
        let sign = pair[0].as_str().ok_or_else(|| wrong(format!("Invalid member in numeric match: {}", pair[0])))?;
        let comparison =
            Comparison::of(sign).ok_or_else(|| wrong(format!("Unrecognized numeric range operator: {sign}")))?;
        let bound = pair.get(1).and_then(Value::as_f64);
        let bound = bound.ok_or_else(|| wrong(format!("Value of {sign} must be numeric")))?;
        if bound.abs() > LARGEST {
            return Err(wrong(format!("Value of {sign} must be between -5.0E9 and +5.0E9")));
        }
        bounds.push((comparison, bound));
    }
    let is_lower = |comparison| matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual);
    let is_upper = |comparison| matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
    match *bounds {
        [_] => Ok(Rule::Numeric(bounds)),
        [(lower, low), (upper, high)] if is_lower(lower) && is_upper(upper) && low < high => Ok(Rule::Numeric(bounds)),
        [(lower, _), (upper, _)] if is_lower(lower) && is_upper(upper) => {
            Err(wrong("Bottom must be less than top".to_owned()))
        }
        [(first, _), _] if !is_lower(first) => Err(wrong("Too many terms in numeric range expression".to_owned())),
        [_, _] => {
            let sign = pairs[2].as_str().unwrap_or_default();
            Err(wrong(format!("Bad numeric range operator: {sign}")))
        }
        _ => Err(wrong("Numeric expects one operator and a number, or two of them".to_owned())),
    }
}

fn anything_but(argument: &Value, path: &str) -> Parsed<Rule> {
    let wrong = |reason: &str| InvalidPattern::new(path, reason);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let rules: Vec<Rule> = match argument {
        Value::Object(operator) => {
            let mut operators = operator.iter();
            let (Some((name, argument)), None) = (operators.next(), operators.next()) else {
                return Err(wrong("Only one key allowed in match expression"));
            };
            let each = |value: &Value| match text(name, value, path)? {
                Text::Prefix(Case { ignored: true, .. }) | Text::Suffix(Case { ignored: true, .. }) => {
                    Err(InvalidPattern::new(path, format!("{name} match pattern must be a string")))
                }
                Text::Prefix(Case { text, .. }) | Text::Suffix(Case { text, .. }) if text.is_empty() => {
                    Err(wrong("Null prefix/suffix not allowed"))
                }
                text => Ok(Rule::Text(text)),
            };
            list(argument).iter().map(each).collect::<Parsed<_>>()?
        }
        value => {
            let values = list(value);
            let is_plain = values.iter().all(Value::is_string) || values.iter().all(Value::is_number);
            if !is_plain {
                return Err(wrong("Value of anything-but must be an array or single string/number value."));
            }
            values.into_iter().map(Rule::Is).collect()
        }
    };
    if rules.is_empty() { Err(wrong("Empty arrays are not allowed")) } else { Ok(Rule::AnythingBut(rules)) }
}
