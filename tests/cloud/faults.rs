//! Each fault of the table, given to each service through each entrance, as a real client sees it.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use lambda_testkit::{Cloud, CloudError, Deviation, Plan, Point, PointKind, Span};
use serde_json::Value;

use crate::common::over_socket;

/// The services that an SDK client asks here, with the point of its call.
const SERVICES: [(&str, &str); 3] =
    [("s3", "s3.PutObject bucket/key"), ("sqs", "sqs.SendMessage queue"), ("lambda", "lambda.Invoke f")];

/// What came of a call: AWS's code, or that the connection broke.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Came {
    Through,
    Refused(String),
    Broken,
}

fn came<T, E: ProvideErrorMetadata>(result: Result<T, SdkError<E, HttpResponse>>) -> Came {
    match result {
        Ok(_) => Came::Through,
        Err(SdkError::DispatchFailure(failure)) if failure.is_io() => Came::Broken,
        Err(error) => Came::Refused(error.code().unwrap_or("without a code").to_owned()),
    }
}

async fn call(service: &str, config: &SdkConfig) -> Came {
    match service {
        "s3" => {
            let s3 = aws_sdk_s3::Client::new(config);
            came(s3.put_object().bucket("bucket").key("key").body(b"x".to_vec().into()).send().await)
        }
        "sqs" => {
            let send = aws_sdk_sqs::Client::new(config).send_message();
            came(send.queue_url("http://127.0.0.1/111111111111/queue").message_body("x").send().await)
        }
        _ => {
            let kind = aws_sdk_lambda::types::InvocationType::Event;
            came(aws_sdk_lambda::Client::new(config).invoke().function_name("f").invocation_type(kind).send().await)
        }
    }
}

fn furnished(plan: &Plan) -> Cloud {
    let cloud = Cloud::builder().plan(plan).start();
    cloud.bucket("bucket");
    cloud.queue("queue");
    cloud.function("f", async |_: Value| Ok::<_, String>(()));
    cloud
}

/// How often the work of a service's call was done.
async fn done(service: &str, cloud: &Cloud) -> usize {
    match service {
        "s3" => cloud.bucket("bucket").keys().len(),
        "sqs" => cloud.queue("queue").messages().len(),
        _ => {
            cloud.drain().await.assert_ok();
            cloud.history().invocations().of("f").count()
        }
    }
}

fn configs(cloud: &Cloud) -> [SdkConfig; 2] {
    let config = cloud.sdk_config();
    [over_socket(cloud, &config), config]
}

/// The points of this label and kind in a run that calls the service once.
async fn points(service: &str, label: &str, kind: PointKind) -> Vec<Point> {
    let cloud = furnished(&Plan::new());
    assert_eq!(call(service, &cloud.sdk_config()).await, Came::Through);
    let points = cloud.course().points().to_vec();
    points.into_iter().filter(|point| point.label == label && point.kind == kind).collect()
}

