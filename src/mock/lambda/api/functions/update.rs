//! UpdateFunctionConfiguration.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>

use serde::Deserialize;
use serde_json::Value;

use super::document::configuration;
use super::given::Given;
use super::{Named, check_revision};
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::service::LambdaService;
use crate::mock::lambda::settings::LONGEST_TIMEOUT;

/// Changes what is given, and keeps the rest.
pub(in crate::mock::lambda::api) struct Update {
    named: Named,
    body: Body,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    revision_id: Option<String>,
    #[serde(flatten)]
    given: Given,
}

impl Operation for Update {
    const NAME: &'static str = "UpdateFunctionConfiguration";
    const EFFECT: Effect = Effect::Write;
    type Output = Value;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let (named, body): (_, Body) = (Named::unqualified(asked)?, asked.document()?);
        let mut constraints = Constraints::default();
        let found = named.find(asked.lambda);
        let longest = found.map_or(LONGEST_TIMEOUT, |function| function.settings().longest_timeout());
        body.given.check(Self::NAME, longest, &mut constraints)?;
        constraints.check()?;
        Ok(Self { named, body })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Value, Fault> {
        let Self { named, body: Body { revision_id, given } } = self;
        let function = named.find(lambda)?;
        check_revision(lambda, &function, revision_id.as_deref(), function.latest().revision)?;
        let change = given.change(lambda, &function.named.account)?;
        function.configure(lambda.kernel().now(), change);
        Ok(configuration(lambda, &function, &function.latest(), named.arn()))
    }
}
