//! What handlers log by [`tracing`](https://docs.rs/tracing), in the logs of their invocations: where
//! [`Invoked::logs`](crate::history::Invoked::logs) and `LogType: Tail` of Invoke find it.
//!
//! ```
//! # use lambda_testkit::Cloud;
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! lambda_testkit::tracing::init();                                // any test may, and more than one
//! let cloud = Cloud::start();
//! let import = cloud.function("import", async |rows: u32| tracing::info!(rows, "imported"));
//! import.invoke::<()>(3).await;
//! assert_eq!(import.invocations()[0].logs(), [" INFO imported rows=3"]);
//!
//! import.env("AWS_LAMBDA_LOG_FORMAT", "JSON").invoke::<()>(4).await;
//! let line = r#"{"level":"INFO","fields":{"message":"imported","rows":4}}"#;
//! assert_eq!(import.invocations()[1].logs(), [line]);
//! # }
//! ```
//!
//! Format and level are those of
//! [`lambda_runtime::tracing::init_default_subscriber`](https://docs.rs/lambda_runtime/latest/lambda_runtime/tracing/fn.init_default_subscriber.html),
//! without colours, and each function says its own by its [variables](crate::Function::env): `AWS_LAMBDA_LOG_FORMAT` is `JSON`, or
//! else text, and `AWS_LAMBDA_LOG_LEVEL`, or else `RUST_LOG`, names the least level, by default `INFO`. Of `RUST_LOG` only a level
//! is understood, and no directives for single targets.
//!
//! An event belongs to the invocation in whose task it happens. What tasks log that a handler spawns, and what the test logs
//! itself, goes to no log of the cloud.

use std::str::FromStr;
use std::sync::Once;

use tracing_core::{Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, fmt, registry};

use crate::LogWriter;
use crate::mock::lambda::Running;

/// Logs what handlers do, for the whole process. Called again it does nothing, so every test may begin with it.
///
/// # Panics
///
/// When the process has another subscriber already: [`layer`] is added to one.
pub fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let installed = registry().with(layer()).try_init();
        assert!(
            installed.is_ok(),
            "the process has a tracing subscriber already: add lambda_testkit::tracing::layer() to it"
        );
    });
}

/// The layer of [`init`], for a subscriber that does more than that: `registry().with(layer()).with(…)`.
pub fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let text = fmt::layer().without_time().with_target(false).with_ansi(false).with_writer(|| LogWriter);
    let json = fmt::layer().without_time().with_target(false).with_writer(|| LogWriter).json();
    // Asked anew for each event: what is wanted is up to the function that runs.
    let text = text.with_filter(dynamic_filter_fn(|metadata, _| logs(metadata.level(), false)));
    let json = json.with_filter(dynamic_filter_fn(|metadata, _| logs(metadata.level(), true)));
    text.and_then(json)
}

/// Whether the function that runs logs this level, and in this format.
fn logs(level: &Level, json: bool) -> bool {
    let Some(running) = Running::current() else { return false };
    let set = |name| running.set_variable(name);
    let wants_json = set("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json"));
    let least = set("AWS_LAMBDA_LOG_LEVEL").or_else(|| set("RUST_LOG"));
    let least = least.and_then(|least| LevelFilter::from_str(least).ok()).unwrap_or(LevelFilter::INFO);
    wants_json == json && *level <= least
}
