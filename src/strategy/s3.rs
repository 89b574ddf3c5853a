//! S3 events.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::draws::Draws;
use super::key::Keys;
use super::place::{ACCOUNTS, REGIONS, UnknownMembers, add_unknown, time, unknown_members};
use super::tree::Generate;
use super::{SqsEvents, choices, sqs, strategy, text};
use crate::event::check_bucket_name;
use crate::event::ids::{HEX, UPPER_ALNUM};
use crate::event::{
    AccessTier, AccountId, Arn, Carried, EventHold, EventHoldDuration, EventVersion, ExtraBlock, InvalidName, Nullable,
    Object, ObjectKey, ObjectRetentionEventData, PrincipalId, Region, ReplicationEventData, RetentionMode, S3Event,
    S3EventBridgeEvent, S3EventBuilder, S3EventName, S3ObjectAnnotation, S3Record, Sequencer, StorageClass, TestEvent,
    Time, VersionPolicy,
};

/// A strategy for S3 events of every kind: 1 to 10 records, adversarial keys, all versions, regions and accounts.
///
/// # Example
///
/// ```
/// use lambda_testkit::event::S3EventName;
/// use lambda_testkit::strategy::{s3_event, sample};
///
/// let deletions = s3_event().kinds([S3EventName::ObjectRemovedDelete]).buckets(["export"]).records(1..=1);
/// let event = sample(&deletions, 7, 0);
/// assert_eq!(event.records.len(), 1);
/// assert_eq!(event.records[0].bucket(), "export");
/// ```
pub fn s3_event() -> S3Events {
    S3Events { parameters: Arc::new(Parameters::default()) }
}

/// A strategy for the EventBridge form of S3 events, with the parameters of [`S3Events`].
///
/// # Panics
///
/// If the strategy yields only kinds that S3 does not send to EventBridge (see
/// [`S3Facts`](crate::event::S3Facts)); of several kinds, those are left out.
#[track_caller]
pub fn s3_eventbridge_event(events: S3Events) -> S3BridgeEvents {
    let on_bridge = events.parameters.kinds.iter().filter(|kind| kind.facts().event_bridge.is_some()).cloned();
    let kinds = choices("kinds that S3 sends to EventBridge", on_bridge);
    S3BridgeEvents(events.kinds(kinds))
}

/// A strategy for `s3:TestEvent` messages.
pub fn s3_test_event() -> TestEvents {
    TestEvents(UnknownMembers::default())
}

/// The strategy of [`s3_event`]. Its methods narrow down what it yields.
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct S3Events {
    parameters: Arc<Parameters>,
}

#[derive(Debug, Clone)]
struct Parameters {
    kinds: Vec<S3EventName>,
    buckets: Vec<String>,
    keys: Keys,
    records: RangeInclusive<usize>,
    versions: Vec<VersionPolicy>,
    accounts: Vec<AccountId>,
    regions: Vec<Region>,
    later_versions: bool,
    unknown: UnknownMembers,
}

impl Default for Parameters {
    fn default() -> Self {
        let unified = (0..=6).rev().map(|minor| VersionPolicy::Unified(EventVersion::of(2, minor)));
        Self {
            kinds: S3EventName::all().collect(),
            buckets: [
                "bucket",
                "my.bucket-1",
                "123",
                "a-bucket-whose-name-has-the-63-characters-that-s3-allows-at-most",
            ]
            .map(|name| name.chars().take(63).collect())
            .to_vec(),
            keys: Keys::default(),
            records: 1..=10,
            versions: unified.chain([VersionPolicy::Legacy]).collect(),
            accounts: ACCOUNTS.clone(),
            regions: REGIONS.clone(),
            later_versions: false,
            unknown: UnknownMembers::default(),
        }
    }
}

impl S3Events {
    fn set(mut self, change: impl FnOnce(&mut Parameters)) -> Self {
        change(Arc::make_mut(&mut self.parameters));
        self
    }

    /// The kinds of events. Default all.
    ///
    /// # Panics
    ///
    /// If there is none, as for every list of choices.
    #[track_caller]
    pub fn kinds(self, kinds: impl IntoIterator<Item = impl Into<S3EventName>>) -> Self {
        let kinds = choices("kinds", kinds.into_iter().map(Into::into));
        self.set(|parameters| parameters.kinds = kinds)
    }

