//! Whom the policy of a queue lets S3 tell about a bucket: a client has to permit it, a verb does so by itself.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html>
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};
use aws_sdk_sqs::types::QueueAttributeName;
use lambda_testkit::Queue;
use lambda_testkit::prelude::*;
use serde_json::{Value, json};

use crate::common::refusal;
use crate::common::signed::Raw;

/// The policy of S3's guide.
fn of_the_guide(queue: &Queue, bucket: &str, account: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Id": "example-ID",
        "Statement": [{
            "Sid": "example-statement-ID",
            "Effect": "Allow",
            "Principal": { "Service": "s3.amazonaws.com" },
            "Action": ["SQS:SendMessage"],
            "Resource": queue.arn().to_string(),
            "Condition": {
                "ArnLike": { "aws:SourceArn": format!("arn:aws:s3:*:*:{bucket}") },
                "StringEquals": { "aws:SourceAccount": account },
            },
        }],
    })
}

async fn set_policy(cloud: &Cloud, queue: &Queue, policy: &str) {
    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let set = sqs.set_queue_attributes().queue_url(queue.url()).attributes(QueueAttributeName::Policy, policy);
    set.send().await.unwrap();
}

async fn policy_of(cloud: &Cloud, queue: &Queue) -> Option<Value> {
    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let got = sqs.get_queue_attributes().queue_url(queue.url()).attribute_names(QueueAttributeName::Policy);
    let got = got.send().await.unwrap();
    got.attributes()?.get(&QueueAttributeName::Policy).map(|policy| serde_json::from_str(policy).unwrap())
}

fn configuration(queue: &Queue) -> NotificationConfiguration {
    let rule = QueueConfiguration::builder().id("to-queue").queue_arn(queue.arn().to_string());
    let rule = rule.events(Event::S3ObjectCreated).build().unwrap();
    NotificationConfiguration::builder().queue_configurations(rule).build()
}

#[tokio::test]
async fn a_client_must_let_s3_send_before_it_configures_notifications() {
    let cloud = Cloud::start();
    let (photos, told) = (cloud.bucket("photos"), cloud.queue("told"));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let put = async || {
        let put = s3.put_bucket_notification_configuration().bucket("photos");
        put.notification_configuration(configuration(&told)).send().await
    };
    for policy in [
        String::new(),
        of_the_guide(&told, "other", "111111111111").to_string(),
        of_the_guide(&told, "photos", "222222222222").to_string(),
        of_the_guide(&told, "photos", "111111111111").to_string().replace("s3.amazonaws", "events.amazonaws"),
        of_the_guide(&told, "photos", "111111111111").to_string().replace("SendMessage", "ReceiveMessage"),
        of_the_guide(&told, "photos", "111111111111").to_string().replace("Allow", "Deny"),
    ] {
        set_policy(&cloud, &told, &policy).await;
        let error = put().await.expect_err(&policy).into_service_error();
        assert_eq!(error.code(), Some("InvalidArgument"), "{policy}");
        let message = "Unable to validate the following destination configurations";
        assert_eq!(error.message(), Some(message), "{}", DisplayErrorContext(&error));
    }
    let body = format!(
        "<NotificationConfiguration><QueueConfiguration><Queue>{}</Queue><Event>s3:ObjectCreated:*</Event>\
         </QueueConfiguration></NotificationConfiguration>",
        told.arn()
    );
    let answer = Raw::new("s3", "PUT", "/photos?notification=").body(body).signed(&cloud).await;
    assert_eq!(answer.status, 400);
    let named = format!("<ArgumentName1>{}</ArgumentName1>", told.arn());
    let why = "<ArgumentValue1>Permissions on the destination queue do not allow S3 to publish notifications from this \
               bucket</ArgumentValue1>";
    assert!(answer.body.contains(&named) && answer.body.contains(why), "{}", answer.body);

    // Whoever asks that nothing be validated finds out later.
    let unchecked = s3.put_bucket_notification_configuration().bucket("photos").skip_destination_validation(true);
    unchecked.notification_configuration(configuration(&told)).send().await.unwrap();
    photos.put("lost.txt", "x");
    cloud.settle().await.assert_ok();
    told.assert_empty();

    set_policy(&cloud, &told, &of_the_guide(&told, "photos", "111111111111").to_string()).await;
    put().await.unwrap();
    photos.put("a.txt", "a");
    cloud.settle().await.assert_ok();
    let bodies = told.bodies();
    assert!(bodies.len() == 2 && bodies[0].contains("s3:TestEvent") && bodies[1].contains("a.txt"), "{bodies:?}");
}

