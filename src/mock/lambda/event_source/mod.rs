//! Event source mappings as Lambda's API knows them: settings, states, and what the world around Lambda does with them.
//!
//! * [`settings`]: what can be set; [`given`]: what is said of it, and the limits of each value; [`fault`]: refusals.
//! * [`filters`]: which messages get through to the function.
//! * [`phase`]: the states that a mapping goes through.

mod fault;
mod filters;
mod given;
mod phase;
mod settings;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub(crate) use fault::MappingFault;
pub(crate) use filters::Filters;
pub(crate) use given::Given;
pub(crate) use phase::{Phase, Transition};
pub(crate) use settings::{MappingSettings, Pollers};

use super::callee::Callee;
use crate::event::{AccountId, Arn, Region};

/// A mapping that is to be made.
pub(crate) struct NewMapping {
    pub source: Arn,
    pub function: Callee,
    /// Beside what is the default.
    pub given: Given,
    pub enabled: bool,
}

/// What is to be changed of a mapping.
pub(crate) struct MappingUpdate {
    /// Another function, version or alias.
    pub function: Option<Callee>,
    pub enabled: Option<bool>,
    pub given: Given,
}

/// A mapping as it is described to those who ask.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Described {
    pub uuid: String,
    /// The mapping, as timelines name it.
    pub label: String,
    pub arn: Arn,
    pub source: Arn,
    /// The function's ARN without a qualifier.
    pub function: Arn,
    /// With the qualifier by which it was named, if any.
    pub function_arn: Arn,
    pub settings: MappingSettings,
    pub state: &'static str,
    pub modified: Timestamp,
}

/// Whose mappings are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub account: AccountId,
    pub region: Region,
}

/// All event source mappings of a cloud. They poll, so they are kept where queues can be reached.
pub(crate) trait EventSourceMappings: Send + Sync {
    /// Makes a mapping, which begins to poll when the clock or the agenda goes on.
    ///
    /// # Errors
    ///
    /// As CreateEventSourceMapping.
    fn create(&self, new: NewMapping) -> Result<Described, MappingFault>;

    /// The owner's mappings in the order in which they were made.
    fn list(&self, owner: &Owner) -> Vec<Described>;

    /// Changes one.
    ///
    /// # Errors
    ///
    /// As UpdateEventSourceMapping.
    fn update(&self, owner: &Owner, uuid: &str, update: MappingUpdate) -> Result<Described, MappingFault>;

    /// Deletes one, which polls no more; it is gone when the clock or the agenda goes on.
    ///
    /// # Errors
    ///
    /// As DeleteEventSourceMapping.
    fn delete(&self, owner: &Owner, uuid: &str) -> Result<Described, MappingFault>;
}
