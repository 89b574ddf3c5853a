//! Four Lambda functions, as a user writes them: they know nothing of lambda-testkit, which only their tests use.
//!
//! * [`export`]: CSV files that come into a bucket are re-encoded and put into a bucket of another account.
//! * [`nightly`]: a schedule has a log file checked; what is wrong goes to Slack.
//! * [`alarms`]: alarms in a queue go to Slack.
//! * [`users`]: a list of users, for each of whom another function is invoked.
//!
//! A `main` for each of them is `lambda_runtime::run(service_fn(|event| handle(clients.clone(), event)))`.

pub mod alarms;
pub mod export;
pub mod nightly;
pub mod users;

mod slack;
