//! A whole scenario in process, from `Cloud::start()` to the assertion, beside a bare hyper echo over loopback that
//! answers as many requests.
//!
//! The goal for the scenario is well under 5 ms. The echo is no limit: the scenario needs no socket.
//!
//! Then how many runs of two scenarios a second all cores do, as an exploration has them: 5,000 and 1,000 are the goals for two
//! cores.
//!
//! Then what one invocation costs from its trigger to its result, beside the same closure as a plain async call, and scenario 4
//! with 10,000 users: 20 µs and a second are the goals.

#[path = "../examples/tour/alarms.rs"]
mod alarms;
#[path = "../examples/tour/export.rs"]
mod export;
#[path = "../tests/cloud/fan_out.rs"]
mod fan_out;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::ops::AsyncFn;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use lambda_testkit::Cloud;
use tokio::runtime::{Builder, Runtime};

use fan_out::{FanOut, How, arrange, given_up};

/// Of the scenario: two puts by the test, a get and a put by the handler.
const REQUESTS: usize = 4;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the operating system gives an event queue")
}

fn scenarios(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("cloud");
    group.bench_function("start", |bencher| bencher.iter(Cloud::start));
    group.bench_function("scenario 1 in process", |bencher| bencher.iter(|| runtime.block_on(export::run()).0));
    let mut client = runtime.block_on(async { connect(serve_echo().await).await });
    group.bench_function("bare hyper echo", |bencher| {
        bencher.iter(|| runtime.block_on(async { exchange(&mut client).await }));
    });
    group.finish();
}

/// Each core has its own runtime and its own clouds, one after the other.
fn many_runs(_: &mut Criterion) {
    let export = runs_a_second(async || drop(export::run().await));
    let alarms = runs_a_second(async || drop(alarms::run().await));
    println!("runs a second on all cores: {export} of scenario 1, {alarms} of scenario 3");
}

fn runs_a_second(scenario: impl AsyncFn() + Sync) -> usize {
    const TIME: Duration = Duration::from_secs(3);
    let began = Instant::now();
    let worker = || {
        let runtime = runtime();
        let mut runs = 0;
        while began.elapsed() < TIME {
            runtime.block_on(scenario());
            runs += 1;
        }
        runs
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let runs: usize = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("the scenario passes")).sum()
    });
    runs * 1000 / usize::try_from(began.elapsed().as_millis()).expect("it took seconds")
}

/// The best of five rounds, each in a cloud of its own.
fn best(mut round: impl FnMut() -> Duration) -> Duration {
    (0..5).map(|_| round()).min().expect("five rounds")
}

/// The time of one invocation of a closure that does nothing, by its handle and as an event, and of the closure alone with the JSON
/// that goes in and comes out.
fn invocations(_: &mut Criterion) {
    const TIMES: u32 = 10_000;
    let runtime = runtime();
    let handler = async |number: u32| number;
    let arranged = || {
        let cloud = Cloud::start();
        let noop = cloud.function("noop", handler);
        (cloud, noop)
    };
    let plain = best(|| {
        let began = Instant::now();
        for number in 0..TIMES {
            let payload = serde_json::to_vec(&number).expect("a number");
            let answer = runtime.block_on(handler(serde_json::from_slice(&payload).expect("a number")));
            let answer = serde_json::to_vec(&answer).expect("a number");
            assert_eq!(serde_json::from_slice::<u32>(&answer).expect("a number"), number);
        }
        began.elapsed() / TIMES
    });
    let invoked = best(|| {
        let (_cloud, noop) = arranged();
        let began = Instant::now();
        runtime.block_on(async {
            for number in 0..TIMES {
                assert_eq!(noop.invoke::<u32>(number).await, number);
            }
        });
        began.elapsed() / TIMES
    });
    let queued = best(|| {
        let (cloud, noop) = arranged();
        let began = Instant::now();
        runtime.block_on(async {
            (0..TIMES).for_each(|number| noop.invoke_later(number));
            cloud.settle().await.assert_ok();
        });
        began.elapsed() / TIMES
    });
    println!("a no-op: {plain:?} as a plain call, {invoked:?} invoked, {queued:?} as one of {TIMES} events");
}

fn ten_thousand_users(_: &mut Criterion) {
    const USERS: usize = 10_000;
    let runtime = runtime();
    for how in [How::Event, How::OneAfterAnother, How::Joined] {
        for fails in [false, true] {
            let took = best(|| {
                let cloud = Cloud::start();
                let FanOut { start, check, failed } = arrange(&cloud, USERS, how, fails);
                start.invoke_later(());
                let began = Instant::now();
                let _ = runtime.block_on(cloud.drain());
                let took = began.elapsed();
                let given_up = if fails && how == How::Event { given_up(USERS).len() } else { 0 };
                assert_eq!(failed.messages().len(), given_up, "{how:?}");
                assert!(check.events().len() >= USERS, "{how:?}");
                took
            });
            let what = if fails { "every third call fails" } else { "none fails" };
            println!("{USERS} users, {how:?}, {what}: {took:?}");
        }
    }
}

async fn serve_echo() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(|request: Request<Incoming>| async move {
                let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                Ok::<_, Infallible>(Response::new(Full::new(body)))
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn connect(address: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TokioIo::new(tokio::net::TcpStream::connect(address).await.expect("the echo listens"));
    let (client, connection) = hyper::client::conn::http1::handshake(stream).await.expect("the echo speaks HTTP");
    tokio::spawn(connection);
    client
}

async fn exchange(client: &mut SendRequest<Full<Bytes>>) {
    for _ in 0..REQUESTS {
        let body = Full::new(Bytes::from_static(&[b'x'; 64]));
        let request = Request::post("/").header("host", "localhost").body(body).expect("constants");
        let response = client.send_request(request).await.expect("the echo answers");
        response.into_body().collect().await.expect("the answer arrives whole");
    }
}

criterion_group!(benches, scenarios, many_runs, invocations, ten_thousand_users);
criterion_main!(benches);
