//! Errors before the work: each of each service's catalogue, for as long as a plan says.

use lambda_testkit::{Cloud, Course, Deviation, Span};

use super::calls::{self, Call, Came, ENTRANCES, READ, WRITES};
use super::{assert_met, deviate, planned};

/// The most attempts that an SDK client makes.
const ATTEMPTS: usize = 3;

async fn ordinary(call: Call) -> Course {
    let cloud = Cloud::start();
    calls::arrange(&cloud);
    assert_eq!((call.make)(cloud.sdk_config()).await, Ok(()));
    cloud.course()
}

/// What comes of two calls, one after the other, and how many requests each makes, when the first deviates.
async fn twice(call: Call, deviation: &Deviation, entrance: fn(&Cloud) -> aws_types::SdkConfig) -> [(Came, usize); 2] {
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

#[tokio::test]
async fn six_hundred_calls_that_fail_make_three_attempts_each() {
    let call = WRITES[0];
    let plan = deviate(&ordinary(call).await, call.label, &Deviation::error("SlowDown", Span::ForGood));
    let cloud = planned(&plan);
    calls::arrange(&cloud);
    for _ in 0..600 {
        assert_eq!((call.make)(cloud.sdk_config()).await, Err("503 SlowDown".to_owned()));
    }
    assert_eq!(cloud.history().requests().status(503).count(), 600 * ATTEMPTS);
}

/// Two SDK clients that were told to give the same id are two callers, and a call that succeeded is over.
#[tokio::test]
async fn calls_with_the_same_id_are_told_apart() {
    #[derive(Debug)]
    struct Always;
    impl aws_sdk_s3::config::Intercept for Always {
        fn name(&self) -> &'static str {
            "Always"
        }

        fn modify_before_signing(
            &self,
            context: &mut aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut<'_>,
            _: &aws_sdk_s3::config::RuntimeComponents,
            _: &mut aws_sdk_s3::config::ConfigBag,
        ) -> Result<(), aws_sdk_s3::error::BoxError> {
            context.request_mut().headers_mut().insert("amz-sdk-invocation-id", "one for all");
            Ok(())
        }
    }
    let run = async |cloud: &Cloud| {
        cloud.bucket("box");
        let client = || {
            let builder = aws_sdk_s3::config::Builder::from(&cloud.sdk_config()).interceptor(Always);
            aws_sdk_s3::Client::from_conf(builder.build())
        };
        let (one, other) = (client(), client());
        let (a, b) = tokio::join!(
            one.get_object().bucket("box").key("a").send(),
            other.get_object().bucket("box").key("b").send()
        );
        assert!(a.is_err() && b.is_err());
        // The failed calls are remembered, for they might be tried again; these are not their attempts.
        assert!(other.get_object().bucket("box").key("a").send().await.is_err());
        cloud.course().points().iter().filter(|point| point.label.starts_with("s3.GetObject")).count()
    };
    assert_eq!(run(&Cloud::start()).await, 3, "three calls, none of which is answered with success");
    let plan = "s3.GetObject box/a #2: SlowDown (whole call)".parse().unwrap();
    let cloud = planned(&plan);
    run(&cloud).await;
    assert_met(&cloud, &plan);
    assert_eq!(cloud.history().requests().status(503).count(), ATTEMPTS);
}
