//! How invocations end, whatever a handler does: each on a current-thread and on a multi-thread runtime.
use crate::common::clock::{START, cloud_that_stalls_after, echo, elapsed, seconds};
use crate::common::socket;
use crate::runtimes;

use std::convert::Infallible;
use std::future::{pending, ready};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use futures::FutureExt as _;
use lambda_testkit::prelude::*;
use lambda_testkit::{Clock, CloudError, DriveError, Function, Line, RecursiveLoop};
use runtimes::on_both_runtimes;
use serde_json::{Value, json};
use tokio::sync::Notify;

type Log = Arc<Mutex<Vec<String>>>;
type Sdk = Box<dyn std::error::Error + Send + Sync>;

/// A function that waits for a real notification, which the cloud knows nothing of.
fn waiting(cloud: &Cloud, name: &str, gate: &Arc<Notify>) -> Function {
    let gate = Arc::clone(gate);
    cloud.function(name, move |_: Value| {
        let gate = Arc::clone(&gate);
        async move {
            gate.notified().await;
            Ok::<_, Infallible>("done")
        }
    })
}

/// A function that sleeps on the cloud's clock and answers with its event.
fn sleeper(cloud: &Cloud, name: &str, time: Duration) -> Function {
    let clock = cloud.clock();
    cloud.function(name, move |event: Value| {
        let clock = clock.clone();
        async move {
            clock.sleep(time).await;
            Ok::<_, Infallible>(event)
        }
    })
}

async fn call(lambda: &aws_sdk_lambda::Client, name: &str, payload: Value) -> Result<Value, Sdk> {
    let answer = lambda.invoke().function_name(name).payload(Blob::new(payload.to_string())).send().await?;
    Ok(serde_json::from_slice(answer.payload.ok_or("an answer has a payload")?.as_ref())?)
}

/// Begins to settle, then drops it as soon as it waits for something real.
async fn settle_and_drop(cloud: &Cloud) {
    tokio::select! {
        biased;
        report = cloud.settle() => panic!("nothing is left to wait for: {report}"),
        () = ready(()) => {}
    }
}

fn line_with(cloud: &Cloud, text: &str) -> Line {
    let timeline = cloud.timeline();
    let line = timeline.lines().iter().find(|line| line.text.contains(text));
    line.unwrap_or_else(|| panic!("no line with {text:?}:\n{timeline}")).clone()
}

#[test]
fn while_one_handler_sleeps_the_other_runs() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let log = Log::default();
        let (clock, noted) = (cloud.clock(), log.clone());
        let sleeper = cloud.function("sleeper", move |_: Value| {
            let (clock, log) = (clock.clone(), noted.clone());
            async move {
                log.lock().unwrap().push("sleeper begins".to_owned());
                clock.sleep(seconds(10)).await;
                log.lock().unwrap().push("sleeper ends".to_owned());
                Ok::<_, Infallible>(())
            }
        });
        let noted = log.clone();
        let worker = cloud.function("worker", move |number: u32| {
            noted.lock().unwrap().push(format!("worker {number}"));
            ready(Ok::<_, Infallible>(()))
        });
        sleeper.invoke_later(());
        worker.invoke_later(1);
        worker.invoke_later(2);
        cloud.settle().await.assert_ok();
        assert_eq!(*log.lock().unwrap(), ["sleeper begins", "worker 1", "worker 2", "sleeper ends"]);
        assert_eq!(elapsed(&cloud), seconds(10));
    });
}

#[test]
fn a_handler_that_long_polls_for_ever_ends_at_its_timeout() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let url = cloud.queue("empty").url();
        let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
        let poller = cloud.function("poller", move |_: Value| {
            let (sqs, url) = (sqs.clone(), url.clone());
            async move {
                loop {
                    let answer = sqs.receive_message().queue_url(&url).wait_time_seconds(7).send().await?;
                    if !answer.messages().is_empty() {
                        return Ok::<(), Sdk>(());
                    }
                }
            }
        });
        poller.retry_attempts(0).invoke_later(());
        let report = cloud.settle().await;
        assert!(report.failures[0].error.contains("timed out after 30"), "{report}");
        assert_eq!(elapsed(&cloud), seconds(30));
    });
}

