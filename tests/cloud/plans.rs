//! Random plans over the four scenarios of the tour: nothing hangs, nothing panics, and a plan that printed parses back to
//! the same run.

use std::time::Duration;

use aws_lambda_events::event::s3::S3Event;
use lambda_testkit::event::BatchResponse;
use lambda_testkit::prelude::{Cloud, ObjectCreated, SqsEvent, batch, on};
use lambda_testkit::{Plan, PointKind};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// In debug a run takes some milliseconds, so fewer are made there; `cargo test --release` makes a thousand.
const PLANS: usize = if cfg!(debug_assertions) { 200 } else { 1_000 };

#[derive(Debug, Clone, Copy)]
enum Scenario {
    Export,
    Nightly,
    Alarms,
    Users,
}

const ALL: [Scenario; 4] = [Scenario::Export, Scenario::Nightly, Scenario::Alarms, Scenario::Users];

async fn run(scenario: Scenario, plan: &Plan) -> Cloud {
    let cloud = Cloud::builder().plan(plan).start();
    match scenario {
        Scenario::Export => export(&cloud).await,
        Scenario::Nightly => nightly(&cloud).await,
        Scenario::Alarms => alarms(&cloud).await,
        Scenario::Users => users(&cloud).await,
    }
    let _ = cloud.drain().await;
    cloud
}

async fn export(cloud: &Cloud) {
    let (export, partner) = (cloud.bucket("export"), cloud.account("222222222222"));
    partner.bucket("private-csv");
    let own = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let theirs = aws_sdk_s3::Client::new(&partner.sdk_config());
    let function = cloud.function("to-utf8", move |event: S3Event| {
        let (own, theirs) = (own.clone(), theirs.clone());
        async move {
            for record in event.records {
                let key = record.s3.object.key.ok_or("no key")?;
                let object = own.get_object().bucket("export").key(&key).send().await?;
                let bytes = object.body.collect().await?.into_bytes();
                theirs.put_object().bucket("private-csv").key(&key).body(bytes.into()).send().await?;
            }
            Ok::<_, Error>(())
        }
    });
    export.notify(&function, on(ObjectCreated).suffix(".csv"));
    for name in ["a.csv", "b.csv", "c.txt"] {
        let _ = export.try_put(name, "1,2");
    }
}

async fn nightly(cloud: &Cloud) {
    let logs = cloud.bucket("logs");
    let _ = logs.try_put("linux/logs.txt", "ERROR disk full");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let check = cloud.function("check-log", move |input: Value| {
        let s3 = s3.clone();
        async move {
            let key = format!("{}/logs.txt", input["log"].as_str().ok_or("no log")?);
            let object = s3.get_object().bucket("logs").key(key).send().await?;
            Ok::<_, Error>(object.body.collect().await?.into_bytes().len())
        }
    });
    cloud.rule("hourly", "cron(5 * * * ? *)").input(json!({ "log": "linux" })).trigger(&check);
    let _ = cloud.advance(Duration::from_secs(2 * 3600)).await;
}

async fn alarms(cloud: &Cloud) {
    let dead = cloud.queue("alarms-dead");
    let alarms = cloud.queue("alarms").visibility_timeout(Duration::from_secs(60)).dead_letter(&dead, 3);
    let slack = cloud.slack();
    let (http, webhook) = (reqwest::Client::new(), slack.webhook("#general"));
    let function = cloud.function("to-slack", move |event: SqsEvent| {
        let (http, webhook) = (http.clone(), webhook.clone());
        async move {
            let mut failed = Vec::new();
            for message in event.records {
                let posted = http.post(&webhook).json(&json!({ "text": message.body })).send().await?;
                if !posted.status().is_success() {
                    failed.push(message.message_id);
                }
            }
            Ok::<_, Error>(BatchResponse::failures(failed))
        }
    });
    alarms.trigger(&function, batch(10).report_item_failures());
    for alarm in ["disk full", "no route", "slow"] {
        let _ = alarms.try_send(alarm);
    }
}

async fn users(cloud: &Cloud) {
    use aws_sdk_lambda::types::InvocationType;

    let _ = cloud.bucket("users").try_put("users.json", json!(["alice", "bob", "mallory"]).to_string());
    let failed = cloud.queue("failed-checks");
    cloud
        .function("check-user", |user: String| async move { if user == "mallory" { Err("unknown") } else { Ok(user) } })
        .dead_letter(&failed);
    let config = cloud.sdk_config();
    let (s3, lambda) = (aws_sdk_s3::Client::new(&config), aws_sdk_lambda::Client::new(&config));
    let start = cloud.function("start", move |_: Value| {
        let (s3, lambda) = (s3.clone(), lambda.clone());
        async move {
            let object = s3.get_object().bucket("users").key("users.json").send().await?;
            let users: Vec<String> = serde_json::from_slice(&object.body.collect().await?.into_bytes())?;
            for user in users {
                let invoke = lambda.invoke().function_name("check-user").invocation_type(InvocationType::Event);
                invoke.payload(serde_json::to_vec(&user)?.into()).send().await?;
            }
            Ok::<_, Error>(())
        }
    });
    let _ = start.try_invoke_later(json!({}));
}

