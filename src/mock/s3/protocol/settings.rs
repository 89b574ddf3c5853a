//! Settings of buckets that are checked, kept and read back.

use s3s::dto::*;

use super::super::fault::S3Fault;
use super::super::state::Tags;
use super::adapter::Context;
use super::headers::claims;

pub(super) const TAGGING: &str = "tagging";
pub(super) const ENCRYPTION: &str = "encryption";
const PAYMENT: &str = "requestPayment";
const WEBSITE: &str = "website";
const LOGGING: &str = "logging";
const ACCELERATE: &str = "accelerate";

/// Keeps a setting of the bucket that the input names.
fn keep<T: Send + Sync + 'static>(
    context: &Context<'_>,
    bucket: &str,
    name: &'static str,
    value: Option<T>,
) -> Result<(), S3Fault> {
    if value.is_some() {
        claims(context.headers)?.verify(context.body)?;
    }
    context.act(|state, _| state.set_setting(bucket, name, value))
}

/// What is kept, or S3's error without it.
fn kept<T: Clone + 'static>(
    context: &Context<'_>,
    bucket: &str,
    name: &'static str,
    (code, message): (&'static str, &'static str),
) -> Result<T, S3Fault> {
    let kept = context.act(|state, _| state.setting(bucket, name))?;
    kept.ok_or_else(|| S3Fault::new(404, code, message).with("BucketName", bucket))
}

pub(super) fn put_tagging(
    context: &Context<'_>,
    input: PutBucketTaggingInput,
) -> Result<PutBucketTaggingOutput, S3Fault> {
    let tags = input.tagging.tag_set.into_iter().map(|tag| Some((tag.key?, tag.value?)));
    let tags = Tags::of_bucket(tags.collect::<Option<_>>().ok_or_else(S3Fault::malformed_xml)?)?;
    keep(context, &input.bucket, TAGGING, Some(tags))?;
    Ok(PutBucketTaggingOutput::default())
}

pub(super) fn get_tagging(
    context: &Context<'_>,
    input: GetBucketTaggingInput,
) -> Result<GetBucketTaggingOutput, S3Fault> {
    let tags: Tags = kept(context, &input.bucket, TAGGING, ("NoSuchTagSet", "The TagSet does not exist"))?;
    let tag_set = tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) });
    Ok(GetBucketTaggingOutput { tag_set: tag_set.collect() })
}

pub(super) fn delete_tagging(
    context: &Context<'_>,
    input: DeleteBucketTaggingInput,
) -> Result<DeleteBucketTaggingOutput, S3Fault> {
    keep::<Tags>(context, &input.bucket, TAGGING, None)?;
    Ok(DeleteBucketTaggingOutput::default())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html>
pub(super) fn put_encryption(
    context: &Context<'_>,
    input: PutBucketEncryptionInput,
) -> Result<PutBucketEncryptionOutput, S3Fault> {
    let configuration = input.server_side_encryption_configuration;
    let [rule] = &configuration.rules[..] else { return Err(S3Fault::malformed_xml()) };
    if let Some(default) = &rule.apply_server_side_encryption_by_default {
        match default.sse_algorithm.as_str() {
            "AES256" if default.kms_master_key_id.is_some() => {
                let message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or \
                               aws:kms:dsse";
                return Err(S3Fault::new(400, "InvalidArgument", message));
            }
            "AES256" | "aws:kms" | "aws:kms:dsse" => {}
            _ => return Err(S3Fault::malformed_xml()),
        }
    }
    keep(context, &input.bucket, ENCRYPTION, Some(configuration))?;
    Ok(PutBucketEncryptionOutput::default())
}

/// Each bucket has a default since January 2023.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html>
pub(super) fn get_encryption(
    context: &Context<'_>,
    input: GetBucketEncryptionInput,
) -> Result<GetBucketEncryptionOutput, S3Fault> {
    let message = "The server side encryption configuration was not found";
    let missing = ("ServerSideEncryptionConfigurationNotFoundError", message);
    let configuration = match kept(context, &input.bucket, ENCRYPTION, missing) {
        Err(fault) if fault.code == missing.0 && !context.service.is_as_before_2020() => {
            let default = ServerSideEncryptionByDefault {
                kms_master_key_id: None,
                sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
            };
            let rule = ServerSideEncryptionRule {
                apply_server_side_encryption_by_default: Some(default),
                bucket_key_enabled: Some(false),
            };
            ServerSideEncryptionConfiguration { rules: vec![rule] }
        }
        kept => kept?,
    };
    Ok(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(configuration) })
}

