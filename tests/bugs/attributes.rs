//! Attributes of messages: strings, numbers, and bytes.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_s3::Client;
use lambda_testkit::event::MessageAttribute;
use lambda_testkit::prelude::{Cloud, batch};
use lambda_testkit::{Explored, NewMessage, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, write};

fn text_of(message: &SqsMessage) -> Option<String> {
    message.message_attributes.get("tenant")?.string_value.clone()
}

fn text_or_bytes_of(message: &SqsMessage) -> Option<String> {
    let tenant = message.message_attributes.get("tenant")?;
    let bytes = || tenant.binary_value.as_ref().and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    tenant.string_value.clone().or_else(bytes)
}

fn tenants(trial: &Trial, tenant: fn(&SqsMessage) -> Option<String>) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("outbox");
        let s3 = Client::new(&cloud.sdk_config());
        let orders = cloud.queue("orders").dead_letter(&cloud.queue("dead"), 3);
        let function = cloud.function("store", move |event: SqsEvent| {
            let s3 = s3.clone();
            async move {
                let mut response = SqsBatchResponse::default();
                for message in event.records {
                    let tenant = tenant(&message).expect("every order has a tenant");
                    let (id, body) = (message.message_id.unwrap_or_default(), message.body.unwrap_or_default());
                    if write(&s3, "outbox", &format!("{tenant}/{body}"), body).await.is_err() {
                        response.add_failure(id);
                    }
                }
                Ok::<_, Error>(response)
            }
        });
        orders.trigger(&function, batch(1).report_item_failures());
        orders.send(NewMessage::text("tea").attribute("tenant", MessageAttribute::string("alice")));
        orders.send(NewMessage::text("milk").attribute("tenant", MessageAttribute::binary("bob")));
    })
    .tried(trial)
}

#[test]
fn an_attribute_is_binary() {
    Bug {
        name: "an attribute is binary",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#message-attribute-data-types",
        finding: "a function fails",
        buggy: |trial| tenants(trial, text_of),
        fixed: |trial| tenants(trial, text_or_bytes_of),
    }
    .try_it();
}
