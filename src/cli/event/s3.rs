//! `event s3`: event notifications of a bucket.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use jiff::{SignedDuration, Timestamp};
use lambda_testkit::event::{
    AccessTier, DEFAULT_TIME, Document as _, ObjectKey, ObjectRetentionEventData, RetentionMode, S3Event,
    S3EventBuilder, S3EventName, S3ObjectAnnotation, Sequencer, StorageClass, TestEvent, VersionPolicy,
};
use lambda_testkit::strategy::{S3Events, s3_event, s3_eventbridge_event, s3_test_event};

use super::emit::{self, Form};
use super::nest::Layer;
use super::place::{Place, set};
use super::random::Random;
use crate::cli::failure::Failure;
use crate::cli::output::Output;

/// Print an S3 event notification
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lambda-testkit event s3 put --bucket export --key 'my files/ü+1.csv'
  lambda-testkit event s3 delete-marker --key a.csv --version-id v1
  lambda-testkit event s3 put --wrap eventbridge,sqs
  lambda-testkit event s3 --random --seed 7 --count 100000 --shard 2/4
  lambda-testkit event s3 copy --random --count 10 --bucket export --region eu-central-1")]
pub(in crate::cli) struct S3Args {
    /// What happened [default: put; all of them with --random]
    #[arg(value_name = "EVENT", value_parser = kinds())]
    kind: Option<Kind>,
    /// The bucket [default: export]
    #[arg(long)]
    bucket: Option<String>,
    /// The object's key, not encoded; several make as many records [default: "my files/ü+1.csv"]
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<ObjectKey>,
    /// The size of the object in bytes
    #[arg(long, conflicts_with = "random")]
    size: Option<u64>,
    /// The entity tag, without quotes
    #[arg(long = "etag", value_name = "ETAG", conflicts_with = "random")]
    e_tag: Option<String>,
    /// The version of the object
    #[arg(long, value_name = "ID", conflicts_with = "random")]
    version_id: Option<String>,
    /// The sequencer, hexadecimal digits
    #[arg(long, conflicts_with = "random")]
    sequencer: Option<Sequencer>,
    /// The id of the notification configuration
    #[arg(long, value_name = "ID", conflicts_with = "random")]
    configuration_id: Option<String>,
    /// The storage class of a lifecycle transition or restore
    #[arg(long, value_name = "CLASS", conflicts_with = "random")]
    storage_class: Option<String>,
    /// The new access tier, of intelligent-tiering
    #[arg(long, value_name = "TIER", conflicts_with = "random")]
    access_tier: Option<String>,
    /// When the restored copy expires, of restore-completed
    #[arg(long, value_name = "TIME", conflicts_with = "random")]
    restore_expiry: Option<Timestamp>,
    /// The mode of a retention: GOVERNANCE or COMPLIANCE, of retention-put [default: GOVERNANCE]
    #[arg(long, value_name = "MODE", conflicts_with = "random")]
    retention_mode: Option<String>,
    /// How long the object is retained, of retention-put [default: 30 days from the event on]
    #[arg(long, value_name = "TIME", conflicts_with = "random")]
    retain_until: Option<Timestamp>,
    /// The days of a retention whose event hold is on, of retention-put
    #[arg(long, value_name = "DAYS", conflicts_with = "random")]
    event_hold: Option<u64>,
    /// The name of the annotation, of annotation-put and annotation-delete [default: summary]
    #[arg(long, value_name = "NAME", conflicts_with = "random")]
    annotation: Option<String>,
    /// Whether the object has annotations (since version 2.6)
    #[arg(long, value_name = "BOOL", conflicts_with = "random")]
    has_annotation: Option<bool>,
    /// A tag aws:NAME of the bucket (since version 2.5); may be repeated
    #[arg(long = "aws-tag", value_name = "NAME=VALUE", value_parser = tag, conflicts_with = "random")]
    tags: Vec<(String, String)>,
    /// The version of the records: 2.0 to 2.6, or `legacy` for those of 2025 [default: 2.6; any with --random]
    #[arg(long, value_name = "VERSION", value_parser = version)]
    event_version: Option<VersionPolicy>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    random: Random,
    #[command(flatten)]
    form: Form,
}

/// A kind of event by its short name.
#[derive(Debug, Clone)]
enum Kind {
    Record(S3EventName),
    /// `s3:TestEvent`, which S3 sends when a notification is set up.
    Test,
}

const TEST: &str = "test-event";

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let names = S3EventName::KNOWN.iter().map(|name| PossibleValue::new(name.slug()));
    PossibleValuesParser::new(names.chain([PossibleValue::new(TEST)])).try_map(|slug| match slug.as_str() {
        TEST => Ok(Kind::Test),
        slug => S3EventName::from_slug(slug).map(Kind::Record),
    })
}

