//! What a request says of a function's settings: what CreateFunction and UpdateFunctionConfiguration have in common.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::variables;
use crate::event::{AccountId, Arn};
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::service::LambdaService;
use crate::mock::lambda::settings::Settings;

/// What functions of AWS have too, and those of this crate have not.
const LACKING: [&str; 14] = [
    "CapacityProviderConfig",
    "CodeSigningConfigArn",
    "DurableConfig",
    "EphemeralStorage",
    "FileSystemConfigs",
    "ImageConfig",
    "KMSKeyArn",
    "Layers",
    "LoggingConfig",
    "PublishTo",
    "SnapStart",
    "TenancyConfig",
    "TracingConfig",
    "VpcConfig",
];

/// The runtimes that functions may be created with.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
const RUNTIMES: [&str; 28] = [
    "dotnet10",
    "dotnet6",
    "dotnet8",
    "go1.x",
    "java11",
    "java17",
    "java21",
    "java25",
    "java8",
    "java8.al2",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "provided",
    "provided.al2",
    "provided.al2023",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "python3.8",
    "python3.9",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
];

const LONGEST_DESCRIPTION: usize = 256;
const LONGEST_HANDLER: usize = 128;
const TARGET: &str = "Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()";
const ROLE: &str = "Member must satisfy regular expression pattern: \
                    arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";

/// The settings that a request gives.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Given {
    timeout: Option<i64>,
    memory_size: Option<i64>,
    description: Option<String>,
    environment: Option<Environment>,
    dead_letter_config: Option<DeadLetterConfig>,
    pub runtime: Option<String>,
    pub handler: Option<String>,
    pub role: Option<String>,
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

/// Whether a member says no more than what is so anyhow.
fn is_default(name: &str, value: &Value) -> bool {
    let default = match name {
        "EphemeralStorage" => json!({ "Size": 512 }),
        "LoggingConfig" => json!({ "LogFormat": "Text" }),
        "SnapStart" => json!({ "ApplyOn": "None" }),
        "TracingConfig" => json!({ "Mode": "PassThrough" }),
        "FileSystemConfigs" | "Layers" => json!([]),
        "KMSKeyArn" => json!(""),
        _ => Value::Null,
    };
    value.is_null() || *value == default
}

impl Given {
    /// Checks each value for itself; `operation` is who asks.
    pub fn check(&self, operation: &str, longest: Duration, constraints: &mut Constraints) -> Result<(), Fault> {
        let has = |name: &&&str| self.others.get(**name).is_some_and(|value| !is_default(name, value));
        if let Some(name) = LACKING.iter().find(has) {
            return Err(Fault::unsupported(format_args!("{name} of {operation}")));
        }
        constraints.range("timeout", self.timeout, 1..=i64::try_from(longest.as_secs()).unwrap_or(i64::MAX));
        constraints.range("memorySize", self.memory_size, 128..=10_240);
        constraints.longest("description", self.description.as_deref(), LONGEST_DESCRIPTION);
        constraints.longest("handler", self.handler.as_deref(), LONGEST_HANDLER);
        if let Some(handler) = self.handler.as_deref().filter(|text| text.contains(char::is_whitespace)) {
            constraints.broken(handler, "handler", "Member must satisfy regular expression pattern: [^\\s]+");
        }
        if let Some(runtime) = self.runtime.as_deref().filter(|runtime| !RUNTIMES.contains(runtime)) {
            constraints.broken(
                runtime,
                "runtime",
                &format!("Member must satisfy enum value set: [{}]", RUNTIMES.join(", ")),
            );
        }
        if let Some(role) = self.role.as_deref().filter(|role| !is_role(role)) {
            constraints.broken(role, "role", ROLE);
        }
        if let Some(variables) = self.variables() {
            variables::constrain(variables, constraints);
        }
        if let Some(text) = self.target().filter(|text| text.parse::<Arn>().is_err()) {
            constraints.broken(text, "deadLetterConfig.targetArn", TARGET);
        }
        Ok(())
    }

    fn variables(&self) -> Option<&BTreeMap<String, String>> {
        self.environment.as_ref()?.variables.as_ref()
    }

    /// The dead-letter queue, if one is named: an empty name is none.
    fn target(&self) -> Option<&str> {
        self.dead_letter_config.as_ref()?.target_arn.as_deref().filter(|text| !text.is_empty())
    }

    /// What is said of a dead-letter queue: that there is one, or that there is none.
    fn dead_letter(&self, lambda: &LambdaService, account: &AccountId) -> Result<Option<Option<Arn>>, Fault> {
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
                Some(owner) if owner != *account => refused("it is another account's"),
                Some(_) => Ok(Some(Some(arn))),
            },
            _ => refused("it is neither a queue nor a topic"),
        }
    }

    /// The change that is asked for, of a function of this account, if the world is such that it may be.
    pub fn change(self, lambda: &LambdaService, account: &AccountId) -> Result<impl FnOnce(&mut Settings), Fault> {
        if let Some(variables) = self.variables() {
            variables::check(variables)?;
        }
        let dead_letter = self.dead_letter(lambda, account)?;
        let Self { timeout, memory_size, description, environment, runtime, handler, role, .. } = self;
        Ok(move |settings: &mut Settings| {
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
            let program = &mut settings.program;
            if let Some(runtime) = runtime {
                program.runtime = runtime;
            }
            if let Some(handler) = handler {
                program.handler = handler;
            }
            program.role = role.or(program.role.take());
        })
    }
}

/// Whether a text is the ARN of a role.
fn is_role(text: &str) -> bool {
    let name = |resource: &str| {
        let name = resource.strip_prefix("role").map(|name| name.strip_prefix('/').unwrap_or(name));
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@-_/".contains(&byte);
        name.is_some_and(|name| !name.is_empty() && name.bytes().all(letter))
    };
    text.parse::<Arn>().is_ok_and(|arn| {
        (arn.service(), arn.region()) == ("iam", None) && arn.account().is_some() && name(arn.resource())
    })
}