    /// The buckets. Default four names, short and long.
    ///
    /// # Panics
    ///
    /// If there is none, or one is no name of a bucket.
    #[track_caller]
    pub fn buckets(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let buckets: Vec<String> = choices("buckets", names.into_iter().map(Into::into));
        buckets.iter().for_each(|name| check_bucket_name(name).unwrap_or_else(|error| panic!("{error}")));
        self.set(|parameters| parameters.buckets = buckets)
    }

    /// These keys (raw) and no others.
    ///
    /// # Panics
    ///
    /// If there is none, or one is not a key.
    #[track_caller]
    pub fn keys(self, keys: impl IntoIterator<Item = impl TryInto<ObjectKey, Error: Into<InvalidName>>>) -> Self {
        let check = |key: Result<ObjectKey, InvalidName>| key.unwrap_or_else(|error| panic!("{error}"));
        let keys = choices("keys", keys.into_iter().map(|key| check(key.try_into().map_err(Into::into))));
        self.set(|parameters| parameters.keys.fixed = keys)
    }

    /// What every generated key (raw) starts with. Default nothing.
    ///
    /// # Panics
    ///
    /// If prefix and suffix leave no room in a key's 1,024 bytes.
    #[track_caller]
    pub fn key_prefix(self, prefix: impl Into<String>) -> Self {
        self.set_keys(|keys| keys.prefix = prefix.into())
    }

    /// What every generated key (raw) ends with. Default nothing.
    ///
    /// # Panics
    ///
    /// If prefix and suffix leave no room in a key's 1,024 bytes.
    #[track_caller]
    pub fn key_suffix(self, suffix: impl Into<String>) -> Self {
        self.set_keys(|keys| (keys.suffix, keys.any_case) = (suffix.into(), false))
    }

    /// As [`key_suffix`](Self::key_suffix), in any case: `.csv`, `.CSV`, `.Csv`, `.cSv`; the letters of ASCII only. Whoever
    /// uploads files does not care, and filters of notifications do: `on(ObjectCreated).suffix(".csv")` takes no `.CSV`.
    ///
    /// ```
    /// use lambda_testkit::strategy::{s3_event, sample};
    ///
    /// let event = sample(&s3_event().key_suffix_in_any_case(".csv"), 7, 0);
    /// assert!(event.records[0].key().as_str().to_ascii_lowercase().ends_with(".csv"));
    /// ```
    ///
    /// # Panics
    ///
    /// If prefix and suffix leave no room in a key's 1,024 bytes.
    #[track_caller]
    pub fn key_suffix_in_any_case(self, suffix: impl Into<String>) -> Self {
        self.set_keys(|keys| (keys.suffix, keys.any_case) = (suffix.into(), true))
    }

    /// Only letters, digits, `-`, `_` and `.` between prefix and suffix, for handlers that have other troubles.
    pub fn plain_keys(self) -> Self {
        self.set(|parameters| parameters.keys.plain = true)
    }

    /// Also keys of nothing but white space. S3 has such objects, but the AWS SDK for Rust takes those keys for missing
    /// ones (it trims them) and refuses the request by itself, so that a correct handler in Rust fails. Default none.
    pub fn blank_keys(self) -> Self {
        self.set(|parameters| parameters.keys.blank = true)
    }

    #[track_caller]
    fn set_keys(self, change: impl FnOnce(&mut Keys)) -> Self {
        let new = self.set(|parameters| change(&mut parameters.keys));
        let keys = &new.parameters.keys;
        assert!(
            keys.prefix.len() + keys.suffix.len() < ObjectKey::MAX_BYTES,
            "prefix and suffix leave no room for a key"
        );
        new
    }

    /// The number of records. Default 1 to 10; AWS sends one.
    ///
    /// # Panics
    ///
    /// If the range is empty, allows none, or more than 10,000, which is no event any more.
    #[track_caller]
    pub fn records(self, count: RangeInclusive<usize>) -> Self {
        let fits = *count.start() > 0 && !count.is_empty() && *count.end() <= 10_000;
        assert!(fits, "a strategy yields events of 1 to 10000 records, not {count:?}");
        self.set(|parameters| parameters.records = count)
    }

    /// The record versions. Default 2.6 to 2.0 for all kinds, and the legacy ones by kind. A kind that has no version
    /// before 2.4 gets 2.6 instead.
    ///
    /// # Panics
    ///
    /// If there is none, or one has another major number than 2.
    #[track_caller]
    pub fn versions(self, versions: impl IntoIterator<Item = VersionPolicy>) -> Self {
        let versions = choices("versions", versions);
        let known = |policy: &VersionPolicy| !matches!(policy, VersionPolicy::Unified(version) if version.major() != 2);
        assert!(versions.iter().all(known), "S3 records have the major version 2");
        self.set(|parameters| parameters.versions = versions)
    }

