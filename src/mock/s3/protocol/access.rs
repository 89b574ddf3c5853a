//! Policies, ownership and the blocking of public access as documents.

use std::sync::Arc;

use s3s::dto::*;
use serde_json::Value;

use super::super::fault::S3Fault;
use super::super::state::{BucketPolicy, Ownership, PublicBlock};
use super::adapter::Context;
use super::headers::claims;
use super::policy_words;
use crate::event::Partition;
use crate::iam::PolicyDocument;

/// A bucket's policy has up to 20 KB.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>
const MAX_POLICY_BYTES: usize = 20 * 1024;

/// Reads the policy of this bucket.
fn policy(text: String, bucket: &str, partition: Partition) -> Result<BucketPolicy, S3Fault> {
    if text.len() > MAX_POLICY_BYTES {
        return Err(S3Fault::new(400, "PolicyTooLarge", "The policy exceeds the maximum allowed document size.")
            .with("MaxSizeAllowed", MAX_POLICY_BYTES.to_string()));
    }
    let document: Value = serde_json::from_str(&text).map_err(|_| policy_words::no_document())?;
    if !document.is_object() {
        return Err(policy_words::no_document());
    }
    let document = PolicyDocument::parse_of_bucket(&document).map_err(|invalid| policy_words::invalid(&invalid))?;
    if let Some(foreign) = document.foreign("s3", &format!("arn:{partition}:s3:::{bucket}")) {
        return Err(policy_words::foreign(foreign));
    }
    if let Some(action) = document.about_nothing(policy_words::applies) {
        return Err(policy_words::applies_to_nothing(action));
    }
    Ok(BucketPolicy { text, document: Arc::new(document) })
}

pub(super) fn put_policy(context: &Context<'_>, input: PutBucketPolicyInput) -> Result<PutBucketPolicyOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let policy = policy(input.policy, &input.bucket, context.call.region.partition())?;
    context.act(|state, _| state.set_policy(&input.bucket, Some(policy)))?;
    Ok(PutBucketPolicyOutput::default())
}

pub(super) fn get_policy(context: &Context<'_>, input: GetBucketPolicyInput) -> Result<GetBucketPolicyOutput, S3Fault> {
    let policy = context.act(|state, _| state.policy(&input.bucket).cloned())?;
    Ok(GetBucketPolicyOutput { policy: Some(policy.text) })
}

pub(super) fn delete_policy(
    context: &Context<'_>,
    input: DeleteBucketPolicyInput,
) -> Result<DeleteBucketPolicyOutput, S3Fault> {
    context.act(|state, _| state.set_policy(&input.bucket, None))?;
    Ok(DeleteBucketPolicyOutput::default())
}

/// Whether the policy of a bucket lets in anybody.
pub(super) fn policy_status(
    context: &Context<'_>,
    input: GetBucketPolicyStatusInput,
) -> Result<GetBucketPolicyStatusOutput, S3Fault> {
    let is_public = context.act(|state, _| state.has_public_policy(&input.bucket))?;
    Ok(GetBucketPolicyStatusOutput { policy_status: Some(PolicyStatus { is_public: Some(is_public) }) })
}

/// The setting of this name.
pub(super) fn ownership(name: &str) -> Result<Ownership, S3Fault> {
    Ownership::of(name).ok_or_else(S3Fault::malformed_xml)
}

pub(super) fn put_ownership(
    context: &Context<'_>,
    input: PutBucketOwnershipControlsInput,
) -> Result<PutBucketOwnershipControlsOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let [rule] = &input.ownership_controls.rules[..] else { return Err(S3Fault::malformed_xml()) };
    let ownership = ownership(rule.object_ownership.as_str())?;
    context.act(|state, _| state.set_ownership(&input.bucket, Some(ownership)))?;
    Ok(PutBucketOwnershipControlsOutput::default())
}

pub(super) fn get_ownership(
    context: &Context<'_>,
    input: GetBucketOwnershipControlsInput,
) -> Result<GetBucketOwnershipControlsOutput, S3Fault> {
    let ownership = context.act(|state, _| state.ownership(&input.bucket))?;
    let rule = OwnershipControlsRule { object_ownership: ObjectOwnership::from_static(ownership.name()) };
    Ok(GetBucketOwnershipControlsOutput { ownership_controls: Some(OwnershipControls { rules: vec![rule] }) })
}

pub(super) fn delete_ownership(
    context: &Context<'_>,
    input: DeleteBucketOwnershipControlsInput,
) -> Result<DeleteBucketOwnershipControlsOutput, S3Fault> {
    context.act(|state, _| state.set_ownership(&input.bucket, None))?;
    Ok(DeleteBucketOwnershipControlsOutput::default())
}

pub(super) fn put_block(
    context: &Context<'_>,
    input: PutPublicAccessBlockInput,
) -> Result<PutPublicAccessBlockOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let given = input.public_access_block_configuration;
    // What is not said is off (PublicAccessBlockConfiguration).
    let block = PublicBlock {
        block_acls: given.block_public_acls.unwrap_or(false),
        ignore_acls: given.ignore_public_acls.unwrap_or(false),
        block_policy: given.block_public_policy.unwrap_or(false),
        restrict_buckets: given.restrict_public_buckets.unwrap_or(false),
    };
    context.act(|state, _| state.set_public_block(&input.bucket, Some(block)))?;
    Ok(PutPublicAccessBlockOutput::default())
}

pub(super) fn get_block(
    context: &Context<'_>,
    input: GetPublicAccessBlockInput,
) -> Result<GetPublicAccessBlockOutput, S3Fault> {
    let block = context.act(|state, _| state.public_block(&input.bucket))?;
    let configuration = PublicAccessBlockConfiguration {
        block_public_acls: Some(block.block_acls),
        ignore_public_acls: Some(block.ignore_acls),
        block_public_policy: Some(block.block_policy),
        restrict_public_buckets: Some(block.restrict_buckets),
    };
    Ok(GetPublicAccessBlockOutput { public_access_block_configuration: Some(configuration) })
}

pub(super) fn delete_block(
    context: &Context<'_>,
    input: DeletePublicAccessBlockInput,
) -> Result<DeletePublicAccessBlockOutput, S3Fault> {
    context.act(|state, _| state.set_public_block(&input.bucket, None))?;
    Ok(DeletePublicAccessBlockOutput::default())
}