#[test]
fn a_handler_that_short_polls_in_a_busy_loop_ends_at_its_timeout() {
    on_both_runtimes(|| async {
        let cloud = Cloud::builder().max_requests(100).start();
        let url = cloud.queue("empty").url();
        let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
        let poller = cloud.function("poller", move |_: Value| {
            let (sqs, url) = (sqs.clone(), url.clone());
            async move {
                while sqs.receive_message().queue_url(&url).send().await?.messages().is_empty() {}
                Ok::<(), Sdk>(())
            }
        });
        poller.retry_attempts(0).invoke_later(());
        let report = cloud.settle().await;
        assert!(report.failures[0].error.contains("timed out after 30"), "{report}");
        assert!(cloud.timeline().contains("busy loop"));
        assert_eq!(elapsed(&cloud), seconds(30));
    });
}

#[test]
fn a_handler_that_triggers_itself_through_s3_reaches_the_limit_with_the_chain_of_causes() {
    on_both_runtimes(|| async {
        let cloud = Cloud::builder().max_invocations(50).start();
        let bucket = cloud.bucket("loop");
        let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
        let again = cloud.function("again", move |event: S3Event| {
            let s3 = s3.clone();
            async move {
                let key = format!("{}x", event.records[0].key());
                s3.put_object().bucket("loop").key(key).send().await?;
                Ok::<_, Sdk>(())
            }
        });
        again.recursive_loop(RecursiveLoop::Allow);
        bucket.notify(&again, on(ObjectCreated));
        bucket.put("x", "");
        let error = cloud.try_settle().await.unwrap_err();
        let DriveError::TooManyInvocations { limit: 50, chain, .. } = &error else { panic!("{error}") };
        assert!(chain.iter().filter(|step| step.starts_with("invoke again")).count() >= 2, "{chain:?}");
        assert!(chain.iter().any(|step| step.contains("PutObject")), "{chain:?}");
        assert!(error.to_string().contains("more than 50 invocations"), "{error}");
    });
}

#[test]
fn a_handler_that_invokes_itself_and_waits_for_ever_reaches_the_limit() {
    on_both_runtimes(|| async {
        let cloud = Cloud::builder().max_invocations(50).start();
        let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
        let again = cloud.function("again", move |depth: u64| {
            let lambda = lambda.clone();
            async move { call(&lambda, "again", json!(depth + 1)).await }
        });
        again.recursive_loop(RecursiveLoop::Allow);
        again.invoke_later(0);
        let error = cloud.try_settle().await.unwrap_err();
        assert!(matches!(error, DriveError::TooManyInvocations { limit: 50, .. }), "{error}");
        assert_eq!(again.events().len(), 51);
    });
}

#[test]
fn a_handler_that_hangs_is_dropped_and_named_and_the_clock_stands_still_meanwhile() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(50);
        cloud.bucket("bucket");
        let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
        let hangs = cloud.function("hangs", move |_: Value| {
            let s3 = s3.clone();
            async move {
                s3.list_buckets().send().await?;
                pending::<Result<(), Sdk>>().await
            }
        });
        let after = echo(&cloud, "after");
        hangs.retry_attempts(0).invoke_later(());
        after.invoke_later(1);
        let report = cloud.settle().await;
        let error = &report.failures[0].error;
        assert!(error.contains("no progress for 50ms"), "{error}");
        assert!(error.contains("its last request was s3 "), "{error}");
        assert_eq!(after.responses(), [1]);
        assert_eq!(elapsed(&cloud), Duration::ZERO);
    });
}

#[test]
fn a_handler_that_is_busy_for_ever_without_asking_for_anything_is_dropped() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(20);
        let spins = cloud.function("spins", |_: Value| async {
            loop {
                tokio::task::yield_now().await;
                if false {
                    return Ok::<_, Infallible>(());
                }
            }
        });
        spins.retry_attempts(0).invoke_later(());
        let report = cloud.settle().await;
        // On a loaded machine it may look like a hang instead.
        assert!(report.failures[0].error.starts_with("stuck: "), "{report}");
    });
}

