//! Faults of what a test, or a handler, does through a handle.

use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Course, Deviation, Plan, Span};

use super::{assert_met, deviate, planned};

/// What comes of a verb: `SlowDown`, or `broken: …`.
type Came = Result<(), String>;

fn came<T>(result: Result<T, CloudError>) -> Came {
    result.map(drop).map_err(|error| match error {
        CloudError::Aws { code, .. } => code,
        CloudError::Connection(why) => format!("broken: {why}"),
        other => other.to_string(),
    })
}

/// A verb of a handle, and the errors of its service.
struct Verb {
    label: &'static str,
    codes: &'static [&'static str],
    act: fn(&Cloud) -> Came,
    done: fn(&Cloud) -> usize,
}

const VERBS: [Verb; 3] = [
    Verb {
        label: "s3.PutObject box/a",
        codes: &["SlowDown", "InternalError", "ServiceUnavailable", "AccessDenied"],
        act: |cloud| came(cloud.bucket("box").try_put("a", "whole")),
        done: |cloud| cloud.bucket("box").keys().len(),
    },
    Verb {
        label: "sqs.SendMessage line",
        codes: &["RequestThrottled", "InternalFailure", "ServiceUnavailable", "AccessDenied"],
        act: |cloud| came(cloud.queue("line").try_send("hello")),
        done: |cloud| cloud.queue("line").messages().len(),
    },
    Verb {
        label: "lambda.Invoke works",
        codes: &["TooManyRequestsException", "ServiceException", "AccessDeniedException"],
        act: |cloud| came(cloud.function("works", works).try_invoke_later(1)),
        done: |cloud| cloud.history().deliveries().count(),
    },
];

async fn works(number: u32) -> Result<u32, String> {
    Ok(number)
}

fn ordinary(verb: &Verb) -> Course {
    let cloud = Cloud::start();
    (verb.act)(&cloud).unwrap();
    let course = cloud.course();
    cloud.discard();
    course
}

#[test]
fn a_handle_fails_with_each_error_for_as_long_as_it_lasts() {
    for verb in &VERBS {
        let course = ordinary(verb);
        let errors = verb.codes.iter().map(|code| (*code, *code));
        for (code, seen) in errors.chain([("reset", "broken: connection reset")]) {
            for span in Span::ALL {
                let deviation = if code == "reset" { Deviation::Reset(span) } else { Deviation::error(code, span) };
                let plan = deviate(&course, verb.label, &deviation);
                let cloud = planned(&plan);
                let fails = || Err(seen.to_owned());
                // A handle does not try again by itself.
                let expected = if span == Span::ForGood { [fails(), fails()] } else { [fails(), Ok(())] };
                assert_eq!([(verb.act)(&cloud), (verb.act)(&cloud)], expected, "{}: {deviation}", verb.label);
                assert_met(&cloud, &plan);
                cloud.discard();
            }
        }
    }
}

#[tokio::test]
async fn a_handle_whose_answer_is_lost_fails_although_its_work_is_done() {
    for verb in &VERBS[..2] {
        let plan = deviate(&ordinary(verb), verb.label, &Deviation::AnswerLost);
        let cloud = planned(&plan);
        assert_eq!((verb.act)(&cloud), Err("broken: done, but the answer is lost".to_owned()));
        assert_met(&cloud, &plan);
        assert_eq!((verb.done)(&cloud), 1, "{}", verb.label);
    }
    let plan = deviate(&ordinary(&VERBS[2]), VERBS[2].label, &Deviation::AnswerLost);
    let cloud = planned(&plan);
    let function = cloud.function("works", works);
    assert!(matches!(function.try_invoke_later(7), Err(CloudError::Connection(_))));
    assert_met(&cloud, &plan);
    cloud.settle().await.assert_ok();
    assert_eq!(function.responses(), [7], "the event was accepted");
}

#[tokio::test]
async fn an_invocation_whose_answer_is_lost_runs_all_the_same() {
    let plan: Plan = "lambda.Invoke works #1: answer lost".parse().unwrap();
    let cloud = planned(&plan);
    let function = cloud.function("works", works);
    assert!(matches!(function.try_invoke::<serde_json::Value>(7).await, Err(CloudError::Connection(_))));
    cloud.settle().await.assert_ok();
    assert_met(&cloud, &plan);
    assert_eq!(function.responses(), [7]);
}

#[tokio::test]
async fn a_handle_that_panics_in_a_handler_fails_the_invocation_and_the_event_is_retried() {
    let run = async |plan: &Plan| {
        let cloud = planned(plan);
        let inbox = cloud.bucket("box");
        let puts = cloud.function("puts", move |_: u32| {
            let inbox = inbox.clone();
            async move {
                inbox.put("a", "1");
                Ok::<_, String>(())
            }
        });
        puts.invoke_later(1);
        let report = cloud.drain().await;
        (cloud, report)
    };
    let (ordinary, _) = run(&Plan::new()).await;
    for deviation in [Deviation::error("SlowDown", Span::Once), Deviation::Reset(Span::Once), Deviation::AnswerLost] {
        let plan = deviate(&ordinary.course(), "s3.PutObject box/a", &deviation);
        let (cloud, report) = run(&plan).await;
        assert_met(&cloud, &plan);
        assert_eq!(report.failures.len(), 1, "{report}");
        assert!(report.failures[0].error.starts_with("Lambda panicked: "), "{report}");
        assert_eq!(report.invocations, 2);
        assert_eq!(cloud.bucket("box").keys(), ["a"]);
    }
}
