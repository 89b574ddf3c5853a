//! Whether somebody else was there before, looked at in two ways.

use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::channel::Channel;
use crate::inbox::{Error, claim, write};

/// Whether nobody has looked and written in between.
async fn look_and_write(s3: &Client, order: &str) -> Result<bool, Error> {
    match s3.head_object().bucket("told").key(order).send().await {
        Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found()) => {}
        other => return other.map(|_| false).map_err(Into::into),
    }
    write(s3, "told", order, "").await?;
    Ok(true)
}

async fn tell(event: SqsEvent, s3: Client, channel: Channel, at_once: bool) -> Result<(), Error> {
    for message in event.records {
        let order = message.body;
        let is_first =
            if at_once { claim(&s3, ("told", &order), "", None).await? } else { look_and_write(&s3, &order).await? };
        if is_first && let Err(error) = channel.post(&order).await {
            s3.delete_object().bucket("told").key(&order).send().await?;
            return Err(error);
        }
    }
    Ok(())
}

/// Two systems tell of the same order.
fn orders(trial: &Trial, at_once: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("told");
        let (s3, channel) = (Client::new(&cloud.sdk_config()), Channel::of(cloud, "#orders"));
        let tell = cloud.function("tell", move |event: SqsEvent| tell(event, s3.clone(), channel.clone(), at_once));
        let orders = cloud.queue("orders").visibility_timeout(Duration::from_secs(180));
        orders.trigger(&tell, batch(1));
        orders.send_all(["order 1", "order 1"]);
    })
    .tried(trial)
}

#[test]
fn who_looks_before_he_writes_is_not_alone() {
    Bug {
        name: "who looks before he writes is not alone",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
        finding: "not idempotent: slack #orders",
        buggy: |trial| orders(trial, false),
        fixed: |trial| orders(trial, true),
    }
    .try_it();
}

/// The first answer to the taking away is lost, and what the client then takes away by itself is another's mark.
#[test]
fn a_mark_that_is_taken_away_twice_is_nobodys_fault() {
    let plan = "slack.PostMessage #orders #1: rate_limited; s3.DeleteObject told/order 1 #1: answer lost";
    let explored = orders(&Trial::of(plan), true);
    assert!(explored.is_ok(), "{explored}");
}