    /// The accounts that own the buckets. Default four.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn accounts(self, accounts: impl IntoIterator<Item = AccountId>) -> Self {
        let accounts = choices("accounts", accounts);
        self.set(|parameters| parameters.accounts = accounts)
    }

    /// The regions of the buckets. Default six of the three partitions.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn regions(self, regions: impl IntoIterator<Item = Region>) -> Self {
        let regions = choices("regions", regions);
        self.set(|parameters| parameters.regions = regions)
    }

    unknown_members!();

    pub(super) fn with_unknown(self, unknown: UnknownMembers) -> Self {
        self.set(|parameters| parameters.unknown = unknown)
    }

    pub(super) fn unknown(&self) -> UnknownMembers {
        self.parameters.unknown
    }

    /// Events of a later AWS: a version above 2.6, and in every record members that nobody knows yet
    /// ([`unknown_members(1.0)`](Self::unknown_members)). A handler must ignore them.
    pub fn from_the_future(self) -> Self {
        self.set(|parameters| (parameters.later_versions, parameters.unknown) = (true, UnknownMembers::share(1.0)))
    }

    /// These events as a function behind a queue receives them: batches of messages, each with an event in its body, and
    /// once in a while the [`TestEvent`] that S3 sends when the notification is configured. The methods of [`SqsEvents`]
    /// narrow down the batch, those of this strategy, called before, what is in its messages. S3 notifies standard queues only.
    ///
    /// ```
    /// use lambda_testkit::event::{Family, unwrap};
    /// use lambda_testkit::strategy::{s3_event, sample};
    ///
    /// let uploads = s3_event().kinds(["ObjectCreated:Put"]).key_prefix("in/").via_sqs().queues(["uploads"]);
    /// let batch = sample(&uploads, 7, 0);
    /// for message in unwrap(&serde_json::to_value(&batch).unwrap()).unwrap() {
    ///     assert!(matches!(message.family, Family::S3 | Family::S3Test));
    /// }
    /// ```
    ///
    /// How S3 writes the message: [Granting permissions to publish event notification messages to a
    /// destination](https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html) and [Event
    /// message structure](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html), which has
    /// the test event.
    pub fn via_sqs(self) -> SqsEvents {
        let unknown = self.unknown();
        sqs::of_s3(self).with_unknown(unknown)
    }
}

impl Generate for S3Events {
    type Value = S3Event;

    fn generate(&self, source: &mut Draws<'_>) -> S3Event {
        let mut records: Vec<S3Record> = Vec::new();
        source.list(self.parameters.records.clone(), 1, |source, at| {
            // At-least-once delivery: S3 may send a record again, also after later ones.
            let again = source.one_in(6);
            let record = if again && at > 0 { source.pick(&records).clone() } else { self.record(source) };
            records.push(record);
        });
        let mut event = S3Event::of(records);
        if self.parameters.later_versions && source.one_in(2) {
            self.parameters.unknown.add(source, &mut event.unknown);
        }
        event
    }
}

strategy!(S3Events);

impl S3Events {
    fn record(&self, source: &mut Draws<'_>) -> S3Record {
        let builder = self.builder(source);
        let mut record = builder.try_build_record().expect("the builder takes what the strategy chooses");
        // Chosen for every kind, as in the builder.
        let (null, variant) = (source.one_in(16), source.up_to(u64::MAX));
        if null && record.event_name.facts().version_id == Carried::Sometimes {
            record.s3.object.version_id = Nullable::Null;
        }
        if let Some(data) = &mut record.replication_event_data {
            replication(variant, data);
        }
        if self.parameters.later_versions {
            record.event_version = EventVersion::of(2, 7 + u16::try_from(source.up_to(92)).unwrap_or(0));
        }
        if self.parameters.unknown.decide(source) {
            let members: &mut Object = match source.up_to(3) {
                0 => &mut record.unknown,
                1 => &mut record.s3.unknown,
                2 => &mut record.s3.object.unknown,
                _ => &mut record.s3.bucket.unknown,
            };
            add_unknown(source, members);
        }
        record
    }

