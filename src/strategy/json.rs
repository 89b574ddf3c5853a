//! Any JSON: payloads of invocations and inputs of schedules.

use super::draws::Draws;
use super::tree::Generate;
use super::{strategy, text};
use crate::event::{Json, Object};

/// A strategy for payloads of direct invocations: every kind of JSON value, small and nested, with awkward names,
/// texts and numbers. `{}` is the simplest one.
pub fn invoke_payload() -> JsonValues {
    JsonValues { objects_only: false }
}

/// A strategy for the input that somebody gives to a schedule: JSON objects.
///
/// # Example
///
/// ```
/// use lambda_testkit::strategy::{sample, scheduled_input};
///
/// assert!(sample(&scheduled_input(), 7, 0).as_object().is_some());
/// ```
pub fn scheduled_input() -> JsonValues {
    JsonValues { objects_only: true }
}

/// The strategy of [`invoke_payload`] and [`scheduled_input`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct JsonValues {
    objects_only: bool,
}

impl Generate for JsonValues {
    type Value = Json;

    fn generate(&self, source: &mut Draws<'_>) -> Json {
        if self.objects_only { Json::Object(object(source, 3)) } else { value(source, 3) }
    }
}

strategy!(JsonValues);

/// A value whose containers nest at most `depth` deep.
fn value(source: &mut Draws<'_>, depth: u32) -> Json {
    const FLOATS: [f64; 5] = [0.5, -1.5, 1e21, 1e-7, 1_234_567.891];
    let kinds = if depth == 0 { 5 } else { 7 };
    // The object is the simplest value: it is what functions are sent.
    match source.up_to(kinds) {
        0 => Json::Object(if depth == 0 { Object::new() } else { object(source, depth - 1) }),
        1 => Json::String(text::nasty(source)),
        2 => Json::Number(source.up_to(1000).into()),
        3 => match source.up_to(2) {
            0 => Json::Number((-1).into()),
            1 => Json::Number((*source.pick(&[u64::MAX, 9_007_199_254_740_993, 1 << 31])).into()),
            _ => serde_json::Number::from_f64(*source.pick(&FLOATS)).map_or(Json::Null, Json::Number),
        },
        4 => Json::Bool(source.one_in(2)),
        5 => Json::Null,
        6 => Json::Array(source.list(0..=8, 2, |source, _| value(source, depth - 1))),
        _ => Json::Object(object(source, depth - 1)),
    }
}

fn object(source: &mut Draws<'_>, depth: u32) -> Object {
    const NAMES: [&str; 12] = ["user", "log", "logs", "id", "a", "", "Records", "~/", "é", "__proto__", "a b", "null"];
    let mut members = Object::new();
    source.list(0..=8, 2, |source, _| {
        let name = source.pick::<&str>(&NAMES);
        members.insert(*name, value(source, depth));
    });
    members
}
