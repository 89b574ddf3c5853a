//! A bucket's lifecycle configuration: checked, kept and read back.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use s3s::dto::*;

use super::super::{encode::encoded, fault::S3Fault, state};
use super::adapter::Context;
use super::convert::time;
use super::headers::claims;
use super::kept::http_date;
use super::lifecycle_rules;

/// The setting under which the rules are kept, as [`Lifecycle`].
const LIFECYCLE: &str = "lifecycle";
/// PutBucketLifecycleConfiguration: "up to 1,000 rules".
const MAX_RULES: usize = 1000;
const MAX_ID: usize = 255;
/// Objects stay so many days before they may go to these classes.
const AFTER_30_DAYS: [&str; 2] = [TransitionStorageClass::STANDARD_IA, TransitionStorageClass::ONEZONE_IA];
const CLASSES: [&str; 6] = [
    TransitionStorageClass::STANDARD_IA,
    TransitionStorageClass::ONEZONE_IA,
    TransitionStorageClass::INTELLIGENT_TIERING,
    TransitionStorageClass::GLACIER_IR,
    TransitionStorageClass::GLACIER,
    TransitionStorageClass::DEEP_ARCHIVE,
];
const SECONDS_OF_A_DAY: i64 = 86_400;

/// The rules, and from which size on objects go to other classes.
#[derive(Debug, Clone)]
struct Lifecycle {
    rules: LifecycleRules,
    minimum: TransitionDefaultMinimumObjectSize,
}

type Checked = Result<(), S3Fault>;

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> S3Fault {
    S3Fault::new(400, "InvalidArgument", message)
}

pub(super) fn put(
    context: &Context<'_>,
    input: PutBucketLifecycleConfigurationInput,
) -> Result<PutBucketLifecycleConfigurationOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let minimum = input.transition_default_minimum_object_size;
    let minimum = minimum.unwrap_or_else(|| {
        TransitionDefaultMinimumObjectSize::from_static(TransitionDefaultMinimumObjectSize::ALL_STORAGE_CLASSES_128K)
    });
    let mut rules = input.lifecycle_configuration.ok_or_else(S3Fault::malformed_xml)?.rules;
    if rules.is_empty() || rules.len() > MAX_RULES {
        return Err(S3Fault::malformed_xml());
    }
    rules.iter().try_for_each(check)?;
    for (at, rule) in rules.iter().enumerate() {
        if rule.id.is_some() && rules[..at].iter().any(|earlier| earlier.id == rule.id) {
            return Err(invalid("Rule ID must be unique. Found same ID for one or more rules"));
        }
    }
    let run = context.act(|state, act| {
        for rule in rules.iter_mut().filter(|rule| rule.id.as_ref().is_none_or(String::is_empty)) {
            rule.id = Some(act.ids.uuid());
        }
        let run = lifecycle_rules::of(&rules, Some(&minimum));
        let lifecycle = Lifecycle { rules, minimum: minimum.clone() };
        state.set_setting(&input.bucket, LIFECYCLE, Some(lifecycle))?;
        Ok(run)
    })?;
    context.service.set_lifecycle(context.call, &input.bucket, run)?;
    Ok(PutBucketLifecycleConfigurationOutput { transition_default_minimum_object_size: Some(minimum) })
}

