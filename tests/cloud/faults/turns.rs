//! Which of several things that can happen now goes first.

use lambda_testkit::prelude::*;
use lambda_testkit::{Deviation, Plan, PointKind};

use super::{assert_met, planned};

/// Two functions hear of one object; each says its name in a bucket.
async fn run(plan: &Plan) -> Cloud {
    let cloud = planned(plan);
    let (inbox, said) = (cloud.bucket("inbox"), cloud.bucket("said"));
    for name in ["first", "second"] {
        let (said, clock) = (said.clone(), cloud.clock());
        let says = cloud.function(name, move |_: S3Event| {
            let (said, clock) = (said.clone(), clock.clone());
            async move {
                clock.sleep(std::time::Duration::from_secs(1)).await;
                said.put(name, "");
                Ok::<_, String>(())
            }
        });
        inbox.notify(&says, on(ObjectCreated).prefix(name));
        inbox.put(&format!("{name}.txt"), "");
    }
    cloud.drain().await.assert_ok();
    assert_met(&cloud, plan);
    cloud
}

/// Who was invoked, and who spoke, in order.
fn order(cloud: &Cloud) -> (Vec<String>, Vec<String>) {
    let history = cloud.history();
    let invoked = history.invocations().into_iter().map(|run| run.invocation.function.to_string());
    let said = history.requests().operation("PutObject").into_iter().map(|put| put.request.resource.clone());
    (invoked.collect(), said.filter_map(|key| key.strip_prefix("said/").map(str::to_owned)).collect())
}

#[tokio::test]
async fn each_turn_can_go_to_another_and_each_order_is_another() {
    let ordinary = run(&Plan::new()).await;
    let expected = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    assert_eq!(order(&ordinary), (expected(["first", "second"]), expected(["first", "second"])));
    let course = ordinary.course();
    let (mut deliveries, mut ready) = (0, 0);
    for point in course.points().iter().filter(|point| point.kind == PointKind::Turn) {
        for deviation in &point.alternatives {
            let cloud = run(&point.deviate(deviation)).await;
            let (invoked, said) = order(&cloud);
            deliveries += usize::from(invoked == ["second", "first"]);
            ready += usize::from(said == ["second", "first"]);
            assert!(matches!(deviation, Deviation::After(_)));
        }
    }
    assert!(deliveries > 0, "two deliveries that are due can change places:\n{course}");
    assert!(ready > 0, "two functions that are ready can change places:\n{course}");
}

/// Nothing tells the two apart, so a plan cannot name the one rather than the other.
#[tokio::test]
async fn a_delivery_that_comes_twice_does_not_go_before_itself() {
    let plan: Plan = "inbox → first #1: twice".parse().unwrap();
    let cloud = run(&plan).await;
    for point in cloud.course().points().iter().filter(|point| point.kind == PointKind::Turn) {
        let mut known = point.alternatives.clone();
        known.sort();
        known.dedup();
        assert_eq!(known.len(), point.alternatives.len(), "{point}");
    }
}