    fn builder(&self, source: &mut Draws<'_>) -> S3EventBuilder {
        let parameters = &*self.parameters;
        let kind = source.pick(&parameters.kinds).clone();
        let facts = kind.facts();
        let bucket = source.pick(&parameters.buckets).as_str();
        let key = parameters.keys.generate(source);
        let since = |policy, first| matches!(policy, VersionPolicy::Unified(version) if version >= first);
        // Kinds that came with the shared versions have no older ones.
        let policy = match *source.pick(&parameters.versions) {
            older if facts.legacy_version.is_none() && !since(older, EventVersion::V2_4) => VersionPolicy::default(),
            policy => policy,
        };
        let time = time(source);
        let mut builder = S3Event::builder(kind, bucket, key)
            .version_policy(policy)
            .region(source.pick(&parameters.regions).clone())
            .account(source.pick(&parameters.accounts).clone())
            .time(time);
        // Chosen for every kind, carried or not: a failing event of any kind can then become a Put as it shrinks.
        let (size, some, tag, order) = (size(source), source.one_in(2), source.one_in(2), source.one_in(4));
        let (versioned, other_caller, tagged) = (source.one_in(3), source.one_in(4), source.one_in(4));
        let annotated = source.up_to(7);
        if facts.size == Carried::Always || facts.size == Carried::Sometimes && some {
            builder = builder.size(size);
        }
        if facts.e_tag == Carried::Sometimes && tag {
            builder = builder.e_tag(text::scrambled(source, HEX, 32));
        }
        if facts.sequencer != Carried::Never && order {
            builder = builder.sequencer(sequencer(source, time));
        }
        if facts.version_id != Carried::Never && versioned {
            let version = if source.one_in(8) { "null".to_owned() } else { text::scrambled(source, UPPER_ALNUM, 32) };
            builder = builder.version_id(version);
        }
        if !facts.by_service && other_caller {
            builder =
                builder.principal(principal(source)).source_ip(*source.pick::<&str>(&["127.0.0.1", "2001:db8::1"]));
        }
        if since(policy, EventVersion::V2_5) && tagged {
            builder = builder.aws_generated_tags([("aws:cloudformation:stack-name", text::nasty(source))]);
        }
        if since(policy, EventVersion::V2_6) && annotated > 5 {
            builder = builder.has_object_annotation(annotated == 7);
        }
        if facts.annotation && source.one_in(2) {
            let mut annotation = S3ObjectAnnotation::new(text::nasty(source));
            annotation.size = source.one_in(2).then(|| source.up_to(1_048_576));
            builder = builder.object_annotation(annotation);
        }
        match facts.block {
            Some(ExtraBlock::Retention) if source.one_in(2) => builder.retention(retention(source, time)),
            Some(ExtraBlock::Glacier | ExtraBlock::Lifecycle) if source.one_in(2) => {
                builder.storage_class(source.pick(StorageClass::KNOWN).clone())
            }
            Some(ExtraBlock::IntelligentTiering) if source.one_in(2) => {
                builder.access_tier(AccessTier::DeepArchiveAccess)
            }
            _ => builder,
        }
    }
}

/// Other rules, destinations, operations, times and reasons than the builder's: which ones follows from a number, of
/// which 0 leaves most as it is.
fn replication(variant: u64, data: &mut ReplicationEventData) {
    const OPERATIONS: [&str; 5] = ["OBJECT_PUT", "OBJECT_COPY", "OBJECT_TAGGING", "OBJECT_ACL", "DELETE_MARKER"];
    const REASONS: [&str; 4] =
        ["AssumeRoleNotPermitted", "DstBucketNotFound", "SrcKmsKeyNotFound", "DstPutObjNotPermitted"];
    const RULES: [&str; 3] = ["replicate-all", "r", "Règle n° 2"];
    const BUCKETS: [&str; 3] = ["export-replica", "my.replica-1", "123"];
    let mut left = variant;
    let mut below = |limit: u64| {
        let choice = left % limit;
        left /= limit;
        choice
    };
    let mut pick = |of: &[&str]| of[usize::try_from(below(of.len() as u64)).unwrap_or(0)].to_owned();
    data.s3_operation = pick(&OPERATIONS);
    data.replication_rule_id = pick(&RULES);
    data.destination_bucket = Arn::global(data.destination_bucket.partition(), "s3", pick(&BUCKETS));
    let reason = pick(&REASONS);
    data.failure_reason = data.failure_reason.take().map(|_| reason);
    let (threshold, minutes, seconds) = (below(46), below(900), below(86_400));
    data.threshold = data.threshold.take().map(|_| (15 + threshold).to_string());
    data.replication_time = data.replication_time.take().map(|_| (61 + minutes).to_string());
    let before = jiff::SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0));
    let event_time = data.request_time.timestamp();
    data.request_time = Time::millis(event_time.saturating_sub(before).unwrap_or(event_time));
}

