//! Builds SQS batches whose digests, ids and ARNs fit their content.

use jiff::Timestamp;

use super::rules::{self, check_attributes};
use super::{
    MAX_MESSAGE_BYTES, MessageAttribute, SqsAttributes, SqsEvent, SqsRecord, SqsSource,
    check_group_or_deduplication_id, check_message_body, check_queue_name, md5_of_attributes, md5_of_body,
};
use crate::event::derived::Derived;
use crate::event::error::{checked, not_empty};
use crate::event::{
    AccountId, Arn, BuildError, DEFAULT_TIME, InvalidName, Members, Nullable, Object, Region, default_account,
    default_region,
};

/// Builds an [`SqsEvent`], or messages for one.
///
/// Everything that is not set follows from what is: digests from body and attributes, ids from body, queue
/// and place in the batch.
#[derive(Debug, Clone)]
#[must_use = "nothing is built until `build` is called"]
pub struct SqsMessageBuilder {
    body: String,
    queue: Queue,
    region: Option<Region>,
    account: Option<AccountId>,
    message_id: Option<String>,
    receipt_handle: Option<String>,
    attributes: Members<MessageAttribute>,
    fifo: Option<(String, String)>,
    sequence_number: Option<String>,
    group: Option<String>,
    sender_id: Option<String>,
    sent_at: Timestamp,
    first_received_at: Option<Timestamp>,
    receive_count: u64,
    trace_header: Option<String>,
    dead_letter_source: Option<Arn>,
    null_digest: bool,
    more: Vec<SqsMessageBuilder>,
    /// The first setter that was given a bad value.
    error: Option<BuildError>,
}

#[derive(Debug, Clone)]
enum Queue {
    Default,
    Name(String),
    Arn(Arn),
}

impl SqsEvent {
    /// Starts a batch with one message.
    pub fn message(body: impl Into<String>) -> SqsMessageBuilder {
        SqsMessageBuilder {
            body: body.into(),
            queue: Queue::Default,
            region: None,
            account: None,
            message_id: None,
            receipt_handle: None,
            attributes: Members::new(),
            fifo: None,
            sequence_number: None,
            group: None,
            sender_id: None,
            sent_at: DEFAULT_TIME,
            first_received_at: None,
            receive_count: 1,
            trace_header: None,
            dead_letter_source: None,
            null_digest: false,
            more: Vec::new(),
            error: None,
        }
    }
}

impl SqsMessageBuilder {
    /// The first bad value decides what the error says.
    pub(in crate::event) fn refuse(mut self, error: BuildError) -> Self {
        self.error.get_or_insert(error);
        self
    }