fn tag(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a tag is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn version(text: &str) -> Result<VersionPolicy, String> {
    if text == "legacy" {
        return Ok(VersionPolicy::Legacy);
    }
    VersionPolicy::unified(text).map_err(|error| error.to_string())
}

pub(super) fn run(args: &S3Args, output: &mut Output) -> Result<(), Failure> {
    let kind = match (&args.kind, args.random.random) {
        (Some(Kind::Test), _) => return test_event(args, output),
        (Some(Kind::Record(kind)), _) => Some(kind.clone()),
        (None, true) => None,
        (None, false) => Some(S3EventName::ObjectCreatedPut),
    };
    let through_bridge = args.form.wrap.first() == Some(&Layer::EventBridge);
    if args.random.random {
        // Before the strategy, which panics for a setting that no builder takes.
        let checked = builder(args, kind.clone().unwrap_or(S3EventName::ObjectCreatedPut));
        let event = checked.try_build()?;
        if through_bridge {
            S3Event::of(event.records.into_iter().take(1)).try_via_eventbridge()?;
        }
        let events = strategy(args, kind);
        return if through_bridge {
            emit::row(&s3_eventbridge_event(events), None, &args.random, &args.form.outer(), output)
        } else {
            emit::row(&events, None, &args.random, &args.form, output)
        };
    }
    let builder = builder(args, kind.unwrap_or(S3EventName::ObjectCreatedPut));
    if through_bridge {
        emit::one(&builder.try_build_event_bridge()?, None, &args.form.outer(), output)
    } else {
        emit::one(&builder.try_build()?, None, &args.form, output)
    }
}

/// The builder with every option that was given.
fn builder(args: &S3Args, kind: S3EventName) -> S3EventBuilder {
    let bucket = args.bucket.as_deref().unwrap_or("export");
    let one = |key: &str| {
        let mut builder = S3Event::builder(kind.clone(), bucket, key);
        set!(
            builder,
            size(args.size),
            e_tag(args.e_tag.as_deref()),
            version_id(args.version_id.as_deref()),
            sequencer(args.sequencer.clone()),
            configuration_id(args.configuration_id.as_deref()),
            storage_class(args.storage_class.as_deref().map(StorageClass::from)),
            access_tier(args.access_tier.as_deref().map(AccessTier::from)),
            restore_expiry(args.restore_expiry),
            retention(retention(args)),
            object_annotation(args.annotation.as_deref().map(S3ObjectAnnotation::new)),
            has_object_annotation(args.has_annotation),
            version_policy(args.event_version),
            region(args.place.region.clone()),
            account(args.place.account.clone()),
            time(args.place.time),
        );
        if !args.tags.is_empty() {
            builder = builder.aws_generated_tags(args.tags.iter().cloned());
        }
        builder
    };
    let mut keys = args.keys.iter().map(ObjectKey::as_str);
    let first = one(keys.next().unwrap_or("my files/ü+1.csv"));
    keys.fold(first, |builder, key| builder.record(one(key)))
}

/// The retention, if an option says something of it.
fn retention(args: &S3Args) -> Option<ObjectRetentionEventData> {
    if args.retention_mode.is_none() && args.retain_until.is_none() && args.event_hold.is_none() {
        return None;
    }
    let mode = args.retention_mode.as_deref().map_or(RetentionMode::Governance, RetentionMode::from);
    let days = args.event_hold.unwrap_or(30);
    let from = args.place.time.unwrap_or(DEFAULT_TIME);
    let span = SignedDuration::from_secs(i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(24 * 60 * 60));
    let until = args.retain_until.or_else(|| from.checked_add(span).ok()).unwrap_or(Timestamp::MAX);
    Some(match args.event_hold {
        Some(days) => ObjectRetentionEventData::held(mode, until, days),
        None => ObjectRetentionEventData::fixed(mode, until),
    })
}

fn strategy(args: &S3Args, kind: Option<S3EventName>) -> S3Events {
    let mut events = s3_event();
    set!(
        events,
        kinds(kind.map(|kind| [kind])),
        buckets(args.bucket.as_deref().map(|bucket| [bucket])),
        keys((!args.keys.is_empty()).then(|| args.keys.iter().cloned())),
        versions(args.event_version.map(|version| [version])),
        regions(args.place.region.clone().map(|region| [region])),
        accounts(args.place.account.clone().map(|account| [account])),
    );
    events
}

fn test_event(args: &S3Args, output: &mut Output) -> Result<(), Failure> {
    let given = [
        (!args.keys.is_empty(), "--key"),
        (args.size.is_some(), "--size"),
        (args.e_tag.is_some(), "--etag"),
        (args.version_id.is_some(), "--version-id"),
        (args.sequencer.is_some(), "--sequencer"),
        (args.configuration_id.is_some(), "--configuration-id"),
        (args.storage_class.is_some(), "--storage-class"),
        (args.access_tier.is_some(), "--access-tier"),
        (args.restore_expiry.is_some(), "--restore-expiry"),
        (args.retention_mode.is_some(), "--retention-mode"),
        (args.retain_until.is_some(), "--retain-until"),
        (args.event_hold.is_some(), "--event-hold"),
        (args.annotation.is_some(), "--annotation"),
        (args.has_annotation.is_some(), "--has-annotation"),
        (!args.tags.is_empty(), "--aws-tag"),
        (args.event_version.is_some(), "--event-version"),
        (args.place.region.is_some(), "--region"),
        (args.place.account.is_some(), "--account"),
        (args.random.random && args.bucket.is_some(), "--bucket together with --random"),
    ];
    if let Some((_, option)) = given.iter().find(|(given, _)| *given) {
        return Err(Failure::usage(format!("{TEST} does not take {option}")));
    }
    if args.form.wrap.first() == Some(&Layer::EventBridge) {
        return Err(Failure::usage(format!("S3 does not send {TEST} to EventBridge")));
    }
    if args.random.random {
        return emit::row(&s3_test_event(), None, &args.random, &args.form, output);
    }
    let mut event = TestEvent::try_new(args.bucket.as_deref().unwrap_or("export"))?;
    set!(event, time(args.place.time));
    emit::one(&event, None, &args.form, output)
}
