//! The headers of server-side encryption.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use md5::{Digest, Md5};
use s3s::dto::ServerSideEncryptionConfiguration;
use uuid::Uuid;

use super::super::fault::S3Fault;
use super::super::state::{CustomerKey, Encryption};
use super::adapter::Context;
use super::headers::any;
use super::settings::ENCRYPTION;
use crate::mock::http::header_text;

pub(super) const HEADER: &str = "x-amz-server-side-encryption";
const KEY_ID: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const CONTEXT: &str = "x-amz-server-side-encryption-context";
const BUCKET_KEY: &str = "x-amz-server-side-encryption-bucket-key-enabled";
const CUSTOMER_ALGORITHM: &str = "x-amz-server-side-encryption-customer-algorithm";
const CUSTOMER_MD5: &str = "x-amz-server-side-encryption-customer-key-md5";

/// All of these headers that a request may have.
pub(super) const HEADERS: [&str; 10] = [
    HEADER,
    KEY_ID,
    CONTEXT,
    BUCKET_KEY,
    CUSTOMER_ALGORITHM,
    "x-amz-server-side-encryption-customer-key",
    CUSTOMER_MD5,
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-copy-source-server-side-encryption-customer-key-md5",
];

/// What a writing request asks for, or else what the bucket does by default. None is with keys of S3, of which nobody has said
/// anything.
///
/// # Errors
///
/// `InvalidArgument` for an unknown encryption, for two of them, and for what does not go with it.
pub(super) fn wanted(context: &Context<'_>, bucket: &str) -> Result<Option<Encryption>, S3Fault> {
    let headers = context.headers;
    if !any(headers, HEADER) {
        return default_of(context, bucket);
    }
    let customer = customer_key(headers)?;
    let said = header_text(headers, HEADER);
    let key_id = header_text(headers, KEY_ID);
    let invalid = |message: &'static str, value: &str| Err(S3Fault::invalid_argument(message, HEADER, value));
    let name = match (said, customer) {
        (Some(name), Some(_)) => {
            let message = "Server Side Encryption with Customer provided key is incompatible with the encryption \
                           method specified";
            return invalid(message, name);
        }
        (None, Some(_)) if key_id.is_some() => {
            let message = "Server Side Encryption with AWS KMS managed key requires HTTP header \
                           x-amz-server-side-encryption : aws:kms";
            return invalid(message, "null");
        }
        (None, Some(key)) => return Ok(Some(Encryption::Customer(key))),
        (None, None) => "",
        (Some(name), None) => name,
    };
    let bucket_key = match header_text(headers, BUCKET_KEY) {
        None => false,
        Some(value) => value.eq_ignore_ascii_case("true"),
    };
    match name {
        "" | "AES256" if key_id.is_some() || headers.contains_key(CONTEXT) => {
            let message = "Server Side Encryption with AWS KMS managed key requires HTTP header \
                           x-amz-server-side-encryption : aws:kms";
            invalid(message, if name.is_empty() { "null" } else { name })
        }
        "" => default_of(context, bucket),
        "AES256" => Ok(Some(Encryption::Managed)),
        "aws:kms:dsse" if bucket_key => {
            Err(S3Fault::invalid_request("S3 Bucket Keys are not supported for dual-layer server-side encryption."))
        }
        "aws:kms" | "aws:kms:dsse" => {
            let key_id = key_id.map_or_else(|| default_key(context), |id| Ok(id.to_owned()))?;
            let context = header_text(headers, CONTEXT).map(str::to_owned);
            Ok(Some(Encryption::Kms { dual: name == "aws:kms:dsse", key_id, context, bucket_key }))
        }
        other => invalid("The encryption method specified is not supported", other),
    }
}

/// What the bucket does with objects of whose encryption nothing is said.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html>
fn default_of(context: &Context<'_>, bucket: &str) -> Result<Option<Encryption>, S3Fault> {
    // A bucket that is not there is refused by the write itself.
    let kept = context.service.setting::<ServerSideEncryptionConfiguration>(bucket, ENCRYPTION);
    let rule = kept.and_then(|configuration| configuration.rules.into_iter().next());
    let Some(rule) = rule else { return Ok(None) };
    let Some(default) = rule.apply_server_side_encryption_by_default else { return Ok(None) };
    let dual = match default.sse_algorithm.as_str() {
        "aws:kms" => false,
        "aws:kms:dsse" => true,
        _ => return Ok(Some(Encryption::Managed)),
    };
    let key_id = default.kms_master_key_id.map_or_else(|| default_key(context), Ok)?;
    let bucket_key = !dual && rule.bucket_key_enabled.unwrap_or(false);
    Ok(Some(Encryption::Kms { dual, key_id, context: None, bucket_key }))
}

