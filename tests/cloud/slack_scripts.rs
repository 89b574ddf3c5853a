//! Answers of Slack that a test has scripted, as an ordinary HTTP client meets them, and the list of all that was asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use lambda_testkit::prelude::*;
use lambda_testkit::{Fault, Slack, explore};
use reqwest::Client;
use serde_json::json;

use crate::common::clock::seconds;

/// What comes of a post: `200 ok`, `429 rate_limited after 30`, or `no answer`.
async fn post(http: &Client, webhook: &str, text: &str) -> String {
    let Ok(answer) = http.post(webhook).json(&json!({ "text": text })).send().await else {
        return "no answer".to_owned();
    };
    let after = answer.headers().get("retry-after").map(|after| format!(" after {}", after.to_str().unwrap()));
    let status = answer.status().as_u16();
    format!("{status} {}{}", answer.text().await.unwrap(), after.unwrap_or_default())
}

/// What comes of these posts to a channel, one after the other.
async fn posts<const N: usize>(slack: &Slack, channel: &str, texts: [&str; N]) -> [String; N] {
    let (http, webhook) = (Client::new(), slack.webhook(channel));
    let mut came = texts.map(str::to_owned);
    for text in &mut came {
        *text = post(&http, &webhook, text).await;
    }
    came
}

#[tokio::test]
async fn a_post_gets_an_answer_by_its_place_in_its_channel() {
    let cloud = Cloud::start();
    let slack = cloud.slack();
    assert_eq!(posts(&slack, "#alarms", ["before"]).await, ["200 ok"], "counted from the script on");
    let down = slack.channel("#alarms").nth(2).times(2).respond(503, "service_unavailable");
    let busy = slack.channel("#alarms").nth(3).rate_limit(Duration::from_millis(1_001));
    assert_eq!(posts(&slack, "#other", ["a", "b", "c"]).await, ["200 ok"; 3]);
    let down_twice = ["200 ok", "503 service_unavailable", "503 service_unavailable"];
    assert_eq!(posts(&slack, "#alarms", ["1", "2", "3"]).await, down_twice);
    assert_eq!(posts(&slack, "#alarms", ["4", "5"]).await, ["429 rate_limited after 2", "200 ok"]);
    assert_eq!((down.hits(), busy.hits()), (2, 1));
    slack.assert_posted("#alarms", ["before", "1", "5"]);
    assert!(cloud.timeline().contains("slack #alarms → 503 service_unavailable (scripted)"));
}

#[tokio::test]
async fn a_place_comes_before_the_next_ones_and_these_before_a_time() {
    let cloud = Cloud::start();
    let slack = cloud.slack();
    slack.rate_limit_for(seconds(60));
    slack.respond_next(2, 500, "rollup_error");
    slack.channel("#alarms").nth(2).respond(410, "channel_is_archived");
    let came = posts(&slack, "#alarms", ["1", "2", "3", "4"]).await;
    let expected = ["500 rollup_error", "410 channel_is_archived", "500 rollup_error", "429 rate_limited after 60"];
    assert_eq!(came, expected);
    slack.rate_limit_for(Duration::ZERO);
    assert_eq!(posts(&slack, "#alarms", ["5"]).await, ["200 ok"]);
}

#[tokio::test]
async fn for_a_time_slack_says_how_much_of_it_is_left_and_a_function_that_waits_gets_through() {
    let cloud = Cloud::start();
    let slack = cloud.slack();
    let means = (Client::new(), slack.webhook("#alarms"), cloud.clock());
    let says = cloud.function_with("says", means, async |(http, webhook, clock), text: String| {
        let mut came = Vec::new();
        loop {
            let answer = post(&http, &webhook, &text).await;
            let wait = answer.strip_prefix("429 rate_limited after ").map(|left| left.parse().unwrap());
            came.push(answer);
            match wait {
                Some(wait) => clock.sleep(seconds(wait)).await,
                None => return came,
            }
        }
    });
    slack.rate_limit_for(Duration::from_millis(10_500));
    cloud.advance(seconds(8)).await.assert_ok();
    assert_eq!(says.invoke::<Vec<String>>("disk full").await, ["429 rate_limited after 3", "200 ok"]);
    assert_eq!(cloud.now().to_string(), "2026-01-01T00:00:11Z");
    slack.assert_posted("#alarms", ["disk full"]);
}

