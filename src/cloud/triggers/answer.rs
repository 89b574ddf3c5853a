//! What a function's answer to a batch says in vain.

use serde_json::Value;

/// The one member that Lambda looks at.
const MEMBER: &str = "batchItemFailures";

/// So many letters may be wrong in a name that was meant to be [`MEMBER`].
const MOST_WRONG: usize = 3;

/// What Lambda ignores in an answer although it looks as if it was meant to count, and why. None if there is no such thing.
///
/// Without `ReportBatchItemFailures` the answer does not count, and with it no member but `batchItemFailures`
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting>).
pub(super) fn ignored(answer: &[u8], report_item_failures: bool) -> Option<String> {
    let Ok(Value::Object(members)) = serde_json::from_slice(answer) else { return None };
    if report_item_failures && members.contains_key(MEMBER) {
        return None;
    }
    let mut names = members.keys().map(String::as_str);
    let name = if members.contains_key(MEMBER) { MEMBER } else { names.find(|name| is_meant(name))? };
    Some(if report_item_failures {
        format!("Lambda looks at `{MEMBER}`, and there is `{name}`: the whole batch counts as done")
    } else {
        format!(
            "`{name}` counts only for a trigger with `report_item_failures()` (ReportBatchItemFailures): the whole batch \
             counts as done"
        )
    })
}

/// Whether a name is another spelling of [`MEMBER`].
fn is_meant(name: &str) -> bool {
    let bare = name.replace(['-', '_'], "").to_ascii_lowercase();
    // Nothing much longer is a slip of the pen, and the comparison takes time.
    bare.len() <= MEMBER.len() + MOST_WRONG
        && strsim::damerau_levenshtein(&bare, &MEMBER.to_ascii_lowercase()) <= MOST_WRONG
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_of_the_one_member_is_ignored_and_named() {
        for name in [
            "batchItemFailure",
            "batchitemfailures",
            "BatchItemFailures",
            "batch_item_failures",
            "batch-item-failures",
            "batchItemFailuers",
            "batchItemsFailures",
        ] {
            let answer = format!(r#"{{"other":1,"{name}":[{{"itemIdentifier":"a"}}]}}"#);
            let why = ignored(answer.as_bytes(), true).unwrap_or_else(|| panic!("{name}"));
            assert!(why.contains(&format!("`{name}`")) && why.contains("`batchItemFailures`"), "{why}");
            let why = ignored(answer.as_bytes(), false).unwrap();
            assert!(why.contains(&format!("`{name}`")) && why.contains("report_item_failures()"), "{why}");
        }
    }

    #[test]
    fn what_counts_and_what_means_something_else_is_not_named() {
        for answer in [
            r#"{"batchItemFailures":[]}"#,
            r#"{"batchItemFailures":null,"batchItemFailure":1}"#,
            r#"{"failures":[],"items":[],"batch":1,"itemIdentifier":"a","batchItemResults":[]}"#,
            "{}",
            "null",
            r#""batchItemFailure""#,
            r#"["batchItemFailure"]"#,
            "not JSON",
            "",
        ] {
            assert_eq!(ignored(answer.as_bytes(), true), None, "{answer}");
        }
        assert!(ignored(br#"{"batchItemFailures":[]}"#, false).is_some());
        assert_eq!(ignored(br#"{"done":3}"#, false), None);
    }
}
