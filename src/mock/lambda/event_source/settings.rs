//! What can be set on an event source mapping of a queue.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html>

use std::time::Duration;

use super::fault::MappingFault;

/// How a mapping makes batches, and of what. Each value is within the limits of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MappingSettings {
    /// The most messages in one event.
    pub batch_size: usize,
    /// How long to wait for a batch to fill.
    pub window: Duration,
    /// Whether the function's answer says which messages failed.
    pub report_item_failures: bool,
    /// Patterns, of which a message must match one; all messages get through if there are none.
    pub filters: Vec<String>,
    /// How many batches may be in the works at once.
    pub maximum_concurrency: Option<usize>,
    /// Pollers of its own. Kept and told, and without effect: how fast pollers are is not modelled.
    pub pollers: Option<Pollers>,
}

/// The event pollers of the provisioned mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pollers {
    pub minimum: i64,
    pub maximum: i64,
}

/// AWS's own.
impl Default for MappingSettings {
    fn default() -> Self {
        Self {
            batch_size: 10,
            window: Duration::ZERO,
            report_item_failures: false,
            filters: Vec::new(),
            maximum_concurrency: None,
            pollers: None,
        }
    }
}

/// AWS's own.
impl Default for Pollers {
    fn default() -> Self {
        Self { minimum: 2, maximum: 200 }
    }
}

impl MappingSettings {
    /// Checks what settings and the kind of the queue ask of each other.
    ///
    /// # Errors
    ///
    /// In AWS's words, where they are known.
    pub fn check(&self, fifo: bool) -> Result<(), MappingFault> {
        if fifo && !self.window.is_zero() {
            let fault = MappingFault::invalid("Batching window is not supported for FIFO queues");
            return Err(fault.told(format_args!("the window is {:?}", self.window)));
        }
        if self.batch_size > 10 && self.window.is_zero() {
            let message =
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
            let size = self.batch_size;
            let why = if fifo { ": a FIFO queue has no window, so its batches have 1 to 10" } else { "" };
            return Err(MappingFault::invalid(message).told(format_args!("the batch size is {size}{why}")));
        }
        if self.maximum_concurrency.is_some() && self.pollers.is_some() {
            // <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
            return Err(MappingFault::invalid("Maximum concurrency and provisioned mode are mutually exclusive"));
        }
        match self.pollers {
            // <https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html>
            Some(Pollers { minimum, maximum }) if minimum < 2 || maximum < 2 => {
                Err(MappingFault::invalid("MinimumPollers and MaximumPollers of an SQS event source are at least 2"))
            }
            Some(Pollers { minimum, maximum }) if minimum > maximum => {
                Err(MappingFault::invalid("MinimumPollers must not be greater than MaximumPollers"))
            }
            _ => Ok(()),
        }
    }
}