/// Both modes, with and without an event hold, in days and in years.
fn retention(source: &mut Draws<'_>, time: jiff::Timestamp) -> ObjectRetentionEventData {
    let days = source.between(1..=36_500);
    let span = jiff::SignedDuration::from_hours(24 * i64::try_from(days).unwrap_or(1));
    let (mode, until) = (source.pick(RetentionMode::KNOWN).clone(), time.saturating_add(span).unwrap_or(time));
    let mut data = match source.up_to(2) {
        0 => return ObjectRetentionEventData::fixed(mode, until),
        _ => ObjectRetentionEventData::held(mode, until, days),
    };
    if source.one_in(2) {
        data.event_hold = Some(EventHold::Off);
        let years = Some(days.div_ceil(365));
        data.event_hold_duration = Some(EventHoldDuration { days: None, years, unknown: Object::new() });
    }
    data
}

/// A size in bytes: mostly small, also nothing, beyond 32 bits, and the greatest objects: of 5 TiB, and since 2025 of
/// 10,000 parts of 5 GiB. The builder's is the simplest.
fn size(source: &mut Draws<'_>) -> u64 {
    const EDGES: [u64; 9] =
        [0, 1, 4095, 65_536, 2_147_483_648, 4_294_967_296, 5_368_709_121, 5_497_558_138_880, 53_687_091_200_000];
    let (at_edge, edge, usual) = (source.one_in(3), *source.pick(&EDGES), source.up_to(10_000));
    match usual {
        _ if at_edge => edge,
        0 => 1024,
        usual => usual,
    }
}

/// Sequencers of the same and of other lengths than usual.
pub(super) fn sequencer(source: &mut Draws<'_>, time: jiff::Timestamp) -> Sequencer {
    let counter = u32::try_from(source.up_to(u64::from(u32::MAX))).unwrap_or(0);
    if source.one_in(4) {
        let length = usize::try_from(source.between(1..=20)).unwrap_or(1);
        let digits = text::scrambled(source, HEX, length);
        return Sequencer::new(digits).expect("one or more hexadecimal digits");
    }
    Sequencer::at(time, counter)
}

pub(super) fn principal(source: &mut Draws<'_>) -> PrincipalId {
    match source.up_to(3) {
        0 => PrincipalId::Customer(text::scrambled(source, UPPER_ALNUM, 14)),
        1 => PrincipalId::AssumedRole {
            role_id: format!("AROA{}", text::scrambled(source, UPPER_ALNUM, 17)),
            session: text::word(source),
        },
        2 => PrincipalId::Anonymous,
        _ => PrincipalId::User(format!("AIDA{}", text::scrambled(source, UPPER_ALNUM, 17))),
    }
}

/// The strategy of [`s3_eventbridge_event`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct S3BridgeEvents(S3Events);

impl Generate for S3BridgeEvents {
    type Value = S3EventBridgeEvent;

    fn generate(&self, source: &mut Draws<'_>) -> S3EventBridgeEvent {
        let parameters = &*self.0.parameters;
        let account = source.pick(&parameters.accounts).clone();
        let record = self.0.record(source);
        let mut event = record.to_event_bridge(&account).expect("only kinds that S3 sends to EventBridge");
        parameters.unknown.add(source, &mut event.detail.unknown);
        event
    }
}

strategy!(S3BridgeEvents);

/// The strategy of [`s3_test_event`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct TestEvents(UnknownMembers);

impl TestEvents {
    unknown_members!();

    pub(super) fn with_unknown(self, unknown: UnknownMembers) -> Self {
        Self(unknown)
    }
}

impl Generate for TestEvents {
    type Value = TestEvent;

    fn generate(&self, source: &mut Draws<'_>) -> TestEvent {
        let bucket = text::word(source).to_ascii_lowercase().replace('_', "-") + "-bucket";
        let mut event = TestEvent::new(bucket).time(time(source));
        self.0.add(source, &mut event.unknown);
        event
    }
}

strategy!(TestEvents);
