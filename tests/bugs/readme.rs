//! The README's second example. There it is compiled; here it is run.

use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::Client;
use lambda_runtime::{Error, LambdaEvent};
use lambda_testkit::explore;
use lambda_testkit::prelude::{Cloud, ObjectCreated, on};

async fn shout(event: LambdaEvent<S3Event>, s3: Client) -> Result<(), Error> {
    for record in event.payload.records {
        let bucket = record.s3.bucket.name.ok_or("no bucket")?;
        let encoded = record.s3.object.key.ok_or("no key")?.replace('+', " ");
        let key = percent_encoding::percent_decode_str(&encoded).decode_utf8()?;
        let object = s3.get_object().bucket(bucket).key(&*key).send().await?;
        let text = String::from_utf8(object.body.collect().await?.to_vec())?;
        s3.put_object().bucket("loud").key(&*key).body(text.to_uppercase().into_bytes().into()).send().await?;
    }
    Ok(())
}

#[test]
fn shout_survives_every_failure() {
    explore(async |cloud: &Cloud| {
        let (quiet, _loud) = (cloud.bucket("quiet"), cloud.bucket("loud"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("shout", move |event: LambdaEvent<S3Event>| shout(event, s3.clone()));
        quiet.notify(&function, on(ObjectCreated).prefix("in/").suffix(".txt"));
        quiet.put("in/hello wörld.txt", "hello");
    })
    .check(|state| assert_eq!(state.buckets["loud"].objects["in/hello wörld.txt"].bytes, "HELLO"));
}