#[test]
fn a_handler_that_hangs_is_dropped_although_the_first_driver_was_aborted() {
    on_both_runtimes(|| async {
        let cloud = Arc::new(cloud_that_stalls_after(50));
        let hangs = cloud.function("hangs", |_: Value| pending::<Result<(), Infallible>>());
        hangs.retry_attempts(0).invoke_later(());
        let first = tokio::spawn({
            let cloud = Arc::clone(&cloud);
            async move { cloud.try_settle().await }
        });
        while !cloud.timeline().contains("invoke hangs") {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        assert_eq!(cloud.settle().await.failures.len(), 1);
    });
}

#[test]
fn a_panic_is_an_error_of_the_function_wherever_it_happens() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let in_the_call = cloud.function("in-the-call", |event: Value| {
            assert!(!event.is_object(), "in the call");
            ready(Ok::<_, Infallible>(()))
        });
        let clock = cloud.clock();
        let after_an_await = cloud.function("after-an-await", move |event: Value| {
            let clock = clock.clone();
            async move {
                clock.sleep(seconds(1)).await;
                assert!(!event.is_object(), "after an await");
                Ok::<_, Infallible>(())
            }
        });
        for (function, text) in [(&in_the_call, "in the call"), (&after_an_await, "after an await")] {
            let error = function.try_invoke::<Value>(json!({})).await.unwrap_err();
            let CloudError::Function { error_message, .. } = &error else { panic!("{error}") };
            assert_eq!(error_message, &format!("Lambda panicked: {text}"));
            assert_eq!(function.try_invoke(1).await, Ok(Value::Null), "the next event is served");
        }
        let cloud = cloud_that_stalls_after(20);
        let in_a_destructor = cloud.function("in-a-destructor", |_: Value| async move {
            let _bomb = PanicsWhenDropped;
            pending::<Result<(), Infallible>>().await
        });
        assert!(in_a_destructor.try_invoke::<Value>(()).await.unwrap_err().to_string().contains("stuck: "));
    });
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("in a destructor");
        }
    }
}

#[test]
fn a_task_that_a_handler_spawns_and_leaves_is_served_outside_any_invocation() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let bucket = cloud.bucket("bucket");
        let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
        let left = Arc::new(Mutex::new(None));
        let leave = left.clone();
        let leaves = cloud.function("leaves", move |_: Value| {
            let (s3, leave) = (s3.clone(), leave.clone());
            async move {
                let task =
                    tokio::spawn(async move { s3.put_object().bucket("bucket").key("late").send().await.map(drop) });
                *leave.lock().unwrap() = Some(task);
                Ok::<_, Infallible>(())
            }
        });
        leaves.invoke_later(());
        cloud.settle().await.assert_ok();
        let task = left.lock().unwrap().take().unwrap();
        task.await.unwrap().unwrap();
        assert_eq!(bucket.keys(), ["late"]);
        assert_eq!(line_with(&cloud, "PutObject").cause, None);
    });
}

#[test]
fn a_task_that_asks_in_a_loop_lets_others_run() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
        let other = tokio::spawn(ready(()));
        while !other.is_finished() {
            s3.list_buckets().send().await.unwrap();
        }
    });
}

#[test]
fn a_handler_may_wait_for_a_task_that_invokes_another_function() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(2_000);
        let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
        echo(&cloud, "inner");
        let middle_client = lambda.clone();
        cloud.function("middle", move |event: Value| {
            let lambda = middle_client.clone();
            async move { call(&lambda, "inner", event).await }
        });
        let outer = cloud.function("outer", move |name: String| {
            let lambda = lambda.clone();
            async move { tokio::spawn(async move { call(&lambda, &name, json!(7)).await }).await? }
        });
        outer.invoke_later("inner");
        cloud.settle().await.assert_ok();
        outer.invoke_later("middle");
        cloud.settle().await.assert_ok();
        assert_eq!(outer.invoke::<u32>("middle").await, 7);
        assert_eq!(outer.responses(), [7, 7, 7]);
    });
}

