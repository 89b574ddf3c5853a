//! GetFunction and GetFunctionConfiguration.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html>,
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html>

use serde_json::{Value, json};

use super::Named;
use super::document::configuration;
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::service::LambdaService;

/// The configuration, the tags and the concurrency. There is no code that could be downloaded.
pub(in crate::mock::lambda::api) struct Get(Named);

impl Operation for Get {
    const NAME: &'static str = "GetFunction";
    const EFFECT: Effect = Effect::Read;
    type Output = Value;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(Named::read(asked)?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Value, Fault> {
        let (function, version) = self.0.version(lambda)?;
        let mut document = json!({ "Configuration": configuration(lambda, &function, &version, self.0.arn()) });
        let tags = function.tags();
        if !tags.is_empty() {
            document["Tags"] = json!(tags);
        }
        if let Some(reserved) = function.reserved_concurrency() {
            document["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
        }
        Ok(document)
    }
}

pub(in crate::mock::lambda::api) struct GetConfiguration(Named);

impl Operation for GetConfiguration {
    const NAME: &'static str = "GetFunctionConfiguration";
    const EFFECT: Effect = Effect::Read;
    type Output = Value;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(Named::read(asked)?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Value, Fault> {
        let (function, version) = self.0.version(lambda)?;
        Ok(configuration(lambda, &function, &version, self.0.arn()))
    }
}
