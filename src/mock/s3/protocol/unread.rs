//! Parameters and headers whose value `s3s` cannot read, in S3's words.
//!
//! For counts: <https://github.com/versity/versitygw/issues/1804>; for what a copy reads:
//! <https://github.com/versity/versitygw/issues/1388>, <https://github.com/versity/versitygw/issues/1389>.

use super::super::fault::S3Fault;

const COUNTS: [&str; 5] = ["max-buckets", "max-keys", "max-parts", "max-uploads", "part-number-marker"];

const SOURCE: &str = "x-amz-copy-source";

/// What S3 says in place of this message of `s3s`; none where that is not known.
pub(super) fn fault(message: &str) -> Option<S3Fault> {
    if let Some(header) = message.strip_prefix("missing header: ") {
        return of_missing(header);
    }
    if let Some(rest) = message.strip_prefix("invalid query: ") {
        let (name, value) = rest.split_once(": ")?;
        return of_query(name, value);
    }
    let (name, value) = message.strip_prefix("invalid header: ")?.split_once(": ")?;
    of_header(name, value.trim_matches('"'))
}

fn of_missing(header: &str) -> Option<S3Fault> {
    match header {
        // It is there, for it makes the request a copy, and it is empty.
        SOURCE => Some(no_source_bucket("")),
        "x-amz-object-attributes" => Some(no_attributes()),
        _ => None,
    }
}

fn of_query(name: &str, value: &str) -> Option<S3Fault> {
    if COUNTS.contains(&name) {
        let message = format!("Provided {name} not an integer or within integer range");
        return Some(S3Fault::invalid_argument(message, name, value));
    }
    (name == "partNumber").then(|| S3Fault::invalid_part_number(value))
}

fn of_header(name: &str, value: &str) -> Option<S3Fault> {
    match name {
        SOURCE if value.starts_with("arn:") => {
            Some(S3Fault::not_implemented("x-amz-copy-source with the ARN of an access point"))
        }
        SOURCE if value.trim_start_matches('/').contains('/') => Some(no_source_bucket(value)),
        SOURCE => Some(no_source_key(value)),
        "x-amz-mp-object-size" => Some(no_object_size(value)),
        _ => None,
    }
}

/// The size that a completed object is to have is none: <https://github.com/versity/versitygw/issues/1398>.
pub(super) fn no_object_size(value: &str) -> S3Fault {
    S3Fault::invalid_request(format!("Value for x-amz-mp-object-size header is invalid: '{value}'"))
}

fn no_source_bucket(value: &str) -> S3Fault {
    S3Fault::invalid_argument("Invalid copy source bucket name", SOURCE, value)
}

/// A copy is to read something of which the bucket alone is said.
pub(super) fn no_source_key(value: &str) -> S3Fault {
    S3Fault::invalid_argument("Invalid copy source object key", SOURCE, value)
}

/// GetObjectAttributes is told nothing to look for.
pub(super) fn no_attributes() -> S3Fault {
    S3Fault::invalid_request(
        "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
    )
}