#[test]
fn a_handler_may_wait_for_a_task_that_waits_for_the_clock() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(2_000);
        sleeper(&cloud, "sleeper", seconds(5));
        let (clock, lambda) = (cloud.clock(), aws_sdk_lambda::Client::new(&cloud.sdk_config()));
        let outer = cloud.function("outer", move |direct: bool| {
            let (clock, lambda) = (clock.clone(), lambda.clone());
            let task = async move {
                if direct {
                    clock.sleep(seconds(3)).await;
                    return Ok(json!(3));
                }
                call(&lambda, "sleeper", json!(5)).await
            };
            async move { tokio::spawn(task).await? }
        });
        outer.invoke_later(true);
        cloud.settle().await.assert_ok();
        assert_eq!(elapsed(&cloud), seconds(3));
        outer.invoke_later(false);
        cloud.settle().await.assert_ok();
        assert_eq!(elapsed(&cloud), seconds(8));
        assert_eq!(outer.responses(), [3, 5]);
    });
}

#[test]
fn an_invocation_outlives_a_settle_that_is_dropped_and_the_next_one_finishes_it() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let gate = Arc::new(Notify::new());
        let (slow, asleep) = (waiting(&cloud, "slow", &gate), sleeper(&cloud, "asleep", seconds(5)));
        let last = echo(&cloud, "last");
        asleep.invoke_later(1);
        slow.invoke_later(());
        last.invoke_later(2);
        settle_and_drop(&cloud).await;
        settle_and_drop(&cloud).await;
        assert_eq!(elapsed(&cloud), Duration::ZERO, "the clock stands still while a handler waits for something real");
        gate.notify_one();
        cloud.settle().await.assert_ok();
        assert_eq!((slow.events().len(), slow.responses()), (1, vec![json!("done")]));
        assert_eq!(asleep.responses(), [1]);
        assert_eq!(last.responses(), [2]);
    });
}

#[test]
fn a_handler_cannot_drive_its_own_cloud_but_another_one() {
    on_both_runtimes(|| async {
        let own = Arc::new(OnceLock::<Weak<Cloud>>::new());
        let cloud = Arc::new(Cloud::start());
        own.set(Arc::downgrade(&cloud)).unwrap();
        let drives = cloud.function("drives", move |_: Value| {
            let own = own.get().and_then(Weak::upgrade).unwrap();
            async move {
                let other = Cloud::start();
                let inner = echo(&other, "inner");
                assert_eq!(inner.invoke::<u32>(5).await, 5);
                match own.try_settle().await {
                    Err(error @ DriveError::InsideHandler) => Ok(error.to_string()),
                    other => Err(format!("{other:?}")),
                }
            }
        });
        let answer = drives.invoke::<Value>(()).await;
        assert!(answer.as_str().unwrap().contains("a handler cannot drive its own cloud"), "{answer}");
    });
}

#[test]
fn of_two_settles_at_once_one_does_the_work_and_both_return() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let asleep = sleeper(&cloud, "asleep", seconds(5));
        asleep.invoke_later(1);
        let (first, second) = tokio::join!(cloud.settle(), cloud.settle());
        assert_eq!(first.invocations + second.invocations, 1);
        assert_eq!(asleep.responses(), [1]);
    });
}

#[test]
fn the_test_may_invoke_while_a_handler_waits_for_the_test() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(5_000);
        let gate = Arc::new(Notify::new());
        let (slow, quick) = (waiting(&cloud, "slow", &gate), echo(&cloud, "quick"));
        slow.invoke_later(());
        let (report, ()) = tokio::join!(cloud.settle(), async {
            assert_eq!(quick.invoke::<u32>(3).await, 3);
            gate.notify_one();
        });
        report.assert_ok();
        assert_eq!(slow.responses(), ["done"]);
    });
}

