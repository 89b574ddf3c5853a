//! Which messages an event source mapping lets through to its function.
//!
//! A message that no filter matches is deleted. What a filter says of the body decides how it is read, as the table of
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html#filtering-SQS> has it.

use serde_json::Value;

use super::fault::MappingFault;
use crate::pattern::EventPattern;

/// The most filters that a mapping has, unless AWS raises the quota.
const MOST: usize = 5;

/// The filters of a mapping; none lets everything through.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Filters(Vec<EventPattern>);

impl Filters {
    /// Reads filters.
    ///
    /// # Errors
    ///
    /// In AWS's words, where they are known; what is wrong is told beside them.
    pub fn read(patterns: &[String]) -> Result<Self, MappingFault> {
        if patterns.len() > MOST {
            let count = patterns.len();
            return Err(MappingFault::invalid(format!(
                "An event source mapping has at most {MOST} filters, not {count}"
            )));
        }
        let invalid = |error| MappingFault::invalid("Invalid filter pattern definition.").told(error);
        let read = |text: &String| EventPattern::parse(text).map_err(invalid);
        patterns.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether everything gets through.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the message of this record gets through.
    ///
    /// # Errors
    ///
    /// What each filter says against it.
    pub fn admit(&self, mut record: Value) -> Result<(), String> {
        let body = record["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok());
        let body = body.filter(|body| body.is_object() || body.is_array());
        let is_json = body.is_some();
        if let Some(body) = body {
            record["body"] = body;
        }
        let mut reasons = Vec::new();
        for filter in &self.0 {
            match matches(filter, is_json, &record) {
                Ok(()) => return Ok(()),
                Err(reason) if reasons.contains(&reason) => {}
                Err(reason) => reasons.push(reason),
            }
        }
        if self.is_empty() { Ok(()) } else { Err(reasons.join("; ")) }
    }
}

fn matches(filter: &EventPattern, is_json: bool, record: &Value) -> Result<(), String> {
    if is_json && filter.has_leaf("body") {
        return Err("the body is JSON, and the filter asks for plain text".to_owned());
    }
    if !is_json && filter.looks_into("body") {
        return Err("the body is plain text, and the filter asks for members of JSON".to_owned());
    }
    filter.matches(record).map_err(|mismatch| mismatch.to_string())
}
