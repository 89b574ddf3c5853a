//! Something that may happen now, as plans name it: what goes first is one of these.

use std::fmt;
use std::sync::Arc;

use super::Deviation;
use crate::history::Name;

/// An invocation that is ready, or an entry of the agenda that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Thing {
    pub label: Arc<str>,
    pub name: Name,
}

impl Thing {
    /// It goes first.
    pub fn first(&self) -> Deviation {
        Deviation::After(self.to_string())
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} @{}", self.label, self.name.short())
    }
}
