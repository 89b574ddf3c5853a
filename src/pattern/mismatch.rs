//! Why an event does not match.

use std::fmt;

use serde_json::Value;

use super::rule::Rule;

/// The first member that is not what a pattern asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch(String);

/// How much of a value is told.
const MOST: usize = 80;

impl Mismatch {
    pub(super) fn new(path: &str, values: &[&Value], rules: &[Rule]) -> Self {
        let rules: Vec<_> = rules.iter().map(ToString::to_string).collect();
        let is = match values {
            [] => "not there, or no plain value".to_owned(),
            [value] => shortened(&value.to_string()),
            values => {
                let values: Vec<_> = values.iter().map(ToString::to_string).collect();
                shortened(&format!("[{}]", values.join(",")))
            }
        };
        Self(format!("{path} is {is}, and not {}", rules.join(" or ")))
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
