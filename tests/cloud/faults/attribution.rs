//! Whose a point is, so that a sweep knows what to leave alone.

use lambda_testkit::PointKind;
use lambda_testkit::history::Actor;
use lambda_testkit::prelude::*;

#[tokio::test]
async fn a_point_says_whether_the_test_a_function_a_service_or_nobody_known_met_it() {
    let cloud = Cloud::start();
    let (out, config) = (cloud.bucket("out"), cloud.sdk_config());
    let function = cloud.function("spawns", move |_: SqsEvent| {
        let s3 = aws_sdk_s3::Client::new(&config);
        let out = out.clone();
        async move {
            let put = |key: &'static str| s3.put_object().bucket("out").key(key).send();
            put("own").await.map_err(|error| error.to_string())?;
            out.put("own handle", "");
            let spawned = tokio::spawn(put("spawned")).await;
            spawned.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
            let (elsewhere, runtime) = (put("on another thread"), tokio::runtime::Handle::current());
            let put = tokio::task::spawn_blocking(move || runtime.block_on(elsewhere).is_ok()).await;
            assert!(put.is_ok_and(|worked| worked));
            Ok::<_, String>(())
        }
    });
    cloud.queue("line").trigger(&function, batch(1));
    cloud.queue("line").send("x");
    cloud.drain().await.assert_ok();

    let course = cloud.course();
    let whose = |label: &str, kind: PointKind| {
        let point = course.points().iter().find(|point| point.label == label && point.kind == kind);
        let point = point.unwrap_or_else(|| panic!("{label} is no point:\n{course}"));
        assert_eq!(point.of_test, point.actor == Actor::Test, "{point}");
        point.actor.clone()
    };
    let function = Actor::Function("spawns".into());
    assert_eq!(whose("sqs.SendMessage line", PointKind::Before), Actor::Test);
    assert_eq!(whose("s3.PutObject out/own", PointKind::Before), function);
    assert_eq!(whose("s3.PutObject out/own", PointKind::After), function);
    assert_eq!(whose("s3.PutObject out/own handle", PointKind::Before), function);
    assert_eq!(whose("s3.PutObject out/spawned", PointKind::Before), function);
    assert_eq!(whose("s3.PutObject out/on another thread", PointKind::Before), Actor::Unattributed);
    assert_eq!(whose("invoke spawns", PointKind::Invocation), Actor::Service);
}
