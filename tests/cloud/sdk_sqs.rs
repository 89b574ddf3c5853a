//! SQS by the AWS SDK for Rust, in process and over loopback HTTP.
use crate::common;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, MessageAttributeValue,
    MessageSystemAttributeName as System, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    QueueAttributeName as Attribute, SendMessageBatchRequestEntry,
};
use common::{both_ways, message, refusal};
use lambda_testkit::Cloud;
use md5::{Digest, Md5};
use serde_json::json;

fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn string(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().unwrap()
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
}

async fn receive(sqs: &Client, url: &str, most: i32) -> Vec<Message> {
    let receive = sqs.receive_message().queue_url(url).max_number_of_messages(most);
    let receive = receive.message_system_attribute_names(System::All).message_attribute_names("All");
    receive.send().await.unwrap().messages.unwrap_or_default()
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body().unwrap()).collect()
}

fn system(message: &Message, name: System) -> &str {
    &message.attributes().unwrap()[&name]
}

#[tokio::test]
async fn queues_are_created_found_listed_and_deleted() {
    both_ways(async |_, config| {
        let sqs = Client::new(&config);
        let create = sqs.create_queue().queue_name("alarms").attributes(Attribute::VisibilityTimeout, "60");
        let url = create.tags("team", "1").send().await.unwrap().queue_url.unwrap();
        assert!(url.ends_with("/111111111111/alarms"), "{url}");
        let again = sqs.create_queue().queue_name("alarms").attributes(Attribute::VisibilityTimeout, "60");
        assert_eq!(again.send().await.unwrap().queue_url.as_ref(), Some(&url), "the same queue again is no error");
        let other = sqs.create_queue().queue_name("alarms").attributes(Attribute::VisibilityTimeout, "61");
        assert_eq!(refusal(other.send().await), "400 QueueAlreadyExists");

        sqs.create_queue().queue_name("alarms-dead").send().await.unwrap();
        sqs.create_queue().queue_name("other").send().await.unwrap();
        let found = sqs.get_queue_url().queue_name("alarms").send().await.unwrap();
        assert_eq!(found.queue_url(), Some(url.as_str()));
        let listed = sqs.list_queues().queue_name_prefix("alarms").send().await.unwrap();
        assert_eq!(listed.queue_urls().len(), 2);
        let mut pages = sqs.list_queues().max_results(2).into_paginator().send();
        let mut sizes = Vec::new();
        while let Some(page) = pages.next().await {
            sizes.push(page.unwrap().queue_urls().len());
        }
        assert_eq!(sizes, [2, 1]);

        let tags = async || sqs.list_queue_tags().queue_url(&url).send().await.unwrap().tags.unwrap_or_default();
        sqs.tag_queue().queue_url(&url).tags("stage", "test").send().await.unwrap();
        sqs.untag_queue().queue_url(&url).tag_keys("team").send().await.unwrap();
        assert_eq!(tags().await, HashMap::from([("stage".to_owned(), "test".to_owned())]));

        sqs.delete_queue().queue_url(&url).send().await.unwrap();
        let gone = sqs.send_message().queue_url(&url).message_body("x").send().await;
        assert!(gone.unwrap_err().into_service_error().is_queue_does_not_exist());
        let gone = sqs.get_queue_url().queue_name("alarms").send().await;
        assert_eq!(refusal(gone), "400 AWS.SimpleQueueService.NonExistentQueue");
    })
    .await;
}

