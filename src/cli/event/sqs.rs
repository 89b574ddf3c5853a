//! `event sqs`: batches of a queue.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use lambda_testkit::event::{Arn, DataType, MessageAttribute, SqsEvent, SqsMessageBuilder, ValueKind, md5_of_body};
use lambda_testkit::strategy::sqs_event;

use super::emit::{self, Form};
use super::nest::Layer;
use super::place::{Place, set};
use super::random::Random;
use crate::cli::failure::Failure;
use crate::cli::input::Content;
use crate::cli::output::Output;

/// Print a batch of SQS messages
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lambda-testkit event sqs --body '{\"alarm\":\"disk full\"}'
  lambda-testkit event sqs --body @- --fifo < message.json
  lambda-testkit event sqs --body one --body two --attribute tries:Number=3
  lambda-testkit event sqs --random --seed 7 --count 1000")]
pub(in crate::cli) struct SqsArgs {
    /// The body of a message: text, `@FILE`, or `@-` for standard input; several make a batch
    #[arg(long = "body", value_name = "TEXT|@FILE|@-", required_unless_present = "random")]
    bodies: Vec<Content>,
    /// The name of the queue [default: queue, or queue.fifo]
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// Messages of a FIFO queue
    #[arg(long)]
    fifo: bool,
    /// The message group [default: `group` with --fifo, else none]
    #[arg(long, value_name = "ID", conflicts_with = "random")]
    group: Option<String>,
    /// The deduplication id of a FIFO message [default: one that follows from the body and its place]
    #[arg(long, value_name = "ID", requires = "fifo", conflicts_with = "random")]
    deduplication_id: Option<String>,
    /// A message attribute; TYPE is String, Number or Binary (with a value in base64), String if left out
    #[arg(long = "attribute", value_name = "NAME[:TYPE]=VALUE", value_parser = attribute, conflicts_with = "random")]
    attributes: Vec<(String, MessageAttribute)>,
    /// How often the messages were received, this time included [default: 1]
    #[arg(long, value_name = "COUNT", conflicts_with = "random")]
    receive_count: Option<u64>,
    /// The X-Ray trace header
    #[arg(long, value_name = "HEADER", conflicts_with = "random")]
    trace_header: Option<String>,
    /// The queue that gave the messages up: for messages of a dead-letter queue
    #[arg(long, value_name = "ARN", conflicts_with = "random")]
    dead_letter_source: Option<Arn>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    random: Random,
    #[command(flatten)]
    form: Form,
}

fn attribute(text: &str) -> Result<(String, MessageAttribute), String> {
    let (name, value) = text.split_once('=').ok_or("an attribute is NAME=VALUE or NAME:TYPE=VALUE")?;
    let (name, data_type) = name.split_once(':').unwrap_or((name, "String"));
    let data_type = DataType::new(data_type).map_err(|error| error.to_string())?;
    let attribute = match data_type.kind() {
        ValueKind::String => MessageAttribute::string(value),
        ValueKind::Number => MessageAttribute::number(value),
        ValueKind::Binary => {
            let bytes = BASE64_STANDARD.decode(value);
            MessageAttribute::binary(
                bytes.map_err(|error| format!("the value of a Binary attribute is base64: {error}"))?,
            )
        }
    };
    let attribute = match data_type.label() {
        Some(label) => attribute.labelled(label).map_err(|error| error.to_string())?,
        None => attribute,
    };
    Ok((name.to_owned(), attribute))
}

pub(super) fn run(args: &SqsArgs, output: &mut Output) -> Result<(), Failure> {
    if args.bodies.iter().filter(|body| body.is_stdin()).count() > 1 {
        return Err(Failure::usage("standard input (`@-`) can be read only once"));
    }
    if args.random.random && args.form.wrap.contains(&Layer::Sqs) {
        // Up front, not in the middle of a row.
        return Err(Failure::usage(
            "`event sqs --random` does not take `--wrap sqs`: a batch may be larger than a message can be",
        ));
    }
    let bodies: Vec<String> = args.bodies.iter().map(Content::read).collect::<Result<_, _>>()?;
    // Also before the strategy, which panics for a setting that no builder takes.
    let any = ["body".to_owned()];
    let event = batch(args, if bodies.is_empty() { &any } else { &bodies })?.try_build()?;
    if !args.random.random {
        return emit::one(&event, None, &args.form, output);
    }
    let mut events = sqs_event();
    set!(
        events,
        bodies((!bodies.is_empty()).then_some(bodies)),
        queues(args.queue.as_deref().map(|queue| [queue.strip_suffix(".fifo").unwrap_or(queue)])),
        regions(args.place.region.clone().map(|region| [region])),
        accounts(args.place.account.clone().map(|account| [account])),
    );
    if args.fifo {
        events = events.fifo();
    } else if args.queue.is_some() {
        events = events.standard();
    }
    emit::row(&events, None, &args.random, &args.form, output)
}

fn batch(args: &SqsArgs, bodies: &[String]) -> Result<SqsMessageBuilder, Failure> {
    let mut messages = bodies.iter().enumerate().map(|(at, body)| message(args, at, body));
    let first = messages.next().ok_or_else(|| Failure::usage("a batch has at least one --body"))?;
    Ok(messages.fold(first, SqsMessageBuilder::record))
}

fn message(args: &SqsArgs, at: usize, body: &str) -> SqsMessageBuilder {
    let mut message = SqsEvent::message(body);
    set!(
        message,
        queue(args.queue.as_deref()),
        receive_count(args.receive_count),
        trace_header(args.trace_header.as_deref()),
        dead_letter_source(args.dead_letter_source.clone()),
        region(args.place.region.clone()),
        account(args.place.account.clone()),
        sent_at(args.place.time),
    );
    if args.fifo {
        let group = args.group.as_deref().unwrap_or("group");
        // Another one for each message: a queue would have taken only one with the same id.
        let deduplication_id = args.deduplication_id.clone().unwrap_or_else(|| format!("{}-{at}", md5_of_body(body)));
        message = message.fifo(group, deduplication_id);
    } else if let Some(group) = &args.group {
        message = message.group(group);
    }
    args.attributes.iter().fold(message, |message, (name, attribute)| message.attribute(name, attribute.clone()))
}
