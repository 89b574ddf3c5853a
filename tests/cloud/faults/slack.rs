//! Faults of Slack, as an ordinary HTTP client meets them over its socket.

use std::time::Duration;

use lambda_testkit::prelude::*;
use lambda_testkit::{Deviation, Plan, Span};
use serde_json::json;

use super::calls::is_reset;
use super::{assert_met, deviate, planned};

const LABEL: &str = "slack.PostMessage #ops";

/// What comes of a post: `200 ok`, `429 rate_limited after 30`, or `reset`.
async fn post(http: &reqwest::Client, webhook: &str, text: &str) -> String {
    match http.post(webhook).json(&json!({ "text": text })).send().await {
        Ok(response) => {
            let after =
                response.headers().get("retry-after").map(|after| format!(" after {}", after.to_str().unwrap()));
            let status = response.status().as_u16();
            format!("{status} {}{}", response.text().await.unwrap(), after.unwrap_or_default())
        }
        Err(error) if is_reset(&error) => "reset".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

#[tokio::test]
async fn a_post_meets_each_error_for_as_long_as_it_lasts() {
    let ordinary = Cloud::start();
    assert_eq!(post(&reqwest::Client::new(), &ordinary.slack().webhook("#ops"), "a").await, "200 ok");
    let errors = [
        ("rate_limited", "429 rate_limited after 30"),
        ("rollup_error", "500 rollup_error"),
        ("service_unavailable", "503 service_unavailable"),
        ("reset", "reset"),
    ];
    for (code, seen) in errors {
        for span in Span::ALL {
            let deviation = if code == "reset" { Deviation::Reset(span) } else { Deviation::error(code, span) };
            let plan = deviate(&ordinary.course(), LABEL, &deviation);
            let cloud = planned(&plan);
            let (http, webhook) = (reqwest::Client::new(), cloud.slack().webhook("#ops"));
            assert_eq!(post(&http, &webhook, "a").await, seen, "{deviation}");
            let next = if span == Span::ForGood { seen } else { "200 ok" };
            assert_eq!(post(&http, &webhook, "b").await, next, "{deviation}");
            assert_met(&cloud, &plan);
        }
    }
}

#[tokio::test]
async fn a_message_is_posted_although_the_answer_is_lost() {
    let plan: Plan = format!("{LABEL} #1: answer lost").parse().unwrap();
    let cloud = planned(&plan);
    let webhook = cloud.slack().webhook("#ops");
    assert_eq!(post(&reqwest::Client::new(), &webhook, "a").await, "reset");
    assert_met(&cloud, &plan);
    assert_eq!(cloud.slack().texts("#ops"), ["a"]);
}

/// A queue whose messages a function posts.
async fn run(plan: &Plan) -> Cloud {
    let cloud = planned(plan);
    let (queue, slack) = (cloud.queue("alarms"), cloud.slack());
    let (http, webhook) = (reqwest::Client::new(), slack.webhook("#ops"));
    let posts = cloud.function("posts", move |event: SqsEvent| {
        let (http, webhook) = (http.clone(), webhook.clone());
        async move {
            let came = post(&http, &webhook, &event.records[0].body).await;
            if came == "200 ok" { Ok(()) } else { Err(came) }
        }
    });
    posts.timeout(Duration::from_secs(10));
    queue.visibility_timeout(Duration::from_secs(60)).trigger(&posts, batch(1));
    queue.send("a");
    queue.send("b");
    let _ = cloud.drain().await;
    cloud
}

#[tokio::test]
async fn what_ends_the_invocation_that_posts_lets_the_message_come_again() {
    let ordinary = run(&Plan::new()).await;
    assert_eq!(ordinary.slack().texts("#ops"), ["a", "b"]);
    for (deviation, error, posted) in [
        (Deviation::Crash, "Runtime.ExitError", ["a", "b", "a"].as_slice()),
        (Deviation::Hangs, "Sandbox.Timedout", &["b", "a"]),
        (Deviation::TooLate, "Sandbox.Timedout", &["a", "b", "a"]),
        (Deviation::Aside, "", &["b", "a"]),
    ] {
        let plan = deviate(&ordinary.course(), LABEL, &deviation);
        let cloud = run(&plan).await;
        assert_met(&cloud, &plan);
        assert_eq!(cloud.slack().texts("#ops"), posted, "{deviation}\n{}", cloud.timeline());
        let history = cloud.history();
        let failed = history.invocations().failed().collect();
        let errors = failed.iter().map(|invoked| match invoked.outcome() {
            lambda_testkit::history::Outcome::Failed { error, stuck, .. } => (error.error_type.clone(), *stuck),
            _ => (None, false),
        });
        let expected = if error.is_empty() { vec![] } else { vec![(Some(error.to_owned()), false)] };
        assert_eq!(errors.collect::<Vec<_>>(), expected, "{deviation}: nothing was stuck");
    }
}
