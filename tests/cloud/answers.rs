//! What a function answers in vain, or wrongly, is in the report.
use crate::runtimes::on_both_runtimes;

use lambda_testkit::prelude::*;
use lambda_testkit::{Function, Report};
use serde_json::{Value, json};

/// A queue with two messages, whose function gives this answer; `$` is the id of the second message.
async fn answered(answer: Value, reports: bool) -> (Cloud, Report) {
    let (cloud, template) = (Cloud::start(), answer.to_string());
    let function: Function = cloud.function("answers", move |event: SqsEvent| {
        let second = event.records.get(1).map_or("", |record| record.message_id.as_str()).to_owned();
        std::future::ready(serde_json::from_str::<Value>(&template.replace('$', &second)).unwrap())
    });
    let queue = cloud.queue("q");
    queue.trigger(&function, if reports { batch(10).report_item_failures() } else { batch(10) });
    queue.send("a");
    queue.send("b");
    let report = cloud.settle().await;
    (cloud, report)
}

// The table of "Implementing partial batch responses":
// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting>
#[test]
fn a_faulty_answer_is_a_failure_of_the_report_with_its_place_and_value() {
    on_both_runtimes(|| async {
        let failed = |id: Value| json!({ "batchItemFailures": [{ "itemIdentifier": id }] });
        for (answer, why) in [
            (failed(json!("unknown")), "/batchItemFailures/0/itemIdentifier is \"unknown\", which is no message"),
            (failed(json!("")), "/batchItemFailures/0/itemIdentifier is empty"),
            (failed(Value::Null), "/batchItemFailures/0/itemIdentifier is null instead of a string"),
            (failed(json!(7)), "/batchItemFailures/0/itemIdentifier is 7 instead of a string"),
            (json!({ "batchItemFailures": [{ "itemidentifier": "$" }] }), "there is only `itemidentifier`"),
            (json!({ "batchItemFailures": [{}] }), "/batchItemFailures/0/itemIdentifier is missing"),
            (json!({ "batchItemFailures": ["$"] }), "/batchItemFailures/0 is "),
            (json!({ "batchItemFailures": "$" }), "/batchItemFailures is "),
            (json!("done"), "the answer is \"done\" instead of an object"),
        ] {
            let (cloud, report) = answered(answer.clone(), true).await;
            assert_eq!(report.failures.len(), 1, "{answer}: {report}");
            let failure = &report.failures[0];
            assert_eq!(failure.function, "answers");
            assert!(failure.error.contains(why) && failure.error.contains("2 of 2"), "{answer}: {report}");
            assert!(report.to_string().contains(why) && cloud.timeline().contains(why), "{report}");
            assert_eq!(cloud.queue("q").messages().len(), 2);
            let next = cloud.settle().await;
            assert!(next.failures.is_empty(), "it is told once: {next}");
        }
    });
}

#[test]
fn a_good_answer_is_no_failure_and_an_id_that_is_named_twice_is_one_message() {
    on_both_runtimes(|| async {
        let twice = json!({ "batchItemFailures": [{ "itemIdentifier": "$" }, { "itemIdentifier": "$" }] });
        for (answer, left) in [
            (twice, 1),
            (json!({ "batchItemFailures": [] }), 0),
            (json!({ "batchItemFailures": null }), 0),
            (json!({}), 0),
            (Value::Null, 0),
            (json!(""), 0),
            (json!([]), 0),
        ] {
            let (cloud, report) = answered(answer.clone(), true).await;
            report.assert_ok();
            assert!(report.ignored.is_empty(), "{answer}: {report}");
            assert_eq!(cloud.queue("q").messages().len(), left, "{answer}");
        }
    });
}

#[test]
fn a_failed_function_is_one_failure_and_not_two() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let queue = cloud.queue("q");
        queue.trigger(&cloud.function("fails", |_: SqsEvent| async { Err::<(), _>("no") }), batch(1));
        queue.send("a");
        let report = cloud.settle().await;
        assert_eq!(report.failures.len(), 1, "{report}");
        assert_eq!(report.failures[0].error, "no");
    });
}

#[test]
fn item_failures_for_a_trigger_that_does_not_take_them_are_shown_as_ignored() {
    on_both_runtimes(|| async {
        let (cloud, report) = answered(json!({ "batchItemFailures": [{ "itemIdentifier": "$" }] }), false).await;
        report.assert_ok();
        assert_eq!(report.ignored.len(), 1, "{report}");
        assert_eq!(report.ignored[0].function, "answers");
        assert!(report.ignored[0].why.contains("report_item_failures()"), "{report}");
        assert!(
            report.to_string().contains("the answer of answers is ignored") && cloud.timeline().contains("ignored")
        );
        cloud.queue("q").assert_empty();
        assert!(cloud.settle().await.ignored.is_empty(), "it is told once");
    });
}

#[test]
fn a_misspelt_member_is_shown_as_ignored() {
    on_both_runtimes(|| async {
        for name in ["batchItemFailure", "batchitemfailures", "BatchItemFailures", "batch_item_failures"] {
            let mut answer = serde_json::Map::new();
            answer.insert(name.to_owned(), json!([{ "itemIdentifier": "$" }]));
            let (cloud, report) = answered(Value::Object(answer), true).await;
            report.assert_ok();
            assert_eq!(report.ignored.len(), 1, "{report}");
            let why = &report.ignored[0].why;
            assert!(why.contains(&format!("`{name}`")) && why.contains("`batchItemFailures`"), "{report}");
            cloud.queue("q").assert_empty();
        }
    });
}

#[test]
#[should_panic(expected = "nobody has looked at it")]
fn a_cloud_whose_faulty_answer_no_report_has_named_says_so_at_its_end() {
    let cloud = Cloud::start();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let function = cloud.function("answers", |_: SqsEvent| async { json!({ "batchItemFailures": "all" }) });
    let queue = cloud.queue("q");
    queue.trigger(&function, batch(1).report_item_failures());
    queue.send("a");
    // A request of the test drives the cloud too, and makes no report.
    let sleeper = cloud.function("sleeps", |_: Value| async {});
    runtime.block_on(async {
        cloud.clock().sleep(std::time::Duration::from_secs(1)).await;
        let _: Value = sleeper.invoke(()).await;
    });
}
