//! `schema`: the JSON Schemas of the events.

use clap::Args;
use clap::builder::PossibleValuesParser;
use lambda_testkit::schema;

use super::failure::Failure;
use super::output::Output;

/// Print the JSON Schema of an event, or the names of all schemas
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lambda-testkit schema
  lambda-testkit schema s3/put > put.schema.json")]
pub(super) struct SchemaArgs {
    /// The schema, such as s3/put; `common` for the definitions that the others share
    #[arg(value_parser = PossibleValuesParser::new(schema::names().chain(["common"])), hide_possible_values = true)]
    name: Option<String>,
    /// Print JSON: the list as an array, a schema on one line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &SchemaArgs, output: &mut Output) -> Result<(), Failure> {
    match args.name.as_deref() {
        None if args.json => output.json(&schema::names().collect::<Vec<_>>()),
        None => schema::names().try_for_each(|name| output.line(name)),
        Some(name) => {
            let text = schema::get(name).ok_or_else(|| Failure::usage(format!("there is no schema {name:?}")))?;
            if args.json {
                output.json(&serde_json::from_str::<lambda_testkit::event::Json>(text)?)
            } else {
                output.line(text.trim_end())
            }
        }
    }
}