    fn checked<T>(&mut self, value: impl TryInto<T, Error: Into<InvalidName>>) -> Option<T> {
        match checked(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    /// The name of the queue. Default `queue`, `queue.fifo` for a FIFO message.
    pub fn queue(mut self, name: impl Into<String>) -> Self {
        self.queue = Queue::Name(name.into());
        self
    }

    /// The ARN of the queue (with region and account), instead of name, region and account.
    pub fn queue_arn(mut self, arn: impl TryInto<Arn, Error: Into<InvalidName>>) -> Self {
        if let Some(arn) = self.checked(arn) {
            self.queue = Queue::Arn(arn);
        }
        self
    }

    /// The region of the queue. Default `us-east-1`.
    pub fn region(mut self, region: impl TryInto<Region, Error: Into<InvalidName>>) -> Self {
        self.region = self.checked(region);
        self
    }

    /// The account of the queue. Default `111111111111`.
    pub fn account(mut self, account: impl TryInto<AccountId, Error: Into<InvalidName>>) -> Self {
        self.account = self.checked(account);
        self
    }

    /// The id of the message, not empty.
    pub fn message_id(mut self, id: impl Into<String>) -> Self {
        self.message_id = Some(id.into());
        self
    }

    /// The handle of this delivery, not empty.
    pub fn receipt_handle(mut self, handle: impl Into<String>) -> Self {
        self.receipt_handle = Some(handle.into());
        self
    }

    /// Adds a message attribute; the digest follows.
    pub fn attribute(mut self, name: impl Into<String>, attribute: MessageAttribute) -> Self {
        self.attributes.insert(name, attribute);
        self
    }

    /// A message of a FIFO queue, with its group and deduplication id.
    pub fn fifo(mut self, group_id: impl Into<String>, deduplication_id: impl Into<String>) -> Self {
        self.fifo = Some((group_id.into(), deduplication_id.into()));
        self
    }

    /// The place in the FIFO queue, 1 to 39 digits; the default follows from the time of sending and the place in the batch.
    pub fn sequence_number(mut self, number: impl ToString) -> Self {
        self.sequence_number = Some(number.to_string());
        self
    }

    /// The group of a message in a standard queue (fair queues).
    pub fn group(mut self, group_id: impl Into<String>) -> Self {
        self.group = Some(group_id.into());
        self
    }

    /// Who sent the message. Default an IAM user of the account.
    pub fn sender_id(mut self, id: impl Into<String>) -> Self {
        self.sender_id = Some(id.into());
        self
    }

    /// When the message was sent, to the millisecond. Default the start of 2026.
    pub fn sent_at(mut self, time: Timestamp) -> Self {
        self.sent_at = time;
        self
    }

    /// When the message was first received. Default 5 ms after it was sent.
    pub fn first_received_at(mut self, time: Timestamp) -> Self {
        self.first_received_at = Some(time);
        self
    }

    /// How often the message was received, this time included. Default 1.
    pub fn receive_count(mut self, count: u64) -> Self {
        self.receive_count = count;
        self
    }

    /// The X-Ray trace header that came with the message.
    pub fn trace_header(mut self, header: impl Into<String>) -> Self {
        self.trace_header = Some(header.into());
        self
    }

    /// The queue that gave the message up: for messages of a dead-letter queue.
    pub fn dead_letter_source(mut self, arn: impl TryInto<Arn, Error: Into<InvalidName>>) -> Self {
        self.dead_letter_source = self.checked(arn);
        self
    }

    /// Writes `"md5OfMessageAttributes": null` when there are no attributes, as an event source mapping
    /// with a batching window does. Without a window the member is absent.
    pub fn batching_window(mut self) -> Self {
        self.null_digest = true;
        self
    }

    /// Adds the messages of another builder behind this one's.
    pub fn record(mut self, other: SqsMessageBuilder) -> Self {
        self.more.push(other);
        self
    }

    /// The batch.
    ///
    /// # Panics
    ///
    /// Where [`SqsMessageBuilder::try_build`] returns an error, with its message.
    #[track_caller]
    pub fn build(self) -> SqsEvent {
        match self.try_build() {
            Ok(event) => event,
            Err(error) => panic!("cannot build the SQS event: {error}"),
        }
    }

    /// The batch.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for a bad name or for what SQS would not have taken or sent: an empty body or id, a character or
    /// attribute outside its rules, more than 10 attributes, more than 1 MiB, a FIFO message in a queue
    /// whose name does not end in `.fifo`.
    pub fn try_build(self) -> Result<SqsEvent, BuildError> {
        let mut records = Vec::with_capacity(1 + self.more.len());
        self.build_into(&mut records)?;
        Ok(SqsEvent { records, unknown: Object::new() })
    }

    fn build_into(mut self, records: &mut Vec<SqsRecord>) -> Result<(), BuildError> {
        let more = std::mem::take(&mut self.more);
        let place = records.len();
        records.push(self.try_build_record(place)?);
        more.into_iter().try_for_each(|builder| builder.build_into(records))
    }

    pub(super) fn try_build_record(mut self, place: usize) -> Result<SqsRecord, BuildError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.check()?;
        let queue = self.queue_arn_of_parts()?;
        let aws_region = queue.region().cloned().unwrap_or_else(default_region);
        let account = queue.account().map_or("", AccountId::as_str).to_owned();
        let sent = millis(self.sent_at)?;
        let first = match self.first_received_at {
            Some(time) => millis(time)?,
            None => sent.saturating_add(5),
        };
        let mut ids = Derived::from(&[
            self.body.as_bytes(),
            queue.resource().as_bytes(),
            &place.to_le_bytes(),
            &sent.to_le_bytes(),
        ]);
        let message_id = self.message_id.unwrap_or_else(|| ids.uuid());
        let receipt_handle = self.receipt_handle.unwrap_or_else(|| receipt_handle(&message_id, self.receive_count));
        let digest = md5_of_attributes(self.attributes.iter());
        let place = u64::try_from(place).unwrap_or(u64::MAX);
        let (message_group_id, message_deduplication_id, sequence_number) = match self.fifo {
            // 20 digits that grow with the time and the place in the batch, as AWS's do.
            Some((group, deduplication)) => {
                let number = || format!("{:020}", 18_000_000_000_000_000_000_u64.saturating_add(sent * 256 + place));
                (Some(group), Some(deduplication), Some(self.sequence_number.unwrap_or_else(number)))
            }
            None => (self.group, None, None),
        };
        Ok(SqsRecord {
            attributes: SqsAttributes {
                approximate_receive_count: self.receive_count,
                aws_trace_header: self.trace_header,
                sent_timestamp: sent,
                sequence_number,
                message_group_id,
                sender_id: self
                    .sender_id
                    .unwrap_or_else(|| Derived::from(&[b"user", account.as_bytes()]).upper("AIDA", 17)),
                message_deduplication_id,
                approximate_first_receive_timestamp: first,
                dead_letter_queue_source_arn: self.dead_letter_source,
                unknown: Object::new(),
            },
            message_id,
            receipt_handle,
            md5_of_message_attributes: match digest {
                Some(digest) => Nullable::Value(digest),
                None if self.null_digest => Nullable::Null,
                None => Nullable::Absent,
            },
            md5_of_body: md5_of_body(&self.body),
            body: self.body,
            message_attributes: self.attributes,
            event_source: SqsSource,
            event_source_arn: queue,
            aws_region,
            unknown: Object::new(),
        })
    }

    fn check(&self) -> Result<(), BuildError> {
        check_message_body(&self.body)?;
        check_attributes(&self.attributes)?;
        let bytes = rules::message_bytes(&self.body, &self.attributes);
        if bytes > MAX_MESSAGE_BYTES {
            return Err(BuildError::Rule {
                what: "message size",
                value: format!("{bytes} bytes"),
                rule: "body and attributes of a message have at most 1048576 bytes",
            });
        }
        for (what, text) in [
            ("message id", &self.message_id),
            ("receipt handle", &self.receipt_handle),
            ("sender id", &self.sender_id),
            ("trace header", &self.trace_header),
        ] {
            not_empty(what, text.as_deref())?;
        }
        if let Some(number) = &self.sequence_number {
            check_sequence_number(number)?;
        }
        if let Some(arn) = &self.dead_letter_source {
            check_queue_arn(arn)?;
            check_queue(arn.resource(), arn.resource().ends_with(".fifo"))?;
        }
        if let Some((group, deduplication)) = &self.fifo {
            check_group_or_deduplication_id("MessageGroupId", group)?;
            check_group_or_deduplication_id("MessageDeduplicationId", deduplication)?;
        }
        if let Some(group) = &self.group {
            check_group_or_deduplication_id("MessageGroupId", group)?;
        }
        let misplaced = match &self.fifo {
            Some(_) => self.group.is_some().then_some("group"),
            None => self.sequence_number.is_some().then_some("sequence_number"),
        };
        if let Some(setter) = misplaced {
            return Err(BuildError::Rule {
                what: "setting",
                value: setter.to_owned(),
                rule: "`group` is for standard queues, `sequence_number` for FIFO queues",
            });
        }
        if self.receive_count == 0 {
            return Err(BuildError::Rule {
                what: "receive count",
                value: "0".to_owned(),
                rule: "a delivered message was received at least once",
            });
        }
        Ok(())
    }

    fn queue_arn_of_parts(&mut self) -> Result<Arn, BuildError> {
        let name = match std::mem::replace(&mut self.queue, Queue::Default) {
            Queue::Arn(_) if self.region.is_some() || self.account.is_some() => {
                return Err(BuildError::Rule {
                    what: "queue",
                    value: "ARN together with region or account".to_owned(),
                    rule: "the ARN already names region and account",
                });
            }
            Queue::Arn(arn) => {
                check_queue_arn(&arn)?;
                check_queue(arn.resource(), self.fifo.is_some())?;
                return Ok(arn);
            }
            Queue::Name(name) => name,
            Queue::Default if self.fifo.is_some() => "queue.fifo".to_owned(),
            Queue::Default => "queue".to_owned(),
        };
        check_queue(&name, self.fifo.is_some())?;
        let region = self.region.take().unwrap_or_else(default_region);
        let account = self.account.take().unwrap_or_else(default_account);
        Ok(Arn::regional("sqs", &region, &account, name))
    }
}

/// The default handle of the delivery of a message that is its so-and-so-manieth.
pub(crate) fn receipt_handle(message_id: &str, receive_count: u64) -> String {
    Derived::from(&[message_id.as_bytes(), &receive_count.to_le_bytes()]).base64(184)
}

fn check_queue_arn(arn: &Arn) -> Result<(), BuildError> {
    if arn.service() == "sqs" && arn.region().is_some() && arn.account().is_some() {
        return Ok(());
    }
    let rule = "a queue's ARN is arn:partition:sqs:region:account:name";
    Err(BuildError::Rule { what: "queue ARN", value: arn.to_string(), rule })
}

fn check_sequence_number(number: &str) -> Result<(), BuildError> {
    if (1..=39).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let rule = "a sequence number has 1 to 39 digits";
    Err(BuildError::Rule { what: "sequence number", value: number.to_owned(), rule })
}

fn check_queue(name: &str, fifo: bool) -> Result<(), BuildError> {
    check_queue_name(name)?;
    if fifo == name.ends_with(".fifo") {
        return Ok(());
    }
    let rule = "messages of a queue whose name ends in .fifo are made with `fifo`, and no others are";
    Err(BuildError::Rule { what: "queue name", value: name.to_owned(), rule })
}

fn millis(time: Timestamp) -> Result<u64, BuildError> {
    u64::try_from(time.as_millisecond()).map_err(|_| BuildError::Rule {
        what: "time",
        value: time.to_string(),
        rule: "SQS counts milliseconds since 1970",
    })
}
