//! Operations on buckets.

use s3s::dto::*;

use super::super::fault::S3Fault;
use super::super::state::{NewBucket, Tags, Versioning};
use super::access::ownership;
use super::acl::{self, wished};
use super::adapter::Context;
use super::convert::{count, shown_time};
use super::facts::tags_of_document;
use super::headers::claims;
use super::listing::{read_token, token};
use super::settings::TAGGING;
use crate::event::Region as AwsRegion;

pub(super) fn create(context: &Context<'_>, input: CreateBucketInput) -> Result<CreateBucketOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let configuration = input.create_bucket_configuration.unwrap_or_default();
    let constraint = configuration.location_constraint;
    let asked = constraint.as_ref().map(|constraint| region(constraint.as_str())).transpose()?;
    let region = located(asked, &context.call.region)?;
    let ownership = input.object_ownership.as_ref().map(|name| ownership(name.as_str())).transpose()?;
    let locked = input.object_lock_enabled_for_bucket.unwrap_or(false);
    let new = NewBucket { acl: wished(context)?, ownership, locked };
    // `s3s` does not know the tags of the configuration.
    let tags = Tags::of_bucket(tags_of_document(context.body))?;
    context.service.create_bucket_with(context.call, &input.bucket, region.clone(), &new)?;
    if constraint.is_some_and(|constraint| constraint.as_str() == EU) {
        context.act(|state, _| state.set_setting(&input.bucket, LOCATION, Some(EU)))?;
    }
    if tags.len() > 0 {
        context.act(|state, _| state.set_setting(&input.bucket, TAGGING, Some(tags)))?;
    }
    // https://docs.aws.amazon.com/cli/latest/reference/s3api/create-bucket.html#examples
    let location = match region.as_str() {
        "us-east-1" => format!("/{}", input.bucket),
        _ => format!("http://{}.s3.amazonaws.com/", input.bucket),
    };
    Ok(CreateBucketOutput { location: Some(location) })
}

/// The older name of eu-west-1, by which a bucket is still told that was made so (GetBucketLocation, LocationConstraint).
const EU: &str = "EU";
/// The setting under which that is kept.
const LOCATION: &str = "location";

/// The region that a location constraint names. us-east-1 has none (CreateBucket, LocationConstraint).
fn region(constraint: &str) -> Result<AwsRegion, S3Fault> {
    let name = if constraint == EU { "eu-west-1" } else { constraint };
    AwsRegion::new(name).ok().filter(|region| region.as_str() != "us-east-1").ok_or_else(|| {
        S3Fault::new(400, "InvalidLocationConstraint", "The specified location-constraint is not valid")
            .with("LocationConstraint", constraint)
    })
}

/// Where a bucket is made: in the region of the request, which has to be said everywhere but in us-east-1; from there,
/// in any (CreateBucket, LocationConstraint).
fn located(asked: Option<AwsRegion>, here: &AwsRegion) -> Result<AwsRegion, S3Fault> {
    let incompatible = |constraint: &str| {
        let message = format!(
            "The {constraint} location constraint is incompatible for the region specific endpoint this request was \
             sent to."
        );
        Err(S3Fault::new(400, "IllegalLocationConstraintException", message))
    };
    match asked {
        None if here.as_str() == "us-east-1" => Ok(here.clone()),
        None => incompatible("unspecified"),
        Some(asked) if asked == *here || here.as_str() == "us-east-1" => Ok(asked),
        Some(asked) => incompatible(asked.as_str()),
    }
}

pub(super) fn delete(context: &Context<'_>, input: DeleteBucketInput) -> Result<DeleteBucketOutput, S3Fault> {
    context.service.delete_bucket(context.call, &input.bucket)?;
    Ok(DeleteBucketOutput::default())
}

fn arn(context: &Context<'_>, bucket: &str) -> String {
    format!("arn:{}:s3:::{bucket}", context.call.region.partition())
}

pub(super) fn head(context: &Context<'_>, input: HeadBucketInput) -> Result<HeadBucketOutput, S3Fault> {
    context.act(|state, _| state.head_bucket(&input.bucket))?;
    context.tell("x-amz-bucket-arn", arn(context, &input.bucket));
    // Its region is told to whoever asks, also where this is not reached.
    Ok(HeadBucketOutput { access_point_alias: Some(false), ..HeadBucketOutput::default() })
}