#[test]
fn what_outlives_its_cloud_says_so() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (bucket, queue, function) = (cloud.bucket("bucket"), cloud.queue("q"), echo(&cloud, "f"));
        let (account, clock, config) = (cloud.account("222222222222"), cloud.clock(), cloud.sdk_config());
        let schedule = cloud.rule("hourly", "rate(1 hour)").trigger(&function);
        drop(cloud);
        assert_eq!(bucket.try_put("k", "v"), Err(CloudError::Dropped));
        assert_eq!(queue.try_send("x"), Err(CloudError::Dropped));
        assert_eq!(function.try_invoke::<Value>(()).await, Err(CloudError::Dropped));
        assert_eq!(function.try_invoke_later(()), Err(CloudError::Dropped));
        assert!(account.try_bucket("other").is_err_and(|error| error.to_string() == "the Cloud was dropped"));
        assert_eq!(clock.remaining(), None);
        schedule.stop();
        let error = tokio::spawn(async move { clock.sleep(seconds(1)).await }).await.unwrap_err().into_panic();
        assert_eq!(panic_text(&*error), "the Cloud was dropped");
        let error = aws_sdk_s3::Client::new(&config).list_buckets().send().await.unwrap_err();
        assert!(format!("{error:?}").contains("the Cloud was dropped"), "{error:?}");
    });
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without text")
}

#[test]
fn a_cloud_that_is_dropped_with_work_in_flight_frees_everything() {
    on_both_runtimes(|| async {
        let probe = Arc::new(());
        let cloud = Cloud::start();
        let (s3, lambda) =
            (aws_sdk_s3::Client::new(&cloud.sdk_config()), aws_sdk_lambda::Client::new(&cloud.sdk_config()));
        let (clock, held, own) = (cloud.clock(), Arc::clone(&probe), Arc::new(OnceLock::new()));
        let knows_itself = Arc::clone(&own);
        // The handler captures clients and handles of its own cloud, down to its own schedule, and waits in every way.
        let many = cloud.function("many", move |way: Value| {
            let (s3, lambda, clock, held) = (s3.clone(), lambda.clone(), clock.clone(), Arc::clone(&held));
            let knows_itself = Arc::clone(&knows_itself);
            async move {
                s3.list_buckets().send().await?;
                match way.as_str() {
                    Some("clock") => clock.sleep(seconds(20)).await,
                    Some("invoke") => drop(call(&lambda, "many", json!("clock")).await?),
                    Some("fail") => return Err("retried later".into()),
                    _ => pending().await,
                }
                drop((held, knows_itself));
                Ok::<_, Sdk>(())
            }
        });
        let schedule = cloud.schedule("soon", "rate(1 minute)").trigger(&many);
        own.set((schedule.clone(), many.clone(), cloud.own_account().clone(), cloud.bucket("bucket"))).unwrap();
        drop(own);
        cloud.bucket("bucket").notify(&many, on(ObjectCreated));
        for way in ["fail", "clock", "invoke", "hang", "never begun"] {
            many.invoke_later(way);
        }
        settle_and_drop(&cloud).await;
        assert!(Arc::strong_count(&probe) > 3, "several are in flight");
        cloud.discard();
        assert_eq!(Arc::strong_count(&probe), 1, "a handle to the schedule keeps no handler alive");
        schedule.stop();
    });
}

#[test]
fn whoever_still_waits_when_the_cloud_is_dropped_is_told() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let gate = Arc::new(Notify::new());
        let (slow, clock): (Function, Clock) = (waiting(&cloud, "slow", &gate), cloud.clock());
        let invoking = tokio::spawn({
            let slow = slow.clone();
            async move { slow.try_invoke::<Value>(()).await }
        });
        while !cloud.timeline().contains("invoke slow") {
            tokio::task::yield_now().await;
        }
        let mut sleeping = pin!(AssertUnwindSafe(clock.sleep(seconds(1))).catch_unwind());
        assert!(sleeping.as_mut().now_or_never().is_none(), "another drives");
        drop(cloud);
        assert_eq!(invoking.await.unwrap(), Err(CloudError::Dropped));
        assert_eq!(panic_text(&*sleeping.await.unwrap_err()), "the Cloud was dropped");
    });
}