pub(super) fn delete_encryption(
    context: &Context<'_>,
    input: DeleteBucketEncryptionInput,
) -> Result<DeleteBucketEncryptionOutput, S3Fault> {
    keep::<ServerSideEncryptionConfiguration>(context, &input.bucket, ENCRYPTION, None)?;
    Ok(DeleteBucketEncryptionOutput::default())
}

pub(super) fn put_payment(
    context: &Context<'_>,
    input: PutBucketRequestPaymentInput,
) -> Result<PutBucketRequestPaymentOutput, S3Fault> {
    let payer = input.request_payment_configuration.payer;
    match payer.as_str() {
        Payer::BUCKET_OWNER => {}
        // Then requests of others without x-amz-request-payer are refused, which the mock does not do.
        Payer::REQUESTER => {
            return Err(S3Fault::not_implemented("the payer Requester of a request payment configuration"));
        }
        _ => return Err(S3Fault::malformed_xml()),
    }
    keep(context, &input.bucket, PAYMENT, Some(payer))?;
    Ok(PutBucketRequestPaymentOutput::default())
}

pub(super) fn get_payment(
    context: &Context<'_>,
    input: GetBucketRequestPaymentInput,
) -> Result<GetBucketRequestPaymentOutput, S3Fault> {
    let payer = context.act(|state, _| state.setting::<Payer>(&input.bucket, PAYMENT))?;
    Ok(GetBucketRequestPaymentOutput { payer: Some(payer.unwrap_or_else(|| Payer::from_static(Payer::BUCKET_OWNER))) })
}

const MAX_ROUTING_RULES: usize = 50;

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html>
pub(super) fn put_website(
    context: &Context<'_>,
    input: PutBucketWebsiteInput,
) -> Result<PutBucketWebsiteOutput, S3Fault> {
    let website = input.website_configuration;
    let alone = website.index_document.is_none() && website.error_document.is_none() && website.routing_rules.is_none();
    match (&website.redirect_all_requests_to, &website.index_document) {
        (Some(_), _) if !alone => {
            let message = "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.";
            return Err(S3Fault::new(400, "InvalidArgument", message));
        }
        (Some(_), _) => {}
        (None, None) => {
            let message = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty";
            return Err(S3Fault::invalid_argument(message, "IndexDocument", "null"));
        }
        (None, Some(index)) if index.suffix.is_empty() || index.suffix.contains('/') => {
            let message = "The IndexDocument Suffix is not well formed";
            return Err(S3Fault::invalid_argument(message, "IndexDocument", index.suffix.as_str()));
        }
        (None, Some(_)) => {}
    }
    check_rules(website.routing_rules.as_deref().unwrap_or_default())?;
    keep(context, &input.bucket, WEBSITE, Some(website))?;
    Ok(PutBucketWebsiteOutput::default())
}

/// WebsiteConfiguration: "Amazon S3 has a limitation of 50 routing rules"; Redirect, Condition. In words that
/// <https://github.com/ceph/s3-tests/blob/master/s3tests/functional/test_s3_website.py> and
/// <https://github.com/versity/versitygw/blob/main/s3err/s3err.go> have from S3.
fn check_rules(rules: &[RoutingRule]) -> Result<(), S3Fault> {
    if rules.len() > MAX_ROUTING_RULES {
        let message = format!(
            "{} routing rules provided, the number of routing rules in a website configuration is limited to \
             {MAX_ROUTING_RULES}.",
            rules.len()
        );
        return Err(S3Fault::invalid_request(message));
    }
    let status = |text: &str| text.parse::<u16>().map_err(|_| S3Fault::malformed_xml());
    for RoutingRule { condition, redirect } in rules {
        if let Some(code) = redirect.http_redirect_code.as_deref().map(status).transpose()?
            && !(301..400).contains(&code)
        {
            let message =
                format!("The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300.");
            return Err(S3Fault::invalid_request(message));
        }
        if redirect.replace_key_prefix_with.is_some() && redirect.replace_key_with.is_some() {
            let message = "You can only define ReplaceKeyPrefix or ReplaceKey but not both.";
            return Err(S3Fault::invalid_request(message));
        }
        let returned = condition.as_ref().and_then(|condition| condition.http_error_code_returned_equals.as_deref());
        if let Some(code) = returned.map(status).transpose()?
            && !(400..600).contains(&code)
        {
            let message = format!("The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or 5XX.");
            return Err(S3Fault::invalid_request(message));
        }
    }
    Ok(())
}

