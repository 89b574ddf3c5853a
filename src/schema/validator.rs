//! Checks a document against a schema that was made ready, and says what it does not meet, and where.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::keyword::{Keyword, Node, NodeId, compile};
use crate::event::pointer_step as step;

/// A schema and all that it leads to.
pub(super) struct Validator {
    /// The first is the schema itself.
    nodes: Vec<Node>,
}

/// One thing that a document does not meet.
pub(super) struct Unmet<'v> {
    /// The JSON Pointer of the value.
    pub place: String,
    pub value: &'v Value,
    pub why: Why,
    /// The schema that asks for it.
    pub schema: &'static Value,
}

pub(super) enum Why {
    /// A member is missing.
    Missing(&'static str),
    /// There may be no value at all.
    Forbidden,
    NotThis(&'static Value),
    NoneOf(&'static [Value]),
    /// What the title or the type of its schema says.
    Other,
}

/// Where in the document.
#[derive(Clone, Copy)]
enum Place<'a> {
    Root,
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn pointer(self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Member(above, name) => above.pointer() + &step(name),
            Place::Item(above, index) => format!("{}/{index}", above.pointer()),
        }
    }
}

impl Validator {
    /// Of the schema at a JSON Pointer of a document of schemas.
    pub fn new(document: &'static Value, pointer: &str) -> Self {
        Self { nodes: compile(document, pointer) }
    }

    pub fn is_valid(&self, value: &Value) -> bool {
        self.check(0, value, Place::Root, &mut None)
    }

    /// All that the value does not meet, in the order of the schema's keywords.
    pub fn unmet<'v>(&self, value: &'v Value) -> Vec<Unmet<'v>> {
        let mut found = Some(Vec::new());
        self.check(0, value, Place::Root, &mut found);
        found.unwrap_or_default()
    }

    /// Whether the value meets a schema. Without a list of what it does not meet, the first such thing ends the check.
    fn check<'v>(&self, id: NodeId, value: &'v Value, place: Place<'_>, found: &mut Option<Vec<Unmet<'v>>>) -> bool {
        let node = &self.nodes[id];
        let mut all = true;
        for keyword in &node.keywords {
            let met = match keyword {
                Keyword::Required(names) => value.as_object().is_none_or(|own| {
                    every(&mut names.iter().copied(), found, |name, found| {
                        let present = own.contains_key(name);
                        if !present {
                            note(found, place, value, Why::Missing(name), node.schema);
                        }
                        present
                    })
                }),
                Keyword::Properties(members) => value.as_object().is_none_or(|own| {
                    let mut present = members.iter().filter_map(|(name, id)| Some((*name, *id, own.get(*name)?)));
                    every(&mut present, found, |(name, id, value), found| {
                        self.check(id, value, Place::Member(&place, name), found)
                    })
                }),
                Keyword::AdditionalProperties { known, others } => value.as_object().is_none_or(|own| {
                    let mut rest = own.iter().filter(|(name, _)| !known.contains(&name.as_str()));
                    every(&mut rest, found, |(name, value), found| {
                        self.check(*others, value, Place::Member(&place, name), found)
                    })
                }),
                Keyword::Items(id) => value.as_array().is_none_or(|items| {
                    every(&mut items.iter().enumerate(), found, |(index, item), found| {
                        self.check(*id, item, Place::Item(&place, index), found)
                    })
                }),
                Keyword::Also(id) => self.check(*id, value, place, found),
                Keyword::If { condition, then } => {
                    !self.check(*condition, value, place, &mut None) || self.check(*then, value, place, found)
                }
                simple => {
                    let broken = broken(simple, value);
                    let met = broken.is_none();
                    if let Some(why) = broken {
                        note(found, place, value, why, node.schema);
                    }
                    met
                }
            };
            all &= met;
            if !all && found.is_none() {
                return false;
            }
        }
        all
    }
}

/// Whether all meet what is asked: of those behind the first that does not, only when there is a list to fill.
fn every<'v, T>(
    items: &mut dyn Iterator<Item = T>,
    found: &mut Option<Vec<Unmet<'v>>>,
    mut check: impl FnMut(T, &mut Option<Vec<Unmet<'v>>>) -> bool,
) -> bool {
    let mut all = true;
    for item in items {
        all &= check(item, found);
        if !all && found.is_none() {
            break;
        }
    }
    all
}

fn note<'v>(found: &mut Option<Vec<Unmet<'v>>>, place: Place<'_>, value: &'v Value, why: Why, schema: &'static Value) {
    if let Some(found) = found {
        found.push(Unmet { place: place.pointer(), value, why, schema });
    }
}

/// What a value breaks of a keyword that looks at it alone. A keyword for texts, say, asks nothing of a number.
fn broken(keyword: &Keyword, value: &Value) -> Option<Why> {
    let holds = match keyword {
        Keyword::Never => return Some(Why::Forbidden),
        Keyword::Const(wanted) => return (value != *wanted).then_some(Why::NotThis(wanted)),
        Keyword::Enum(options) => return (!options.contains(value)).then_some(Why::NoneOf(options)),
        Keyword::Type(types) => types.iter().any(|name| is_of_type(value, name)),
        Keyword::Pattern(pattern) => value.as_str().is_none_or(|text| pattern.is_match(text)),
        Keyword::DateTime => value.as_str().is_none_or(|text| text.parse::<Timestamp>().is_ok()),
        Keyword::MinLength(least) => value.as_str().is_none_or(|text| text.chars().take(*least).count() == *least),
        // Bytes are at least as many as characters, which are dear to count.
        Keyword::MaxLength(most) => {
            value.as_str().is_none_or(|text| text.len() <= *most || text.chars().count() <= *most)
        }
        Keyword::Minimum(least) => compared(value, *least) != Some(Ordering::Less),
        Keyword::Maximum(most) => compared(value, *most) != Some(Ordering::Greater),
        Keyword::MinItems(least) => value.as_array().is_none_or(|items| items.len() >= *least),
        _ => true,
    };
    (!holds).then_some(Why::Other)
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match (value, name) {
        (Value::Null, "null") | (Value::Bool(_), "boolean") | (Value::Number(_), "number") => true,
        (Value::String(_), "string") | (Value::Array(_), "array") | (Value::Object(_), "object") => true,
        // 1.0 is a whole number too.
        (Value::Number(number), "integer") => {
            !number.is_f64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        _ => false,
    }
}

/// How a number compares with a whole one, exactly; none for what is no number.
fn compared(value: &Value, bound: i64) -> Option<Ordering> {
    if let Some(number) = value.as_i64() {
        return Some(number.cmp(&bound));
    }
    let number = value.as_f64()?;
    // 2^63 and above are greater than every i64, and the conversion back saturates.
    if number.fract() == 0.0 && number < 9_223_372_036_854_775_808.0 {
        return Some((number as i64).cmp(&bound));
    }
    Some(if number >= 9_223_372_036_854_775_808.0 { Ordering::Greater } else { number.total_cmp(&(bound as f64)) })
}
