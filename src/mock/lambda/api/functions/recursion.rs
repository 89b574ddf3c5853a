//! Put and Get of FunctionRecursionConfig.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionRecursionConfig.html>

use serde::{Deserialize, Serialize};

use super::Named;
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::recursion::RecursiveLoop;
use crate::mock::lambda::service::LambdaService;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::mock::lambda::api) struct Config {
    recursive_loop: Option<String>,
}

impl Config {
    fn of(recursive_loop: RecursiveLoop) -> Self {
        Self { recursive_loop: Some(recursive_loop.as_str().to_owned()) }
    }
}

/// Says what becomes of the function in a loop of requests.
pub(in crate::mock::lambda::api) struct Put {
    named: Named,
    recursive_loop: RecursiveLoop,
}

impl Operation for Put {
    const NAME: &'static str = "PutFunctionRecursionConfig";
    const EFFECT: Effect = Effect::Write;
    type Output = Config;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = Named::unqualified(asked)?;
        let Config { recursive_loop: given } = asked.document()?;
        let mut constraints = Constraints::default();
        let read = given.as_deref().and_then(RecursiveLoop::from_text);
        match &given {
            None => constraints.missing("recursiveLoop"),
            Some(text) if read.is_none() => {
                constraints.broken(text, "recursiveLoop", "Member must satisfy enum value set: [Allow, Terminate]");
            }
            Some(_) => {}
        }
        constraints.check()?;
        Ok(Self { named, recursive_loop: read.unwrap_or_default() })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Config, Fault> {
        let Self { named, recursive_loop } = self;
        named.find(lambda)?.change(|settings| settings.recursive_loop = recursive_loop);
        Ok(Config::of(recursive_loop))
    }
}

pub(in crate::mock::lambda::api) struct Get(Named);

impl Operation for Get {
    const NAME: &'static str = "GetFunctionRecursionConfig";
    const EFFECT: Effect = Effect::Read;
    type Output = Config;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(Named::unqualified(asked)?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Config, Fault> {
        Ok(Config::of(self.0.find(lambda)?.settings().recursive_loop))
    }
}