#[test]
fn code_that_is_replaced_may_call_its_cloud_while_it_is_dropped() {
    struct Asks(Arc<OnceLock<Function>>, Arc<Mutex<usize>>);
    impl Drop for Asks {
        fn drop(&mut self) {
            *self.1.lock().unwrap() += self.0.get().map_or(0, |function| function.events().len());
        }
    }
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (handle, seen) = (Arc::new(OnceLock::new()), Arc::new(Mutex::new(0)));
        let asks = Asks(Arc::clone(&handle), Arc::clone(&seen));
        let first = cloud.function("f", move |_: Value| {
            let _captured = &asks;
            ready(Ok::<_, Infallible>(1))
        });
        handle.set(first.clone()).unwrap();
        assert_eq!(first.invoke::<u32>(()).await, 1);
        let second = cloud.function("f", |_: Value| ready(Ok::<_, Infallible>(2)));
        assert_eq!(*seen.lock().unwrap(), 1);
        assert_eq!(second.invoke::<u32>(()).await, 2);
        assert_eq!(first.events().len(), 2, "it is the same function");
    });
}

#[test]
fn what_a_handler_does_by_handles_stands_under_its_own_line() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, inner) = (cloud.queue("q"), echo(&cloud, "inner"));
        let outer = cloud.function("outer", move |_: Value| {
            let (queue, inner) = (queue.clone(), inner.clone());
            async move {
                queue.send("hello");
                inner.try_invoke::<Value>(1).await
            }
        });
        outer.invoke::<Value>(()).await;
        let outer = line_with(&cloud, "invoke outer").id;
        assert_eq!(line_with(&cloud, "message to q").cause, Some(outer));
        assert_eq!(line_with(&cloud, "handler invokes inner").cause, Some(outer));
    });
}

/// Makes the first answers look as if the service were overloaded.
#[derive(Debug)]
struct Overloaded(Mutex<u32>);

impl aws_sdk_s3::config::Intercept for Overloaded {
    fn name(&self) -> &'static str {
        "Overloaded"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextMut<'_>,
        _: &aws_sdk_s3::config::RuntimeComponents,
        _: &mut aws_sdk_s3::config::ConfigBag,
    ) -> Result<(), aws_sdk_s3::error::BoxError> {
        let mut left = self.0.lock().unwrap();
        if *left > 0 {
            *left -= 1;
            *context.response_mut() = HttpResponse::new(503.try_into()?, SdkBody::empty());
        }
        Ok(())
    }
}

#[test]
fn the_back_off_of_the_sdk_passes_on_the_clouds_clock() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let client = || {
            let config = aws_sdk_s3::config::Builder::from(&cloud.sdk_config()).interceptor(Overloaded(Mutex::new(2)));
            aws_sdk_s3::Client::from_conf(config.build())
        };
        let s3 = client();
        let lists = cloud.function("lists", move |_: Value| {
            let s3 = s3.clone();
            async move { s3.list_buckets().send().await.map(drop) }
        });
        let began = Instant::now();
        lists.invoke_later(());
        cloud.settle().await.assert_ok();
        assert_eq!(elapsed(&cloud), seconds(3), "1 s, then 2 s");
        client().list_buckets().send().await.unwrap();
        assert_eq!(elapsed(&cloud), seconds(6), "a client of the test moves the clock itself");
        assert!(began.elapsed() < seconds(6), "none of it is real time");
    });
}

fn failing(cloud: &Cloud) -> Function {
    cloud.function("fails", |_: Value| async { Err::<(), _>("never again") })
}

/// When each attempt of the function began, in seconds.
fn attempts(cloud: &Cloud) -> Vec<u64> {
    let start = START.parse().unwrap();
    let timeline = cloud.timeline();
    let lines = timeline.lines().iter().filter(|line| line.text.starts_with("invoke fails"));
    lines.map(|line| line.at.duration_since(start).as_secs().unsigned_abs()).collect()
}

#[test]
fn a_failed_event_is_retried_after_one_and_after_two_more_minutes() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let lost = cloud.queue("lost");
        failing(&cloud).dead_letter(&lost).invoke_later(json!({ "n": 1 }));
        let report = cloud.settle().await;
        assert_eq!(report.failures.len(), 1);
        assert_eq!(report.waiting[0].due.to_string(), "2026-01-01T00:01:00Z");
        assert!(report.waiting[0].what.contains("retry fails (attempt 2)"), "{report}");
        assert!(!report.is_done());
        let report = cloud.drain().await;
        assert!(report.is_done());
        assert_eq!(attempts(&cloud), [0, 60, 180]);
        assert_eq!(lost.bodies(), [r#"{"n":1}"#]);
    });
}

