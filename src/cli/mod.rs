//! The command line: one file for each command, and what they share.

mod completions;
mod corpus;
mod documents;
mod event;
mod failure;
mod input;
mod next;
mod output;
mod progress;
mod schema;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;
use output::Output;

/// Make, check and explain the events that AWS Lambda functions receive. Works offline.
#[derive(Debug, Parser)]
#[command(
    name = "lambda-testkit",
    version,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  lambda-testkit event s3 put --bucket export --key 'my files/ü+1.csv'
  lambda-testkit event sqs --body @message.json | lambda-testkit validate -
  lambda-testkit next 'cron(0 9 ? * MON-FRI *)' -n 5 --tz Europe/Berlin

Exit codes: 0 all went well; 1 the input is bad; 2 the command line is wrong."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Event(event::EventCommand),
    Validate(validate::ValidateArgs),
    Schema(schema::SchemaArgs),
    Next(next::NextArgs),
    Corpus(corpus::CorpusArgs),
    Completions(completions::CompletionsArgs),
}

/// Runs the command that the arguments ask for.
pub(crate) fn run() -> ExitCode {
    let outcome = Cli::try_parse().map_err(Failure::Arguments).and_then(|cli| {
        let mut output = Output::new();
        execute(cli.command, &mut output)?;
        output.finish()
    });
    match outcome {
        Ok(()) => ExitCode::from(failure::OK),
        Err(failure) => failure.report(),
    }
}

fn execute(command: Command, output: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Event(command) => event::run(command, output),
        Command::Validate(args) => validate::run(&args, output),
        Command::Schema(args) => schema::run(&args, output),
        Command::Next(args) => next::run(&args, output),
        Command::Corpus(args) => corpus::run(&args, output),
        Command::Completions(args) => completions::run(&args, output),
    }
}
