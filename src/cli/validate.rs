//! `validate`: which event each document is, and what is wrong with it.

use std::io::{self, IsTerminal};

use clap::Args;
use clap::builder::PossibleValuesParser;
use lambda_testkit::schema::{self, ValidationError, ValidationErrors};
use serde::Serialize;

use super::documents;
use super::failure::Failure;
use super::output::{Output, diagnostic};
use super::progress::Progress;

/// Say which event each document is, and what is wrong with it
///
/// A file holds one JSON document, or one on each line (NDJSON), which may be an endless stream. Valid documents are
/// named on standard output; errors go to standard error, each as JSON Pointer, what was expected and what was found.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lambda-testkit validate event.json
  lambda-testkit event s3 --random --count 1000 | lambda-testkit validate
  lambda-testkit validate --schema s3/put --json event.json

Exit codes: 0 all documents are valid; 1 one is not, or a file cannot be read; 2 the command line is wrong.")]
pub(super) struct ValidateArgs {
    /// Files; `-` is standard input, which is read too when there is no file and something is piped in
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Check against this schema, whatever the documents look like (`lambda-testkit schema` lists them)
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(schema::names()), hide_possible_values = true)]
    schema: Option<String>,
    /// Print one JSON object for each document
    #[arg(long)]
    json: bool,
}

/// How many documents there were.
#[derive(Default)]
struct Tally {
    checked: u64,
    bad: u64,
}

pub(super) fn run(args: &ValidateArgs, output: &mut Output) -> Result<(), Failure> {
    if args.files.iter().filter(|file| *file == "-").count() > 1 {
        return Err(Failure::usage("standard input (`-`) can be read only once"));
    }
    if args.files.is_empty() && io::stdin().is_terminal() {
        return Err(Failure::usage("there is no FILE, and nothing is piped in"));
    }
    let piped = ["-".to_owned()];
    let files = if args.files.is_empty() { &piped[..] } else { &args.files };
    let progress = Progress::beside_lines(None, output);
    let mut tally = Tally::default();
    let mut unread = false;
    for file in files {
        let outcome = documents::each(file, |document| {
            let checked = match &args.schema {
                Some(name) => schema::validate_bytes_as(name, document.bytes),
                None => schema::validate_bytes(document.bytes),
            };
            tally.checked += 1;
            tally.bad += u64::from(checked.is_err());
            progress.step();
            if args.json {
                output.json(&Verdict::new(file, document.line, &checked))
            } else {
                in_words(file, document.line, &checked, &progress, output)
            }
        });
        match outcome {
            Ok(()) => {}
            // The other files are checked all the same.
            Err(Failure::Input(message)) => {
                unread = true;
                progress.say(&format!("error: {message}"));
            }
            Err(other) => return Err(other),
        }
    }
    drop(progress);
    if tally.bad > 0 && tally.checked > 1 {
        diagnostic(&format!("{} of {} documents are not valid", tally.bad, tally.checked));
    }
    if tally.bad > 0 || unread { Err(Failure::Reported) } else { Ok(()) }
}

type Checked = Result<&'static str, ValidationErrors>;

fn in_words(
    file: &str,
    line: Option<u64>,
    checked: &Checked,
    progress: &Progress,
    output: &mut Output,
) -> Result<(), Failure> {
    let place = line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
    match checked {
        Ok(name) => output.line(&format!("{place}: {name}"))?,
        Err(errors) => progress.say(&format!("{place}: {errors}")),
    }
    Ok(())
}

/// The verdict on one document, in the order in which people read it.
#[derive(Serialize)]
struct Verdict<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    valid: bool,
    /// What the document is, or looks like.
    event: Option<&'static str>,
    /// What it looks like, if that is an event of a service that is not supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    unsupported: Option<&'static str>,
    errors: Vec<&'a ValidationError>,
}

impl<'a> Verdict<'a> {
    fn new(file: &'a str, line: Option<u64>, checked: &'a Checked) -> Self {
        match checked {
            Ok(name) => Self { file, line, valid: true, event: Some(name), unsupported: None, errors: Vec::new() },
            Err(errors) => Self {
                file,
                line,
                valid: false,
                event: errors.looks_like(),
                unsupported: errors.unsupported_event(),
                errors: errors.iter().collect(),
            },
        }
    }
}