pub(super) fn get_website(
    context: &Context<'_>,
    input: GetBucketWebsiteInput,
) -> Result<GetBucketWebsiteOutput, S3Fault> {
    let message = "The specified bucket does not have a website configuration";
    let website: WebsiteConfiguration = kept(context, &input.bucket, WEBSITE, ("NoSuchWebsiteConfiguration", message))?;
    Ok(GetBucketWebsiteOutput {
        error_document: website.error_document,
        index_document: website.index_document,
        redirect_all_requests_to: website.redirect_all_requests_to,
        routing_rules: website.routing_rules,
    })
}

pub(super) fn delete_website(
    context: &Context<'_>,
    input: DeleteBucketWebsiteInput,
) -> Result<DeleteBucketWebsiteOutput, S3Fault> {
    keep::<WebsiteConfiguration>(context, &input.bucket, WEBSITE, None)?;
    Ok(DeleteBucketWebsiteOutput::default())
}

pub(super) fn put_logging(
    context: &Context<'_>,
    input: PutBucketLoggingInput,
) -> Result<PutBucketLoggingOutput, S3Fault> {
    let logging = input.bucket_logging_status.logging_enabled;
    if let Some(logging) = &logging {
        let missing = |_| {
            let message = "The target bucket for logging does not exist";
            S3Fault::new(400, "InvalidTargetBucketForLogging", message)
                .with("TargetBucket", logging.target_bucket.as_str())
        };
        let (source, target) = context.act(|state, _| {
            Ok((state.head_bucket(&input.bucket)?, state.head_bucket(&logging.target_bucket).map_err(missing)?))
        })?;
        if source.owner != target.owner || source.region != target.region {
            let message = "The owner for the bucket to be logged and the target bucket must be the same.";
            return Err(S3Fault::new(400, "InvalidTargetBucketForLogging", message));
        }
    }
    keep(context, &input.bucket, LOGGING, Some(logging))?;
    Ok(PutBucketLoggingOutput::default())
}

pub(super) fn get_logging(
    context: &Context<'_>,
    input: GetBucketLoggingInput,
) -> Result<GetBucketLoggingOutput, S3Fault> {
    let logging = context.act(|state, _| state.setting::<Option<LoggingEnabled>>(&input.bucket, LOGGING))?;
    Ok(GetBucketLoggingOutput { logging_enabled: logging.flatten() })
}

/// Nothing is ever replicated here: the operation that would configure it is refused.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ReplicationErrorCodeList>
pub(super) fn get_replication(
    context: &Context<'_>,
    input: GetBucketReplicationInput,
) -> Result<GetBucketReplicationOutput, S3Fault> {
    context.act(|state, _| state.head_bucket(&input.bucket))?;
    let message = "The replication configuration was not found";
    Err(S3Fault::new(404, "ReplicationConfigurationNotFoundError", message).with("BucketName", input.bucket))
}

pub(super) fn delete_replication(
    context: &Context<'_>,
    input: DeleteBucketReplicationInput,
) -> Result<DeleteBucketReplicationOutput, S3Fault> {
    context.act(|state, _| state.head_bucket(&input.bucket))?;
    Ok(DeleteBucketReplicationOutput::default())
}

pub(super) fn put_accelerate(
    context: &Context<'_>,
    input: PutBucketAccelerateConfigurationInput,
) -> Result<PutBucketAccelerateConfigurationOutput, S3Fault> {
    let status = input.accelerate_configuration.status.ok_or_else(S3Fault::malformed_xml)?;
    if ![BucketAccelerateStatus::ENABLED, BucketAccelerateStatus::SUSPENDED].contains(&status.as_str()) {
        return Err(S3Fault::malformed_xml());
    }
    if input.bucket.contains('.') {
        let message = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names";
        return Err(S3Fault::invalid_request(message));
    }
    keep(context, &input.bucket, ACCELERATE, Some(status))?;
    Ok(PutBucketAccelerateConfigurationOutput::default())
}

pub(super) fn get_accelerate(
    context: &Context<'_>,
    input: GetBucketAccelerateConfigurationInput,
) -> Result<GetBucketAccelerateConfigurationOutput, S3Fault> {
    let status = context.act(|state, _| state.setting(&input.bucket, ACCELERATE))?;
    Ok(GetBucketAccelerateConfigurationOutput { request_charged: None, status })
}
