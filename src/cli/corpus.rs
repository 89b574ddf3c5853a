//! `corpus`: seed files for fuzzers.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use lambda_testkit::event::Document;
use lambda_testkit::strategy::{
    batch_response, destination_record, invoke_payload, malformed, s3_event, s3_eventbridge_event, s3_test_event,
    sample, scheduled_event, sns_event, sqs_event,
};
use proptest::strategy::Strategy;
use serde::Serialize;

use super::failure::Failure;
use super::output::Output;
use super::progress::Progress;

/// Write seed files for fuzzers
///
/// One document a file, named by kind, seed and number: the same for the same seed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lambda-testkit corpus fuzz/corpus/validate --kind s3 --count 200
  lambda-testkit corpus fuzz/corpus/validate --kind malformed --count 200 --seed 7")]
pub(super) struct CorpusArgs {
    /// The directory; it is made if it does not exist
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// What the files hold
    #[arg(long, value_enum)]
    kind: Kind,
    /// How many files
    #[arg(long, default_value_t = 100)]
    count: u64,
    /// Which row of documents
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object with the directory and the number of files
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// S3 event notifications
    S3,
    /// s3:TestEvent
    S3Test,
    /// S3 events on EventBridge
    #[value(name = "s3-eventbridge")]
    S3EventBridge,
    /// SQS batches
    Sqs,
    /// Responses to SQS batches
    BatchResponse,
    /// SNS events
    Sns,
    /// Events of rules and schedules
    Scheduled,
    /// Payloads of invocations
    Invoke,
    /// Destination records of asynchronous invocations
    Destination,
    /// S3 events inside SNS notifications inside SQS batches
    Nested,
    /// Documents of all families with one defect each
    Malformed,
    /// Object keys as S3 records spell them
    Key,
}

#[derive(Serialize)]
struct Written<'a> {
    directory: &'a Path,
    files: u64,
}

pub(super) fn run(args: &CorpusArgs, output: &mut Output) -> Result<(), Failure> {
    fs::create_dir_all(&args.directory).map_err(|error| unwritable(&args.directory, &error))?;
    match args.kind {
        Kind::S3 => write(args, "json", &s3_event(), |event| json(&event)),
        Kind::S3Test => write(args, "json", &s3_test_event(), |event| json(&event)),
        Kind::S3EventBridge => write(args, "json", &s3_eventbridge_event(s3_event()), |event| json(&event)),
        Kind::Sqs => write(args, "json", &sqs_event(), |event| json(&event)),
        Kind::BatchResponse => write(args, "json", &batch_response(), |response| json(&response)),
        Kind::Sns => write(args, "json", &sns_event(), |event| json(&event)),
        Kind::Scheduled => write(args, "json", &scheduled_event(), |event| json(&event)),
        Kind::Invoke => write(args, "json", &invoke_payload(), |payload| json(&payload)),
        Kind::Destination => write(args, "json", &destination_record(), |record| json(&record)),
        Kind::Nested => {
            // One record, so that the batch has room for it.
            write(args, "json", &s3_event().records(1..=1), |event| json(&event.in_sns().in_sqs()))
        }
        Kind::Malformed => {
            let any = proptest::prop_oneof![
                malformed(s3_event()),
                malformed(sqs_event()),
                malformed(scheduled_event()),
                malformed(sns_event()),
                malformed(destination_record()),
            ];
            write(args, "json", &any, |document| Ok(document.bytes))
        }
        Kind::Key => write(args, "txt", &s3_event().records(1..=1), |event| {
            let keys = event.records.iter().map(|record| record.s3.object.key.as_str());
            Ok(keys.collect::<String>().into_bytes())
        }),
    }?;
    if args.json {
        return output.json(&Written { directory: &args.directory, files: args.count });
    }
    output.line(&format!("wrote {} files to {}", args.count, args.directory.display()))
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    Ok(serde_json::to_vec(value)?)
}

fn write<S: Strategy>(
    args: &CorpusArgs,
    extension: &str,
    documents: &S,
    bytes: impl Fn(S::Value) -> Result<Vec<u8>, Failure>,
) -> Result<(), Failure> {
    let kind = args.kind.to_possible_value().map(|kind| kind.get_name().to_owned()).unwrap_or_default();
    let progress = Progress::of_silent(args.count);
    for index in 0..args.count {
        let file = args.directory.join(format!("{kind}-{}-{index:06}.{extension}", args.seed));
        fs::write(&file, bytes(sample(documents, args.seed, index))?).map_err(|error| unwritable(&file, &error))?;
        progress.step();
    }
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::input(format!("cannot write {}: {error}", path.display()))
}
