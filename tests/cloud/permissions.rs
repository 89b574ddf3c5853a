//! What a function with a role may do, and what the policy is that covers what it did.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_s3::error::ProvideErrorMetadata;
use lambda_testkit::prelude::*;
use lambda_testkit::{Bucket, CloudError};
use serde_json::{Value, json};

#[derive(Clone)]
struct Clients {
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    lambda: aws_sdk_lambda::Client,
}

impl Clients {
    fn new(cloud: &Cloud) -> Self {
        let config = cloud.sdk_config();
        Self {
            s3: aws_sdk_s3::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
        }
    }
}

fn allow(action: Value, resource: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": action, "Resource": resource } })
}

/// Asks S3 for an object, and answers its text or S3's code and message.
async fn get(clients: Clients, key: String) -> String {
    match clients.s3.get_object().bucket("box").key(key).send().await {
        Ok(object) => String::from_utf8(object.body.collect().await.unwrap().to_vec()).unwrap(),
        Err(error) => {
            let error = error.into_service_error();
            format!("{}: {}", error.code().unwrap_or_default(), error.message().unwrap_or_default())
        }
    }
}

#[tokio::test]
async fn a_role_may_read_what_its_policy_names_and_nothing_else() {
    let cloud = Cloud::start();
    let bucket = cloud.bucket("box");
    bucket.put("open/a", "a");
    bucket.put("secret/b", "b");
    let read = cloud.function_with("read", Clients::new(&cloud), get);
    assert_eq!(read.invoke::<String>("secret/b").await, "b");

    read.role(allow(json!("s3:GetObject"), json!("arn:aws:s3:::box/open/*")));
    assert_eq!(read.invoke::<String>("open/a").await, "a");
    assert_eq!(
        read.invoke::<String>("secret/b").await,
        "AccessDenied: User: arn:aws:sts::111111111111:assumed-role/read-role/read is not authorized to perform: \
         s3:GetObject on resource: arn:aws:s3:::box/secret/b because no identity-based policy allows the s3:GetObject action"
    );
    // The test itself is no function.
    assert_eq!(bucket.text("secret/b"), "b");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>, "Permissions".
#[tokio::test]
async fn what_is_not_there_is_403_without_the_right_to_list() {
    let cloud = Cloud::start();
    cloud.bucket("box");
    let read = cloud.function_with("read", Clients::new(&cloud), get);
    read.role(allow(json!("s3:GetObject"), json!("arn:aws:s3:::box/*")));
    let answer = read.invoke::<String>("absent").await;
    assert!(answer.starts_with("AccessDenied: ") && answer.contains("s3:ListBucket"), "{answer}");
    read.role(allow(json!(["s3:GetObject", "s3:ListBucket"]), json!(["arn:aws:s3:::box", "arn:aws:s3:::box/*"])));
    assert_eq!(read.invoke::<String>("absent").await, "NoSuchKey: The specified key does not exist.");
}

#[tokio::test]
async fn queues_and_functions_are_refused_in_the_words_of_their_services() {
    let cloud = Cloud::start();
    let (queue, _) = (cloud.queue("jobs"), cloud.stub("worker"));
    let url = queue.url();
    let ask = cloud.function_with("ask", Clients::new(&cloud), move |clients: Clients, _: Value| {
        let url = url.clone();
        async move {
            let sent = clients.sqs.send_message().queue_url(url).message_body("a").send().await;
            let invoked = clients.lambda.invoke().function_name("worker").payload(Blob::new("1")).send().await;
            let (sent, invoked) = (sent.unwrap_err().into_service_error(), invoked.unwrap_err().into_service_error());
            let told = |error: &dyn ProvideErrorMetadata| {
                format!("{}: {}", error.code().unwrap_or_default(), error.message().unwrap_or_default())
            };
            [told(&sent), told(&invoked)]
        }
    });
    ask.role(allow(json!("s3:*"), json!("*")));
    let [sent, invoked] = ask.invoke::<[String; 2]>(()).await;
    assert!(sent.starts_with("AccessDenied") && sent.contains("to perform: sqs:sendmessage on resource"), "{sent}");
    assert!(invoked.starts_with("AccessDeniedException: User: "), "{invoked}");
    assert!(invoked.contains("lambda:InvokeFunction on resource: arn:aws:lambda:"), "{invoked}");
    queue.assert_empty();
}

/// Handles stand for clients: what a handler does with them is its function's doing.
#[tokio::test]
async fn handles_inside_of_a_handler_are_the_functions_requests() {
    let cloud = Cloud::start();
    let bucket = cloud.bucket("box");
    let write = cloud.function_with("write", bucket.clone(), async |bucket: Bucket, _: Value| {
        bucket.try_put("a", "a").map_err(|error| error.to_string()).err()
    });
    write.role(allow(json!("s3:GetObject"), json!("*")));
    let error = write.invoke::<Option<String>>(()).await.unwrap();
    assert!(error.contains("is not authorized to perform: s3:PutObject"), "{error}");
    bucket.put("a", "a");
}

/// A role is no bar to the credentials of another account that the handler was given.
#[tokio::test]
async fn requests_in_another_accounts_name_are_none_of_the_role() {
    let cloud = Cloud::start();
    let partner = cloud.account("222222222222");
    let theirs = partner.bucket("theirs");
    let write = cloud.function_with(
        "write",
        aws_sdk_s3::Client::new(&partner.sdk_config()),
        async |s3: aws_sdk_s3::Client, _: Value| {
            s3.put_object()
                .bucket("theirs")
                .key("a")
                .send()
                .await
                .map(|_| ())
                .map_err(|error| error.into_service_error())
        },
    );
    write.role(allow(json!("sqs:*"), json!("*")));
    write.invoke::<()>(()).await;
    theirs.assert_keys(["a"]);
}

/// What it used is enough: with that as its role the same scenario ends alike.
#[tokio::test]
async fn the_policy_that_a_function_used_covers_what_it_did() {
    let run = async |role: Option<Value>| {
        let cloud = Cloud::start();
        let (inbox, outbox, done) = (cloud.bucket("inbox"), cloud.bucket("outbox"), cloud.queue("done"));
        let url = done.url();
        let copy = cloud.function_with("copy", Clients::new(&cloud), move |clients: Clients, event: S3Event| {
            let url = url.clone();
            async move {
                let key = event.records[0].key().to_string();
                let copied = clients.s3.copy_object().bucket("outbox").key(&key).copy_source(format!("inbox/{key}"));
                copied.send().await.map_err(|error| error.into_service_error().to_string())?;
                let listed = clients.s3.list_objects_v2().bucket("outbox").send().await;
                listed.map_err(|error| error.into_service_error().to_string())?;
                let sent = clients.sqs.send_message().queue_url(url).message_body(key).send().await;
                sent.map(|_| ()).map_err(|error| error.into_service_error().to_string())
            }
        });
        if let Some(policy) = role {
            copy.role(policy);
        }
        inbox.notify(&copy, on(ObjectCreated));
        inbox.put("a.txt", "a");
        cloud.settle().await.assert_ok();
        outbox.assert_keys(["a.txt"]);
        done.assert_bodies(["a.txt"]);
        cloud.policy_used_by(&copy)
    };
    let used = run(None).await;
    assert_eq!(
        used,
        json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::inbox/*"] },
                { "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::outbox"] },
                { "Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::outbox/*"] },
                { "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:us-east-1:111111111111:done"] },
            ],
        })
    );
    assert_eq!(run(Some(used.clone())).await, used);
}

#[test]
fn what_is_no_policy_is_an_error_with_the_value() {
    let cloud = Cloud::start();
    let function = cloud.stub("f");
    let error = function.try_role(json!({ "Statement": { "Effect": "Permit", "Action": "*", "Resource": "*" } }));
    let error = error.unwrap_err();
    assert!(matches!(error, CloudError::Policy(_)));
    assert_eq!(error.to_string(), "not a policy: Statement[0].Effect \"Permit\": it is \"Allow\" or \"Deny\"");
}
