//! What handlers log by `tracing` is in the log of their invocation.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use lambda_testkit::history::Invoked;
use lambda_testkit::prelude::*;
use lambda_testkit::{Function, LogWriter};
use serde_json::{Value, json};
use tracing::{Level, debug, error, info, info_span, instrument, trace, warn};

#[instrument]
async fn store(rows: u32) {
    info!("stored");
}

fn arrange(cloud: &Cloud, name: &str) -> Function {
    lambda_testkit::tracing::init();
    let clock = cloud.clock();
    cloud.function_with(name, clock, async |clock, rows: u32| {
        trace!("begun");
        debug!(rows, "read");
        info!(rows, file = "a.csv", "imported {rows} rows");
        clock.sleep(std::time::Duration::from_secs(1)).await;
        warn!(target: "slow", "late");
        error!("bad\nvery bad");
        store(rows).await;
    })
}

fn logs(run: &Invoked) -> Vec<&str> {
    run.logs().iter().map(String::as_str).collect()
}

#[tokio::test]
async fn lines_have_the_text_format_and_the_level_of_lambda_runtime() {
    let cloud = Cloud::start();
    let import = arrange(&cloud, "import");
    import.invoke::<()>(3).await;
    let text = [
        r#" INFO imported 3 rows rows=3 file="a.csv""#,
        " WARN late",
        "ERROR bad",
        "very bad",
        " INFO store{rows=3}: stored",
    ];
    assert_eq!(logs(&import.invocations()[0]), text);

    import.env("RUST_LOG", "debug").invoke::<()>(3).await;
    assert_eq!(logs(&import.invocations()[1])[..2], ["DEBUG read rows=3", text[0]]);
    // Lambda's own variable wins.
    import.env("AWS_LAMBDA_LOG_LEVEL", "ERROR").invoke::<()>(3).await;
    assert_eq!(logs(&import.invocations()[2]), ["ERROR bad", "very bad"]);
    import.env("AWS_LAMBDA_LOG_LEVEL", "TRACE").invoke::<()>(3).await;
    assert_eq!(logs(&import.invocations()[3]).len(), 7);
    import.env("AWS_LAMBDA_LOG_LEVEL", "loud").invoke::<()>(3).await;
    assert_eq!(logs(&import.invocations()[4]), text, "what is no level is INFO");
}

#[tokio::test]
async fn lines_are_json_where_the_function_wants_it() {
    let cloud = Cloud::start();
    let import = arrange(&cloud, "import").env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    import.invoke::<()>(3).await;
    let lines: Vec<Value> =
        import.invocations()[0].logs().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let event = |level: &str, fields: Value| json!({ "level": level, "fields": fields });
    let mut stored = event("INFO", json!({ "message": "stored" }));
    (stored["span"], stored["spans"]) =
        (json!({ "name": "store", "rows": 3 }), json!([{ "name": "store", "rows": 3 }]));
    assert_eq!(
        lines,
        [
            event("INFO", json!({ "message": "imported 3 rows", "rows": 3, "file": "a.csv" })),
            event("WARN", json!({ "message": "late" })),
            event("ERROR", json!({ "message": "bad\nvery bad" })),
            stored,
        ]
    );
    // Another function beside it has text.
    let other = arrange(&cloud, "other");
    other.invoke::<()>(1).await;
    assert_eq!(logs(&other.invocations()[0])[1], " WARN late");
}

#[tokio::test]
async fn a_caller_is_answered_the_tail() {
    let cloud = Cloud::start();
    arrange(&cloud, "import");
    let lambda = Client::new(&cloud.sdk_config());
    let invoke = lambda.invoke().function_name("import").payload(Blob::new("7")).log_type(LogType::Tail);
    let output = invoke.send().await.unwrap();
    let tail = aws_smithy_types::base64::decode(output.log_result().unwrap()).unwrap();
    let tail = String::from_utf8(tail).unwrap();
    assert!(tail.contains("$LATEST\n INFO imported 7 rows rows=7 file=\"a.csv\"\n WARN late\nERROR bad\n"), "{tail}");
}

#[tokio::test]
async fn events_belong_to_the_invocation_in_whose_task_they_happen() {
    let cloud = Cloud::start();
    let called = arrange(&cloud, "called");
    let calls = cloud.function_with("calls", called.clone(), async |called, rows: u32| {
        info_span!("outer", rows).in_scope(|| info!("before"));
        called.invoke::<()>(rows).await;
        tokio::spawn(async { info!("spawned") }).await.unwrap();
        info!("after");
    });
    info!("outside");
    calls.invoke_later(1);
    called.invoke_later(2);
    cloud.drain().await.assert_ok();
    assert_eq!(logs(&calls.invocations()[0]), [" INFO outer{rows=1}: before", " INFO after"]);
    let firsts: Vec<_> = called.invocations().iter().map(|run| run.logs()[0].clone()).collect();
    let line = |rows: u32| format!(" INFO imported {rows} rows rows={rows} file=\"a.csv\"");
    assert!(firsts == [line(1), line(2)] || firsts == [line(2), line(1)], "{firsts:?}");
}

#[tokio::test]
async fn what_is_logged_at_the_cold_start_belongs_to_the_first_invocation() {
    lambda_testkit::tracing::init();
    let cloud = Cloud::start();
    let starts = cloud.function_in("starts", || {
        info!("cold");
        async |_: Value| info!("warm")
    });
    (0..2).for_each(|_| starts.invoke_later(()));
    cloud.drain().await.assert_ok();
    let runs = starts.invocations();
    assert_eq!((logs(&runs[0]), logs(&runs[1])), (vec![" INFO cold", " INFO warm"], vec![" INFO warm"]));
}

#[tokio::test]
async fn any_logger_may_write_there_by_itself() {
    let cloud = Cloud::start();
    let logs_so = cloud.function("logs", async |_: Value| {
        let own = tracing_subscriber_of_the_handler();
        tracing::subscriber::with_default(own, || tracing::event!(Level::INFO, "mine"));
    });
    logs_so.invoke::<()>(()).await;
    assert_eq!(logs(&logs_so.invocations()[0]), ["mine"]);
}

/// Writes the message of each event, and nothing else.
fn tracing_subscriber_of_the_handler() -> impl tracing::Subscriber {
    use std::io::Write;

    use tracing::field::{Field, Visit};
    use tracing::{Event, Metadata, span};

    struct Plain;
    struct Message;

    impl Visit for Message {
        fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
            writeln!(LogWriter, "{value:?}").unwrap();
        }
    }

    impl tracing::Subscriber for Plain {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

        fn event(&self, event: &Event<'_>) {
            event.record(&mut Message);
        }

        fn enter(&self, _: &span::Id) {}

        fn exit(&self, _: &span::Id) {}
    }

    Plain
}
