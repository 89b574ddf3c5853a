//! What a builder cannot build: single members that differ.

use serde::de::DeserializeOwned;

use super::Expression;
use super::literal;
use crate::event::strict::pointer_step;
use crate::event::{Document, Json, edit};

/// More members than these are not shown one by one.
const MANY: usize = 100;

/// The code of an event, with calls that set and take out what differs from what was built. None where that does not give
/// the event, or is more than a person reads.
pub(in crate::event) fn completed<D>(built: &D, wanted: &D, mut code: Expression) -> Option<Expression>
where
    D: Document + DeserializeOwned + PartialEq,
{
    if built == wanted {
        return Some(code);
    }
    let (mut document, aim) = (Json::from_serialize(built).ok()?, Json::from_serialize(wanted).ok()?);
    let mut steps = Vec::new();
    compare(&document, &aim, String::new(), &mut steps);
    if steps.len() > MANY {
        return None;
    }
    for (pointer, value) in steps {
        let place = literal::text(&pointer);
        code = match &value {
            Some(value) => code.then("with_member", [place, literal::json(value)]),
            None => code.then("without_member", [place]),
        };
        match value {
            Some(value) => edit::set(&mut document, &pointer, value).ok()?,
            None => edit::remove(&mut document, &pointer).ok()?,
        }
    }
    let made: D = serde_json::from_str(&document.to_string()).ok()?;
    (made == *wanted).then_some(code)
}

/// The members that have another value (or, with none, are not wanted).
fn compare(built: &Json, wanted: &Json, pointer: String, steps: &mut Vec<(String, Option<Json>)>) {
    match (built, wanted) {
        _ if built == wanted => {}
        (Json::Object(built), Json::Object(wanted)) => {
            let place = |name: &str| format!("{pointer}{}", pointer_step(name));
            for (name, _) in built.iter().filter(|(name, _)| wanted.get(name).is_none()) {
                steps.push((place(name), None));
            }
            for (name, wanted) in wanted.iter() {
                match built.get(name) {
                    Some(built) => compare(built, wanted, place(name), steps),
                    None => steps.push((place(name), Some(wanted.clone()))),
                }
            }
        }
        (Json::Array(built), Json::Array(wanted)) if built.len() == wanted.len() => {
            for (at, (built, wanted)) in built.iter().zip(wanted).enumerate() {
                compare(built, wanted, format!("{pointer}/{at}"), steps);
            }
        }
        _ => steps.push((pointer, Some(wanted.clone()))),
    }
}
