//! Why Lambda refuses an event source mapping.

use std::fmt;

use crate::mock::lambda::api::Fault;

/// A refusal in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MappingFault {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    /// What a person needs to know beyond AWS's words: handles tell it.
    pub told: Option<String>,
}

impl MappingFault {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), told: None }
    }

    /// A parameter that Lambda does not take.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterValueException", message)
    }

    /// There is no mapping of this id.
    pub fn not_found() -> Self {
        Self::new(404, "ResourceNotFoundException", "The resource you requested does not exist.")
    }

    /// The mapping is on its way from one state to another.
    pub fn in_use(verb: &str) -> Self {
        let message = format!("Cannot {verb} the event source mapping because it is in use.");
        Self::new(400, "ResourceInUseException", message)
    }

    /// The same with what a person needs to know.
    pub fn told(self, why: impl fmt::Display) -> Self {
        Self { told: Some(why.to_string()), ..self }
    }
}

impl From<MappingFault> for Fault {
    fn from(fault: MappingFault) -> Self {
        Self::new(fault.status, fault.code, fault.message)
    }
}

impl From<Fault> for MappingFault {
    fn from(fault: Fault) -> Self {
        Self::new(fault.status, fault.code, fault.message)
    }
}