#[tokio::test]
async fn attributes_are_what_was_set_and_counted() {
    both_ways(async |cloud, config| {
        let sqs = Client::new(&config);
        let url = cloud.queue("alarms").url();
        let set = sqs.set_queue_attributes().queue_url(&url);
        set.attributes(Attribute::DelaySeconds, "3")
            .attributes(Attribute::MaximumMessageSize, "2048")
            .send()
            .await
            .unwrap();
        let send = sqs.send_message().queue_url(&url).message_body("later");
        send.send().await.unwrap();
        sqs.send_message().queue_url(&url).message_body("now").delay_seconds(0).send().await.unwrap();

        let got = sqs.get_queue_attributes().queue_url(&url).attribute_names(Attribute::All).send().await.unwrap();
        let got = got.attributes().unwrap();
        assert_eq!(got[&Attribute::QueueArn], "arn:aws:sqs:us-east-1:111111111111:alarms");
        assert_eq!((&*got[&Attribute::DelaySeconds], &*got[&Attribute::VisibilityTimeout]), ("3", "30"));
        assert_eq!(got[&Attribute::ApproximateNumberOfMessages], "1");
        assert_eq!(got[&Attribute::ApproximateNumberOfMessagesDelayed], "1");
        assert_eq!(got[&Attribute::CreatedTimestamp], cloud.now().as_second().to_string());
        let one = sqs.get_queue_attributes().queue_url(&url).attribute_names(Attribute::DelaySeconds);
        assert_eq!(one.send().await.unwrap().attributes().unwrap().len(), 1);

        let bad = sqs.set_queue_attributes().queue_url(&url).attributes(Attribute::DelaySeconds, "901");
        assert_eq!(refusal(bad.send().await), "400 InvalidAttributeValue");
        let bad = sqs.set_queue_attributes().queue_url(&url).attributes(Attribute::FifoQueue, "true");
        assert_eq!(message(bad.send().await), "Unknown Attribute FifoQueue.");
        sqs.purge_queue().queue_url(&url).send().await.unwrap();
        assert!(cloud.queue("alarms").messages().is_empty());
        let again = sqs.purge_queue().queue_url(&url).send().await;
        assert_eq!(refusal(again), "403 AWS.SimpleQueueService.PurgeQueueInProgress");
    })
    .await;
}

#[tokio::test]
async fn a_message_comes_back_with_all_that_was_sent() {
    both_ways(async |cloud, config| {
        let sqs = Client::new(&config);
        let queue = cloud.queue("books");
        let number = MessageAttributeValue::builder().data_type("Number").string_value("6").build().unwrap();
        let send = sqs.send_message().queue_url(queue.url()).message_body("h\u{fc} \u{1f600}\r\n");
        let send = send.message_attributes("Title", string("The Whistler")).message_attributes("WeeksOn", number);
        let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
        let header = MessageSystemAttributeValue::builder().data_type("String").string_value(trace).build().unwrap();
        let send = send.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, header);
        let sent = send.message_attributes("Author", string("John Grisham")).send().await.unwrap();
        assert_eq!(sent.md5_of_message_body(), Some(md5("h\u{fc} \u{1f600}\r\n").as_str()));
        // The digest that AWS answered for these three attributes.
        assert_eq!(sent.md5_of_message_attributes(), Some("d25a6aea97eb8f585bfa92d314504a92"));

        let messages = receive(&sqs, &queue.url(), 1).await;
        let [got] = messages.as_slice() else { panic!("{messages:?}") };
        assert_eq!((got.message_id(), got.body()), (sent.message_id(), Some("h\u{fc} \u{1f600}\r\n")));
        assert_eq!(got.md5_of_body(), sent.md5_of_message_body());
        assert_eq!(got.md5_of_message_attributes(), sent.md5_of_message_attributes());
        assert_eq!(got.message_attributes().unwrap()["Title"].string_value(), Some("The Whistler"));
        assert_eq!(system(got, System::ApproximateReceiveCount), "1");
        assert_eq!(system(got, System::AwsTraceHeader), trace);
        assert_eq!(system(got, System::SentTimestamp), cloud.now().as_millisecond().to_string());
        assert!(receive(&sqs, &queue.url(), 10).await.is_empty(), "it is in flight");

        let delete = |handle: String| sqs.delete_message().queue_url(queue.url()).receipt_handle(handle).send();
        assert_eq!(refusal(delete("nonsense".to_owned()).await), "400 ReceiptHandleIsInvalid");
        assert_eq!(queue.messages().len(), 1);
        delete(got.receipt_handle().unwrap().to_owned()).await.unwrap();
        assert!(queue.messages().is_empty());
    })
    .await;
}

