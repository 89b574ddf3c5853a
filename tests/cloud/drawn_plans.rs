//! Plans of strategies: bugs that single events do not show, with the plan that is left in the end.

use lambda_testkit::Plan;
use lambda_testkit::prelude::*;
use lambda_testkit::strategy::{Plans, delivery_plan, fault_plan, history, interleaving, s3_event, sample};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

fn runner() -> TestRunner {
    let config = Config { failure_persistence: None, cases: 400, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// The simplest plan with which the test fails.
fn minimal(plans: Plans, test: impl Fn(&Plan) -> bool) -> Plan {
    let check = |plan: Plan| if test(&plan) { Ok(()) } else { Err(TestCaseError::fail("planted")) };
    match runner().run(&plans, check) {
        Err(TestError::Fail(_, plan)) => plan,
        other => panic!("nothing was found: {other:?}"),
    }
}

/// A counter that counts each message once for each delivery.
fn counts_each_once(plan: &Plan) -> bool {
    Cloud::builder().plan(plan).run(|cloud| async move {
        let (jobs, done) = (cloud.queue("jobs"), cloud.queue("done"));
        let count = cloud.function_with("count", done.clone(), |done, event: SqsEvent| async move {
            event.records.iter().try_for_each(|record| done.try_send(record.body.as_str()).map(drop))
        });
        jobs.trigger(&count, batch(10));
        (0..5).for_each(|number| drop(jobs.send(number.to_string())));
        let _report = cloud.drain().await;
        let counted = done.bodies().len();
        cloud.discard();
        counted == 5
    })
}

#[test]
fn an_effect_that_is_not_idempotent_is_found_and_one_deviation_is_left() {
    for plans in [delivery_plan(), fault_plan(), history()] {
        let plan = minimal(plans, counts_each_once);
        assert_eq!(plan.len(), 1, "{plan}");
        assert!(!counts_each_once(&plan.to_string().parse().unwrap()), "the text shows it again: {plan}");
        assert_eq!(format!("{plan:?}"), format!("{:?}", plan.to_string()), "what is printed is a literal");
        assert_eq!(plan.recorded(), None, "it is written down: {plan}");
    }
}

#[test]
fn a_drawn_plan_says_what_it_met_and_the_same_again() {
    let plan = (0..).map(|number| sample(&history().at_most(2), 7, number));
    let mut met = plan.take(40).map(|plan| {
        assert!(plan.to_string().starts_with("history drawn by "), "{plan}");
        let again: Plan = plan.to_string().parse().unwrap();
        counts_each_once(&plan);
        counts_each_once(&again);
        assert_eq!(plan.to_string(), again.to_string());
        assert!(plan.len() <= 2, "at most two: {plan}");
        let written: Plan = plan.to_string().parse().unwrap();
        Cloud::builder().plan(&written).start().discard();
        assert_eq!(Some(written), plan.recorded());
        plan.len()
    });
    assert!(met.any(|met| met > 0));
}

#[test]
fn an_order_that_matters_is_found() {
    let in_order = |plan: &Plan| {
        Cloud::builder().plan(plan).run(|cloud| async move {
            let inbox = cloud.bucket("inbox");
            let seen = cloud.stub("seen");
            inbox.notify(&seen, on(ObjectCreated));
            ["a", "b", "c"].iter().for_each(|key| inbox.put(key, key));
            cloud.settle().await.assert_ok();
            let key = |event| serde_json::from_value::<S3Event>(event).unwrap().records[0].key().to_string();
            let keys: Vec<String> = seen.events().into_iter().map(key).collect();
            keys.is_sorted()
        })
    };
    let plan = minimal(interleaving(), in_order);
    assert_eq!(plan.len(), 1, "{plan}");
    assert!(!in_order(&plan.to_string().parse().unwrap()), "{plan}");
}

#[test]
fn events_and_plans_shrink_together() {
    let check = |(event, plan): (S3Event, Plan)| {
        let lost = Cloud::builder().plan(&plan).run(|cloud| async move {
            let copies = cloud.bucket("copies");
            let copy = cloud.function_with("copy", copies.clone(), |copies, event: S3Event| async move {
                let copied = copies.try_put("copy", event.records[0].bucket());
                drop(copied); // the bug: an error is swallowed
            });
            copy.invoke::<()>(&event).await;
            let _report = cloud.drain().await;
            let lost = copies.keys().is_empty();
            cloud.discard();
            lost
        });
        if lost { Err(TestCaseError::fail("lost")) } else { Ok(()) }
    };
    let Err(TestError::Fail(_, (event, plan))) = runner().run(&(s3_event(), fault_plan()), check) else {
        panic!("nothing was found")
    };
    assert_eq!((event.records.len(), event.records[0].key().as_str(), plan.len()), (1, "a", 1), "{plan}");
    assert!(!plan.to_string().contains("whole call"), "one attempt is the milder one: {plan}");
}
