//! SQS events.

use std::ops::RangeInclusive;
use std::sync::Arc;

use proptest::strategy::Strategy;

use super::body::Bodies;
use super::draws::Draws;
use super::place::{ACCOUNTS, REGIONS, UnknownMembers, time, unknown_members};
use super::tree::Generate;
use super::{S3Events, choices, strategy, text};
use crate::event::ids::{HEX, UPPER_ALNUM};
use crate::event::{
    AccountId, BatchResponse, MAX_MESSAGE_ATTRIBUTES, MAX_MESSAGE_BYTES, Members, MessageAttribute, Region, SqsEvent,
    SqsMessageBuilder, SqsRecord, check_attribute_name, check_queue_name, message_bytes, receipt_handle,
};

/// A strategy for batches of SQS messages: standard and FIFO queues, 1 to 10 messages, redelivered ones among them,
/// bodies and attributes of every kind.
///
/// # Example
///
/// ```
/// use lambda_testkit::strategy::{sample, sqs_event};
///
/// let alarms = sqs_event().queues(["alarms"]).standard().bodies([r#"{"alarm":"disk"}"#]).messages(3..=3);
/// let event = sample(&alarms, 7, 0);
/// assert_eq!(event.records.len(), 3);
/// assert_eq!(event.records[0].body, r#"{"alarm":"disk"}"#);
/// ```
pub fn sqs_event() -> SqsEvents {
    SqsEvents { parameters: Arc::new(Parameters::default()) }
}

/// Batches of notifications of S3, which sends no attributes.
pub(super) fn of_s3(events: S3Events) -> SqsEvents {
    let none = vec![Members::new()];
    sqs_event().standard().set(|parameters| {
        (parameters.bodies, parameters.attributes) = (Bodies::OfS3(Box::new(events)), Some(none));
    })
}

/// A strategy for answers of a function that reports failed messages: none, some, and ids that no message has.
pub fn batch_response() -> BatchResponses {
    BatchResponses(())
}

/// The strategy of [`sqs_event`]. Its methods narrow down what it yields.
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct SqsEvents {
    parameters: Arc<Parameters>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Queues {
    Standard,
    Fifo,
    Both,
}

#[derive(Debug, Clone)]
struct Parameters {
    kind: Queues,
    names: Vec<String>,
    messages: RangeInclusive<usize>,
    bodies: Bodies,
    attributes: Option<Vec<Members<MessageAttribute>>>,
    /// The names of attributes that every message has.
    named: Vec<String>,
    accounts: Vec<AccountId>,
    regions: Vec<Region>,
    unknown: UnknownMembers,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            kind: Queues::Both,
            names: ["queue", "my-queue_1", "Q"].map(str::to_owned).to_vec(),
            messages: 1..=10,
            bodies: Bodies::Any,
            attributes: None,
            named: Vec::new(),
            accounts: ACCOUNTS.clone(),
            regions: REGIONS.clone(),
            unknown: UnknownMembers::default(),
        }
    }
}

impl SqsEvents {
    fn set(mut self, change: impl FnOnce(&mut Parameters)) -> Self {
        change(Arc::make_mut(&mut self.parameters));
        self
    }

    /// Messages of standard queues only. Default both kinds.
    pub fn standard(self) -> Self {
        self.set(|parameters| parameters.kind = Queues::Standard)
    }

    /// Messages of FIFO queues only. Default both kinds.
    pub fn fifo(self) -> Self {
        self.set(|parameters| parameters.kind = Queues::Fifo)
    }

    /// The names of the queues, without `.fifo`, which is added for FIFO queues. Default three.
    ///
    /// # Panics
    ///
    /// If there is none, or one is not 1 to 75 letters, digits, hyphens and underscores.
    #[track_caller]
    pub fn queues(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = choices("queues", names.into_iter().map(Into::into));
        for name in &names {
            // As a FIFO queue's name, which is the longer one.
            if let Err(error) = check_queue_name(&format!("{name}.fifo")) {
                panic!("{error}");
            }
        }
        self.set(|parameters| parameters.names = names)
    }

    /// The number of messages. Default 1 to 10, which is all that Lambda fetches without a batching window; a
    /// standard queue's batch may have 10,000.
    ///
    /// # Panics
    ///
    /// If the range is empty, allows none, or more than 10,000.
    #[track_caller]
    pub fn messages(self, count: RangeInclusive<usize>) -> Self {
        let fits = *count.start() > 0 && !count.is_empty() && *count.end() <= 10_000;
        assert!(fits, "a batch has 1 to 10000 messages");
        self.set(|parameters| parameters.messages = count)
    }

    /// These bodies and no others.
    ///
    /// # Panics
    ///
    /// If there is none, or SQS would not take one: empty, above 1 MiB, or with a control character.
    #[track_caller]
    pub fn bodies(self, bodies: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let bodies: Vec<String> = choices("bodies", bodies.into_iter().map(Into::into));
        for body in &bodies {
            if let Err(error) = crate::event::check_message_body(body) {
                panic!("{error}");
            }
            assert!(body.len() <= MAX_MESSAGE_BYTES, "a message body has at most 1048576 bytes, not {}", body.len());
        }
        self.set(|parameters| parameters.bodies = Bodies::OneOf(bodies))
    }