#[tokio::test]
async fn only_the_posts_of_the_function_that_was_named_count() {
    let cloud = Cloud::start();
    let slack = cloud.slack();
    let means = (Client::new(), slack.webhook("#alarms"));
    let says =
        cloud.function_with("says", means, async |(http, webhook), text: String| post(&http, &webhook, &text).await);
    slack.channel("#alarms").by("says").nth(2).respond(403, "action_prohibited");
    assert_eq!(posts(&slack, "#alarms", ["a", "b", "c"]).await, ["200 ok"; 3]);
    assert_eq!(says.invoke::<String>("1").await, "200 ok");
    assert_eq!(says.invoke::<String>("2").await, "403 action_prohibited");
}

#[tokio::test]
async fn a_post_that_a_fault_or_a_plan_spoils_counts_and_leaves_the_answer_to_the_next_one() {
    let cloud = Cloud::builder().plan("slack.PostMessage #alarms #3: rollup_error").start();
    let slack = cloud.slack();
    cloud.inject(Fault::on("slack.PostMessage").reset());
    cloud.inject(Fault::on("slack.PostMessage").nth(2).refuse("service_unavailable"));
    let down = slack.channel("#alarms").nth(2).respond(400, "invalid_token");
    let came = posts(&slack, "#alarms", ["1", "2", "3", "4", "5"]).await;
    let expected = ["no answer", "503 service_unavailable", "500 rollup_error", "400 invalid_token", "200 ok"];
    assert_eq!((came.each_ref().map(String::as_str), down.hits()), (expected, 1));
    cloud.course().assert_plan_met();
}

#[tokio::test]
async fn all_requests_are_listed_with_what_was_answered() {
    let cloud = Cloud::start();
    let slack = cloud.slack();
    let (http, webhook) = (Client::new(), slack.webhook("#alarms"));
    let says = cloud.function_with("says", (http.clone(), webhook.clone()), async |(http, webhook), text: String| {
        post(&http, &webhook, &text).await
    });
    cloud.advance(seconds(5)).await.assert_ok();
    says.invoke::<String>("disk full").await;
    slack.rate_limit_next(1, seconds(7));
    post(&http, &webhook, "no route").await;
    http.post(&webhook).body("no JSON").send().await.unwrap();
    post(&http, &webhook.replace("/services/T", "/services/X"), "astray").await;
    cloud.inject(Fault::on("slack.PostMessage").resource("#alarms").reset());
    post(&http, &webhook, "reset").await;
    cloud.inject(Fault::on("slack.PostMessage").answer_lost());
    post(&http, &webhook, "lost").await;
    slack.respond_next(1, 200, "not today");
    post(&http, &webhook, "not posted").await;
    let busy = wiremock::ResponseTemplate::new(429).insert_header("retry-after", "9").set_body_string("too_fast");
    let mock = wiremock::Mock::given(wiremock::matchers::any()).respond_with(busy).up_to_n_times(1);
    mock.mount(slack.mock_server()).await;
    post(&http, &webhook, "mounted").await;

    let requests = slack.requests();
    let listed: Vec<_> = requests
        .iter()
        .map(|request| {
            let wait = request.retry_after.map(|wait| wait.as_secs());
            (request.channel.as_str(), request.text.as_str(), request.status, request.answer.as_str(), wait)
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("#alarms", "disk full", Some(200), "ok", None),
            ("#alarms", "no route", Some(429), "rate_limited", Some(7)),
            ("#alarms", "no JSON", Some(400), "invalid_payload", None),
            ("", "astray", Some(404), "no_team", None),
            ("#alarms", "reset", None, "connection reset", None),
            ("#alarms", "lost", None, "done, but the answer is lost", None),
            ("#alarms", "not posted", Some(200), "not today", None),
            ("#alarms", "mounted", Some(429), "too_fast", Some(9)),
        ]
    );
    assert_eq!((requests[0].function.as_deref(), requests[1].function.as_deref()), (Some("says"), None));
    assert!(requests.iter().all(|request| request.at == cloud.now()));
    assert_eq!(cloud.history().posted(), [("#alarms", "disk full")]);
    slack.assert_posted("#alarms", ["disk full", "lost"]);
}

