//! `event scheduled`: what rules and schedules send.

use clap::Args;
use lambda_testkit::event::{
    AccountId, Arn, DEFAULT_TIME, Json, Region, RuleContext, ScheduledEvent, ScheduledEventBuilder, SchedulerContext,
    TargetInput,
};
use lambda_testkit::strategy::scheduled_event;

use super::emit::{self, Form};
use super::place::{Place, set};
use super::random::Random;
use crate::cli::failure::Failure;
use crate::cli::input::Content;
use crate::cli::output::Output;

/// Print the event of an EventBridge rule or of EventBridge Scheduler
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lambda-testkit event scheduled --name nightly --time 2026-03-01T02:00:00Z
  lambda-testkit event scheduled --input '{\"log\":\"2026-01-01.log\"}'
  lambda-testkit event scheduled --scheduler --input '{\"at\":\"<aws.scheduler.scheduled-time>\"}'
  lambda-testkit event scheduled --random --count 100")]
pub(in crate::cli) struct ScheduledArgs {
    /// The event of EventBridge Scheduler, not of an EventBridge rule
    #[arg(long)]
    scheduler: bool,
    /// The name of the rule or schedule [default: nightly]
    #[arg(long)]
    name: Option<String>,
    /// The group of the schedule [default: default]
    #[arg(long, requires = "scheduler", conflicts_with = "random")]
    group: Option<String>,
    /// The constant input, which the function receives instead of the event: JSON, `@FILE` or `@-`. That of a
    /// schedule may hold context attributes such as `<aws.scheduler.scheduled-time>`
    #[arg(long, value_name = "JSON|@FILE|@-", conflicts_with = "random")]
    input: Option<Content>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    random: Random,
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(args: &ScheduledArgs, output: &mut Output) -> Result<(), Failure> {
    let event = builder(args).try_build()?;
    if args.random.random {
        let mut events = scheduled_event();
        set!(
            events,
            names(args.name.as_deref().map(|name| [name])),
            regions(args.place.region.clone().map(|region: Region| [region])),
            accounts(args.place.account.clone().map(|account: AccountId| [account])),
        );
        if args.scheduler {
            events = events.scheduler();
        }
        return emit::row(&events, None, &args.random, &args.form, output);
    }
    let Some(input) = &args.input else {
        return emit::one(&event, None, &args.form, output);
    };
    let text = input.read()?;
    let text = if args.scheduler {
        context(args, &event)?.fill(&text)?
    } else {
        TargetInput::constant(text)?.apply(&event, &RuleContext::of(&event))?
    };
    let input: Json = Content::from_text(text).read_json("--input")?;
    emit::one(&input, Some("scheduled/custom-input"), &args.form, output)
}

fn builder(args: &ScheduledArgs) -> ScheduledEventBuilder {
    let name = args.name.as_deref().unwrap_or("nightly");
    let mut builder = if args.scheduler { ScheduledEvent::scheduler(name) } else { ScheduledEvent::rule(name) };
    set!(
        builder,
        group(args.group.as_deref()),
        region(args.place.region.clone()),
        account(args.place.account.clone()),
        time(args.place.time),
    );
    builder
}

/// What the input of the schedule that sent `event` can name.
fn context(args: &ScheduledArgs, event: &ScheduledEvent) -> Result<SchedulerContext, Failure> {
    let arn: Arn = event.resources.concat().parse().map_err(Failure::usage)?;
    Ok(SchedulerContext::new(arn, args.place.time.unwrap_or(DEFAULT_TIME)))
}
