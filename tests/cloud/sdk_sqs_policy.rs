//! Queues of another account, as their policies allow it, by the AWS SDK for Rust.
use crate::common;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{QueueAttributeName as Attribute, SendMessageBatchRequestEntry};
use common::{both_ways, message, refusal};
use lambda_testkit::Cloud;
use serde_json::{Value, json};

const OTHER: &str = "222222222222";

fn statement(effect: &str, action: &Value) -> Value {
    json!({
        "Effect": effect,
        "Principal": { "AWS": OTHER },
        "Action": action,
        "Resource": "arn:aws:sqs:us-east-1:111111111111:alarms",
    })
}

async fn set(sqs: &Client, url: &str, statements: &[Value]) {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    sqs.set_queue_attributes().queue_url(url).attributes(Attribute::Policy, policy).send().await.unwrap();
}

fn entry(id: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body("x").build().unwrap()
}

#[tokio::test]
async fn a_policy_lets_another_account_do_what_it_names_and_no_more() {
    both_ways(async |cloud, config| {
        let own = Client::new(&config);
        let other = Client::new(&cloud.account(OTHER).sdk_config());
        let url = cloud.queue("alarms").url();
        let send = || other.send_message().queue_url(&url).message_body("x").send();
        assert_eq!(refusal(send().await), "403 AccessDenied");
        assert!(message(send().await).contains("because no resource-based policy allows the sqs:sendmessage action"));

        set(&own, &url, &[statement("Allow", &json!(["sqs:SendMessage", "SQS:Get*"]))]).await;
        send().await.unwrap();
        let batch = || other.send_message_batch().queue_url(&url).entries(entry("1")).send();
        assert_eq!(
            batch().await.unwrap().successful().len(),
            1,
            "entries of a batch are allowed as single messages are"
        );
        let found = other.get_queue_url().queue_name("alarms").queue_owner_aws_account_id("111111111111").send().await;
        assert!(found.unwrap().queue_url().unwrap().ends_with("/111111111111/alarms"));
        assert_eq!(refusal(other.receive_message().queue_url(&url).send().await), "403 AccessDenied");
        assert_eq!(cloud.queue("alarms").messages().len(), 2);

        // A statement that denies wins, also against the owner.
        let allow = statement("Allow", &json!("sqs:*"));
        set(&own, &url, &[allow.clone(), statement("Deny", &json!("sqs:SendMessage"))]).await;
        assert!(message(send().await).ends_with("with an explicit deny in a resource-based policy"));
        assert_eq!(other.receive_message().queue_url(&url).send().await.unwrap().messages().len(), 1);

        // What is the owner's alone no policy allows.
        set(&own, &url, &[allow]).await;
        send().await.unwrap();
        assert_eq!(refusal(other.delete_queue().queue_url(&url).send().await), "403 AccessDenied");
        let tags = other.list_queue_tags().queue_url(&url).send().await;
        assert_eq!(refusal(tags), "403 AccessDenied");

        own.remove_permission().queue_url(&url).label("nothing").send().await.unwrap_err();
        own.set_queue_attributes().queue_url(&url).attributes(Attribute::Policy, "").send().await.unwrap();
        assert_eq!(refusal(send().await), "403 AccessDenied");
    })
    .await;
}

#[tokio::test]
async fn add_permission_is_what_a_policy_says() {
    let cloud = Cloud::start();
    let (queue, other) = (cloud.queue("alarms"), Client::new(&cloud.account(OTHER).sdk_config()));
    let own = Client::new(&cloud.sdk_config());
    let share = own.add_permission().queue_url(queue.url()).label("share").aws_account_ids(OTHER).actions("*");
    share.send().await.unwrap();
    other.send_message().queue_url(queue.url()).message_body("x").send().await.unwrap();
    own.remove_permission().queue_url(queue.url()).label("share").send().await.unwrap();
    let refused = other.send_message().queue_url(queue.url()).message_body("x").send().await;
    assert_eq!(refusal(refused), "403 AccessDenied");
    queue.assert_bodies(["x"]);
}

#[tokio::test]
async fn a_policy_that_asks_for_more_than_is_evaluated_lets_nobody_in_and_says_so() {
    let cloud = Cloud::start();
    let (queue, other) = (cloud.queue("alarms"), Client::new(&cloud.account(OTHER).sdk_config()));
    let own = Client::new(&cloud.sdk_config());
    let mut asks = statement("Allow", &json!("sqs:SendMessage"));
    asks["Condition"] = json!({ "DateLessThan": { "aws:CurrentTime": "2030-01-01T00:00:00Z" } });
    set(&own, &queue.url(), &[asks]).await;
    let refused = message(other.send_message().queue_url(queue.url()).message_body("x").send().await);
    assert!(refused.contains("lambda-testkit keeps the policies of resources but does not evaluate them"), "{refused}");
    let broken = own.set_queue_attributes().queue_url(queue.url()).attributes(Attribute::Policy, "{").send().await;
    assert_eq!(refusal(broken), "400 InvalidAttributeValue");
}
