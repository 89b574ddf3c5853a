//! A function as somebody named it: the function itself, one of its versions, or an alias.

use std::ops::Deref;
use std::sync::Arc;

use super::alias::Route;
use super::event_invoke::EventInvokeConfig;
use super::function::Function;
use super::function_ref::{FunctionRef, LATEST};
use super::settings::Settings;
use super::version::VersionId;
use crate::event::Arn;

/// A pointer to a function that remembers by which qualifier it was named. Which version runs shows when it is invoked.
#[derive(Clone)]
pub(crate) struct Callee {
    function: Arc<Function>,
    qualifier: Option<Arc<str>>,
    /// As timelines show it: `work`, `work:live`.
    pub label: Arc<str>,
}

impl Callee {
    pub fn new(function: Arc<Function>, qualifier: Option<&str>) -> Self {
        let label = match qualifier.filter(|qualifier| *qualifier != LATEST) {
            Some(qualifier) => format!("{}:{qualifier}", function.name).into(),
            None => Arc::clone(&function.name),
        };
        Self { function, qualifier: qualifier.map(Arc::from), label }
    }

    pub fn function(&self) -> &Arc<Function> {
        &self.function
    }

    /// What names it.
    pub fn as_named(&self) -> FunctionRef {
        self.function.named.by(self.qualifier.as_deref().map(str::to_owned))
    }

    /// The ARN with the qualifier, if it was named by one.
    pub fn invoked_arn(&self) -> Arn {
        match &self.qualifier {
            Some(_) => self.as_named().qualified_arn(),
            None => self.function.arn.clone(),
        }
    }

    fn qualifier(&self) -> &str {
        self.qualifier.as_deref().unwrap_or(LATEST)
    }

    /// Which version an invocation runs; none if the version or the alias is gone.
    pub fn route(&self) -> Option<Route> {
        match &self.qualifier {
            Some(qualifier) => self.function.route(qualifier),
            None => Some(Route::To(VersionId::Latest)),
        }
    }

    /// The version that runs in the ordinary course; none if it is gone.
    pub fn own_version(&self) -> Option<VersionId> {
        self.route().map(Route::own)
    }

    /// The settings of the version that runs in the ordinary course; of `$LATEST`, when that is gone.
    pub fn settings(&self) -> Arc<Settings> {
        let version = self.own_version().unwrap_or(VersionId::Latest);
        self.function.settings_of(version).unwrap_or_else(|| self.function.settings())
    }

    /// What becomes of asynchronous invocations by this qualifier.
    pub fn event_invoke(&self) -> Arc<EventInvokeConfig> {
        self.function.event_invoke(self.qualifier()).unwrap_or_default()
    }
}

impl Deref for Callee {
    type Target = Function;

    fn deref(&self) -> &Function {
        &self.function
    }
}