#[tokio::test]
async fn binary_and_custom_attributes_are_kept_and_digested() {
    both_ways(async |cloud, config| {
        let sqs = Client::new(&config);
        let queue = cloud.queue("books");
        let blob = aws_sdk_sqs::primitives::Blob::new([0_u8, 255, 10]);
        let binary =
            MessageAttributeValue::builder().data_type("Binary.png").binary_value(blob.clone()).build().unwrap();
        let send = sqs.send_message().queue_url(queue.url()).message_body("x").message_attributes("Cover", binary);
        let sent = send.send().await.unwrap();
        // SQS digests the length and the bytes of name and type, 2 for binary, then the value the same way.
        let mut digest = Md5::new();
        for part in [&b"Cover"[..], b"Binary.png"] {
            digest.update(u32::try_from(part.len()).unwrap().to_be_bytes());
            digest.update(part);
        }
        digest.update([2, 0, 0, 0, 3, 0, 255, 10]);
        let expected: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sent.md5_of_message_attributes(), Some(expected.as_str()));
        let messages = receive(&sqs, &queue.url(), 1).await;
        let attribute = &messages[0].message_attributes().unwrap()["Cover"];
        assert_eq!((attribute.data_type(), attribute.binary_value()), ("Binary.png", Some(&blob)));

        for (name, value, why) in [
            ("AWS.x", string("v"), "a reserved name"),
            ("a..b", string("v"), "two dots"),
            ("a", string(""), "an empty value"),
        ] {
            let send = sqs.send_message().queue_url(queue.url()).message_body("x").message_attributes(name, value);
            assert_eq!(refusal(send.send().await), "400 InvalidParameterValue", "{why}");
        }
        assert_eq!(queue.messages().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn batches_succeed_and_fail_entry_by_entry() {
    both_ways(async |cloud, config| {
        let sqs = Client::new(&config);
        let queue = cloud.queue("alarms");
        let url = queue.url();
        let send = sqs.send_message_batch().queue_url(&url);
        let send = send.entries(entry("a", "one")).entries(entry("b", "")).entries(entry("c", "three"));
        let sent = send.send().await.unwrap();
        let good: Vec<_> = sent.successful().iter().map(|entry| (entry.id(), entry.md5_of_message_body())).collect();
        assert_eq!(good, [("a", md5("one").as_str()), ("c", md5("three").as_str())]);
        assert_eq!(sent.failed().iter().map(|entry| entry.id()).collect::<Vec<_>>(), ["b"]);
        assert!(sent.failed()[0].sender_fault());
        assert_eq!(queue.bodies(), ["one", "three"]);

        let messages = receive(&sqs, &url, 10).await;
        assert_eq!(bodies(&messages), ["one", "three"]);
        let change = messages.iter().enumerate().map(|(number, message)| {
            let entry =
                ChangeMessageVisibilityBatchRequestEntry::builder().id(format!("m{number}")).visibility_timeout(0);
            entry.receipt_handle(message.receipt_handle().unwrap()).build().unwrap()
        });
        let change = sqs.change_message_visibility_batch().queue_url(&url).set_entries(Some(change.collect()));
        assert_eq!(change.send().await.unwrap().successful().len(), 2);

        let messages = receive(&sqs, &url, 10).await;
        assert_eq!(system(&messages[0], System::ApproximateReceiveCount), "2");
        let handles = messages.iter().map(|message| message.receipt_handle().unwrap()).chain(["nonsense"]);
        let delete = handles.enumerate().map(|(number, handle)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(format!("m{number}"));
            entry.receipt_handle(handle).build().unwrap()
        });
        let delete = sqs.delete_message_batch().queue_url(&url).set_entries(Some(delete.collect()));
        let deleted = delete.send().await.unwrap();
        assert_eq!((deleted.successful().len(), deleted.failed()[0].code()), (2, "ReceiptHandleIsInvalid"));
        assert!(queue.messages().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_wrong_as_a_whole_sends_nothing() {
    let cloud = Cloud::start();
    let (sqs, queue) = (Client::new(&cloud.sdk_config()), cloud.queue("alarms"));
    let send = |entries: Vec<_>| sqs.send_message_batch().queue_url(queue.url()).set_entries(Some(entries)).send();
    let eleven = (0..11).map(|number| entry(&number.to_string(), "x")).collect();
    let half = "x".repeat(524_289);
    for (entries, code) in [
        (Vec::new(), "EmptyBatchRequest"),
        (eleven, "TooManyEntriesInBatchRequest"),
        (vec![entry("a", "x"), entry("a", "y")], "BatchEntryIdsNotDistinct"),
        (vec![entry("a", "x"), entry("b:c", "y")], "InvalidBatchEntryId"),
        (vec![entry("a", &half), entry("b", &half)], "BatchRequestTooLong"),
    ] {
        assert_eq!(refusal(send(entries).await), format!("400 AWS.SimpleQueueService.{code}"));
        assert!(queue.messages().is_empty(), "{code}");
    }
}

#[tokio::test]
async fn a_long_poll_in_process_moves_the_clock_to_the_message() {
    let cloud = Cloud::start();
    let (sqs, queue) = (Client::new(&cloud.sdk_config()), cloud.queue("alarms"));
    let start = cloud.now();
    sqs.send_message().queue_url(queue.url()).message_body("later").delay_seconds(5).send().await.unwrap();
    let poll = || sqs.receive_message().queue_url(queue.url()).wait_time_seconds(20).send();
    assert_eq!(bodies(poll().await.unwrap().messages()), ["later"]);
    assert_eq!(cloud.now().duration_since(start).as_secs(), 5);

    assert!(poll().await.unwrap().messages.is_none());
    assert_eq!(cloud.now().duration_since(start).as_secs(), 25, "an empty poll takes its whole time");
    assert_eq!(bodies(poll().await.unwrap().messages()), ["later"], "visible again after 30 s");
    assert_eq!(cloud.now().duration_since(start).as_secs(), 35);
}

#[tokio::test]
async fn a_long_poll_over_a_socket_is_woken_by_a_send() {
    let cloud = Cloud::start();
    let sqs = Client::new(&common::over_socket(&cloud, &cloud.sdk_config()));
    let (queue, start) = (cloud.queue("alarms"), cloud.now());
    let poll = sqs.receive_message().queue_url(queue.url()).wait_time_seconds(20).send();
    let (got, _) = tokio::join!(poll, async { queue.send("hello") });
    assert_eq!(bodies(got.unwrap().messages()), ["hello"]);
    assert_eq!(cloud.now(), start, "sockets never move the test clock");
}

#[tokio::test]
async fn a_fifo_queue_keeps_the_order_of_each_group_and_drops_duplicates() {
    both_ways(async |cloud, config| {
        let sqs = Client::new(&config);
        let create = sqs.create_queue().queue_name("orders.fifo").attributes(Attribute::FifoQueue, "true");
        let create = create.attributes(Attribute::ContentBasedDeduplication, "true");
        let url = create.send().await.unwrap().queue_url.unwrap();
        let send = async |group: &str, body: &str| {
            let send = sqs.send_message().queue_url(&url).message_group_id(group).message_body(body);
            send.send().await.unwrap()
        };
        let first = send("a", "a1").await;
        send("a", "a2").await;
        send("b", "b1").await;
        let again = send("a", "a1").await;
        assert_eq!(again.message_id(), first.message_id(), "the same body within 5 minutes is the same message");
        assert_eq!(again.sequence_number(), first.sequence_number());

        let got = receive(&sqs, &url, 1).await;
        assert_eq!(bodies(&got), ["a1"]);
        assert_eq!(system(&got[0], System::MessageGroupId), "a");
        assert_eq!(Some(system(&got[0], System::SequenceNumber)), first.sequence_number());
        assert_eq!(bodies(&receive(&sqs, &url, 10).await), ["b1"], "group a is blocked while a1 is in flight");
        sqs.delete_message().queue_url(&url).receipt_handle(got[0].receipt_handle().unwrap()).send().await.unwrap();
        assert_eq!(bodies(&receive(&sqs, &url, 10).await), ["a2"]);

        let without_group = sqs.send_message().queue_url(&url).message_body("x").send().await;
        assert_eq!(refusal(without_group), "400 MissingParameter");
        let delayed = sqs.send_message().queue_url(&url).message_group_id("a").message_body("x").delay_seconds(2);
        assert_eq!(refusal(delayed.send().await), "400 InvalidParameterValue");
        assert_eq!(cloud.queue("orders.fifo").messages().len(), 2);
    })
    .await;
}

/// Recorded from AWS. Fair queues: the group is told, and nothing waits for it.
#[tokio::test]
async fn groups_of_a_standard_queue_are_told_and_block_nothing() {
    both_ways(async |cloud, config| {
        let (sqs, jobs) = (Client::new(&config), cloud.queue("jobs"));
        for body in ["1", "2", "3"] {
            let send = sqs.send_message().queue_url(jobs.url()).message_group_id("a").message_body(body);
            assert_eq!(send.send().await.unwrap().sequence_number(), None);
        }
        let first = receive(&sqs, &jobs.url(), 1).await;
        assert_eq!(bodies(&first), ["1"]);
        assert_eq!(system(&first[0], System::MessageGroupId), "a");
        let told = first[0].attributes().unwrap();
        assert!([System::SequenceNumber, System::MessageDeduplicationId].iter().all(|name| !told.contains_key(name)));
        assert_eq!(bodies(&receive(&sqs, &jobs.url(), 10).await), ["2", "3"], "although one of the group is in flight");
        assert_eq!(jobs.messages()[0].group_id.as_deref(), Some("a"));
    })
    .await;
}

#[tokio::test]
async fn a_message_received_too_often_moves_to_the_dead_letter_queue() {
    both_ways(async |cloud, config| {
        let sqs = Client::new(&config);
        let (alarms, dead) = (cloud.queue("alarms"), cloud.queue("dead"));
        let policy = json!({ "deadLetterTargetArn": dead.arn().to_string(), "maxReceiveCount": "2" }).to_string();
        let set = sqs.set_queue_attributes().queue_url(alarms.url()).attributes(Attribute::RedrivePolicy, policy);
        set.send().await.unwrap();
        let sources = sqs.list_dead_letter_source_queues().queue_url(dead.url()).send().await.unwrap();
        assert!(sources.queue_urls()[0].ends_with("/111111111111/alarms"));

        let id = alarms.send("poison");
        for count in ["1", "2"] {
            let got = receive(&sqs, &alarms.url(), 10).await;
            assert_eq!(system(&got[0], System::ApproximateReceiveCount), count);
            let handle = got[0].receipt_handle().unwrap();
            let change = sqs.change_message_visibility().queue_url(alarms.url()).receipt_handle(handle);
            change.visibility_timeout(0).send().await.unwrap();
        }
        assert!(receive(&sqs, &alarms.url(), 10).await.is_empty());
        let got = receive(&sqs, &dead.url(), 10).await;
        assert_eq!((got[0].message_id(), got[0].body()), (Some(id.as_str()), Some("poison")));
        assert_eq!(system(&got[0], System::DeadLetterQueueSourceArn), alarms.arn().to_string());

        let nowhere = json!({ "deadLetterTargetArn": format!("{}x", dead.arn()), "maxReceiveCount": 2 }).to_string();
        let set = sqs.set_queue_attributes().queue_url(alarms.url()).attributes(Attribute::RedrivePolicy, nowhere);
        assert!(refusal(set.send().await).starts_with("400"), "a dead-letter queue has to exist");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_was_not_deleted_is_visible_again_after_its_timeout() {
    both_ways(async |cloud, config| {
        let sqs = Client::new(&config);
        let url = cloud.queue("alarms").url();
        cloud.queue("alarms").send("x");
        let got = receive(&sqs, &url, 1).await;
        cloud.advance(Duration::from_secs(29)).await.assert_ok();
        assert!(receive(&sqs, &url, 1).await.is_empty());
        cloud.advance(Duration::from_secs(1)).await.assert_ok();
        let again = receive(&sqs, &url, 1).await;
        assert_eq!(again[0].message_id(), got[0].message_id());
        assert_ne!(again[0].receipt_handle(), got[0].receipt_handle());
        let first = system(&again[0], System::ApproximateFirstReceiveTimestamp);
        assert_eq!(first, system(&got[0], System::ApproximateFirstReceiveTimestamp));

        let change = |seconds| {
            let change = sqs.change_message_visibility().queue_url(&url).visibility_timeout(seconds);
            change.receipt_handle(again[0].receipt_handle().unwrap()).send()
        };
        assert_eq!(refusal(change(43_201).await), "400 InvalidParameterValue");
        change(43_200 - 30).await.unwrap();
        cloud.advance(Duration::from_secs(3600)).await.assert_ok();
        assert!(receive(&sqs, &url, 1).await.is_empty());
    })
    .await;
}