    /// Bodies of another strategy, such as the JSON of an event of your own. A body that SQS would not take (empty,
    /// with a control character, above 1 MiB) is replaced by one that it takes. These bodies shrink only as far as
    /// the strategy has simple values for small seeds.
    ///
    /// # Panics
    ///
    /// When an event is generated, if the strategy rejects.
    pub fn bodies_from(self, bodies: impl Strategy<Value = String> + Send + Sync + 'static) -> Self {
        self.set(|parameters| parameters.bodies = Bodies::from_strategy(bodies))
    }

    /// One of these sets of message attributes for each message. Default sets of 0 to 10 attributes of every type.
    ///
    /// # Panics
    ///
    /// If there is no set, or SQS would not take one.
    #[track_caller]
    pub fn attributes(self, sets: impl IntoIterator<Item = Members<MessageAttribute>>) -> Self {
        let sets = choices("attribute sets", sets);
        for set in &sets {
            let mut builder = SqsEvent::message("a");
            for (name, attribute) in set.iter() {
                builder = builder.attribute(name, attribute.clone());
            }
            if let Err(error) = builder.try_build() {
                panic!("{error}");
            }
        }
        let new = self.set(|parameters| parameters.attributes = Some(sets));
        new.check_attributes();
        new
    }

    /// An attribute of this name in every message, of any type: `String`, `Number`, `Binary`, and types with a label of the
    /// sender's own such as `Number.java.lang.Long`. The other attributes stay as they are; several names may be given one by
    /// one.
    ///
    /// ```
    /// use lambda_testkit::strategy::{sample, sqs_event};
    ///
    /// let batch = sample(&sqs_event().attribute("tenant"), 7, 0);
    /// assert!(batch.records.iter().all(|message| message.message_attributes.get("tenant").is_some()));
    /// ```
    ///
    /// The types: [Amazon SQS message
    /// metadata](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html).
    ///
    /// # Panics
    ///
    /// If SQS would not take the name, or a message would have more than 10 attributes.
    #[track_caller]
    pub fn attribute(self, name: impl Into<String>) -> Self {
        let name = name.into();
        if let Err(error) = check_attribute_name(&name) {
            panic!("{error}");
        }
        let new = self.set(|parameters| {
            if !parameters.named.contains(&name) {
                parameters.named.push(name);
            }
        });
        new.check_attributes();
        new
    }

    #[track_caller]
    fn check_attributes(&self) {
        let named = &self.parameters.named;
        let more = |set: &Members<MessageAttribute>| named.iter().filter(|name| set.get(name).is_none()).count();
        let sets = self.parameters.attributes.iter().flatten();
        let most = sets.map(|set| set.len() + more(set)).max().unwrap_or(0).max(named.len());
        assert!(
            most <= MAX_MESSAGE_ATTRIBUTES,
            "a message has at most {MAX_MESSAGE_ATTRIBUTES} attributes, not {most}"
        );
    }

    /// The accounts of the queues. Default four.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn accounts(self, accounts: impl IntoIterator<Item = AccountId>) -> Self {
        let accounts = choices("accounts", accounts);
        self.set(|parameters| parameters.accounts = accounts)
    }

    /// The regions of the queues. Default six of the three partitions.
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
}

/// A message of the batch.
enum Slot {
    New(Box<SqsMessageBuilder>),
    /// One more delivery of a new message, by its number.
    Again(usize),
}

impl Generate for SqsEvents {
    type Value = SqsEvent;

    fn generate(&self, source: &mut Draws<'_>) -> SqsEvent {
        let parameters = &*self.parameters;
        let fifo = match parameters.kind {
            Queues::Standard => false,
            Queues::Fifo => true,
            Queues::Both => source.one_in(2),
        };
        let name = source.pick(&parameters.names);
        let queue = if fifo { format!("{name}.fifo") } else { name.clone() };
        let region = source.pick(&parameters.regions).clone();
        let account = source.pick(&parameters.accounts).clone();
        // Chosen for FIFO queues too, so that those are never the simpler ones.
        let window = source.one_in(4) && !fifo;
        // Lambda takes 6 MB; whatever is escaped in JSON takes up to six times its length.
        let mut room = 5 * MAX_MESSAGE_BYTES;
        let mut new = 0;
        let slots = source.list(parameters.messages.clone(), 1, |source, at| {
            let again = source.one_in(8);
            if again && at > 0 && !fifo {
                return Slot::Again(source.index(new));
            }
            new += 1;
            let mut builder = self.message(source, fifo, &mut room);
            builder = builder.queue(queue.clone()).region(region.clone()).account(account.clone());
            Slot::New(Box::new(if window { builder.batching_window() } else { builder }))
        });
        let mut order = Vec::with_capacity(slots.len());
        let mut chain: Option<SqsMessageBuilder> = None;
        let mut built = 0;
        for slot in slots {
            match slot {
                Slot::New(builder) => {
                    chain = Some(match chain {
                        Some(first) => first.record(*builder),
                        None => *builder,
                    });
                    order.push((built, false));
                    built += 1;
                }
                Slot::Again(number) => order.push((number, true)),
            }
        }
        let event = chain.expect("the first message is new").try_build().expect("the builder takes what is chosen");
        let mut event = if order.iter().any(|(_, again)| *again) {
            SqsEvent::of(order.into_iter().map(|(number, again)| {
                let record = event.records[number].clone();
                if again { redelivered(record) } else { record }
            }))
        } else {
            event
        };
        for record in &mut event.records {
            parameters.unknown.add(source, &mut record.unknown);
        }
        event
    }
}

