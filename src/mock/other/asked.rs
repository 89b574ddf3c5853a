//! What a request is about and whether it only reads, as far as that can be seen without knowing its service.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::mock::http::header_text;

/// The members by which requests in AWS JSON name what they are about, in the order in which they are looked for.
const NAMES: [&str; 11] = [
    "TableName",
    "SecretId",
    "StreamName",
    "TopicArn",
    "stateMachineArn",
    "logGroupName",
    "EventBusName",
    "KeyId",
    "UserPoolId",
    "Name",
    "name",
];

/// What the operation is about: a table, a secret, a parameter; empty when the body does not say.
pub(super) fn resource(request: &Request<Bytes>) -> String {
    if header_text(request.headers(), "x-amz-target").is_none() {
        return String::new();
    }
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let named = NAMES.iter().find_map(|name| body.get(name)?.as_str());
    named.map_or_else(String::new, |name| name.escape_debug().to_string())
}

/// Whether the operation only reads, by its name.
pub(super) fn is_read(operation: &str) -> bool {
    const READS: [&str; 12] =
        ["Get", "List", "Describe", "BatchGet", "Query", "Scan", "Head", "Lookup", "Search", "Select", "GET ", "HEAD "];
    READS.iter().any(|read| operation.starts_with(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_that_only_read_are_known_by_their_verbs() {
        assert!(["GetItem", "BatchGetItem", "Query", "GET /a"].into_iter().all(is_read));
        assert!(!["PutItem", "BatchWriteItem", "POST /a"].into_iter().any(is_read));
    }
}