pub(super) fn location(
    context: &Context<'_>,
    input: GetBucketLocationInput,
) -> Result<GetBucketLocationOutput, S3Fault> {
    let (bucket, older) = context.act(|state, _| {
        Ok((state.head_bucket(&input.bucket)?, state.setting::<&'static str>(&input.bucket, LOCATION)?))
    })?;
    let region = older.map(str::to_owned).or_else(|| Some(bucket.region.to_string()));
    let region = region.filter(|region| region != "us-east-1");
    Ok(GetBucketLocationOutput { location_constraint: region.map(BucketLocationConstraint::from) })
}

/// ListBuckets, MaxBuckets: "Minimum value of 1. Maximum value of 10000."
const MAX_BUCKETS: usize = 10_000;

pub(super) fn list(context: &Context<'_>, input: ListBucketsInput) -> Result<ListBucketsOutput, S3Fault> {
    let max = count(input.max_buckets, "max-buckets", MAX_BUCKETS).ok().filter(|max| (1..=MAX_BUCKETS).contains(max));
    let max = max.ok_or_else(|| {
        let message = "Argument max-buckets must be an integer between 1 and 10000";
        S3Fault::invalid_argument(message, "max-buckets", input.max_buckets.unwrap_or_default().to_string())
    })?;
    let (buckets, account) = context.act(|state, act| Ok((state.list_buckets(act), act.signed()?.clone())))?;
    if let Some(asked) = input.bucket_region.as_deref() {
        check_region(asked, &context.call.region)?;
    }
    let after = input.continuation_token.as_deref().map(read_token).transpose()?.unwrap_or_default();
    let prefix = input.prefix.as_deref().unwrap_or("");
    let mut wanted = buckets.into_iter().filter(|bucket| {
        let in_region = input.bucket_region.as_deref().is_none_or(|region| region == bucket.region.as_str());
        in_region && bucket.name > after && bucket.name.starts_with(prefix)
    });
    // "If the request contains at least one valid parameter, it is included in the response" (Bucket, BucketRegion).
    let tells_region = input.max_buckets.is_some()
        || input.continuation_token.is_some()
        || input.prefix.is_some()
        || input.bucket_region.is_some();
    let page: Vec<Bucket> = wanted
        .by_ref()
        .take(max)
        .map(|bucket| Bucket {
            bucket_region: tells_region.then(|| bucket.region.to_string()),
            creation_date: Some(shown_time(bucket.created)),
            name: Some(bucket.name),
        })
        .collect();
    // https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py
    for (place, name) in page.iter().filter_map(|bucket| bucket.name.as_deref()).enumerate() {
        context.additions.element("Bucket", place, "BucketArn".to_owned(), arn(context, name));
    }
    let continuation_token = wanted.next().and_then(|_| page.last()?.name.as_deref().map(token));
    Ok(ListBucketsOutput {
        buckets: Some(page),
        continuation_token,
        owner: Some(acl::owner(context, Some(&account))),
        prefix: input.prefix,
    })
}

/// Refuses a region that is none, and another than the one that is asked.
///
/// <https://github.com/versity/versitygw/issues/1923>, <https://github.com/versity/versitygw/issues/1930>
fn check_region(asked: &str, here: &AwsRegion) -> Result<(), S3Fault> {
    let message = match AwsRegion::new(asked) {
        Ok(asked) if asked == *here => return Ok(()),
        Ok(_) => "Requests with bucket-region specified must be made to the corresponding regional endpoint".to_owned(),
        Err(_) => format!("Argument value {asked} is not a valid AWS Region"),
    };
    Err(S3Fault::new(400, "InvalidArgument", message).with("ArgumentName", "bucket-region"))
}

pub(super) fn versioning(
    context: &Context<'_>,
    input: GetBucketVersioningInput,
) -> Result<GetBucketVersioningOutput, S3Fault> {
    let status = match context.act(|state, _| state.versioning(&input.bucket))? {
        Versioning::Unversioned => None,
        Versioning::Enabled => Some(BucketVersioningStatus::ENABLED),
        Versioning::Suspended => Some(BucketVersioningStatus::SUSPENDED),
    };
    Ok(GetBucketVersioningOutput { status: status.map(BucketVersioningStatus::from_static), mfa_delete: None })
}

pub(super) fn set_versioning(
    context: &Context<'_>,
    input: PutBucketVersioningInput,
) -> Result<PutBucketVersioningOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let configuration = input.versioning_configuration;
    if configuration.mfa_delete.is_some_and(|mfa| mfa.as_str() != MFADelete::DISABLED) {
        return Err(S3Fault::not_implemented("MfaDelete of a versioning configuration"));
    }
    let enabled = match configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => true,
        Some(BucketVersioningStatus::SUSPENDED) => false,
        Some(_) => return Err(S3Fault::malformed_xml()),
        None => {
            let message = "The Versioning element must be specified";
            return Err(S3Fault::new(400, "IllegalVersioningConfigurationException", message));
        }
    };
    context.act(|state, _| state.set_versioning(&input.bucket, enabled))?;
    Ok(PutBucketVersioningOutput::default())
}
