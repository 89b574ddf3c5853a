//! Functions themselves: what they are set to, read and changed. Their code is the test's business.
//!
//! * [`get`] and [`list`] read; [`document`] is what they answer.
//! * [`update`] changes the configuration, [`variables`] are its environment variables; [`concurrency`] what is reserved;
//!   [`recursion`] what becomes of loops; [`tags`] the tags. [`delete`] takes a function away.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>

pub(super) mod concurrency;
pub(super) mod delete;
mod document;
pub(super) mod get;
pub(super) mod list;
pub(super) mod recursion;
pub(super) mod tags;
pub(super) mod update;
mod variables;

use std::sync::Arc;

use super::asked::Asked;
use super::fault::Fault;
use crate::event::Arn;
use crate::mock::lambda::function::Function;
use crate::mock::lambda::function_ref::{FunctionRef, LATEST};
use crate::mock::lambda::service::LambdaService;

/// The function that a request names.
struct Named {
    function: FunctionRef,
    /// Whether the request says its version, even if it is `$LATEST`.
    qualified: bool,
}

impl Named {
    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let function = asked.function()?;
        let says_latest = asked.path.first().is_some_and(|name| name.ends_with(&format!(":{LATEST}")));
        let qualified = function.qualifier.is_some() || says_latest || asked.query("Qualifier").is_some();
        Ok(Self { function, qualified })
    }

    /// The name without a qualifier: versions and aliases do not have what is asked for.
    fn unqualified(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = Self::read(asked)?;
        if named.function.qualifier.is_some() {
            return Err(Fault::invalid(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
                 Please specify either a function name or an unqualified function ARN.",
            ));
        }
        Ok(Self { qualified: false, ..named })
    }

    /// The ARN as it was asked for, with a qualifier or without.
    fn arn(&self) -> String {
        let arn = self.function.arn();
        if self.qualified { format!("{arn}:{}", self.function.qualifier()) } else { arn.to_string() }
    }

    fn about(&self) -> (String, Option<Arn>) {
        (self.function.name.clone(), Some(self.function.arn()))
    }

    fn find(&self, lambda: &LambdaService) -> Result<Arc<Function>, Fault> {
        lambda.find(&self.function).ok_or_else(|| Fault::not_found(format!("Function not found: {}", self.arn())))
    }
}