#[test]
fn an_event_is_given_up_when_its_next_retry_would_begin_after_its_maximum_age() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let lost = cloud.queue("lost");
        failing(&cloud).dead_letter(&lost).maximum_event_age(seconds(100)).invoke_later(1);
        let _ = cloud.drain().await;
        assert_eq!(attempts(&cloud), [0, 60]);
        assert_eq!(elapsed(&cloud), seconds(60));
        assert_eq!(lost.bodies(), ["1"]);
    });
}

#[test]
fn an_asynchronous_invocation_returns_before_the_function_runs() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let inner = echo(&cloud, "inner");
        let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
        let send = |kind: InvocationType| lambda.invoke().function_name("inner").invocation_type(kind).send();
        assert_eq!(send(InvocationType::Event).await.unwrap().status_code, 202);
        assert_eq!(send(InvocationType::DryRun).await.unwrap().status_code, 204);
        assert!(inner.events().is_empty());
        cloud.settle().await.assert_ok();
        assert_eq!(inner.events(), [json!({})]);
    });
}

#[test]
fn a_long_poll_of_the_test_drives_the_clock() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let url = cloud.queue("q").url();
        let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
        let poll = || sqs.receive_message().queue_url(&url).wait_time_seconds(20).send();
        assert_eq!(poll().await.unwrap().messages().len(), 0);
        assert_eq!(elapsed(&cloud), seconds(20));
        sqs.send_message().queue_url(&url).message_body("later").delay_seconds(5).send().await.unwrap();
        assert_eq!(poll().await.unwrap().messages()[0].body(), Some("later"));
        assert_eq!(elapsed(&cloud), seconds(25));
    });
}

#[test]
fn a_send_of_one_handler_wakes_the_long_poll_of_another() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let queue = cloud.queue("q");
        let (url, sqs, clock) = (queue.url(), aws_sdk_sqs::Client::new(&cloud.sdk_config()), cloud.clock());
        let polls = cloud.function("polls", move |_: Value| {
            let poll = sqs.receive_message().queue_url(&url).wait_time_seconds(20);
            async move { Ok::<_, Sdk>(poll.send().await?.messages()[0].body().map(str::to_owned)) }
        });
        let sends = cloud.function("sends", move |_: Value| {
            let (clock, queue) = (clock.clone(), queue.clone());
            async move {
                clock.sleep(seconds(5)).await;
                Ok::<_, Infallible>(queue.send("hello"))
            }
        });
        polls.invoke_later(());
        sends.invoke_later(());
        cloud.settle().await.assert_ok();
        assert_eq!(polls.responses(), ["hello"]);
        assert_eq!(elapsed(&cloud), seconds(5));
    });
}

#[test]
fn a_long_poll_over_a_socket_answers_empty_after_a_real_second_and_leaves_the_clock_alone() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let url = cloud.queue("q").url();
        let sqs = aws_sdk_sqs::Client::new(&socket::over_socket(&cloud, &cloud.sdk_config()));
        let began = Instant::now();
        let answer = sqs.receive_message().queue_url(&url).wait_time_seconds(20).send().await.unwrap();
        assert!(answer.messages().is_empty());
        assert!(began.elapsed() >= Duration::from_millis(990), "{:?}", began.elapsed());
        assert_eq!(elapsed(&cloud), Duration::ZERO);
    });
}

#[test]
fn a_send_wakes_a_long_poll_over_a_socket() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let queue = cloud.queue("q");
        let sqs = aws_sdk_sqs::Client::new(&socket::over_socket(&cloud, &cloud.sdk_config()));
        let poll = tokio::spawn(sqs.receive_message().queue_url(queue.url()).wait_time_seconds(20).send());
        while !cloud.timeline().contains("sqs ReceiveMessage") {
            tokio::task::yield_now().await;
        }
        queue.send("hello");
        assert_eq!(poll.await.unwrap().unwrap().messages()[0].body(), Some("hello"));
        assert_eq!(elapsed(&cloud), Duration::ZERO);
    });
}