#[tokio::test]
async fn what_a_test_answers_itself_is_not_told_as_posted() {
    let cloud = Cloud::start();
    let slack = cloud.slack();
    slack.respond_next(1, 200, "ok");
    assert_eq!(posts(&slack, "#alarms", ["hello"]).await, ["200 ok"]);
    assert!(cloud.history().posted().is_empty() && slack.texts("#alarms").is_empty());
    assert!(cloud.timeline().contains("slack #alarms: hello (scripted)"), "{}", cloud.timeline());
}

/// The message of the panic in which it ends.
fn panic_of(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("it panics");
    panic.downcast_ref::<String>().expect("a formatted message").clone()
}

#[tokio::test]
async fn an_answer_whose_post_never_came_fails_the_test_unless_that_may_be() {
    let cloud = Cloud::start();
    cloud.slack().channel("#alarms").nth(2).respond(503, "service_unavailable");
    posts(&cloud.slack(), "#alarms", ["1"]).await;
    let told = panic_of(|| drop(cloud));
    assert!(told.contains("slack.PostMessage #alarms #2: answered 503 service_unavailable of tests/cloud/"), "{told}");
    assert!(told.contains("was never hit: of the requests that it stands for came 1"), "{told}");

    let cloud = Cloud::start();
    cloud.slack().channel("#alrams").rate_limit(seconds(1));
    posts(&cloud.slack(), "#alarms", ["1"]).await;
    let told = panic_of(|| drop(cloud));
    assert!(told.contains("asked for 1 times, all others than it stands for, of #alarms"), "{told}");

    let cloud = Cloud::start();
    cloud.slack().channel("#alarms").optional().respond(503, "service_unavailable");
    let lifted = cloud.slack().channel("#alarms").optional().respond(503, "service_unavailable");
    lifted.lift();
}

#[test]
fn an_answer_that_cannot_be_is_refused_where_it_is_scripted() {
    let cloud = Cloud::start();
    let slack = cloud.slack();
    let told = panic_of(|| drop(slack.channel("#alarms").nth(0).respond(503, "")));
    assert_eq!(told, "invalid first request of a fault 0: requests are counted from 1");
    let told = panic_of(|| drop(slack.channel("#alarms").times(0).rate_limit(seconds(1))));
    assert_eq!(told, "invalid times of a fault 0: at least one request is hit");
    let told = panic_of(|| drop(slack.channel("#alarms").respond(600, "")));
    assert_eq!(told, "600 is not an HTTP status from 200 to 599");
}

/// What an exploration finds of a function that posts again after so many seconds, where Slack asks for five.
fn found_of_one_that_waits(wait: u64) -> String {
    let explored = explore(async move |cloud: &Cloud| {
        let slack = cloud.slack();
        let means = (Client::new(), slack.webhook("#alarms"), cloud.clock(), wait);
        let says = cloud.function_with("says", means, async |(http, webhook, clock, wait), text: String| {
            if post(&http, &webhook, &text).await != "200 ok" {
                clock.sleep(seconds(wait)).await;
                post(&http, &webhook, &text).await;
            }
        });
        slack.channel("#alarms").rate_limit(seconds(5));
        says.invoke_later("disk full");
    });
    explored.only("throttled").pairs(0).histories(0).orders(0).try_run().to_string()
}

#[test]
fn an_exploration_asks_for_as_much_patience_as_slack_did() {
    let told = "posted again 4s after a 429 that asked for 5s";
    let (patient, hasty) = (found_of_one_that_waits(5), found_of_one_that_waits(4));
    assert!(!patient.contains("Retry-After"), "{patient}");
    assert!(hasty.contains("Slack's Retry-After is not respected") && hasty.contains(told), "{hasty}");
}
