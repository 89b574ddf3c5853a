//! Event patterns: which events a filter lets through, in the language of EventBridge.
//!
//! Event source mappings of Lambda filter with them too
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax>). The operators are those of
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>.

mod cidr;
mod error;
mod mismatch;
mod parse;
mod rule;
#[cfg(test)]
mod tests;
mod wildcard;

use serde_json::{Map, Value};

pub(crate) use error::InvalidPattern;
pub(crate) use mismatch::Mismatch;
use rule::Rule;

/// A pattern that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EventPattern {
    node: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// All of these members match, and one pattern of each `$or`.
    Object { members: Vec<(String, Node)>, either: Vec<Vec<Node>> },
    /// A value matches one of these rules.
    Leaf(Vec<Rule>),
}

impl EventPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// [`InvalidPattern`] names the member and the rule.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        Ok(Self { node: parse::pattern(text)? })
    }

    /// Whether its member of this name is a list of values, and not a pattern of what is in it.
    pub fn has_leaf(&self, member: &str) -> bool {
        let Node::Object { members, .. } = &self.node else { return false };
        members.iter().any(|(name, node)| name == member && matches!(node, Node::Leaf(_)))
    }

    /// Whether it asks for what is in its member of this name.
    pub fn looks_into(&self, member: &str) -> bool {
        let Node::Object { members, .. } = &self.node else { return false };
        let is_inside = |name: &str| name.strip_prefix(member).is_some_and(|rest| rest.starts_with('.'));
        members.iter().any(|(name, node)| is_inside(name) || (name == member && matches!(node, Node::Object { .. })))
    }

    /// Whether an event matches.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] names the first member that does not.
    pub fn matches(&self, event: &Value) -> Result<(), Mismatch> {
        matches(&self.node, "", event)
    }
}

/// Whether what stands at `path` matches.
fn matches(node: &Node, path: &str, value: &Value) -> Result<(), Mismatch> {
    match (node, value) {
        (Node::Leaf(rules), value) => leaf(rules, path, &leaves(value)),
        // One element has to match as a whole.
        (Node::Object { .. }, Value::Array(elements)) => {
            let mut mismatch = None;
            for element in elements {
                match matches(node, path, element) {
                    Ok(()) => return Ok(()),
                    Err(other) => mismatch = mismatch.or(Some(other)),
                }
            }
            mismatch.map_or_else(|| object(node, path, &Map::new()), Err)
        }
        (Node::Object { .. }, Value::Object(members)) => object(node, path, members),
        (Node::Object { .. }, _) => object(node, path, &Map::new()),
    }
}

fn object(node: &Node, path: &str, event: &Map<String, Value>) -> Result<(), Mismatch> {
    let Node::Object { members, either } = node else { return Ok(()) };
    for (name, node) in members {
        member(name, node, path, event)?;
    }
    for patterns in either {
        let mut mismatches = patterns.iter().filter_map(|pattern| object(pattern, path, event).err());
        let first = mismatches.next();
        // As many mismatches as patterns: none matched.
        if let Some(first) = first
            && 1 + mismatches.count() == patterns.len()
        {
            return Err(first);
        }
    }
    Ok(())
}

/// A member of an event, whose name may be written with dots where there are objects in objects, in the pattern or in the
/// event.
fn member(name: &str, node: &Node, path: &str, event: &Map<String, Value>) -> Result<(), Mismatch> {
    let below = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    if let Some(value) = dotted(name, event) {
        return matches(node, &below, value);
    }
    match node {
        Node::Leaf(rules) => leaf(rules, &below, &[]),
        Node::Object { members, either } => {
            for (inner, node) in members {
                member(&format!("{name}.{inner}"), node, path, event)?;
            }
            if either.is_empty() {
                Ok(())
            } else {
                object(&Node::Object { members: Vec::new(), either: either.clone() }, &below, &Map::new())
            }
        }
    }
}

/// The member of this very name, or the one that stands as deep as the name has dots; nothing between the two.
fn dotted<'a>(name: &str, event: &'a Map<String, Value>) -> Option<&'a Value> {
    event.get(name).or_else(|| {
        let mut names = name.split('.');
        let first = event.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    })
}

/// The values that rules are asked about: those of a list one by one; an object is none.
fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(elements) => elements.iter().flat_map(leaves).collect(),
        Value::Object(_) => Vec::new(),
        value => vec![value],
    }
}

fn leaf(rules: &[Rule], path: &str, values: &[&Value]) -> Result<(), Mismatch> {
    let is_matched = match values {
        [] => rules.contains(&Rule::Exists(false)),
        values => values.iter().any(|value| rules.iter().any(|rule| rule.matches(value))),
    };
    if is_matched { Ok(()) } else { Err(Mismatch::new(path, values, rules)) }
}