#[tokio::test]
async fn what_s3_tells_is_lost_once_the_permission_is_taken_away_and_the_timeline_says_so() {
    let cloud = Cloud::start();
    let (photos, told) = (cloud.bucket("photos"), cloud.queue("told"));
    photos.notify(&told, on(ObjectCreated));
    cloud.settle().await.assert_ok();
    told.purge();
    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    sqs.remove_permission().queue_url(told.url()).label("s3-photos").send().await.unwrap();
    photos.put("a.txt", "a");
    cloud.settle().await.assert_ok();
    told.assert_empty();
    let (timeline, explained) = (cloud.timeline().to_string(), cloud.explain().to_string());
    let lost = "lost: User: s3.amazonaws.com is not authorized to perform: sqs:sendmessage on resource: \
                arn:aws:sqs:us-east-1:111111111111:told";
    assert!(timeline.contains(lost), "{timeline}");
    assert!(explained.contains(lost), "{explained}");
    let stands = "photos → told: S3 cannot deliver: Permissions on the destination queue do not allow S3 to publish";
    assert!(explained.contains(stands), "{explained}");
}

#[tokio::test]
async fn a_verb_permits_what_it_needs_and_no_more() {
    let cloud = Cloud::start();
    let (photos, told) = (cloud.bucket("photos"), cloud.queue("told"));
    assert_eq!(policy_of(&cloud, &told).await, None);
    photos.notify(&told, on(ObjectCreated).prefix("in/"));
    let policy = policy_of(&cloud, &told).await.unwrap();
    assert_eq!(
        policy["Statement"],
        json!([{
            "Sid": "s3-photos",
            "Effect": "Allow",
            "Principal": { "Service": "s3.amazonaws.com" },
            "Action": "SQS:SendMessage",
            "Resource": "arn:aws:sqs:us-east-1:111111111111:told",
            "Condition": {
                "ArnLike": { "aws:SourceArn": "arn:aws:s3:::photos" },
                "StringEquals": { "aws:SourceAccount": "111111111111" },
            },
        }])
    );
    photos.notify(&told, on(ObjectRemoved));
    assert_eq!(policy_of(&cloud, &told).await.unwrap(), policy, "one permission is enough");
    cloud.bucket("more.photos").notify(&told, on(ObjectCreated));
    let labels = policy_of(&cloud, &told).await.unwrap();
    let labels: Vec<_> =
        labels["Statement"].as_array().unwrap().iter().map(|statement| statement["Sid"].clone()).collect();
    assert_eq!(labels, ["s3-photos", "s3-more_photos"]);

    // What is refused leaves nothing behind.
    let other = cloud.queue("other");
    photos.try_notify(&other, on(ObjectCreated).prefix("in/")).unwrap_err();
    assert_eq!(policy_of(&cloud, &other).await, None);
    let fifo = cloud.queue("told.fifo");
    photos.try_notify(&fifo, on(ObjectCreated).prefix("other/")).unwrap_err();
    assert_eq!(policy_of(&cloud, &fifo).await, None);

    let deny = of_the_guide(&other, "photos", "111111111111").to_string().replace("Allow", "Deny");
    set_policy(&cloud, &other, &deny).await;
    let refused = photos.try_notify(&other, on(ObjectCreated).prefix("other/")).unwrap_err().to_string();
    assert!(refused.contains("Unable to validate") && refused.contains("explicit deny"), "{refused}");
    assert_eq!(policy_of(&cloud, &other).await.unwrap(), serde_json::from_str::<Value>(&deny).unwrap());
    cloud.settle().await.assert_ok();
}

#[tokio::test]
async fn a_bucket_notifies_a_queue_of_another_account_that_lets_it() {
    let cloud = Cloud::start();
    let photos = cloud.bucket("photos");
    let theirs = cloud.account("222222222222").queue("theirs");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let put = s3.put_bucket_notification_configuration().bucket("photos");
    let refused = put.notification_configuration(configuration(&theirs)).send().await;
    assert_eq!(refusal(refused), "400 InvalidArgument");
    photos.notify(&theirs, on(ObjectCreated));
    photos.put("a.txt", "a");
    cloud.settle().await.assert_ok();
    assert_eq!(theirs.bodies().len(), 2, "the test event and the object");
}
