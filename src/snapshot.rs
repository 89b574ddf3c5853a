//! Settings for `insta` snapshots of values that are not seeded.
//!
//! A [`Timeline`](crate::Timeline), or an event that a seeded cloud made, needs none of this: it is the same in every
//! run. Use it for documents from elsewhere, such as a captured event or a handler that draws its own ids.

/// What is replaced, by what: the more special patterns come first.
const FILTERS: [(&str, &str); 6] = [
    // The X-Ray header.
    (r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;Parent=[0-9a-f]{16})?(;Sampled=[01])?", "[trace]"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[uuid]"),
    // RFC 3339, as in eventTime, and the date of Signature Version 4.
    (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", "[time]"),
    (r"\d{8}T\d{6}Z", "[time]"),
    // Milliseconds since 1970, as text, as in the attributes of SQS messages; from 2001 on.
    (r#""1\d{12}""#, r#""[milliseconds]""#),
    // The members of S3 records that no test knows beforehand.
    (r#""(x-amz-request-id|x-amz-id-2|sequencer|receiptHandle|principalId)"\s*:\s*"[^"]*""#, r#""$1": "[$1]""#),
];

/// Settings that replace ids and times in snapshots by their kind: `[uuid]`, `[time]`, `[sequencer]`, …
///
/// ```
/// # // Doc tests have no snapshot files, so this one is inline.
/// lambda_testkit::snapshot::redacting().bind(|| {
///     insta::assert_snapshot!(
///         "19dd0b57-b21e-4ac1-bd88-01bbb068cb78 at 2026-01-01T00:00:00.000Z",
///         @"[uuid] at [time]"
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