fn check(rule: &LifecycleRule) -> Checked {
    if let Some(id) = &rule.id
        && id.chars().count() > MAX_ID
    {
        return Err(invalid("ID length should not exceed allowed limit of 255"));
    }
    if ![ExpirationStatus::ENABLED, ExpirationStatus::DISABLED].contains(&rule.status.as_str()) {
        return Err(S3Fault::malformed_xml());
    }
    if rule.prefix.is_some() == rule.filter.is_some() {
        return Err(S3Fault::malformed_xml());
    }
    rule.filter.as_ref().map_or(Ok(()), check_filter)?;
    let transitions = rule.transitions.as_deref().unwrap_or_default();
    let noncurrent = rule.noncurrent_version_transitions.as_deref().unwrap_or_default();
    let has_action = rule.expiration.is_some()
        || rule.noncurrent_version_expiration.is_some()
        || rule.abort_incomplete_multipart_upload.is_some()
        || !transitions.is_empty()
        || !noncurrent.is_empty();
    if !has_action {
        return Err(S3Fault::invalid_request("At least one action needs to be specified in a rule"));
    }
    let tagged = rule.filter.as_ref().is_some_and(|filter| {
        let and = filter.and.as_ref().and_then(|and| and.tags.as_ref());
        filter.tag.is_some() || and.is_some_and(|tags| !tags.is_empty())
    });
    if let Some(expiration) = &rule.expiration {
        check_expiration(expiration, tagged)?;
    }
    for transition in transitions {
        check_transition(transition)?;
        let days = transition.days.zip(rule.expiration.as_ref().and_then(|expiration| expiration.days));
        if days.is_some_and(|(transition, expiration)| expiration <= transition) {
            return Err(invalid(format!(
                "'Days' in the Expiration action{} must be greater than 'Days' in the Transition action",
                named(rule)
            )));
        }
    }
    for transition in noncurrent {
        class(transition.storage_class.as_ref())?;
        positive(transition.newer_noncurrent_versions, "'NewerNoncurrentVersions'")?;
        not_negative(transition.noncurrent_days, "'NoncurrentDays' in NoncurrentVersionTransition action")?;
    }
    if let Some(expiration) = &rule.noncurrent_version_expiration {
        if expiration.noncurrent_days.is_none() {
            return Err(S3Fault::malformed_xml());
        }
        positive(expiration.noncurrent_days, "'NoncurrentDays' for NoncurrentVersionExpiration action")?;
        positive(expiration.newer_noncurrent_versions, "'NewerNoncurrentVersions'")?;
        // https://github.com/go-to-k/cdkd/pull/1426
        let early = |days: i32| expiration.noncurrent_days.is_some_and(|last| last <= days);
        if noncurrent.iter().filter_map(|transition| transition.noncurrent_days).any(early) {
            return Err(invalid(
                "'NoncurrentDays' in the NoncurrentVersionExpiration action must be greater than 'NoncurrentDays' in \
                 the NoncurrentVersionTransition action",
            ));
        }
    }
    if let Some(abort) = &rule.abort_incomplete_multipart_upload {
        if abort.days_after_initiation.is_none() {
            return Err(S3Fault::malformed_xml());
        }
        positive(abort.days_after_initiation, "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action")?;
        if tagged {
            return Err(S3Fault::invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags."));
        }
    }
    Ok(())
}

/// How S3 names a rule that is for a prefix, in the newer form (<https://zenn.dev/digitalcube/articles/c746ed5e726cc9>). Of
/// others it is not known.
fn named(rule: &LifecycleRule) -> String {
    let alone = |filter: &LifecycleRuleFilter| {
        let others = [filter.tag.is_some(), filter.and.is_some()];
        let sizes = [filter.object_size_greater_than, filter.object_size_less_than];
        !others.contains(&true) && sizes == [None, None]
    };
    let filter = rule.filter.as_ref().filter(|filter| alone(filter));
    let prefix = filter.map(|filter| filter.prefix.as_deref().unwrap_or_default());
    prefix.map(|prefix| format!(" for filter '(prefix={prefix})'")).unwrap_or_default()
}

/// A filter has one condition at most; more stand in `And`.
fn check_filter(filter: &LifecycleRuleFilter) -> Checked {
    let conditions = [
        filter.prefix.is_some(),
        filter.tag.is_some(),
        filter.object_size_greater_than.is_some(),
        filter.object_size_less_than.is_some(),
        filter.and.is_some(),
    ];
    if conditions.into_iter().filter(|given| *given).count() > 1 {
        return Err(S3Fault::malformed_xml());
    }
    let Some(and) = &filter.and else { return Ok(()) };
    let tags = and.tags.as_deref().unwrap_or_default();
    let sizes = [and.object_size_greater_than, and.object_size_less_than];
    let others = usize::from(and.prefix.is_some()) + sizes.iter().flatten().count();
    if others + tags.len() < 2 {
        return Err(S3Fault::malformed_xml());
    }
    if let [Some(greater), Some(less)] = sizes
        && greater >= less
    {
        return Err(S3Fault::invalid_request(
            "ObjectSizeLessThan has to be a value greater than ObjectSizeGreaterThan",
        ));
    }
    for (at, tag) in tags.iter().enumerate() {
        if tags[..at].iter().any(|earlier| earlier.key == tag.key) {
            return Err(S3Fault::invalid_request("Duplicate Tag Keys are not allowed."));
        }
    }
    Ok(())
}

fn check_expiration(expiration: &LifecycleExpiration, tagged: bool) -> Checked {
    let given =
        [expiration.date.is_some(), expiration.days.is_some(), expiration.expired_object_delete_marker.is_some()];
    if given.into_iter().filter(|given| *given).count() != 1 {
        return Err(S3Fault::malformed_xml());
    }
    if tagged && expiration.expired_object_delete_marker.is_some() {
        return Err(S3Fault::invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags."));
    }
    midnight(expiration.date.as_ref())?;
    positive(expiration.days, "'Days' for Expiration action")
}

fn check_transition(transition: &Transition) -> Checked {
    if transition.date.is_some() == transition.days.is_some() {
        return Err(S3Fault::malformed_xml());
    }
    midnight(transition.date.as_ref())?;
    not_negative(transition.days, "'Days' in Transition action")?;
    let class = class(transition.storage_class.as_ref())?;
    if AFTER_30_DAYS.contains(&class) && transition.days.is_some_and(|days| days < 30) {
        let message =
            format!("'Days' in Transition action must be greater than or equal to 30 for storageClass '{class}'");
        return Err(invalid(message));
    }
    Ok(())
}

fn class(class: Option<&TransitionStorageClass>) -> Result<&str, S3Fault> {
    let class = class.map(TransitionStorageClass::as_str).filter(|class| CLASSES.contains(class));
    class.ok_or_else(S3Fault::malformed_xml)
}

fn positive(value: Option<i32>, what: &str) -> Checked {
    match value {
        Some(value) if value < 1 => Err(invalid(format!("{what} must be a positive integer"))),
        _ => Ok(()),
    }
}

fn not_negative(value: Option<i32>, what: &str) -> Checked {
    match value {
        Some(value) if value < 0 => Err(invalid(format!("{what} must be nonnegative"))),
        _ => Ok(()),
    }
}

fn midnight(date: Option<&Timestamp>) -> Checked {
    let seconds = date.map(|date| time(date).ok_or_else(S3Fault::malformed_xml)).transpose()?;
    match seconds {
        Some(time) if time.as_second() % SECONDS_OF_A_DAY != 0 => Err(invalid("'Date' must be at midnight GMT")),
        _ => Ok(()),
    }
}

/// Tells when an object expires.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>, x-amz-expiration
pub(super) fn tell_expiration(context: &Context<'_>, expires: Option<&state::Scheduled>) {
    let Some(state::Scheduled { rule, at }) = expires else { return };
    if let Some(date) = http_date(*at).as_ref().and_then(|date| date.to_str().ok()) {
        context.tell("x-amz-expiration", format!("expiry-date=\"{date}\", rule-id=\"{}\"", encoded(rule)));
    }
}

/// Tells when an upload is aborted.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>, x-amz-abort-date
pub(super) fn tell_abortion(context: &Context<'_>, aborts: Option<&state::Scheduled>) {
    let Some(state::Scheduled { rule, at }) = aborts else { return };
    if let Some(date) = http_date(*at).as_ref().and_then(|date| date.to_str().ok()) {
        context.tell("x-amz-abort-date", date);
        context.tell("x-amz-abort-rule-id", rule);
    }
}

pub(super) fn get(
    context: &Context<'_>,
    input: GetBucketLifecycleConfigurationInput,
) -> Result<GetBucketLifecycleConfigurationOutput, S3Fault> {
    let kept: Option<Lifecycle> = context.act(|state, _| state.setting(&input.bucket, LIFECYCLE))?;
    let lifecycle = kept.ok_or_else(|| {
        S3Fault::new(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
            .with("BucketName", input.bucket.as_str())
    })?;
    Ok(GetBucketLifecycleConfigurationOutput {
        rules: Some(lifecycle.rules),
        transition_default_minimum_object_size: Some(lifecycle.minimum),
    })
}

pub(super) fn delete(
    context: &Context<'_>,
    input: DeleteBucketLifecycleInput,
) -> Result<DeleteBucketLifecycleOutput, S3Fault> {
    context.act(|state, _| state.set_setting::<Lifecycle>(&input.bucket, LIFECYCLE, None))?;
    context.service.set_lifecycle(context.call, &input.bucket, state::LifecycleRules::default())?;
    Ok(DeleteBucketLifecycleOutput::default())
}