/// The key `aws/s3` of the caller's account: made on first use there, the same in every run here.
fn default_key(context: &Context<'_>) -> Result<String, S3Fault> {
    let caller = context.call.caller.as_ref().ok_or_else(S3Fault::access_denied)?;
    let (region, account) = (&context.call.region, &caller.account);
    let digest = Md5::digest(format!("aws/s3 of {account} in {region}"));
    let id = Uuid::from_bytes(digest.into());
    Ok(format!("arn:{}:kms:{region}:{account}:key/{id}", region.partition()))
}

/// Refuses what a read has no use for: S3 knows by itself how an object is encrypted (GetObject, Encryption).
///
/// # Errors
///
/// `InvalidArgument`.
pub(super) fn check_read(headers: &HeaderMap) -> Result<(), S3Fault> {
    if !any(headers, HEADER) {
        return Ok(());
    }
    match [HEADER, KEY_ID].into_iter().find_map(|name| Some((name, header_text(headers, name)?))) {
        Some((name, value)) => {
            Err(S3Fault::invalid_argument(format!("{name} header is not supported for this operation."), name, value))
        }
        None => Ok(()),
    }
}

/// The client's own key.
///
/// # Errors
///
/// As [`source_key`].
pub(super) fn customer_key(headers: &HeaderMap) -> Result<Option<CustomerKey>, S3Fault> {
    key_at(headers, CUSTOMER_ALGORITHM, "x-amz-server-side-encryption-customer-key", CUSTOMER_MD5)
}

/// The client's own key of the object that a copy reads.
///
/// # Errors
///
/// `InvalidArgument` for what is missing or wrong, `InvalidEncryptionAlgorithmError` for another than `AES256`.
pub(super) fn source_key(headers: &HeaderMap) -> Result<Option<CustomerKey>, S3Fault> {
    key_at(
        headers,
        "x-amz-copy-source-server-side-encryption-customer-algorithm",
        "x-amz-copy-source-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key-md5",
    )
}

fn key_at(
    headers: &HeaderMap,
    algorithm: &'static str,
    key: &'static str,
    md5: &'static str,
) -> Result<Option<CustomerKey>, S3Fault> {
    let text = |name| header_text(headers, name);
    if !any(headers, algorithm.trim_end_matches("algorithm")) {
        return Ok(None);
    }
    let missing = |what: &str, name: &str| {
        let message =
            format!("Requests specifying Server Side Encryption with Customer provided keys must provide {what}.");
        Err(S3Fault::invalid_argument(message, name, "null"))
    };
    match text(algorithm) {
        None => return missing("a valid encryption algorithm", algorithm),
        Some("AES256") => {}
        Some(other) => {
            let message = "The encryption request you specified is not valid. The valid value is AES256.";
            return Err(S3Fault::new(400, "InvalidEncryptionAlgorithmError", message)
                .with("ArgumentName", algorithm)
                .with("ArgumentValue", other));
        }
    }
    let Some(value) = text(key) else { return missing("an appropriate secret key", key) };
    let Some(claimed) = text(md5) else { return missing("the client calculated MD5 of the secret key", md5) };
    let bytes = STANDARD.decode(value).ok().filter(|bytes| bytes.len() == 32);
    let Some(bytes) = bytes else {
        let message = "The secret key was invalid for the specified algorithm.";
        return Err(S3Fault::invalid_argument(message, key, "null"));
    };
    let calculated = STANDARD.encode(Md5::digest(&bytes));
    if calculated != claimed {
        let message = "The calculated MD5 hash of the key did not match the hash that was provided.";
        return Err(S3Fault::invalid_argument(message, md5, claimed));
    }
    Ok(Some(CustomerKey { md5: calculated }))
}

/// The encryption by its name.
pub(super) fn name(encryption: Option<&Encryption>) -> &'static str {
    match encryption {
        Some(Encryption::Kms { dual: true, .. }) => "aws:kms:dsse",
        Some(Encryption::Kms { .. }) => "aws:kms",
        None | Some(Encryption::Managed | Encryption::Customer(_)) => "AES256",
    }
}

/// Tells how what was read or written is encrypted.
pub(super) fn tell(context: &Context<'_>, encryption: Option<&Encryption>) {
    match encryption {
        None | Some(Encryption::Managed) => context.tell(HEADER, name(encryption)),
        Some(Encryption::Kms { key_id, bucket_key, .. }) => {
            context.tell(HEADER, name(encryption));
            context.tell(KEY_ID, key_id);
            if *bucket_key {
                context.tell(BUCKET_KEY, "true");
            }
        }
        Some(Encryption::Customer(key)) => {
            context.tell(CUSTOMER_ALGORITHM, "AES256");
            context.tell(CUSTOMER_MD5, &key.md5);
        }
    }
}
