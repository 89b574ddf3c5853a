//! `event`: one event with chosen contents, or a row of generated ones.

mod emit;
mod invoke;
mod nest;
mod place;
mod random;
mod s3;
mod scheduled;
mod sqs;

use clap::Subcommand;

use super::failure::Failure;
use super::output::Output;

/// Print an event as a function receives it
///
/// Every event is checked against its schema before it is printed.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  lambda-testkit event s3 put --bucket export --key 'my files/ü+1.csv'
  lambda-testkit event sqs --body @- --fifo < message.json
  lambda-testkit event s3 --random --seed 7 --count 100000 --shard 2/4
  lambda-testkit event s3 put --wrap sns,sqs")]
pub(super) enum EventCommand {
    S3(Box<s3::S3Args>),
    Sqs(Box<sqs::SqsArgs>),
    Scheduled(Box<scheduled::ScheduledArgs>),
    Invoke(Box<invoke::InvokeArgs>),
}

pub(super) fn run(command: EventCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        EventCommand::S3(args) => s3::run(&args, output),
        EventCommand::Sqs(args) => sqs::run(&args, output),
        EventCommand::Scheduled(args) => scheduled::run(&args, output),
        EventCommand::Invoke(args) => invoke::run(&args, output),
    }
}
