//! Schedule expressions in the AWS dialect: parse, explain, and list the next runs.
//!
//! Two products share the grammar, and they differ in small ways:
//!
//! | | EventBridge rule ([`Expression::rule`]) | EventBridge Scheduler ([`Expression::scheduler`]) |
//! |---|---|---|
//! | forms | `cron(…)`, `rate(…)` | `cron(…)`, `rate(…)`, `at(…)` |
//! | time zone | UTC only | any IANA zone |
//! | `rate` unit | must agree: `1 minute`, `2 minutes` | singular and plural both pass |
//! | start and end date | none | optional |
//! | first `rate` run | one period after creation | at creation, or at the start date |
//!
//! `cron(…)` has six fields: minutes, hours, day-of-month, month, day-of-week (1 is Sunday) and year. Exactly one of
//! day-of-month and day-of-week is `?`. See "Cron expressions" and "Schedule types" in the EventBridge Scheduler user
//! guide, and "Setting a schedule pattern for scheduled rules" in the EventBridge user guide.
//!
//! Names are taken in any case. A range may go over the end of its field, as `20-2` hours does in a table of the
//! EventBridge user guide: the hours 20 to 23 and 0 to 2 of each day that matches. Years do not.
//!
//! Where AWS documents nothing and no answer of the service is known, the parser refuses: `L-3`, `L` or `W` inside a
//! list, more than one space between fields, and steps larger than the field (`0/90` minutes).
//!
//! ```
//! use lambda_testkit::schedule::{Calendar, Expression};
//!
//! let expression = Expression::scheduler("cron(0 2 ? * SAT#3 *)").unwrap();
//! assert_eq!(expression.explain(), "at 02:00 UTC on the third Saturday of every month");
//!
//! let created = "2025-01-01T00:00:00Z".parse().unwrap();
//! let schedule = Calendar::new(expression, created);
//! let next: Vec<String> = schedule.runs_after(created).take(2).map(|run| run.to_string()).collect();
//! assert_eq!(next, ["2025-01-18T02:00:00Z", "2025-02-15T02:00:00Z"]);
//! ```

mod at;
mod calendar;
mod cron;
mod error;
mod explain;
mod expression;
mod field;
mod rate;
mod unix;
mod zone;

#[cfg(test)]
mod advice_tests;
#[cfg(test)]
mod differential_tests;
#[cfg(test)]
mod documented_tests;
#[cfg(test)]
mod tests;

pub use calendar::{Calendar, ScheduleError};
pub use error::{ExpressionError, ExpressionErrorKind};
pub use expression::{Dialect, Expression};
pub use field::Field;
