//! Equality of JSON documents, but for what `serde_json` cannot keep.

use serde_json::Value;

/// Whether two documents are the same. Fractions may differ in their last digits: without its feature
/// `float_roundtrip`, `serde_json` reads some of them one unit in the last place off.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right
                || match (left.as_f64(), right.as_f64()) {
                    (Some(l), Some(r)) if left.is_f64() && right.is_f64() => {
                        (l - r).abs() <= l.abs().max(r.abs()) * 4.0 * f64::EPSILON || (l - r).abs() < f64::MIN_POSITIVE
                    }
                    _ => false,
                }
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}