#[tokio::test]
async fn every_error_and_reset_before_the_work_is_seen_by_clients_in_process_and_over_sockets() {
    for (service, label) in SERVICES {
        let points = points(service, label, PointKind::Before).await;
        assert_eq!(points.len(), 1, "{service}");
        assert!(points[0].alternatives.len() >= 12, "{service}: {:?}", points[0].alternatives);
        for deviation in &points[0].alternatives {
            let plan = points[0].deviate(deviation);
            for entrance in 0..2 {
                let cloud = furnished(&plan.to_string().parse().unwrap());
                let config = &configs(&cloud)[entrance];
                let (first, second) = (call(service, config).await, call(service, config).await);
                let (failed, span, retried) = match deviation {
                    Deviation::Error { code, span } => {
                        // Over sockets there is a `Date`, far from the test clock: Lambda's client takes this for a clock
                        // that goes wrong, and tries again.
                        let skewed = entrance == 0 && code == "AccessDeniedException";
                        (Came::Refused(code.to_string()), *span, !code.contains("Denied") || skewed)
                    }
                    Deviation::Reset(span) => (Came::Broken, *span, true),
                    other => panic!("a client of the test is not offered {other}"),
                };
                let expected = match span {
                    Span::Once if retried => (Came::Through, Came::Through),
                    Span::Once | Span::WholeCall => (failed, Came::Through),
                    Span::ForGood => (failed.clone(), failed),
                    other => panic!("{other:?}"),
                };
                assert_eq!((first, second), expected, "{service} {plan} by entrance {entrance}\n{}", cloud.timeline());
                cloud.course().assert_plan_met();
                assert_eq!(cloud.course().fired(), plan);
            }
        }
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_the_work_done_and_the_client_tries_again() {
    for (service, label) in SERVICES {
        let plan: Plan = format!("{label} #1: answer lost").parse().unwrap();
        for entrance in 0..2 {
            let cloud = furnished(&plan);
            assert_eq!(call(service, &configs(&cloud)[entrance]).await, Came::Through);
            cloud.course().assert_plan_met();
            let lost = cloud.timeline().to_string().matches("done, but the answer is lost").count();
            assert_eq!(lost, 1, "{}", cloud.timeline());
            // S3 has one key however often it is written; a message and an event are there twice.
            let expected = if service == "s3" { 1 } else { 2 };
            assert_eq!(done(service, &cloud).await, expected, "{service}, entrance {entrance}\n{}", cloud.timeline());
        }
    }
}

#[tokio::test]
async fn a_body_is_cut_in_its_middle() {
    let plan: Plan = "s3.GetObject bucket/key #1: body cut".parse().unwrap();
    for entrance in 0..2 {
        let cloud = furnished(&plan);
        cloud.bucket("bucket").put("key", "0123456789");
        let s3 = aws_sdk_s3::Client::new(&configs(&cloud)[entrance]);
        let object = s3.get_object().bucket("bucket").key("key").send().await;
        // In process the headers arrive and the body breaks; the test's client over sockets reads all at once and asks again.
        let text = match object {
            Ok(object) => object.body.collect().await.map(|body| body.to_vec()).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if entrance == 1 {
            assert!(text.is_err(), "{text:?}");
        }
        cloud.course().assert_plan_met();
        let again = s3.get_object().bucket("bucket").key("key").send().await.unwrap();
        assert_eq!(again.body.collect().await.unwrap().to_vec(), b"0123456789");
    }
}

#[tokio::test]
async fn handles_see_errors_resets_and_lost_answers() {
    let denied = |error: Result<(), CloudError>| error.unwrap_err().to_string();
    let plan = |text: &str| text.parse::<Plan>().unwrap();

    let cloud = furnished(&plan("s3.PutObject bucket/key #1: SlowDown"));
    let put = || cloud.bucket("bucket").try_put("key", "x");
    assert_eq!(denied(put()), "s3 answered SlowDown: Please reduce your request rate.");
    assert!(cloud.bucket("bucket").keys().is_empty());
    put().unwrap();

    let cloud = furnished(&plan("sqs.SendMessage queue #1: reset; sqs.SendMessage queue #2: answer lost"));
    let send = || cloud.queue("queue").try_send("x").map(|_| ());
    assert_eq!(denied(send()), "the connection broke: connection reset");
    assert!(cloud.queue("queue").messages().is_empty());
    assert_eq!(denied(send()), "the connection broke: done, but the answer is lost");
    assert_eq!(cloud.queue("queue").bodies(), ["x"]);
    cloud.course().assert_plan_met();

    let cloud = furnished(&plan("lambda.Invoke f #1: TooManyRequestsException (for good)"));
    for _ in 0..2 {
        let invoked = cloud.function("f", async |_: Value| Ok::<_, String>(())).try_invoke_later(1);
        assert_eq!(denied(invoked), "lambda answered TooManyRequestsException: Rate Exceeded.");
    }
}

#[tokio::test]
async fn slack_is_busy_down_reset_or_silent_after_it_has_posted() {
    for (deviation, status, posted) in
        [("rate_limited", Some(429), 0), ("rollup_error", Some(500), 0), ("reset", None, 0), ("answer lost", None, 1)]
    {
        let plan: Plan = format!("slack.PostMessage #ops #1: {deviation}").parse().unwrap();
        let cloud = Cloud::builder().plan(&plan).start();
        let slack = cloud.slack();
        let webhook = slack.webhook("#ops");
        let post = || reqwest::Client::new().post(&webhook).body(r#"{"text":"hi"}"#).send();
        let answer = post().await;
        assert_eq!(answer.as_ref().ok().map(|answer| answer.status().as_u16()), status, "{deviation}: {answer:?}");
        if status == Some(429) {
            assert_eq!(answer.unwrap().headers()["retry-after"], "30");
        }
        cloud.course().assert_plan_met();
        assert_eq!(slack.messages("#ops").len(), posted, "{deviation}");
        assert_eq!(post().await.unwrap().status(), 200);
    }
}

/// A function that puts an object and then sends a message, started by an event.
async fn writer(plan: &Plan) -> Cloud {
    let cloud = furnished(plan);
    let (s3, sqs) = (aws_sdk_s3::Client::new(&cloud.sdk_config()), aws_sdk_sqs::Client::new(&cloud.sdk_config()));
    let url = cloud.queue("queue").url();
    let writes = cloud.function("writes", move |_: Value| {
        let (s3, sqs, url) = (s3.clone(), sqs.clone(), url.clone());
        async move {
            let put = s3.put_object().bucket("bucket").key("key").body(b"x".to_vec().into());
            put.send().await.map_err(|error| format!("{error:?}"))?;
            sqs.send_message().queue_url(url).message_body("x").send().await.map_err(|error| format!("{error:?}"))?;
            Ok::<_, String>(())
        }
    });
    writes.invoke_later(1);
    let _ = cloud.drain().await;
    cloud
}

#[tokio::test]
async fn an_invocation_hangs_crashes_or_is_answered_too_late_at_any_of_its_requests() {
    // The deviation, how the first attempt ends, how many messages there are in the end.
    for (at, deviation, failure, messages) in [
        ("s3.PutObject bucket/key", "hangs", "Task timed out", 1),
        ("s3.PutObject bucket/key", "crash", "Runtime exited", 1),
        ("sqs.SendMessage queue", "hangs", "Task timed out", 1),
        ("sqs.SendMessage queue", "crash", "Runtime exited", 2),
        ("sqs.SendMessage queue", "answered too late", "Task timed out", 2),
    ] {
        let plan: Plan = format!("{at} #1: {deviation}").parse().unwrap();
        let cloud = writer(&plan).await;
        cloud.course().assert_plan_met();
        let history = cloud.history();
        let attempts = history.invocations().of("writes").collect();
        assert_eq!(attempts.len(), 2, "{deviation} at {at}\n{}", cloud.timeline());
        assert!(!attempts[0].succeeded() && attempts[1].succeeded(), "{}", cloud.timeline());
        assert!(cloud.timeline().contains(failure), "{deviation} at {at}\n{}", cloud.timeline());
        assert_eq!(cloud.queue("queue").messages().len(), messages, "{deviation} at {at}\n{}", cloud.timeline());
        assert_eq!(cloud.bucket("bucket").text("key"), "x");
        let environments = attempts.iter().map(|attempt| attempt.invocation.environment).collect::<Vec<_>>();
        assert_eq!(environments, [1, 2], "an environment that was lost is not used again");
    }
    let ordinary = writer(&Plan::new()).await;
    assert_eq!(ordinary.history().invocations().of("writes").count(), 1);
}

#[tokio::test]
async fn an_invocation_that_is_put_aside_lets_the_others_go_first() {
    let run = async |plan: &Plan| {
        let cloud = furnished(plan);
        for name in ["one", "two"] {
            let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
            let function = cloud.function(name, move |_: Value| {
                let s3 = s3.clone();
                async move {
                    s3.put_object()
                        .bucket("bucket")
                        .key("key")
                        .body(name.as_bytes().to_vec().into())
                        .send()
                        .await
                        .map(|_| ())
                }
            });
            function.invoke_later(1);
        }
        cloud.settle().await.assert_ok();
        cloud
    };
    let ordinary = run(&Plan::new()).await;
    assert_eq!(ordinary.bucket("bucket").text("key"), "two");
    let aside: Plan = "s3.PutObject bucket/key #1: aside".parse().unwrap();
    let cloud = run(&aside).await;
    cloud.course().assert_plan_met();
    assert_eq!(cloud.bucket("bucket").text("key"), "one", "{}", cloud.timeline());
    assert_eq!(cloud.now(), ordinary.now(), "the clock has not moved");

    // The same by the order of what is due: the second event is delivered first.
    let turn = ordinary.course().points().iter().find(|point| point.kind == PointKind::Turn).cloned().unwrap();
    let cloud = run(&turn.deviate(&turn.alternatives[0])).await;
    cloud.course().assert_plan_met();
    assert_eq!(cloud.bucket("bucket").text("key"), "one", "{}", cloud.timeline());
}

#[tokio::test]
async fn a_handler_that_waits_for_a_spawned_task_is_told_from_what_cannot_be_attributed() {
    let cloud = furnished(&Plan::new());
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let spawns = cloud.function("spawns", move |_: Value| {
        let s3 = s3.clone();
        async move {
            let task = tokio::spawn(async move { s3.list_buckets().send().await.map(|_| ()) });
            task.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
        }
    });
    spawns.invoke_later(1);
    tokio::time::timeout(Duration::from_secs(30), cloud.settle()).await.unwrap().assert_ok();
    let listed =
        cloud.course().points().iter().filter(|point| point.label == "s3.ListBuckets").cloned().collect::<Vec<_>>();
    assert!(listed.iter().all(|point| point.of_test), "what belongs to no invocation is not for a sweep");
    assert!(cloud.timeline().contains("(outside any invocation)"));
}
