//! Envelopes around an event.

use clap::ValueEnum;
use lambda_testkit::event::Document;

use crate::cli::failure::Failure;

/// A service that an event travels through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Layer {
    /// The body of an SQS message.
    Sqs,
    /// An SNS message: an event for a function on the outside, a notification inside another envelope.
    Sns,
    /// The detail of an EventBridge event; for an S3 event, the one that S3 sends itself.
    #[value(name = "eventbridge")]
    EventBridge,
}

/// The text of a document inside envelopes, the innermost first.
pub(super) fn nest(document: &impl Document, layers: &[Layer]) -> Result<String, Failure> {
    let Some((layer, outer)) = layers.split_first() else { return Ok(document.to_text()) };
    match layer {
        Layer::Sqs => nest(&document.sqs_message().try_build()?, outer),
        Layer::Sns if outer.is_empty() => Ok(document.in_sns().to_lambda().to_text()),
        Layer::Sns => nest(&document.in_sns(), outer),
        Layer::EventBridge => nest(&document.try_via_eventbridge()?, outer),
    }
}
