//! From an event to a line of output.

use clap::Args;
use lambda_testkit::event::{Document, Json};
use lambda_testkit::schema;
use lambda_testkit::strategy::sample;
use proptest::strategy::Strategy;

use super::nest::{Layer, nest};
use super::random::Random;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::Progress;

/// How events are printed: options of every family.
#[derive(Debug, Args)]
pub(super) struct Form {
    /// Put the event into envelopes, the innermost first: `sns,sqs` is a queue behind a topic
    #[arg(long, value_name = "ENVELOPES", value_delimiter = ',')]
    pub(super) wrap: Vec<Layer>,
    /// Print the event on one line
    #[arg(long)]
    pub(super) json: bool,
}

impl Form {
    /// The form of what is left to wrap when the innermost envelope is made.
    pub(super) fn outer(&self) -> Self {
        Self { wrap: self.wrap.iter().skip(1).copied().collect(), json: self.json }
    }
}

/// Prints one event. `schema` is the one to check it against where its looks do not tell.
pub(super) fn one(
    event: &impl Document,
    schema: Option<&str>,
    form: &Form,
    output: &mut Output,
) -> Result<(), Failure> {
    let text = checked(event, schema, &form.wrap)?;
    if form.json {
        return output.line(&text);
    }
    let json: Json = serde_json::from_str(&text)?;
    output.line(&serde_json::to_string_pretty(&json)?)
}

/// Prints the generated events of a shard, one on each line.
pub(super) fn row<S>(
    events: &S,
    schema: Option<&str>,
    random: &Random,
    form: &Form,
    output: &mut Output,
) -> Result<(), Failure>
where
    S: Strategy,
    S::Value: Document,
{
    let range = random.range();
    let progress = Progress::beside_lines(Some(range.end - range.start), output);
    for index in range {
        let text = checked(&sample(events, random.seed(), index), schema, &form.wrap).map_err(|failure| {
            // The event cannot be seen otherwise.
            match failure {
                Failure::Input(message) => Failure::Input(format!("event {index}: {message}")),
                other => other,
            }
        })?;
        output.line(&text)?;
        progress.step();
    }
    Ok(())
}

/// The text of an event in its envelopes, after a check of both.
fn checked(event: &impl Document, schema: Option<&str>, wrap: &[Layer]) -> Result<String, Failure> {
    let inner = event.to_text();
    check(&inner, schema)?;
    if wrap.is_empty() {
        return Ok(inner);
    }
    let text = nest(event, wrap)?;
    check(&text, None)?;
    Ok(text)
}

fn check(text: &str, name: Option<&str>) -> Result<(), Failure> {
    let checked = match name {
        Some(name) => schema::validate_bytes_as(name, text.as_bytes()),
        None => schema::validate_bytes(text.as_bytes()),
    };
    match checked {
        Ok(_) => Ok(()),
        Err(errors) => Err(Failure::input(format!("the event is not printed, because it breaks its schema: {errors}"))),
    }
}
