//! A handler that fails, panics, hangs or takes too long never keeps the cloud from coming to rest, whatever triggers it, and the
//! report names it.

use std::future::{Ready, pending};
use std::time::{Duration, Instant};

use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Function};
use serde_json::Value;

const STALL: Duration = Duration::from_millis(50);

/// What a handler does in place of an answer, and what the report says of it.
#[derive(Debug, Clone, Copy)]
enum Does {
    Fails,
    Panics,
    PanicsAfterAnAwait,
    Hangs,
    HangsAfterARequest,
    SleepsTooLong,
    /// The one way in which a closure can end its process alone: `std::process::exit` would end that of the test.
    DiesAtItsStart,
}

const ALL: [(Does, &str); 7] = [
    (Does::Fails, "it broke"),
    (Does::Panics, "Lambda panicked: it broke"),
    (Does::PanicsAfterAnAwait, "Lambda panicked: it broke"),
    (Does::Hangs, "stuck: no progress for 50ms of real time; it had made no request"),
    (Does::HangsAfterARequest, "stuck: no progress for 50ms of real time; its last request was s3 ListBuckets"),
    (Does::SleepsTooLong, "Task timed out after 5.00 seconds"),
    (Does::DiesAtItsStart, "Runtime exited with error: exit status 101"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Invoke,
    Event,
    Bucket,
    Schedule,
    Queue,
}

fn arrange(cloud: &Cloud, does: Does) -> Function {
    let tools = (does, cloud.clock(), aws_sdk_s3::Client::new(&cloud.sdk_config()));
    let bad = match does {
        Does::DiesAtItsStart => cloud.function_in("bad", || -> fn(Value) -> Ready<()> { panic!("it broke") }),
        _ => cloud.function_with("bad", tools, async |(does, clock, s3), _: Value| {
            match does {
                Does::Fails => return Err("it broke"),
                Does::Panics => panic!("it broke"),
                Does::PanicsAfterAnAwait => {
                    clock.sleep(Duration::from_secs(1)).await;
                    panic!("it broke");
                }
                Does::HangsAfterARequest => _ = s3.list_buckets().send().await,
                Does::SleepsTooLong => clock.sleep(Duration::from_secs(60)).await,
                Does::Hangs | Does::DiesAtItsStart => {}
            }
            pending::<()>().await;
            Ok(())
        }),
    };
    bad.timeout(Duration::from_secs(5)).retry_attempts(0)
}

#[tokio::test]
async fn no_handler_keeps_the_cloud_from_coming_to_rest() {
    for (does, said) in ALL {
        for by in [By::Invoke, By::Event, By::Bucket, By::Schedule, By::Queue] {
            let began = Instant::now();
            let cloud = Cloud::builder().max_stall(STALL).start();
            let bad = arrange(&cloud, does);
            let (jobs, dead) = (cloud.queue("jobs").visibility_timeout(Duration::from_secs(30)), cloud.queue("dead"));
            jobs.dead_letter(&dead, 1).trigger(&bad, batch(1));
            cloud.bucket("inbox").notify(&bad, on(ObjectCreated));
            let rule = cloud.rule("rule", "rate(1 day)").trigger(&bad);
            match by {
                By::Invoke => {
                    let error = bad.try_invoke::<()>(()).await.unwrap_err();
                    let CloudError::Function { error_message, .. } = &error else { panic!("{does:?}: {error}") };
                    assert!(error_message.contains(said), "{does:?}: {error_message}");
                }
                By::Event => bad.invoke_later(()),
                By::Bucket => cloud.bucket("inbox").put("a", ""),
                By::Schedule => rule.fire_now(),
                By::Queue => _ = jobs.send("a"),
            }
            let report = cloud.settle().await;
            // Whoever has asked himself was told, but for what is wrong with the test.
            if by != By::Invoke || said.starts_with("stuck") {
                let failure = report.failures.first().unwrap_or_else(|| panic!("{does:?} {by:?}: {report}"));
                assert!(failure.function == "bad" && failure.error.contains(said), "{does:?} {by:?}: {report}");
            }
            let left = cloud.drain().await;
            assert!(left.is_done(), "{does:?} {by:?}: {left}");
            assert_eq!(bad.invocations().len(), 1, "{does:?} {by:?}: {}", cloud.timeline());
            assert_eq!(dead.messages().len(), usize::from(by == By::Queue), "{does:?}");
            assert!(began.elapsed() < Duration::from_secs(5), "{does:?} {by:?}: {:?}", began.elapsed());
        }
    }
}

/// A hundred that hang are a hundred times the limit of one, and no more; the others go on.
#[tokio::test]
async fn those_that_hang_do_not_keep_others_waiting() {
    let cloud = Cloud::builder().max_stall(Duration::from_millis(5)).start();
    let bad = arrange(&cloud, Does::Hangs);
    let good = cloud.stub("good");
    for _ in 0..50 {
        bad.invoke_later(());
        good.invoke_later(());
    }
    let report = cloud.drain().await;
    assert_eq!((report.failures.len(), good.responses().len()), (50, 50));
    assert!(report.failures.iter().all(|failure| failure.function == "bad" && failure.error.starts_with("stuck: ")));
}
