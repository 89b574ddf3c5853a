//! Locks that are objects.

use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_testkit::prelude::{Cloud, ScheduledEvent};
use lambda_testkit::{Clock, Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, claim, write};

/// Takes the lock if nobody has it, or if it is still this one.
async fn take(s3: &Client, until: i64, instead_of: Option<&str>) -> Result<bool, Error> {
    claim(s3, ("outbox", "lock"), until.to_string(), instead_of).await
}

async fn run(s3: &Client, event: &ScheduledEvent) -> Result<(), Error> {
    write(s3, "outbox", &format!("runs/{}", event.time.timestamp()), "done").await
}

async fn lock_for_ever(event: ScheduledEvent, s3: Client, _: Clock) -> Result<(), Error> {
    if !take(&s3, i64::MAX, None).await? {
        return Err("somebody else is at work".into());
    }
    run(&s3, &event).await?;
    s3.delete_object().bucket("outbox").key("lock").send().await?;
    Ok(())
}

/// Who holds the lock for more than a minute has died.
async fn lock_for_a_minute(event: ScheduledEvent, s3: Client, clock: Clock) -> Result<(), Error> {
    let now = clock.now().as_second();
    if !take(&s3, now + 60, None).await? {
        let held = s3.get_object().bucket("outbox").key("lock").send().await?;
        let tag = held.e_tag().unwrap_or_default().to_owned();
        let until: i64 = String::from_utf8(held.body.collect().await?.to_vec())?.parse()?;
        if until > now || !take(&s3, now + 60, Some(&tag)).await? {
            return Err("somebody else is at work".into());
        }
    }
    let ran = run(&s3, &event).await;
    let released = s3.delete_object().bucket("outbox").key("lock").send().await;
    ran.and(released.map(drop).map_err(Into::into))
}

fn runs<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(ScheduledEvent, Client, Clock) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("outbox");
        let (s3, clock) = (Client::new(&cloud.sdk_config()), cloud.clock());
        let job = cloud.function("job", move |event: ScheduledEvent| handler(event, s3.clone(), clock.clone()));
        job.timeout(Duration::from_secs(50));
        cloud.rule("every-minute", "rate(1 minute)").trigger(&job);
        let _ = cloud.advance(Duration::from_secs(120)).await;
    })
    .tried(trial)
}

#[test]
fn a_lock_is_never_released() {
    Bug {
        name: "the lock of one who has died is never released",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html; Gray and Cheriton, Leases",
        finding: "something is lost: s3://outbox/runs/",
        buggy: |trial| runs(trial, lock_for_ever),
        fixed: |trial| runs(trial, lock_for_a_minute),
    }
    .try_it();
}
