//! What Lambda does with a batch once the function has answered.

use std::fmt;

use crate::event::Json;

/// Which messages of a batch Lambda deletes and which it leaves to be delivered again.
///
/// The rules are those of the Lambda developer guide ("Implementing partial batch responses"), and for the
/// cases between them what AWS was seen to do with streams, which have the same contract.
///
/// ```
/// use lambda_testkit::event::BatchVerdict;
///
/// let answer = br#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#;
/// let verdict = BatchVerdict::of_response(answer, &["a", "b"], true);
/// assert_eq!(verdict.retried(), ["b"]);
/// assert_eq!(BatchVerdict::of_response(answer, &["a", "b"], false), BatchVerdict::Deleted);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum BatchVerdict {
    /// Every message is deleted.
    Deleted,
    /// The messages that the function named are delivered again, the others are deleted.
    Partial {
        /// The ids of the messages that are delivered again, in the order of the batch.
        retried: Vec<String>,
    },
    /// Every message is delivered again.
    Retried {
        /// The ids of all messages of the batch.
        retried: Vec<String>,
        /// Why.
        fault: BatchFault,
    },
}

/// Why a whole batch is delivered again.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchFault {
    /// The faulty place of the answer, as a JSON Pointer; empty when the answer as a whole is meant.
    pub pointer: String,
    /// What is wrong there.
    pub problem: BatchProblem,
}

/// What is wrong with the answer of a function.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum BatchProblem {
    /// The function failed: it returned an error, timed out or crashed.
    FunctionError,
    /// The answer is not JSON.
    NotJson(String),
    /// The value is not of the type that is due.
    WrongType {
        /// The type that is due.
        expected: &'static str,
        /// What is there.
        found: Json,
    },
    /// An element of the list has no `itemIdentifier`.
    NoIdentifier {
        /// The names of the members that it has instead.
        found: Vec<String>,
    },
    /// The identifier is the empty string.
    EmptyIdentifier,
    /// The identifier names no message of the batch.
    UnknownIdentifier(String),
}

impl fmt::Display for BatchFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = &self.pointer;
        match &self.problem {
            BatchProblem::FunctionError => f.write_str("the function failed"),
            BatchProblem::NotJson(error) => write!(f, "the answer is not JSON: {error}"),
            BatchProblem::WrongType { expected, found } if pointer.is_empty() => {
                write!(f, "the answer is {found} instead of {expected}")
            }
            BatchProblem::WrongType { expected, found } => write!(f, "{pointer} is {found} instead of {expected}"),
            BatchProblem::NoIdentifier { found } if found.is_empty() => write!(f, "{pointer} is missing"),
            BatchProblem::NoIdentifier { found } => {
                write!(f, "{pointer} is missing: there is only `{}`", found.join("`, `"))
            }
            BatchProblem::EmptyIdentifier => write!(f, "{pointer} is empty"),
            BatchProblem::UnknownIdentifier(id) => write!(f, "{pointer} is {id:?}, which is no message of the batch"),
        }
    }
}

impl BatchVerdict {
    /// The verdict on a function that returned `response` for a batch with these message ids.
    ///
    /// Without `ReportBatchItemFailures` (`report_item_failures` false) the answer does not matter. With
    /// it, `null`, `""`, `[]`, `{}`, no answer at all and an empty or `null` list all mean success; an
    /// answer that is faulty in any place fails the whole batch.
    pub fn of_response<I: AsRef<str>>(response: &[u8], message_ids: &[I], report_item_failures: bool) -> Self {
        if !report_item_failures {
            return Self::Deleted;
        }
        match failures(response, message_ids) {
            Ok(failed) if failed.is_empty() => Self::Deleted,
            Ok(failed) => {
                let ids = message_ids.iter().map(AsRef::as_ref).filter(|id| failed.iter().any(|failed| failed == id));
                Self::Partial { retried: ids.map(str::to_owned).collect() }
            }
            Err(fault) => Self::Retried { retried: all(message_ids), fault },
        }
    }

    /// The verdict on a function that failed, by an error, a timeout or a crash.
    pub fn of_function_error<I: AsRef<str>>(message_ids: &[I]) -> Self {
        let fault = BatchFault { pointer: String::new(), problem: BatchProblem::FunctionError };
        Self::Retried { retried: all(message_ids), fault }
    }

    /// The ids of the messages that are delivered again, in the order of the batch.
    pub fn retried(&self) -> &[String] {
        match self {
            Self::Deleted => &[],
            Self::Partial { retried } | Self::Retried { retried, .. } => retried,
        }
    }

    /// Whether this message is delivered again.
    pub fn is_retried(&self, message_id: &str) -> bool {
        self.retried().iter().any(|id| id == message_id)
    }

    /// Why the whole batch is delivered again; none when it is not.
    pub fn fault(&self) -> Option<&BatchFault> {
        match self {
            Self::Retried { fault, .. } => Some(fault),
            Self::Deleted | Self::Partial { .. } => None,
        }
    }
}

impl fmt::Display for BatchVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deleted => f.write_str("all messages deleted"),
            Self::Partial { retried } => write!(f, "delivered again: {}", retried.join(", ")),
            Self::Retried { fault, .. } => write!(f, "the whole batch is delivered again: {fault}"),
        }
    }
}

fn all<I: AsRef<str>>(message_ids: &[I]) -> Vec<String> {
    message_ids.iter().map(|id| id.as_ref().to_owned()).collect()
}

