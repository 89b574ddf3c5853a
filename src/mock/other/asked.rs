//! What a request is about, as far as that can be seen without knowing its service.

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::mock::http::query;

/// The operation: what follows the dot in `x-amz-target` (AWS JSON), the form's `Action` (the query protocol), or the method
/// and the path (REST).
pub(super) fn operation(request: &Request<Bytes>) -> String {
    if let Some(target) = header(request, "x-amz-target") {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    if header(request, "content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
        && let Ok(form) = std::str::from_utf8(request.body())
        && let Some(action) = query::value(form, "Action")
    {
        return action.into_owned();
    }
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    format!("{} {}", request.method(), path.escape_debug())
}

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
    if header(request, "x-amz-target").is_none() {
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

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_says_its_operation_in_its_own_way() {
        let asked = |request: http::request::Builder, body: &'static str| {
            let request = request.body(Bytes::from(body)).unwrap();
            (operation(&request), resource(&request))
        };
        let json = Request::post("/").header("x-amz-target", "DynamoDB_20120810.PutItem");
        assert_eq!(asked(json, r#"{"TableName":"users"}"#), ("PutItem".to_owned(), "users".to_owned()));
        let form = Request::post("/").header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        assert_eq!(asked(form, "Version=2010-03-31&Action=Publish"), ("Publish".to_owned(), String::new()));
        let rest = Request::put("/things/a%20b?x=1");
        assert_eq!(asked(rest, ""), ("PUT /things/a b".to_owned(), String::new()));
    }

    #[test]
    fn operations_that_only_read_are_known_by_their_verbs() {
        assert!(["GetItem", "BatchGetItem", "Query", "GET /a"].into_iter().all(is_read));
        assert!(!["PutItem", "BatchWriteItem", "POST /a"].into_iter().any(is_read));
    }
}
