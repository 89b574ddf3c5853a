//! `event invoke`: payloads and what surrounds an invocation.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use lambda_testkit::event::Json;
use lambda_testkit::event::invoke::{DestinationRecord, FunctionError, InvocationContext, check_function_name};
use lambda_testkit::strategy::{
    destination_record, function_error, invocation_context, invoke_payload, scheduled_input,
};
use proptest::strategy::Strategy as _;

use super::emit::{self, Form};
use super::nest::Layer;
use super::place::set;
use super::random::Random;
use crate::cli::failure::Failure;
use crate::cli::input::Content;
use crate::cli::output::Output;

/// Print the payload of an invocation, or what surrounds it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lambda-testkit event invoke --payload '{\"user\":\"u1\"}'
  lambda-testkit event invoke destination --function check_users --payload @event.json --error 'no such user'
  lambda-testkit event invoke context --function check_users --qualifier live
  lambda-testkit event invoke --random --seed 7 --count 100")]
pub(in crate::cli) struct InvokeArgs {
    /// What to print
    #[arg(value_enum, default_value_t = Kind::Payload, value_name = "KIND")]
    kind: Kind,
    /// The payload: JSON, `@FILE` or `@-` [default: {}]
    #[arg(long, value_name = "JSON|@FILE|@-", conflicts_with = "random")]
    payload: Option<Content>,
    /// The name of the function [default: function]
    #[arg(long, value_name = "NAME", conflicts_with = "random")]
    function: Option<String>,
    /// The alias or version that the caller named
    #[arg(long, conflicts_with = "random")]
    qualifier: Option<String>,
    /// What the function returned: JSON, `@FILE` or `@-` [default: null]
    #[arg(long, value_name = "JSON|@FILE|@-", conflicts_with_all = ["random", "error"])]
    response: Option<Content>,
    /// The message of the error with which the function failed
    #[arg(long, value_name = "MESSAGE", conflicts_with = "random")]
    error: Option<String>,
    /// The type of the error [default: Error]
    #[arg(long, value_name = "TYPE", conflicts_with = "random")]
    error_type: Option<String>,
    /// When the destination record was made, or when the function of a context is stopped
    #[arg(long, conflicts_with = "random")]
    time: Option<Timestamp>,
    #[command(flatten)]
    random: Random,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// What the function receives
    Payload,
    /// The record that an asynchronous invocation sends to its destination
    Destination,
    /// What the caller receives when the function fails
    Error,
    /// What the function sees beside the payload
    Context,
}

impl Kind {
    /// The schema; contexts are no documents of AWS and have none of their own.
    fn schema(self) -> &'static str {
        match self {
            Self::Payload | Self::Context => "invoke/payload",
            Self::Destination => "invoke/destination-record",
            Self::Error => "invoke/function-error",
        }
    }
}

pub(super) fn run(args: &InvokeArgs, output: &mut Output) -> Result<(), Failure> {
    let schema = Some(args.kind.schema());
    if args.random.random {
        let (random, form) = (&args.random, &args.form);
        let no_json = "contexts of this crate have a JSON form";
        return match args.kind {
            // The detail of an event is an object.
            Kind::Payload if form.wrap.first() == Some(&Layer::EventBridge) => {
                emit::row(&scheduled_input(), schema, random, form, output)
            }
            Kind::Payload => emit::row(&invoke_payload(), schema, random, form, output),
            Kind::Destination => emit::row(&destination_record(), schema, random, form, output),
            Kind::Error => emit::row(&function_error().prop_map(|error| error.to_json()), schema, random, form, output),
            Kind::Context => {
                let contexts = invocation_context().prop_map(|context| Json::from_serialize(&context).expect(no_json));
                emit::row(&contexts, schema, random, form, output)
            }
        };
    }
    refuse_what_does_not_apply(args)?;
    args.function.as_deref().map_or(Ok(()), check_function_name)?;
    if let Some(qualifier) = args.qualifier.as_deref().filter(|text| !is_qualifier(text)) {
        let rule =
            "a qualifier is $LATEST, a version, or an alias of 1 to 128 letters, digits, hyphens and underscores";
        return Err(Failure::usage(format!("invalid qualifier {qualifier:?}: {rule}")));
    }
    match args.kind {
        Kind::Payload => emit::one(&payload(args)?, schema, &args.form, output),
        Kind::Destination => emit::one(&destination(args)?, schema, &args.form, output),
        Kind::Error => emit::one(&error(args).to_json(), schema, &args.form, output),
        Kind::Context => {
            let mut context = context(args);
            set!(context, deadline(args.time));
            emit::one(&Json::from_serialize(&context)?, schema, &args.form, output)
        }
    }
}

fn refuse_what_does_not_apply(args: &InvokeArgs) -> Result<(), Failure> {
    use Kind::{Context, Destination, Error, Payload};
    let given = [
        (args.payload.is_some(), "--payload", &[Payload, Destination][..]),
        (args.function.is_some(), "--function", &[Destination, Context]),
        (args.qualifier.is_some(), "--qualifier", &[Destination, Context]),
        (args.response.is_some(), "--response", &[Destination]),
        (args.error.is_some(), "--error", &[Destination, Error]),
        (args.error_type.is_some(), "--error-type", &[Destination, Error]),
        (args.time.is_some(), "--time", &[Destination, Context]),
    ];
    let kind = args.kind.to_possible_value().map(|kind| kind.get_name().to_owned()).unwrap_or_default();
    if let Some((_, option, _)) = given.iter().find(|(given, _, kinds)| *given && !kinds.contains(&args.kind)) {
        return Err(Failure::usage(format!("`event invoke {kind}` does not take {option}")));
    }
    let contents = [&args.payload, &args.response];
    if contents.iter().filter(|content| content.as_ref().is_some_and(Content::is_stdin)).count() > 1 {
        return Err(Failure::usage("standard input (`@-`) can be read only once"));
    }
    Ok(())
}

/// The rule of `Qualifier` in the API reference of Lambda.
fn is_qualifier(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text == "$LATEST" || (1..=128).contains(&text.len()) && text.bytes().all(letter)
}

fn payload(args: &InvokeArgs) -> Result<Json, Failure> {
    args.payload.as_ref().map_or(Ok(Json::empty_object()), |payload| payload.read_json("--payload"))
}

fn context(args: &InvokeArgs) -> InvocationContext {
    let context = InvocationContext::new(args.function.as_deref().unwrap_or("function"));
    match args.qualifier.as_deref() {
        // A number is a version, and an alias stands for one; the first unless we are told.
        Some(version) if version == "$LATEST" || version.bytes().all(|byte| byte.is_ascii_digit()) => {
            context.qualifier(version, version)
        }
        Some(alias) => context.qualifier(alias, "1"),
        None => context,
    }
}

fn error(args: &InvokeArgs) -> FunctionError {
    let message = args.error.as_deref().unwrap_or("the function failed");
    FunctionError::new(args.error_type.as_deref().unwrap_or("Error"), message)
}

fn destination(args: &InvokeArgs) -> Result<DestinationRecord, Failure> {
    let (context, payload) = (context(args), payload(args)?);
    let mut record = if args.error.is_some() || args.error_type.is_some() {
        // The first attempt and the two retries that Lambda makes by default.
        DestinationRecord::failure(&context, payload, &error(args), 3)
    } else {
        let response = args.response.as_ref().map_or(Ok(Json::Null), |response| response.read_json("--response"))?;
        DestinationRecord::success(&context, payload, response, 1)
    };
    set!(record, timestamp(args.time));
    Ok(record)
}