/// Every single deviation of a course, those of the test's own requests too.
fn singles(cloud: &Cloud) -> Vec<Plan> {
    cloud.course().points().iter().flat_map(|point| point.plans().collect::<Vec<_>>()).collect()
}

#[tokio::test]
async fn every_single_deviation_of_the_course_comes_to_pass_and_nothing_hangs() {
    let mut tried = 0;
    for scenario in ALL {
        let ordinary = run(scenario, &Plan::new()).await;
        let again = run(scenario, &Plan::new()).await;
        assert_eq!(ordinary.course(), again.course(), "{scenario:?}");
        assert_eq!(ordinary.timeline().to_string(), again.timeline().to_string(), "{scenario:?}");
        assert!(ordinary.course().points().iter().any(|point| point.kind == PointKind::Before && !point.of_test));
        for plan in singles(&ordinary) {
            // A hanging request ends with the function's timeout, so nothing needs real time.
            let cloud = run(scenario, &plan).await;
            assert!(cloud.course().unmet().is_empty(), "{scenario:?} {plan} never fired\n{}", cloud.timeline());
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}

#[tokio::test]
async fn random_plans_run_to_an_end_and_parse_back_to_the_same_run() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for scenario in ALL {
        let all = singles(&run(scenario, &Plan::new()).await);
        let plans = proptest::collection::vec(proptest::sample::select(all), 1..5);
        for _ in 0..PLANS / ALL.len() {
            let parts = plans.new_tree(&mut runner).unwrap().current();
            let plan = parts.iter().fold(Plan::new(), |plan, part| plan.and(part));
            let text = plan.to_string();
            let parsed: Plan = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(parsed, plan);
            let (one, other) = (run(scenario, &plan).await, run(scenario, &parsed).await);
            assert_eq!(one.timeline().to_string(), other.timeline().to_string(), "{scenario:?} {text}");
            assert_eq!(one.course(), other.course(), "{scenario:?} {text}");
            assert_eq!(one.state(), other.state(), "{scenario:?} {text}");
        }
    }
}

#[tokio::test]
async fn leaving_one_step_out_renames_nothing_else() {
    let ids = async |names: &[&str]| {
        let cloud = Cloud::start();
        let (inbox, queue) = (cloud.bucket("inbox"), cloud.queue("told"));
        let f = cloud.function("f", async |event: Value| Ok::<_, String>(event));
        inbox.notify(&f, on(ObjectCreated));
        for name in names {
            inbox.put(name, *name);
            queue.send(format!("put {name}"));
        }
        cloud.settle().await.assert_ok();
        let events: Vec<(String, Value)> = f
            .events()
            .into_iter()
            .map(|event| (event["Records"][0]["s3"]["object"]["key"].to_string(), event["Records"][0].clone()))
            .collect();
        let messages: Vec<_> = queue.messages().into_iter().map(|message| (message.body, message.id)).collect();
        let points: Vec<String> = cloud.course().points().iter().map(ToString::to_string).collect();
        (events, messages, points)
    };
    let (whole, part) = (ids(&["a", "b", "c"]).await, ids(&["a", "c"]).await);
    let without_b = |key: &str| !key.contains('b');
    assert_eq!(part.0, whole.0.into_iter().filter(|(key, _)| without_b(key)).collect::<Vec<_>>());
    // Messages to one queue are equals: the second is named by its place among them.
    assert_eq!(part.1[0], whole.1[0]);
    assert!(part.2.iter().filter(|point| point.starts_with("s3.PutObject")).all(|point| whole.2.contains(point)));
}

#[tokio::test]
async fn an_order_that_the_course_offers_is_an_order_that_comes_about() {
    let ordinary = run(Scenario::Users, &Plan::new()).await;
    let turns = ordinary.course().points().iter().filter(|point| point.kind == PointKind::Turn).count();
    assert!(turns >= 2, "{}", ordinary.course());
    let after = |plan: &Plan| plan.to_string().contains(": after ");
    let plans: Vec<Plan> = singles(&ordinary).into_iter().filter(after).collect();
    assert!(!plans.is_empty());
    for plan in plans {
        let cloud = run(Scenario::Users, &plan).await;
        cloud.course().assert_plan_met();
        assert_eq!(cloud.state(), ordinary.state(), "{plan}");
    }
}
