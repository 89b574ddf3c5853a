//! UpdateFunctionConfiguration.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::document::configuration;
use super::{Named, variables};
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::function::{Function, LONGEST_TIMEOUT};
use crate::mock::lambda::service::LambdaService;

/// What functions of AWS have too, and those of this crate have not.
const LACKING: [&str; 15] = [
    "CapacityProviderConfig",
    "DurableConfig",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "ImageConfig",
    "KMSKeyArn",
    "Layers",
    "LoggingConfig",
    "RevisionId",
    "Role",
    "Runtime",
    "SnapStart",
    "TracingConfig",
    "VpcConfig",
];

const LONGEST_DESCRIPTION: usize = 256;
const TARGET: &str = "Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()";

/// The settings that a request gives. What it leaves out stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Given {
    timeout: Option<i64>,
    memory_size: Option<i64>,
    description: Option<String>,
    environment: Option<Environment>,
    dead_letter_config: Option<DeadLetterConfig>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Environment {
    variables: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeadLetterConfig {
    target_arn: Option<String>,
}

impl Given {
    fn read(asked: &Asked<'_>, named: &Named) -> Result<Self, Fault> {
        let given: Self = asked.document()?;
        let has = |name: &&&str| given.others.get(**name).is_some_and(|value| !value.is_null());
        if let Some(name) = LACKING.iter().find(has) {
            return Err(Fault::unsupported(format_args!("{name} of UpdateFunctionConfiguration")));
        }
        let mut constraints = Constraints::default();
        let longest =
            named.find(asked.lambda).map_or(LONGEST_TIMEOUT, |function| function.settings().longest_timeout());
        constraints.range("timeout", given.timeout, 1..=i64::try_from(longest.as_secs()).unwrap_or(i64::MAX));
        constraints.range("memorySize", given.memory_size, 128..=10_240);
        if let Some(description) = &given.description
            && description.chars().count() > LONGEST_DESCRIPTION
        {
            let rule = format!("Member must have length less than or equal to {LONGEST_DESCRIPTION}");
            constraints.broken(description, "description", &rule);
        }
        if let Some(variables) = given.variables() {
            variables::constrain(variables, &mut constraints);
        }
        if let Some(text) = given.target().filter(|text| text.parse::<Arn>().is_err()) {
            constraints.broken(text, "deadLetterConfig.targetArn", TARGET);
        }
        constraints.check()?;
        Ok(given)
    }

    fn variables(&self) -> Option<&BTreeMap<String, String>> {
        self.environment.as_ref()?.variables.as_ref()
    }

    /// The dead-letter queue, if one is named: an empty name is none.
    fn target(&self) -> Option<&str> {
        self.dead_letter_config.as_ref()?.target_arn.as_deref().filter(|text| !text.is_empty())
    }

    /// What is said of a dead-letter queue: that there is one, or that there is none.
    fn dead_letter(&self, lambda: &LambdaService, function: &Function) -> Result<Option<Option<Arn>>, Fault> {
        if self.dead_letter_config.is_none() {
            return Ok(None);
        }
        let Some(text) = self.target() else { return Ok(Some(None)) };
        let refused = |why: &str| Err(Fault::invalid(format!("The dead-letter target {text} is invalid: {why}")));
        let Ok(arn) = text.parse::<Arn>() else { return refused("it is no ARN") };
        match arn.service() {
            "sns" => Err(Fault::unsupported(format_args!("topics as dead-letter targets: {text}"))),
            "sqs" if arn.resource().ends_with(".fifo") => refused("it must be a standard queue"),
            "sqs" => match lambda.owner_of(&arn) {
                None => refused("there is no such queue"),
                Some(owner) if owner != function.named.account => refused("it is another account's"),
                Some(_) => Ok(Some(Some(arn))),
            },
            _ => refused("it is neither a queue nor a topic"),
        }
    }
}

pub(in crate::mock::lambda::api) struct Update {
    named: Named,
    given: Given,
}

impl Operation for Update {
    const NAME: &'static str = "UpdateFunctionConfiguration";
    const EFFECT: Effect = Effect::Write;
    type Output = Value;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = Named::unqualified(asked)?;
        let given = Given::read(asked, &named)?;
        Ok(Self { named, given })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Value, Fault> {
        let Self { named, given } = self;
        let function = named.find(lambda)?;
        if let Some(variables) = given.variables() {
            variables::check(variables)?;
        }
        let dead_letter = given.dead_letter(lambda, &function)?;
        let Given { timeout, memory_size, description, environment, .. } = given;
        function.configure(lambda.kernel().now(), |settings| {
            let number = |given: Option<i64>| given.and_then(|number| u32::try_from(number).ok());
            if let Some(seconds) = number(timeout) {
                settings.timeout = Duration::from_secs(seconds.into());
            }
            settings.memory_size = number(memory_size).unwrap_or(settings.memory_size);
            if let Some(description) = description {
                settings.description = description;
            }
            if let Some(Environment { variables }) = environment {
                settings.environment = Some(variables.unwrap_or_default());
            }
            if let Some(dead_letter) = dead_letter {
                settings.dead_letter = dead_letter;
            }
        });
        Ok(configuration(&function, named.arn()))
    }
}
