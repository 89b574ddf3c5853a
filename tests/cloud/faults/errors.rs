//! Errors before the work: each of each service's catalogue, for as long as a plan says.

use lambda_testkit::{Cloud, Deviation, Span};

use super::calls::{self, Call, Came, ENTRANCES, Entrance, READ, WRITES, ordinary};
use super::{assert_met, deviate, planned};
use crate::common::signed::Raw;

/// The most attempts that an SDK client makes.
const ATTEMPTS: usize = 3;

/// What comes of two calls, one after the other, and how many requests each makes, when the first deviates.
async fn twice(call: Call, deviation: &Deviation, entrance: Entrance) -> [(Came, usize); 2] {
    let plan = deviate(&ordinary(call).await, call.label, deviation);
    let cloud = planned(&plan);
    calls::arrange(&cloud);
    let config = entrance(&cloud);
    let mut results = Vec::new();
    let mut before = 0;
    for _ in 0..2 {
        let came = (call.make)(config.clone()).await;
        let history = cloud.history();
        let requests = history.requests().service(call.service).filter(|made| made.request.subject() == call.label);
        results.push((came, requests.count() - before));
        before = requests.count();
    }
    assert_met(&cloud, &plan);
    cloud.discard();
    results.try_into().unwrap()
}

/// What is expected of an error, or of a reset, that clients try again.
fn expected(seen: &str, retried: bool, span: Span) -> [(Came, usize); 2] {
    let fails = |attempts| (Err(seen.to_owned()), if retried { attempts } else { 1 });
    match span {
        Span::Once if retried => [(Ok(()), 2), (Ok(()), 1)],
        Span::ForGood => [fails(ATTEMPTS), fails(ATTEMPTS)],
        _ => [fails(ATTEMPTS), (Ok(()), 1)],
    }
}

#[tokio::test]
async fn every_error_of_every_service_is_what_clients_meet_for_as_long_as_it_lasts() {
    for call in [WRITES.as_slice(), &[READ]].concat() {
        for (code, seen, retried) in call.errors {
            for span in Span::ALL {
                for (name, entrance) in ENTRANCES {
                    let found = twice(call, &Deviation::error(*code, span), entrance).await;
                    assert_eq!(found, expected(seen, *retried, span), "{} {code} {span:?} {name}", call.label);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_reset_is_an_io_error_that_clients_try_again() {
    for call in [WRITES.as_slice(), &[READ]].concat() {
        for span in Span::ALL {
            for (name, entrance) in ENTRANCES {
                let found = twice(call, &Deviation::Reset(span), entrance).await;
                assert_eq!(found, expected("reset", true, span), "{} {span:?} {name}", call.label);
            }
        }
    }
}

#[tokio::test]
async fn the_catalogue_of_each_call_is_what_its_point_offers() {
    for call in [WRITES.as_slice(), &[READ]].concat() {
        let course = ordinary(call).await;
        let point = course.points().iter().find(|point| point.label == call.label).unwrap();
        let codes = call.errors.iter().flat_map(|(code, ..)| Span::ALL.map(|span| Deviation::error(*code, span)));
        let all: Vec<Deviation> = codes.chain(Span::ALL.map(Deviation::Reset)).collect();
        assert_eq!(point.alternatives, all, "{}", call.label);
        assert_eq!(point.plans().count(), all.len());
    }
}

/// The SDK keeps one budget of retries for all clients of the process, of some 50 calls that fail.
#[tokio::test]
async fn six_hundred_calls_that_fail_on_two_threads_make_three_attempts_each() {
    let call = WRITES[0];
    let plan = deviate(&ordinary(call).await, call.label, &Deviation::error("SlowDown", Span::ForGood));
    async fn fail(plan: lambda_testkit::Plan) -> usize {
        let (call, cloud) = (WRITES[0], planned(&plan));
        calls::arrange(&cloud);
        let one = calls::s3(&cloud.sdk_config());
        for number in 0..100 {
            // Of calls at once, a client remembers what one of them has paid.
            let put = || one.put_object().bucket("box").key("new").send();
            let (a, b) = tokio::join!(put(), put());
            let came = (call.make)(cloud.sdk_config()).await;
            assert_eq!(came, Err("503 SlowDown".to_owned()), "call {number}");
            assert!(a.is_err() && b.is_err());
        }
        cloud.history().requests().status(503).count()
    }
    let other = tokio::task::spawn_blocking({
        let plan = plan.clone();
        move || lambda_testkit::Cloud::run(|_| fail(plan))
    });
    assert_eq!(fail(plan).await, 300 * ATTEMPTS);
    assert_eq!(other.await.unwrap(), 300 * ATTEMPTS);
}

/// Two clients that were told to give the same id are two callers, and a call that begins anew is another call.
#[tokio::test]
async fn calls_with_the_same_id_are_told_apart() {
    let get = async |cloud: &Cloud, target: &str, attempt: u32| {
        let raw = Raw::new("s3", "GET", target).header("amz-sdk-invocation-id", "one for all");
        raw.header("amz-sdk-request", format!("attempt={attempt}; max=3")).signed(cloud).await.status
    };
    let run = async |cloud: &Cloud| {
        cloud.bucket("box");
        // None succeeds, so each might be tried again.
        let calls = [("/box/a", 1), ("/box/b", 1), ("/box/a", 2), ("/box/b", 2), ("/box/a", 1), ("/box/a", 2)];
        let mut statuses = Vec::new();
        for (target, attempt) in calls {
            statuses.push(get(cloud, target, attempt).await);
        }
        statuses
    };
    let cloud = Cloud::start();
    assert_eq!(run(&cloud).await, [404; 6]);
    let course = cloud.course();
    let calls = course.points().iter().filter(|point| point.label.starts_with("s3.GetObject"));
    assert_eq!(calls.count(), 3, "{course}");

    let plan = "s3.GetObject box/a #2: SlowDown (whole call)".parse().unwrap();
    let cloud = planned(&plan);
    assert_eq!(run(&cloud).await, [404, 404, 404, 404, 503, 503]);
    assert_met(&cloud, &plan);
}
