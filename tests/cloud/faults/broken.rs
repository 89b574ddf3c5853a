//! Connections that break after the work: the answer is lost, or its body ends in its middle.

use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use lambda_testkit::{Cloud, Deviation};

use super::calls::{self, Call, ENTRANCES, Entrance, LIST, READ, WRITES};
use super::{assert_met, deviate, planned};

async fn under(call: Call, deviation: &Deviation, config: impl Fn(&Cloud) -> SdkConfig) -> (Cloud, calls::Came) {
    let plan = deviate(&calls::ordinary(call).await, call.label, deviation);
    let cloud = planned(&plan);
    calls::arrange(&cloud);
    let came = (call.make)(config(&cloud)).await;
    assert_met(&cloud, &plan);
    (cloud, came)
}

/// A client that does not try again.
fn once(entrance: Entrance) -> impl Fn(&Cloud) -> SdkConfig {
    move |cloud| entrance(cloud).to_builder().retry_config(RetryConfig::disabled()).build()
}

/// How often the work of each call was done.
async fn done(cloud: &Cloud) -> [usize; 3] {
    cloud.settle().await.assert_ok();
    let stored = cloud.bucket("box").keys().iter().filter(|key| *key == "new").count();
    let works = cloud.history().invocations().of("works").count();
    [stored, cloud.queue("line").messages().len(), works]
}

#[tokio::test]
async fn work_whose_answer_is_lost_is_done_although_the_client_sees_a_reset() {
    for (place, call) in WRITES.into_iter().enumerate() {
        for (name, entrance) in ENTRANCES {
            let (cloud, came) = under(call, &Deviation::AnswerLost, once(entrance)).await;
            assert_eq!(came, Err("reset".to_owned()), "{} {name}", call.label);
            let mut expected = [0; 3];
            expected[place] = 1;
            assert_eq!(done(&cloud).await, expected, "{} {name}", call.label);
        }
    }
}

#[tokio::test]
async fn a_client_that_tries_again_does_the_work_twice() {
    for (place, call) in WRITES.into_iter().enumerate() {
        for (name, entrance) in ENTRANCES {
            let (cloud, came) = under(call, &Deviation::AnswerLost, entrance).await;
            assert_eq!(came, Ok(()), "{} {name}", call.label);
            let mut expected = [0; 3];
            // An object that is put twice is one object.
            expected[place] = if call.service == "s3" { 1 } else { 2 };
            assert_eq!(done(&cloud).await, expected, "{} {name}", call.label);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_cut_breaks_while_it_is_read() {
    for (name, entrance) in ENTRANCES {
        let (cloud, came) = under(READ, &Deviation::BodyCut, entrance).await;
        assert_eq!(came, Err("broken in its body".to_owned()), "{name}");
        // Nobody but the reader of the body can know, so nothing was tried again.
        assert_eq!(cloud.history().requests().operation("GetObject").count(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_answer_without_a_body_is_lost_as_a_whole() {
    for (name, entrance) in ENTRANCES {
        for operation in ["HeadObject", "GetObject"] {
            let plan = format!("s3.{operation} box/empty #1: body cut").parse().unwrap();
            let cloud = planned(&plan);
            cloud.bucket("box").put("empty", "");
            let s3 = calls::s3(&entrance(&cloud));
            if operation == "HeadObject" {
                s3.head_object().bucket("box").key("empty").send().await.unwrap();
            } else {
                let object = s3.get_object().bucket("box").key("empty").send().await.unwrap();
                assert!(object.body.collect().await.unwrap().into_bytes().is_empty());
            }
            assert_met(&cloud, &plan);
            assert_eq!(cloud.history().requests().operation(operation).count(), 2, "{operation} {name}");
        }
    }
}

#[tokio::test]
async fn a_list_that_is_cut_is_asked_for_again() {
    for (name, entrance) in ENTRANCES {
        let (_, came) = under(LIST, &Deviation::BodyCut, once(entrance)).await;
        assert_eq!(came, Err("broken in its body".to_owned()), "{name}");
        let (cloud, came) = under(LIST, &Deviation::BodyCut, entrance).await;
        assert_eq!(came, Ok(()), "{name}");
        assert_eq!(cloud.history().requests().operation("ListObjectsV2").count(), 2, "{name}");
    }
}

#[tokio::test]
async fn a_lost_answer_may_follow_an_error_of_the_same_call() {
    let call = WRITES[1];
    let plan = "sqs.SendMessage line #1: InternalFailure; sqs.SendMessage line #1: answer lost".parse().unwrap();
    let cloud = planned(&plan);
    calls::arrange(&cloud);
    assert_eq!((call.make)(cloud.sdk_config()).await, Ok(()), "an error, a lost answer, and an answer");
    assert_met(&cloud, &plan);
    assert_eq!(done(&cloud).await, [0, 2, 0]);
}
