//! Functions themselves: what they are set to, made, read and changed. Their code is the test's business.
//!
//! * [`create`] makes them, of [`code`] that is measured and of settings that are [`given`]; [`versions`] publishes them.
//! * [`get`] and [`list`] read; [`document`] is what they answer.
//! * [`update`] changes the configuration, [`variables`] are its environment variables; [`concurrency`] what is reserved;
//!   [`recursion`] what becomes of loops; [`tags`] the tags; [`policy`] who else may use it. [`delete`] takes a function away.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>

pub(super) mod code;
pub(super) mod concurrency;
pub(super) mod create;
pub(super) mod delete;
mod document;
pub(super) mod get;
mod given;
pub(super) mod list;
pub(super) mod policy;
pub(super) mod recursion;
pub(super) mod tags;
pub(super) mod update;
mod variables;
pub(super) mod versions;

use std::sync::Arc;

use super::asked::Asked;
use super::fault::Fault;
use crate::event::Arn;
use crate::mock::lambda::callee::Callee;
use crate::mock::lambda::function::Function;
use crate::mock::lambda::function_ref::FunctionRef;
use crate::mock::lambda::service::LambdaService;
use crate::mock::lambda::version::VersionState;

pub(crate) use variables::check_variables;

/// The function that a request names.
struct Named {
    function: FunctionRef,
}

impl Named {
    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self { function: asked.function()? })
    }

    /// The name without a qualifier: versions and aliases do not have what is asked for.
    fn unqualified(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = Self::read(asked)?;
        if !named.function.is_latest() {
            return Err(Fault::invalid(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
                 Please specify either a function name or an unqualified function ARN.",
            ));
        }
        Ok(Self { function: named.function.by(None) })
    }

    /// The ARN as it was asked for, with a qualifier or without.
    fn arn(&self) -> String {
        self.function.qualified_arn().to_string()
    }

    fn about(&self) -> (String, Option<Arn>) {
        (self.function.label().into_owned(), Some(self.function.arn()))
    }

    fn not_found(&self) -> Fault {
        Fault::not_found(format!("Function not found: {}", self.arn()))
    }

    /// The function as a whole.
    fn find(&self, lambda: &LambdaService) -> Result<Arc<Function>, Fault> {
        lambda.find(&self.function).ok_or_else(|| self.not_found())
    }

    /// The version that is named, perhaps by an alias.
    fn version(&self, lambda: &LambdaService) -> Result<(Callee, VersionState), Fault> {
        let found = lambda.callee(&self.function).and_then(|callee| {
            let version = callee.version(callee.own_version()?)?;
            Some((callee, version))
        });
        found.ok_or_else(|| self.not_found())
    }
}

/// Refuses a change by somebody who has not seen the last one.
pub(super) fn check_revision(
    lambda: &LambdaService,
    function: &Function,
    given: Option<&str>,
    revision: u32,
) -> Result<(), Fault> {
    if given.is_none_or(|given| given.is_empty() || given == lambda.revision_id(function, revision)) {
        return Ok(());
    }
    let message = "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve \
                   the latest RevisionId";
    Err(Fault::new(412, "PreconditionFailedException", message))
}
