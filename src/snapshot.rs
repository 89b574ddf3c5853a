//! Settings for `insta` snapshots of values that are not seeded.
//!
//! A [`Timeline`](crate::Timeline), or an event that a seeded cloud made, needs none of this: it is the same in every
//! run. Use it for documents from elsewhere, such as a captured event or a handler that draws its own ids.

/// What is replaced, by what: the more special patterns come first.
const FILTERS: [(&str, &str); 7] = [
    // The X-Ray header.
    (r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;Parent=[0-9a-f]{16})?(;Sampled=[01])?(;Lineage=[0-9a-f:|]+)?", "[trace]"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[uuid]"),
    // RFC 3339, as in eventTime, and the date of Signature Version 4.
    (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", "[time]"),
    (r"\d{8}T\d{6}Z", "[time]"),
    // Milliseconds since 1970, as text, as in the attributes of SQS messages; from 2001 on.
    (r#""1\d{12}""#, r#""[milliseconds]""#),
    // The members of S3 records, in both forms, that no test knows beforehand, and SQS's handles.
    (
        r#""(x-amz-request-id|x-amz-id-2|request-id|sequencer|versionId|version-id|receiptHandle|principalId)"\s*:\s*"[^"]*""#,
        r#""$1": "[$1]""#,
    ),
    // Those of S3's test event and of SNS; a request id that is a UUID was one before.
    (r#""(RequestId|HostId|Signature)"\s*:\s*"[^"\[]*""#, r#""$1": "[$1]""#),
];

/// Settings that replace ids and times in snapshots by their kind, and leave the rest alone:
///
/// | what | becomes |
/// |---|---|
/// | UUIDs (message ids, request ids of Lambda, configuration ids, …) | `[uuid]` |
/// | times in RFC 3339, and dates of signatures | `[time]` |
/// | milliseconds since 1970 as text, as in the attributes of SQS messages | `[milliseconds]` |
/// | X-Ray headers | `[trace]` |
/// | `x-amz-request-id`, `x-amz-id-2`, `sequencer`, `versionId` and `principalId` of S3 records | `[` name `]` |
/// | `request-id` and `version-id` of S3 events on EventBridge | `[` name `]` |
/// | `RequestId` and `HostId` of S3 test events | `[` name `]` |
/// | `receiptHandle` of SQS messages, `Signature` of SNS messages | `[` name `]` |
///
/// A member with one of these names is replaced in documents of others too. JSON inside the text of a message is
/// escaped: there only UUIDs, times and X-Ray headers are found.
///
/// ```
/// use lambda_testkit::event::S3Event;
///
/// let event = S3Event::put("export", "my files/ü+1.csv").version_id("3HL4kqtJlcpXroDTDmJ").build();
/// # // Doc tests have no snapshot files, so this one is inline.
/// lambda_testkit::snapshot::redacting().bind(|| {
///     insta::assert_snapshot!(
///         serde_json::to_string_pretty(&event.records[0].s3.object).unwrap(),
///         @r#"
///     {
///       "key": "my+files/%C3%BC%2B1.csv",
///       "size": 1024,
///       "eTag": "e5fe9cc153371086f65405e911331ccc",
///       "versionId": "[versionId]",
///       "sequencer": "[sequencer]"
///     }
///     "#
///     );
/// });
/// ```
#[must_use = "settings do nothing until they are bound"]
pub fn redacting() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    for (pattern, replacement) in FILTERS {
        settings.add_filter(pattern, replacement);
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_member_is_replaced_and_the_rest_is_left_alone() {
        let text = r#"{"request-id":"N4N7GDK58NMKJ12R","RequestId": "5582815E1AEA5ADF","HostId":"8cLeGAm","versionId":"v",
"version-id":"v","Signature":"tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi+tE/1+82j==","versionId2":"v","key":"a",
"SentTimestamp":"1523232000000","messageId":"19dd0b57-b21e-4ac1-bd88-01bbb068cb78","version":"0","versionId":null}"#;
        redacting().bind(|| {
            insta::assert_snapshot!(text, @r#"
            {"request-id": "[request-id]","RequestId": "[RequestId]","HostId": "[HostId]","versionId": "[versionId]",
            "version-id": "[version-id]","Signature": "[Signature]","versionId2":"v","key":"a",
            "SentTimestamp":"[milliseconds]","messageId":"[uuid]","version":"0","versionId":null}
            "#);
        });
    }
}