strategy!(SqsEvents);

/// The same message, received once more: with a new handle.
fn redelivered(mut record: SqsRecord) -> SqsRecord {
    record.attributes.approximate_receive_count = record.attributes.approximate_receive_count.saturating_add(1);
    record.receipt_handle = receipt_handle(&record.message_id, record.attributes.approximate_receive_count);
    record
}

impl SqsEvents {
    fn message(&self, source: &mut Draws<'_>, fifo: bool, room: &mut usize) -> SqsMessageBuilder {
        let parameters = &*self.parameters;
        let mut attributes = match &parameters.attributes {
            Some(sets) => source.pick(sets).clone(),
            None => attributes(source, MAX_MESSAGE_ATTRIBUTES - parameters.named.len()),
        };
        for name in &parameters.named {
            attributes.insert(name.as_str(), attribute(source));
        }
        let limit = MAX_MESSAGE_BYTES - message_bytes("", &attributes);
        let body = parameters.bodies.generate(source, limit, room);
        let mut builder = SqsEvent::message(body).sent_at(time(source));
        for (name, attribute) in attributes {
            builder = builder.attribute(name, attribute);
        }
        if source.one_in(4) {
            builder = builder.receive_count(1 + source.up_to(1000));
        }
        if source.one_in(8) {
            let id = text::scrambled(source, UPPER_ALNUM, 17);
            builder = builder.sender_id(format!("AROA{id}:{}", text::word(source)));
        }
        if source.one_in(8) {
            builder = builder.trace_header(text::trace_header(source));
        }
        let (grouped, dead) = (source.one_in(8), source.one_in(8));
        if fifo {
            const GROUPS: [&str; 4] = ["group", "a", "user/1!", "~"];
            let group = source.pick::<&str>(&GROUPS);
            let message = builder.fifo(*group, text::scrambled(source, HEX, 64));
            // The dead-letter queue of a FIFO queue is one too.
            return if dead {
                message.dead_letter_source("arn:aws:sqs:us-east-1:111111111111:source.fifo")
            } else {
                message
            };
        }
        if grouped {
            builder = builder.group(text::word(source));
        }
        if dead {
            builder = builder.dead_letter_source("arn:aws:sqs:us-east-1:111111111111:source");
        }
        builder
    }
}

/// Up to so many attributes, of all types.
fn attributes(source: &mut Draws<'_>, most: usize) -> Members<MessageAttribute> {
    const NAMES: [&str; 10] = ["a", "b", "Hello", "Help.Me", "trace-id", "x_1", "ü", "0", "content-type", "Z"];
    let mut set = Members::new();
    source.list(0..=most, 1, |source, at| {
        set.insert(NAMES[at], attribute(source));
    });
    set
}

/// An attribute of any type.
pub(super) fn attribute(source: &mut Draws<'_>) -> MessageAttribute {
    let labelled = |attribute: MessageAttribute, label| attribute.labelled(label).expect("a short label");
    // Chosen for every type, so that each can become the simplest one as it shrinks.
    let (word, number) = (text::word(source), source.up_to(1000));
    match source.up_to(7) {
        0 => MessageAttribute::string(word),
        1 => MessageAttribute::string(text::nasty(source)),
        2 => MessageAttribute::number(number),
        3 => MessageAttribute::number(*source.pick::<&str>(&["-1.5e3", "0", "99999999999999999999", "1e-30"])),
        4 => MessageAttribute::binary(vec![0, 0xff, u8::try_from(source.up_to(255)).unwrap_or(0)]),
        5 => labelled(MessageAttribute::number(number), "java.lang.Long"),
        6 => labelled(MessageAttribute::string(text::nasty(source)), "uuid"),
        _ => labelled(MessageAttribute::binary(vec![0x1f, 0x8b, 0]), "gzip"),
    }
}

/// The strategy of [`batch_response`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct BatchResponses(());

impl Generate for BatchResponses {
    type Value = BatchResponse;

    fn generate(&self, source: &mut Draws<'_>) -> BatchResponse {
        BatchResponse::failures(
            source.list(0..=10, 2, |source, _| if source.one_in(8) { text::nasty(source) } else { text::uuid(source) }),
        )
    }
}

strategy!(BatchResponses);
