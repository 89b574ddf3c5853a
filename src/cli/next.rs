//! `next`: when a schedule runs.

use std::io::{self, IsTerminal};

use clap::Args;
use jiff::Timestamp;
use lambda_testkit::schedule::{Calendar, Expression};
use serde::Serialize;

use super::failure::Failure;
use super::output::{Output, diagnostic};

/// Print the next runs of a schedule expression
///
/// One RFC 3339 time a line. A bad expression gets the reason and, where possible, the fix.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lambda-testkit next 'cron(0 2 ? * SAT#3 *)'
  lambda-testkit next 'cron(0 9 ? * MON-FRI *)' -n 5 --tz America/New_York --from 2026-03-06T00:00:00Z
  lambda-testkit next 'rate(5 minutes)' --rule --json")]
pub(super) struct NextArgs {
    /// cron(…), rate(…) or at(…) as AWS writes them
    expression: String,
    /// How many runs to print
    #[arg(short, long = "number", value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    number: u32,
    /// The time zone of cron(…) and at(…), an IANA name
    #[arg(long = "tz", value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// Print the runs after this time; rate(…) counts from it [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Take the expression as an EventBridge rule does, not as EventBridge Scheduler
    #[arg(long)]
    rule: bool,
    /// Print one JSON object with the expression, its meaning and the runs
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Runs<'a> {
    expression: &'a str,
    explanation: String,
    time_zone: &'a str,
    runs: Vec<String>,
}

pub(super) fn run(args: &NextArgs, output: &mut Output) -> Result<(), Failure> {
    let parse = if args.rule { Expression::rule } else { Expression::scheduler };
    let expression = parse(&args.expression).map_err(Failure::input)?;
    let from = args.from.unwrap_or_else(Timestamp::now);
    let mut schedule = Calendar::new(expression, from);
    // A rule has no time zone: UTC is what it runs in anyway.
    if !args.rule || args.zone != "UTC" {
        schedule = schedule.with_time_zone(&args.zone).map_err(Failure::usage)?;
    }
    let number = usize::try_from(args.number).unwrap_or(usize::MAX);
    let runs = schedule.runs_after(from).take(number).map(|run| local(run, &schedule));
    if args.json {
        let (expression, time_zone) = (args.expression.as_str(), args.zone.as_str());
        return output.json(&Runs { expression, explanation: schedule.explain(), time_zone, runs: runs.collect() });
    }
    // For people only: a script that keeps standard error wants to find errors there.
    if io::stderr().is_terminal() {
        diagnostic(&schedule.explain());
    }
    let mut any = false;
    for run in runs {
        any = true;
        output.line(&run)?;
    }
    if !any {
        diagnostic(&format!("there is no run after {from}"));
    }
    Ok(())
}

/// The time as the clocks of the schedule's zone show it.
fn local(run: Timestamp, schedule: &Calendar) -> String {
    let zone = schedule.time_zone();
    if zone.iana_name() == Some("UTC") {
        return run.to_string();
    }
    run.display_with_offset(zone.to_offset(run)).to_string()
}
