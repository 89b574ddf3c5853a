//! The rules of queues, one by one.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{BatchEntry, ReceiveRequest, SqsState};
use crate::event::{AccountId, MessageAttribute, Region};
use crate::kernel::Ids;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::limits::SqsLimits;
use crate::mock::sqs::message::{
    MessageAttributes, OutgoingMessage, Place, QueueCounts, ReceivedMessage, Sender, SentMessage,
};
use crate::mock::sqs::queue_id::QueueId;

/// 2026-01-01T00:00:00Z.
pub(super) const START: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A state with its time and ids.
pub(super) struct Bed {
    pub state: SqsState,
    pub now: Timestamp,
    pub ids: Ids,
}

pub(super) fn bed() -> Bed {
    Bed { state: SqsState::default(), now: START, ids: Ids::new(1) }
}

pub(super) fn by(principal: &str) -> Sender<'_> {
    Sender { principal, ..Sender::default() }
}

pub(super) fn queue_id(name: &str) -> QueueId {
    QueueId::new(&AccountId::new("111111111111").unwrap(), &Region::new("us-east-1").unwrap(), name)
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn body(text: &str) -> OutgoingMessage {
    OutgoingMessage { body: text.to_owned(), ..OutgoingMessage::default() }
}

fn in_group(text: &str, group: &str) -> OutgoingMessage {
    OutgoingMessage { group_id: Some(group.to_owned()), deduplication_id: Some(text.to_owned()), ..body(text) }
}

fn bodies(received: &[ReceivedMessage]) -> Vec<&str> {
    received.iter().map(|received| received.message.body.as_str()).collect()
}

impl Bed {
    pub(super) fn advance(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    pub(super) fn create(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.try_create(name, attributes).unwrap();
    }

    fn try_create(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<(), SqsFault> {
        self.state.create_queue(self.now, &queue_id(name), &map(attributes), &BTreeMap::new())
    }

    fn set(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<(), SqsFault> {
        self.state.set_queue_attributes(self.now, &queue_id(name), &map(attributes))
    }

    fn send(&mut self, name: &str, message: &OutgoingMessage) -> Result<SentMessage, SqsFault> {
        self.state.send(self.now, &mut self.ids, &queue_id(name), by("AIDAEXAMPLE"), message)
    }

    fn receive(&mut self, name: &str, most: usize) -> Vec<ReceivedMessage> {
        self.receive_for(name, most, None)
    }

    fn receive_for(
        &mut self,
        name: &str,
        max_messages: usize,
        visibility_timeout: Option<i64>,
    ) -> Vec<ReceivedMessage> {
        let request = ReceiveRequest { max_messages, visibility_timeout };
        self.state.receive(self.now, &queue_id(name), request, &|all| all).unwrap()
    }

    fn delete(&mut self, name: &str, received: &ReceivedMessage) -> Result<(), SqsFault> {
        self.state.delete(self.now, &queue_id(name), &received.receipt_handle)
    }

    fn hide(&mut self, name: &str, received: &ReceivedMessage, timeout: i64) -> Result<(), SqsFault> {
        self.state.change_visibility(self.now, &queue_id(name), &received.receipt_handle, timeout)
    }

    fn counts(&mut self, name: &str) -> QueueCounts {
        self.state.counts(self.now, &queue_id(name)).unwrap()
    }

    fn read(&mut self, name: &str, attributes: &[&str]) -> Vec<(String, String)> {
        let names: Vec<_> = attributes.iter().map(ToString::to_string).collect();
        self.state.queue_attributes(self.now, &queue_id(name), &names).unwrap().into_iter().collect()
    }

    fn changed(&mut self) -> Vec<String> {
        self.state.take_changed().into_iter().map(|queue| queue.name).collect()
    }
}

#[test]
fn a_fresh_queue_shows_the_attributes_that_aws_shows() {
    let mut bed = bed();
    bed.create("plain", &[]);
    bed.create("strict.fifo", &[("FifoQueue", "True")]);
    let common = [
        ("ApproximateNumberOfMessages", "0"),
        ("ApproximateNumberOfMessagesDelayed", "0"),
        ("ApproximateNumberOfMessagesNotVisible", "0"),
        ("CreatedTimestamp", "1767225600"),
        ("DelaySeconds", "0"),
        ("LastModifiedTimestamp", "1767225600"),
        ("MaximumMessageSize", "1048576"),
        ("MessageRetentionPeriod", "345600"),
        ("ReceiveMessageWaitTimeSeconds", "0"),
        ("SqsManagedSseEnabled", "true"),
        ("VisibilityTimeout", "30"),
    ];
    let mut plain = map(&common);
    plain.insert("QueueArn".into(), "arn:aws:sqs:us-east-1:111111111111:plain".into());
    assert_eq!(bed.read("plain", &["All"]), plain.into_iter().collect::<Vec<_>>());
    let mut strict = map(&common);
    strict.extend(map(&[
        ("ContentBasedDeduplication", "false"),
        ("DeduplicationScope", "queue"),
        ("FifoQueue", "true"),
        ("FifoThroughputLimit", "perQueue"),
        ("QueueArn", "arn:aws:sqs:us-east-1:111111111111:strict.fifo"),
    ]));
    assert_eq!(bed.read("strict.fifo", &["All"]), strict.into_iter().collect::<Vec<_>>());
    assert_eq!(bed.read("plain", &["Policy", "DeduplicationScope"]), []);
    assert_eq!(bed.read("strict.fifo", &["FifoQueue"]), [("FifoQueue".to_owned(), "true".to_owned())]);
    assert_eq!(bed.read("plain", &[]), []);
    let fault = bed.state.queue_attributes(START, &queue_id("plain"), &["Speed".into()]).unwrap_err();
    assert_eq!(fault.message, "Unknown Attribute Speed.");
}

#[test]
fn creating_a_queue_again_is_fine_unless_a_given_attribute_differs() {
    let mut bed = bed();
    bed.create("q", &[("DelaySeconds", "1")]);
    for same in [&[][..], &[("DelaySeconds", "1")], &[("VisibilityTimeout", "30")]] {
        assert_eq!(bed.try_create("q", same), Ok(()));
    }
    let fault = bed.try_create("q", &[("DelaySeconds", "2")]).unwrap_err();
    assert_eq!((fault.shape, fault.query_code), ("QueueNameExists", "QueueAlreadyExists"));
    assert_eq!(
        fault.message,
        "A queue already exists with the same name and a different value for attribute DelaySeconds"
    );
    bed.set("q", &[("DelaySeconds", "3")]).unwrap();
    assert!(bed.try_create("q", &[("DelaySeconds", "1")]).is_err());
    for (name, attributes) in [("q.fifo", &[][..]), ("p", &[("FifoQueue", "true")]), ("a/b", &[])] {
        assert_eq!(bed.try_create(name, attributes).unwrap_err().query_code, "InvalidParameterValue", "{name}");
    }
    assert_eq!(bed.try_create("p", &[("FifoQueue", "false")]).unwrap_err().message, "Unknown Attribute FifoQueue.");
}

#[test]
fn a_deleted_name_is_free_after_60_seconds_and_old_handles_are_worth_nothing() {
    let mut bed = bed();
    bed.create("q", &[]);
    bed.send("q", &body("old")).unwrap();
    let old = bed.receive("q", 1).remove(0);
    bed.state.delete_queue(bed.now, &queue_id("q")).unwrap();
    assert_eq!(bed.send("q", &body("x")).unwrap_err().shape, "QueueDoesNotExist");
    bed.advance(59);
    assert_eq!(bed.try_create("q", &[]).unwrap_err().shape, "QueueDeletedRecently");
    bed.advance(1);
    bed.create("q", &[]);
    bed.send("q", &body("new")).unwrap();
    bed.delete("q", &old).unwrap();
    assert_eq!(bodies(&bed.receive("q", 10)), ["new"]);
}

#[test]
fn a_receive_holds_its_message_until_its_timeout_or_the_deletion() {
    let mut bed = bed();
    bed.create("q", &[]);
    bed.send("q", &body("x")).unwrap();
    let first = bed.receive("q", 1).remove(0);
    let is_overdue = |bed: &mut Bed, received: &ReceivedMessage| {
        bed.state.is_overdue(bed.now, &queue_id("q"), &received.receipt_handle)
    };
    assert!(!is_overdue(&mut bed, &first));
    bed.advance(30);
    assert!(is_overdue(&mut bed, &first), "it is visible again");
    let second = bed.receive("q", 1).remove(0);
    assert!(is_overdue(&mut bed, &first) && !is_overdue(&mut bed, &second), "somebody else holds it");
    bed.delete("q", &second).unwrap();
    assert!(!is_overdue(&mut bed, &first), "what is gone is deleted again without any harm");
}

#[test]
fn a_failed_change_of_attributes_changes_nothing() {
    let mut bed = bed();
    bed.create("q", &[]);
    bed.set("q", &[("DelaySeconds", "5"), ("VisibilityTimeout", "x")]).unwrap_err();
    assert_eq!(bed.read("q", &["DelaySeconds"]), [("DelaySeconds".to_owned(), "0".to_owned())]);
}

#[test]
fn a_redrive_policy_needs_a_fitting_queue_that_allows_it() {
    let mut bed = bed();
    bed.create("source", &[]);
    bed.create("strict.fifo", &[("FifoQueue", "true")]);
    bed.create("closed", &[("RedriveAllowPolicy", r#"{"redrivePermission":"denyAll"}"#)]);
    for (target, reason) in [
        ("missing", "Dead letter target does not exist."),
        ("strict.fifo", "Dead-letter queue must be same type of queue as the source."),
        ("closed", "The RedriveAllowPolicy of the dead letter target does not allow this source."),
        ("source", "Dead letter target must be another queue than the source."),
    ] {
        let policy = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":1}}"#, queue_id(target).arn());
        let fault = bed.set("source", &[("RedrivePolicy", &policy)]).unwrap_err();
        assert_eq!(fault.message, format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}"));
    }
    assert_eq!(bed.read("source", &["RedrivePolicy"]), []);
    bed.create("dead", &[]);
    let policy = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":"1"}}"#, queue_id("dead").arn());
    bed.set("source", &[("RedrivePolicy", &policy)]).unwrap();
    let sources = bed.state.list_dead_letter_source_queues(&queue_id("dead"), None, None, &|all| all).unwrap();
    assert_eq!(sources.queues, [queue_id("source")]);
    bed.set("source", &[("RedrivePolicy", "")]).unwrap();
    assert_eq!(bed.read("source", &["RedrivePolicy"]), []);
}

#[test]
fn a_listing_comes_in_pages_when_asked() {
    let mut bed = bed();
    for name in ["b-1", "a-2", "a-1", "a-3"] {
        bed.create(name, &[]);
    }
    let account = queue_id("x").account;
    let region = queue_id("x").region;
    let list = |most, token: Option<&str>| {
        let page = bed.state.list_queues(&account, &region, "a", most, token, &|all| all)?;
        Ok::<_, SqsFault>((page.queues.into_iter().map(|queue| queue.name).collect::<Vec<_>>(), page.next_token))
    };
    assert_eq!(list(None, None).unwrap(), (vec!["a-1".into(), "a-2".into(), "a-3".into()], None));
    let (first, token) = list(Some(2), None).unwrap();
    assert_eq!(first, ["a-1", "a-2"]);
    assert_eq!(list(Some(2), token.as_deref()).unwrap(), (vec!["a-3".into()], None));
    assert!(list(Some(0), None).is_err() && list(Some(1001), None).is_err() && list(None, Some("?")).is_err());
}

#[test]
fn purging_drops_everything_once_a_minute() {
    let mut bed = bed();
    bed.create("q", &[]);
    bed.send("q", &body("flying")).unwrap();
    let flying = bed.receive("q", 1).remove(0);
    bed.send("q", &body("visible")).unwrap();
    bed.send("q", &OutgoingMessage { delay_seconds: Some(9), ..body("delayed") }).unwrap();
    assert_eq!(bed.counts("q"), QueueCounts { visible: 1, in_flight: 1, delayed: 1 });
    bed.state.purge_queue(bed.now, &queue_id("q")).unwrap();
    assert_eq!(bed.counts("q"), QueueCounts::default());
    assert_eq!(bed.delete("q", &flying), Ok(()));
    let fault = bed.state.purge_queue(bed.now, &queue_id("q")).unwrap_err();
    assert_eq!(
        (fault.status, fault.message.as_str()),
        (403, "Only one PurgeQueue operation on q is allowed every 60 seconds.")
    );
    bed.send("q", &body("later")).unwrap();
    bed.advance(60);
    assert_eq!(bodies(&bed.receive("q", 10)), ["later"]);
    bed.state.purge_queue(bed.now, &queue_id("q")).unwrap();
}

#[test]
fn a_message_of_exactly_the_limit_is_taken_and_a_longer_one_is_not() {
    let mut bed = bed();
    bed.create("q", &[("MaximumMessageSize", "1024")]);
    bed.send("q", &body(&"a".repeat(1024))).unwrap();
    let fault = bed.send("q", &body(&"a".repeat(1025))).unwrap_err();
    assert_eq!(fault.message, "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.");
    let attributes = MessageAttributes::from_iter([("k", MessageAttribute::string("x"))]);
    bed.send("q", &OutgoingMessage { attributes: attributes.clone(), ..body(&"a".repeat(1016)) }).unwrap();
    assert!(bed.send("q", &OutgoingMessage { attributes, ..body(&"a".repeat(1017)) }).is_err());
    assert_eq!(bed.counts("q").visible, 2);
}

#[test]
fn what_a_message_may_not_have_is_refused_in_aws_words() {
    const GROUP: &str = "Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include \
                         alphanumeric and punctuation characters. 1 to 128 in length.";
    const TYPE: &str = "is invalid. Reason: The request include parameter that is not valid for this queue type.";
    let mut bed = bed();
    bed.create("q", &[]);
    bed.create("q.fifo", &[("FifoQueue", "true")]);
    for (queue, message, expected) in [
        ("q", body(""), "The request must contain the parameter MessageBody.".to_owned()),
        (
            "q",
            OutgoingMessage { delay_seconds: Some(901), ..body("x") },
            "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.".to_owned(),
        ),
        ("q", OutgoingMessage { group_id: Some("a b".into()), ..body("x") }, GROUP.to_owned()),
        (
            "q",
            OutgoingMessage { deduplication_id: Some("d".into()), ..body("x") },
            format!("Value d for parameter MessageDeduplicationId {TYPE}"),
        ),
        (
            "q.fifo",
            OutgoingMessage { delay_seconds: Some(2), ..in_group("x", "g") },
            format!("Value 2 for parameter DelaySeconds {TYPE}"),
        ),
        (
            "q.fifo",
            OutgoingMessage { deduplication_id: Some("d".into()), ..body("x") },
            "The request must contain the parameter MessageGroupId.".to_owned(),
        ),
        (
            "q.fifo",
            OutgoingMessage { group_id: Some("g".into()), ..body("x") },
            "The queue should either have ContentBasedDeduplication enabled or \
             MessageDeduplicationId provided explicitly"
                .to_owned(),
        ),
    ] {
        assert_eq!(bed.send(queue, &message).unwrap_err().message, expected);
    }
    assert_eq!((bed.counts("q"), bed.counts("q.fifo")), Default::default());
}

#[test]
fn an_explicit_delay_wins_over_that_of_a_standard_queue_only() {
    let mut bed = bed();
    bed.create("q", &[("DelaySeconds", "10")]);
    bed.create("q.fifo", &[("FifoQueue", "true"), ("DelaySeconds", "10")]);
    bed.send("q", &body("slow")).unwrap();
    bed.send("q", &OutgoingMessage { delay_seconds: Some(0), ..body("fast") }).unwrap();
    bed.send("q.fifo", &OutgoingMessage { delay_seconds: Some(0), ..in_group("strict", "g") }).unwrap();
    assert_eq!(bodies(&bed.receive("q", 10)), ["fast"]);
    assert!(bed.receive("q.fifo", 10).is_empty());
    bed.advance(10);
    assert_eq!(bodies(&bed.receive("q", 10)), ["slow"]);
    assert_eq!(bodies(&bed.receive("q.fifo", 10)), ["strict"]);
}

#[test]
fn receives_are_counted_and_timed() {
    let mut bed = bed();
    bed.create("q", &[]);
    bed.send("q", &body("x")).unwrap();
    bed.advance(1);
    let first = bed.receive("q", 1).remove(0);
    assert_eq!(bed.state.next_change(bed.now, &queue_id("q")), bed.now.checked_add(SignedDuration::from_secs(30)).ok());
    bed.advance(30);
    let second = bed.receive("q", 1).remove(0);
    assert_ne!(first.receipt_handle, second.receipt_handle);
    let message = &second.message;
    assert_eq!((message.receive_count, message.sent, message.sender_id.as_str()), (2, START, "AIDAEXAMPLE"));
    assert_eq!(message.first_received, START.checked_add(SignedDuration::from_secs(1)).ok());
    let stored = bed.state.messages(bed.now, &queue_id("q")).unwrap();
    assert!(matches!(stored[0].place, Place::InFlight(_)));
    assert_eq!(stored[0].message, second.message);
}

#[test]
fn a_changed_visibility_lasts_for_one_receive() {
    let mut bed = bed();
    bed.create("q", &[]);
    bed.send("q", &body("x")).unwrap();
    let first = bed.receive("q", 1).remove(0);
    bed.hide("q", &first, 0).unwrap();
    let second = bed.receive("q", 1).remove(0);
    bed.advance(29);
    assert!(bed.receive("q", 1).is_empty());
    bed.hide("q", &first, 100).unwrap();
    bed.advance(99);
    assert!(bed.receive("q", 1).is_empty());
    bed.advance(1);
    // Recorded from AWS: after the timeout the handle of a standard queue hides the message again.
    bed.hide("q", &second, 10).unwrap();
    assert!(bed.receive("q", 1).is_empty());
    let fault = bed.hide("q", &second, 43_200).unwrap_err();
    assert_eq!(
        fault.message,
        "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond \
         the limit [43200 seconds]."
    );
    assert!(bed.hide("q", &second, 43_201).is_err() && bed.hide("q", &second, -1).is_err());
    bed.delete("q", &second).unwrap();
    bed.delete("q", &second).unwrap();
    assert_eq!(
        bed.hide("q", &second, 1).unwrap_err().message,
        format!(
            "Value {} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available \
             for visibility timeout change.",
            second.receipt_handle
        )
    );
}

#[test]
fn handles_of_other_queues_are_invalid() {
    let mut bed = bed();
    bed.create("a", &[]);
    bed.create("b", &[]);
    bed.send("a", &body("x")).unwrap();
    let received = bed.receive("a", 1).remove(0);
    let fault = bed.delete("b", &received).unwrap_err();
    assert_eq!(fault.shape, "ReceiptHandleIsInvalid");
    let expected = format!("The receipt handle \"{}\" is not valid for this queue.", received.receipt_handle);
    assert_eq!(fault.message, expected);
    assert_eq!(bed.hide("b", &received, 1), Err(fault));
    bed.delete("a", &received).unwrap();
}

#[test]
fn a_shorter_retention_period_expires_what_is_there() {
    let mut bed = bed();
    bed.create("q", &[]);
    bed.send("q", &body("old")).unwrap();
    let old = bed.receive("q", 1).remove(0);
    bed.advance(60);
    bed.send("q", &body("young")).unwrap();
    bed.set("q", &[("MessageRetentionPeriod", "60")]).unwrap();
    assert_eq!(bed.counts("q"), QueueCounts { visible: 1, ..QueueCounts::default() });
    assert_eq!(bed.delete("q", &old), Ok(()));
}

#[test]
fn a_message_received_too_often_goes_to_the_dead_letter_queue_as_it_was() {
    let mut bed = bed();
    bed.create("dead", &[]);
    let policy = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":1}}"#, queue_id("dead").arn());
    bed.create("q", &[("RedrivePolicy", &policy)]);
    let sent = bed.send("q", &OutgoingMessage { trace_header: Some("Root=1".into()), ..body("x") }).unwrap();
    let first = bed.receive_for("q", 1, Some(0)).remove(0);
    bed.changed();
    assert!(bed.receive("q", 1).is_empty());
    assert_eq!(bed.changed(), ["dead", "q"]);
    assert_eq!(bed.delete("q", &first), Ok(()));
    bed.advance(5);
    let dead = bed.receive("dead", 1).remove(0).message;
    assert_eq!((dead.id, dead.receive_count, dead.sent), (sent.message_id, 2, START));
    assert_eq!(dead.trace_header.as_deref(), Some("Root=1"));
    assert_eq!(dead.dead_letter_source, Some(Box::new(queue_id("q").arn())));
}

#[test]
fn a_deleted_dead_letter_queue_leaves_messages_where_they_are() {
    let mut bed = bed();
    bed.create("dead", &[]);
    let policy = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":1}}"#, queue_id("dead").arn());
    bed.create("q", &[("RedrivePolicy", &policy)]);
    bed.state.delete_queue(bed.now, &queue_id("dead")).unwrap();
    bed.send("q", &body("x")).unwrap();
    for count in 1..4 {
        assert_eq!(bed.receive_for("q", 1, Some(0))[0].message.receive_count, count);
    }
}

#[test]
fn groups_are_served_in_turn_and_each_in_order() {
    let mut bed = bed();
    bed.create("q.fifo", &[("FifoQueue", "true")]);
    for (text, group) in [("g1-1", "g1"), ("g2-1", "g2"), ("g1-2", "g1"), ("g1-3", "g1"), ("g2-2", "g2")] {
        bed.send("q.fifo", &in_group(text, group)).unwrap();
    }
    let first = bed.receive("q.fifo", 4);
    assert_eq!(bodies(&first), ["g1-1", "g1-2", "g1-3", "g2-1"]);
    assert!(bed.receive("q.fifo", 4).is_empty(), "the rest of g2 waits for its first message");
    assert_eq!(bed.counts("q.fifo"), QueueCounts { visible: 1, in_flight: 4, delayed: 0 });
    bed.changed();
    bed.delete("q.fifo", &first[3]).unwrap();
    assert_eq!(bed.changed(), ["q.fifo"]);
    assert_eq!(bodies(&bed.receive("q.fifo", 4)), ["g2-2"]);
    bed.advance(30);
    let fault = bed.delete("q.fifo", &first[0]).unwrap_err();
    assert!(fault.message.ends_with("for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."));
    assert_eq!(bed.hide("q.fifo", &first[0], 1), Err(fault), "nor does it hide the message again");
    assert_eq!(bodies(&bed.receive("q.fifo", 3)), ["g1-1", "g1-2", "g1-3"]);
}

#[test]
fn a_receive_that_hides_nothing_lets_every_group_have_its_turn() {
    let mut bed = bed();
    bed.create("q.fifo", &[("FifoQueue", "true")]);
    for group in ["g1", "g2", "g3"] {
        bed.send("q.fifo", &in_group(group, group)).unwrap();
    }
    let turns: Vec<_> = (0..4).map(|_| bed.receive_for("q.fifo", 1, Some(0)).remove(0).message.body).collect();
    assert_eq!(turns, ["g1", "g2", "g3", "g1"]);
}

// Recorded from AWS with the extended message at each place of a group of three.
#[test]
fn extending_one_message_holds_back_those_behind_it() {
    for (extended, visible) in [(0, &[][..]), (1, &["foo"]), (2, &["foo", "bar"])] {
        let mut bed = bed();
        bed.create("q.fifo", &[("FifoQueue", "true")]);
        for text in ["foo", "bar", "baz"] {
            bed.send("q.fifo", &in_group(text, "g")).unwrap();
        }
        let all = bed.receive("q.fifo", 10);
        bed.hide("q.fifo", &all[extended], 60).unwrap();
        bed.advance(30);
        assert_eq!(bodies(&bed.receive("q.fifo", 10)), visible, "extended {extended}");
        bed.delete("q.fifo", &all[extended]).unwrap();
    }
}

#[test]
fn a_group_works_again_after_its_message_was_dead_lettered() {
    let mut bed = bed();
    bed.create("dead.fifo", &[("FifoQueue", "true")]);
    let policy = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":1}}"#, queue_id("dead.fifo").arn());
    bed.create("q.fifo", &[("FifoQueue", "true"), ("RedrivePolicy", &policy)]);
    bed.send("q.fifo", &in_group("bad", "g")).unwrap();
    bed.receive_for("q.fifo", 1, Some(0));
    bed.send("q.fifo", &in_group("good", "g")).unwrap();
    assert_eq!(bodies(&bed.receive("q.fifo", 10)), ["good"]);
    let dead = bed.receive("dead.fifo", 10).remove(0).message;
    assert_eq!((dead.group_id.as_deref(), dead.deduplication_id.as_deref()), (Some("g"), Some("bad")));
}

#[test]
fn ids_count_as_seen_for_five_minutes_even_after_deletion() {
    let mut bed = bed();
    bed.create("q.fifo", &[("FifoQueue", "true"), ("ContentBasedDeduplication", "true")]);
    let message = OutgoingMessage { group_id: Some("g".into()), ..body("x") };
    let first = bed.send("q.fifo", &message).unwrap();
    let received = bed.receive("q.fifo", 1).remove(0);
    let sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    assert_eq!(received.message.deduplication_id.as_deref(), Some(sha256));
    bed.delete("q.fifo", &received).unwrap();
    bed.advance(299);
    let explicit = OutgoingMessage { deduplication_id: Some(sha256.into()), group_id: Some("h".into()), ..body("y") };
    let again = bed.send("q.fifo", &explicit).unwrap();
    assert!(again.duplicate);
    assert_eq!((again.message_id, again.sequence_number), (first.message_id, first.sequence_number.clone()));
    bed.advance(1);
    let fresh = bed.send("q.fifo", &message).unwrap();
    assert!(!fresh.duplicate && fresh.sequence_number > first.sequence_number);
    assert_eq!(fresh.sequence_number.map(|number| number.len()), Some(20));
    bed.state.purge_queue(bed.now, &queue_id("q.fifo")).unwrap();
    assert!(!bed.send("q.fifo", &message).unwrap().duplicate);
}

// Recorded from AWS: a later change of the scope shows in the attributes and does nothing else.
#[test]
fn the_scope_of_deduplication_is_that_of_the_creation() {
    let group_scope = ("DeduplicationScope", "messageGroup");
    for (at_creation, later, duplicate) in [("queue", "messageGroup", true), ("messageGroup", "queue", false)] {
        let mut bed = bed();
        bed.create("q.fifo", &[("FifoQueue", "true"), (group_scope.0, at_creation)]);
        let send = |bed: &mut Bed, group: &str| {
            let message = OutgoingMessage { deduplication_id: Some("d".into()), ..in_group("x", group) };
            bed.send("q.fifo", &message).unwrap().duplicate
        };
        assert!(!send(&mut bed, "g1"));
        assert_eq!(send(&mut bed, "g2"), duplicate);
        bed.set("q.fifo", &[(group_scope.0, later)]).unwrap();
        assert_eq!(send(&mut bed, "g3"), duplicate);
        assert!(send(&mut bed, "g1"));
    }
}

#[test]
fn a_batch_is_checked_as_a_whole_before_anything_is_stored() {
    let mut bed = bed();
    bed.create("q", &[("MaximumMessageSize", "1024")]);
    bed.create("q.fifo", &[("FifoQueue", "true")]);
    let entry = |id: &str, text: &str| BatchEntry { id: id.to_owned(), value: Ok(body(text)) };
    let many: Vec<_> = (0..11).map(|n| entry(&n.to_string(), "x")).collect();
    let half = "a".repeat(524_289);
    for (queue, entries, code, message) in [
        (
            "q",
            vec![],
            "AWS.SimpleQueueService.EmptyBatchRequest",
            "There should be at least one SendMessageBatchRequestEntry in the request.",
        ),
        (
            "q",
            many,
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10. You have sent 11.",
        ),
        (
            "q",
            vec![entry("a", "x"), entry("invalid:id", "x")],
            "AWS.SimpleQueueService.InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
             It can be at most 80 letters long.",
        ),
        (
            "q",
            vec![entry("a", "x"), entry("b", "x"), entry("a", "x")],
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            "Id a repeated.",
        ),
        (
            "q",
            vec![entry("a", &half), entry("b", &half)],
            "AWS.SimpleQueueService.BatchRequestTooLong",
            "Batch requests cannot be longer than 1048576 bytes. You have sent 1048578 bytes.",
        ),
        (
            "q.fifo",
            vec![entry("a", "x")],
            "InvalidParameterValue",
            "The request must contain the parameter MessageGroupId.",
        ),
        ("missing", vec![], "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist."),
    ] {
        let fault = bed
            .state
            .send_batch(bed.now, &mut bed.ids, &queue_id(queue), by("me"), &entries, &|_| Vec::new())
            .unwrap_err();
        assert_eq!((fault.query_code, fault.message.as_str()), (code, message));
    }
    assert_eq!((bed.counts("q"), bed.counts("q.fifo")), Default::default());
}

#[test]
fn a_bad_entry_does_not_stop_the_others() {
    let mut bed = bed();
    bed.create("q", &[("MaximumMessageSize", "1024")]);
    let entry = |id: &str, text: &str| BatchEntry { id: id.to_owned(), value: Ok(body(text)) };
    let entries = [entry("good", "x"), entry("long", &"a".repeat(1025)), entry("odd", "\u{1}")];
    let sent =
        bed.state.send_batch(bed.now, &mut bed.ids, &queue_id("q"), by("me"), &entries, &|_| Vec::new()).unwrap();
    assert_eq!(sent.successful.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["good"]);
    let failed: Vec<_> = sent.failed.iter().map(|failure| (failure.id.as_str(), failure.fault.query_code)).collect();
    assert_eq!(failed, [("long", "InvalidParameterValue"), ("odd", "InvalidMessageContents")]);
    assert_eq!(
        sent.failed[0].fault.message,
        "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes."
    );
    let handle = bed.receive("q", 1).remove(0).receipt_handle;
    let entries =
        [("a", "garbage".to_owned()), ("b", handle)].map(|(id, value)| BatchEntry { id: id.to_owned(), value });
    let deleted = bed.state.delete_batch(bed.now, &queue_id("q"), &entries, &|_| Vec::new()).unwrap();
    assert_eq!(
        (deleted.failed[0].fault.query_code, deleted.successful[0].id.as_str()),
        ("ReceiptHandleIsInvalid", "b")
    );
    assert_eq!(bed.counts("q"), QueueCounts::default());
}

#[test]
fn tags_are_added_replaced_and_removed() {
    let mut bed = bed();
    bed.create("q", &[]);
    let queue = queue_id("q");
    bed.state.tag_queue(&queue, &map(&[("a", "1"), ("A", "")])).unwrap();
    bed.state.tag_queue(&queue, &map(&[("a", "2")])).unwrap();
    bed.state.untag_queue(&queue, &["A".into(), "unknown".into()]).unwrap();
    assert_eq!(bed.state.queue_tags(&queue).unwrap(), &map(&[("a", "2")]));
    for (tags, shape) in [
        (map(&[]), None),
        (map(&[("a", "2")]), None),
        (map(&[("a", "1")]), Some("QueueNameExists")),
        (map(&[("b", "")]), Some("QueueNameExists")),
    ] {
        let again = bed.state.create_queue(bed.now, &queue, &BTreeMap::new(), &tags);
        assert_eq!(again.err().map(|fault| fault.shape), shape, "{tags:?}");
    }
    for tags in [map(&[("aws:a", "1")]), map(&[("a", "AWS:1")])] {
        assert!(bed.state.tag_queue(&queue, &tags).is_err(), "{tags:?}");
    }
    let many = (0..50).map(|n| (n.to_string(), String::new())).collect();
    assert_eq!(bed.state.tag_queue(&queue, &many).unwrap_err().message, "Too many tags added for queue q.");
    assert!(bed.state.tag_queue(&queue, &BTreeMap::new()).is_err());
    assert!(bed.state.untag_queue(&queue, &[]).is_err());
    assert_eq!(bed.state.queue_tags(&queue).unwrap().len(), 1);
}

#[test]
fn an_empty_receive_reports_no_change() {
    let mut bed = bed();
    bed.create("q", &[]);
    bed.changed();
    assert!(bed.receive("q", 10).is_empty());
    assert!(bed.changed().is_empty(), "a waiting consumer must not wake itself");
    bed.send("q", &body("x")).unwrap();
    assert_eq!(bed.changed(), ["q"]);
}

/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
#[test]
fn no_more_than_a_limit_is_in_flight_and_only_a_standard_queue_says_so() {
    let limits = SqsLimits { in_flight: 3, ..SqsLimits::default() };
    let mut bed = Bed { state: SqsState::new(limits), ..bed() };
    bed.create("q", &[]);
    bed.create("q.fifo", &[("FifoQueue", "true")]);
    for text in ["1", "2", "3", "4", "5"] {
        bed.send("q", &body(text)).unwrap();
        bed.send("q.fifo", &in_group(text, "g")).unwrap();
    }
    for queue in ["q", "q.fifo"] {
        assert_eq!(bed.receive(queue, 2).len(), 2);
    }
    let last = bed.receive("q", 10);
    assert_eq!(bodies(&last), ["3"]);
    let request = ReceiveRequest { max_messages: 1, visibility_timeout: None };
    let fault = bed.state.receive(bed.now, &queue_id("q"), request, &|all| all).unwrap_err();
    assert_eq!((fault.query_code, fault.status), ("OverLimit", 403));
    assert_eq!(bed.state.messages(bed.now, &queue_id("q")).unwrap().len(), 5);
    bed.state.delete(bed.now, &queue_id("q"), &last[0].receipt_handle).unwrap();
    assert_eq!(bodies(&bed.receive("q", 10)), ["4"]);

    bed.send("q.fifo", &in_group("6", "other")).unwrap();
    bed.send("q.fifo", &in_group("7", "third")).unwrap();
    assert_eq!(bodies(&bed.receive("q.fifo", 10)), ["6"]);
    assert!(bed.receive("q.fifo", 10).is_empty(), "a FIFO queue gives nothing and says nothing");
}
