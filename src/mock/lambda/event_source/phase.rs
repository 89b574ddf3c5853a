//! The states of an event source mapping.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html#lambda-GetEventSourceMapping-response-State>

/// Whether a mapping polls, and what it is on the way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phase {
    enabled: bool,
    transition: Option<Transition>,
}

/// On the way from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transition {
    Creating,
    Enabling,
    Disabling,
    Updating,
    Deleting,
}

impl Phase {
    /// At rest.
    pub const fn settled(enabled: bool) -> Self {
        Self { enabled, transition: None }
    }

    /// On the way; `enabled` says to where.
    pub const fn moving(enabled: bool, transition: Transition) -> Self {
        Self { enabled, transition: Some(transition) }
    }

    /// Whether it is enabled, or will be.
    pub fn is_enabled(self) -> bool {
        self.enabled
    }

    pub fn transition(self) -> Option<Transition> {
        self.transition
    }

    /// Whether it polls now. What is being updated polls on.
    pub fn polls(self) -> bool {
        self.enabled && matches!(self.transition, None | Some(Transition::Updating))
    }

    /// As the API names it.
    pub fn name(self) -> &'static str {
        match self.transition {
            Some(Transition::Creating) => "Creating",
            Some(Transition::Enabling) => "Enabling",
            Some(Transition::Disabling) => "Disabling",
            Some(Transition::Updating) => "Updating",
            Some(Transition::Deleting) => "Deleting",
            None if self.enabled => "Enabled",
            None => "Disabled",
        }
    }
}