/// The ids that the answer names, or why the answer is faulty.
fn failures<I: AsRef<str>>(response: &[u8], message_ids: &[I]) -> Result<Vec<String>, BatchFault> {
    let fault = |pointer: &str, problem| BatchFault { pointer: pointer.to_owned(), problem };
    let wrong = |pointer: &str, expected, found| fault(pointer, BatchProblem::WrongType { expected, found });
    if response.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    // Read as `Value`: an answer with a repeated member is still an answer.
    let answer: serde_json::Value =
        serde_json::from_slice(response).map_err(|error| fault("", BatchProblem::NotJson(error.to_string())))?;
    let list = match Json::from(answer) {
        Json::Null => return Ok(Vec::new()),
        Json::String(text) if text.is_empty() => return Ok(Vec::new()),
        Json::Array(elements) if elements.is_empty() => return Ok(Vec::new()),
        Json::Object(mut members) => match members.remove("batchItemFailures") {
            None | Some(Json::Null) => return Ok(Vec::new()),
            Some(Json::Array(list)) => list,
            Some(other) => return Err(wrong("/batchItemFailures", "an array", other)),
        },
        other => return Err(wrong("", "an object", other)),
    };
    let mut ids = Vec::with_capacity(list.len());
    for (at, element) in list.into_iter().enumerate() {
        let place = format!("/batchItemFailures/{at}");
        let Json::Object(mut members) = element else { return Err(wrong(&place, "an object", element)) };
        let place = format!("{place}/itemIdentifier");
        let id = match members.remove("itemIdentifier") {
            None => {
                let found = members.iter().map(|(name, _)| name.to_owned()).collect();
                return Err(fault(&place, BatchProblem::NoIdentifier { found }));
            }
            Some(Json::String(id)) => id,
            Some(other) => return Err(wrong(&place, "a string", other)),
        };
        if id.is_empty() {
            return Err(fault(&place, BatchProblem::EmptyIdentifier));
        }
        if !message_ids.iter().any(|known| known.as_ref() == id) {
            return Err(fault(&place, BatchProblem::UnknownIdentifier(id)));
        }
        ids.push(id);
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_judged_as_aws_does() {
        // answer, what is delivered again of the batch a, b; the faulty place.
        for (answer, retried, pointer) in [
            (r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, "b", None),
            (r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"a"}]}"#, "ab", None),
            (r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}"#, "b", None),
            (r#"{"batchItemFailures":[{"itemIdentifier":"b","more":1}],"and":2}"#, "b", None),
            (r#"{"batchItemFailures":[]}"#, "", None),
            (r#"{"batchItemFailures":null}"#, "", None),
            ("{}", "", None),
            ("null", "", None),
            (r#""""#, "", None),
            ("", "", None),
            ("[]", "", None),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, "ab", Some("/batchItemFailures/0/itemIdentifier")),
            (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, "ab", Some("/batchItemFailures/0/itemIdentifier")),
            (r#"{"batchItemFailures":[{"foo":"a"}]}"#, "ab", Some("/batchItemFailures/0/itemIdentifier")),
            (r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#, "ab", Some("/batchItemFailures/0/itemIdentifier")),
            (r#"{"batchItemFailures":[{"itemIdentifier":123}]}"#, "ab", Some("/batchItemFailures/0/itemIdentifier")),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}"#,
                "ab",
                Some("/batchItemFailures/1/itemIdentifier"),
            ),
            (r#"{"batchItemFailures":["a"]}"#, "ab", Some("/batchItemFailures/0")),
            (r#"{"batchItemFailures":"a"}"#, "ab", Some("/batchItemFailures")),
            (r#"{"batchItemFailures":{}}"#, "ab", Some("/batchItemFailures")),
            ("not JSON", "ab", Some("")),
            (r#""done""#, "ab", Some("")),
            ("true", "ab", Some("")),
            ("[1]", "ab", Some("")),
        ] {
            let verdict = BatchVerdict::of_response(answer.as_bytes(), &["a", "b"], true);
            assert_eq!(verdict.retried().concat(), retried, "{answer}");
            assert_eq!(verdict.fault().map(|fault| fault.pointer.as_str()), pointer, "{answer}");
            let without = BatchVerdict::of_response(answer.as_bytes(), &["a", "b"], false);
            assert_eq!(without, BatchVerdict::Deleted, "{answer}");
        }
    }

    #[test]
    fn a_failed_function_keeps_the_whole_batch() {
        let verdict = BatchVerdict::of_function_error(&["a", "b"]);
        assert!(verdict.is_retried("a") && verdict.is_retried("b") && !verdict.is_retried("c"));
        assert_eq!(verdict.to_string(), "the whole batch is delivered again: the function failed");
    }

    #[test]
    fn a_fault_names_its_place_and_value() {
        let verdict = BatchVerdict::of_response(br#"{"batchItemFailures":[{"itemIdentifier":7}]}"#, &["a"], true);
        let text = verdict.fault().unwrap().to_string();
        assert_eq!(text, "/batchItemFailures/0/itemIdentifier is 7 instead of a string");
        let verdict = BatchVerdict::of_response(br#"{"batchItemFailures":[{"itemidentifier":"a"}]}"#, &["a"], true);
        let text = verdict.fault().unwrap().to_string();
        assert_eq!(text, "/batchItemFailures/0/itemIdentifier is missing: there is only `itemidentifier`");
    }
}
