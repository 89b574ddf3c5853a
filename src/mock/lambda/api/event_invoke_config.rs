//! What becomes of asynchronous invocations: Put, Update, Get, Delete and List of FunctionEventInvokeConfig.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html>

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::constraint::Constraints;
use super::fault::Fault;
use super::{Effect, Operation};
use crate::event::Arn;
use crate::mock::http::Call;
use crate::mock::lambda::callee::Callee;
use crate::mock::lambda::destination::{DestinationError, Side};
use crate::mock::lambda::event_invoke::EventInvokeConfig;
use crate::mock::lambda::function::Function;
use crate::mock::lambda::function_ref::{FunctionRef, LATEST};
use crate::mock::lambda::service::LambdaService;

/// What the model says of a destination: nothing, or anything that looks like an ARN.
const DESTINATION: &str = "Member must satisfy regular expression pattern: \
                           ^$|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:\
                           ([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";
const LONGEST_DESTINATION: usize = 350;

/// The settings that a request gives. What it leaves out is none of its business.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    maximum_retry_attempts: Option<i64>,
    maximum_event_age_in_seconds: Option<i64>,
    destination_config: Option<Destinations>,
}

#[derive(Debug, Default, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Destinations {
    #[serde(skip_serializing_if = "Option::is_none")]
    on_success: Option<Destination>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_failure: Option<Destination>,
}

#[derive(Debug, Default, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
}

impl Given {
    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let given: Self = asked.document()?;
        let mut constraints = Constraints::default();
        constraints.range("maximumRetryAttempts", given.maximum_retry_attempts, 0..=2);
        constraints.range("maximumEventAgeInSeconds", given.maximum_event_age_in_seconds, 60..=21_600);
        for side in Side::BOTH {
            let Some(text) = given.destination(side).flatten() else { continue };
            let member = format!("destinationConfig.{}.destination", side.member());
            if text.len() > LONGEST_DESTINATION {
                let rule = format!("Member must have length less than or equal to {LONGEST_DESTINATION}");
                constraints.broken(text, &member, &rule);
            } else if !text.is_empty() && !text.starts_with("kafka://") && text.parse::<Arn>().is_err() {
                constraints.broken(text, &member, DESTINATION);
            }
        }
        constraints.check()?;
        Ok(given)
    }

    /// What is said of a destination: that there is one, or that there is none.
    fn destination(&self, side: Side) -> Option<Option<&str>> {
        let config = self.destination_config.as_ref()?;
        let given = match side {
            Side::Success => config.on_success.as_ref()?,
            Side::Failure => config.on_failure.as_ref()?,
        };
        Some(given.destination.as_deref())
    }

    /// The destination that a request names, if it can be one.
    fn checked(&self, lambda: &LambdaService, function: &Function, side: Side) -> Result<Option<Option<Arn>>, Fault> {
        let Some(named) = self.destination(side) else { return Ok(None) };
        let Some(text) = named.filter(|text| !text.is_empty()) else { return Ok(Some(None)) };
        let Ok(arn) = text.parse::<Arn>() else { return Err(self.no_destination()) };
        lambda.check_destination(function, side, &arn).map_err(|error| match error {
            DestinationError::Unfit { .. } => self.no_destination(),
            DestinationError::NotMocked { .. } => Fault::new(400, "NotImplemented", error.to_string()),
            _ => Fault::invalid(error.to_string()),
        })?;
        Ok(Some(Some(arn)))
    }

    /// Something that is no destination, or not one for this.
    fn no_destination(&self) -> Fault {
        let shown = |side: Side, kind: &str| match self.destination(side).flatten() {
            Some(arn) => format!("{kind}(destination={arn})"),
            None => "null".to_owned(),
        };
        let (success, failure) = (shown(Side::Success, "OnSuccess"), shown(Side::Failure, "OnFailure"));
        let config = format!("DestinationConfig(onSuccess={success}, onFailure={failure})");
        Fault::invalid(format!("The provided destination config {config} is invalid."))
    }

    /// Changes a configuration to what is given.
    fn apply(
        &self,
        lambda: &LambdaService,
        function: &Function,
        mut config: EventInvokeConfig,
    ) -> Result<EventInvokeConfig, Fault> {
        let Self { maximum_retry_attempts, maximum_event_age_in_seconds, destination_config } = self;
        if maximum_retry_attempts.is_none() && maximum_event_age_in_seconds.is_none() && destination_config.is_none() {
            let message = "You must specify at least one of error handling or destination setting.";
            return Err(Fault::invalid(message));
        }
        let success = self.checked(lambda, function, Side::Success)?;
        let failure = self.checked(lambda, function, Side::Failure)?;
        let number = |given: &Option<i64>| given.and_then(|number| u32::try_from(number).ok());
        config.retry_attempts = number(maximum_retry_attempts).or(config.retry_attempts);
        let age = number(maximum_event_age_in_seconds).map(|seconds| Duration::from_secs(seconds.into()));
        config.maximum_event_age = age.or(config.maximum_event_age);
        config.on_success = success.unwrap_or(config.on_success);
        config.on_failure = failure.unwrap_or(config.on_failure);
        config.last_modified = lambda.kernel().now();
        Ok(config)
    }
}

/// A configuration as it is answered: both destinations are always there, numbers only if they were set.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Described {
    destination_config: Destinations,
    function_arn: String,
    last_modified: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_event_age_in_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_retry_attempts: Option<u32>,
}

impl Described {
    fn of(function: &FunctionRef, config: &EventInvokeConfig) -> Self {
        let destination = |arn: &Option<Arn>| Some(Destination { destination: arn.as_ref().map(Arn::to_string) });
        Self {
            destination_config: Destinations {
                on_success: destination(&config.on_success),
                on_failure: destination(&config.on_failure),
            },
            function_arn: qualified(function),
            last_modified: config.last_modified.as_millisecond() as f64 / 1000.0,
            maximum_event_age_in_seconds: config.maximum_event_age.map(|age| age.as_secs()),
            maximum_retry_attempts: config.retry_attempts,
        }
    }
}

fn qualified(function: &FunctionRef) -> String {
    format!("{}:{}", function.arn(), function.qualifier())
}

/// The function, version or alias: each has a configuration of its own.
fn found(lambda: &LambdaService, named: &FunctionRef) -> Result<Callee, Fault> {
    lambda.callee(named).ok_or_else(|| Fault::not_found("The function doesn't exist."))
}

fn configured(lambda: &LambdaService, named: &FunctionRef) -> Result<(Callee, Arc<EventInvokeConfig>), Fault> {
    let none = || Fault::not_found(format!("The function {} doesn't have an EventInvokeConfig", qualified(named)));
    let function = lambda.callee(named).ok_or_else(none)?;
    let config = function.function().event_invoke(named.qualifier()).ok_or_else(none)?;
    Ok((function, config))
}

fn about(function: &FunctionRef) -> (String, Option<Arn>) {
    (function.label().into_owned(), Some(function.arn()))
}

/// Replaces the whole configuration.
pub(super) struct Put {
    function: FunctionRef,
    given: Given,
}

impl Operation for Put {
    const NAME: &'static str = "PutFunctionEventInvokeConfig";
    const EFFECT: Effect = Effect::Write;
    type Output = Described;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self { function: asked.function()?, given: Given::read(asked)? })
    }

    fn about(&self) -> (String, Option<Arn>) {
        about(&self.function)
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Described, Fault> {
        let function = found(lambda, &self.function)?;
        let config = self.given.apply(lambda, &function, EventInvokeConfig::default())?;
        function.set_event_invoke(self.function.qualifier(), Some(config.clone()));
        Ok(Described::of(&self.function, &config))
    }
}

/// Changes what is given, and keeps the rest.
pub(super) struct Update {
    function: FunctionRef,
    given: Given,
}

impl Operation for Update {
    const NAME: &'static str = "UpdateFunctionEventInvokeConfig";
    const EFFECT: Effect = Effect::Write;
    type Output = Described;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self { function: asked.function()?, given: Given::read(asked)? })
    }

    fn about(&self) -> (String, Option<Arn>) {
        about(&self.function)
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Described, Fault> {
        found(lambda, &self.function)?;
        let (function, config) = configured(lambda, &self.function)?;
        let config = self.given.apply(lambda, &function, (*config).clone())?;
        function.set_event_invoke(self.function.qualifier(), Some(config.clone()));
        Ok(Described::of(&self.function, &config))
    }
}

pub(super) struct Get(FunctionRef);

impl Operation for Get {
    const NAME: &'static str = "GetFunctionEventInvokeConfig";
    const EFFECT: Effect = Effect::Read;
    type Output = Described;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(asked.function()?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        about(&self.0)
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Described, Fault> {
        let (_, config) = configured(lambda, &self.0)?;
        Ok(Described::of(&self.0, &config))
    }
}

pub(super) struct Delete(FunctionRef);

impl Operation for Delete {
    const NAME: &'static str = "DeleteFunctionEventInvokeConfig";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 204;
    type Output = ();

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(asked.function()?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        about(&self.0)
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<(), Fault> {
        let (function, _) = configured(lambda, &self.0)?;
        function.set_event_invoke(self.0.qualifier(), None);
        Ok(())
    }
}

/// The configurations of a function, its versions and its aliases, by qualifier.
pub(super) struct List {
    function: FunctionRef,
    /// The last qualifier of the page before.
    after: Option<String>,
    most: usize,
}

/// The most configurations of a page.
const PAGE: usize = 50;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    function_event_invoke_configs: Vec<Described>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for List {
    const NAME: &'static str = "ListFunctionEventInvokeConfigs";
    const EFFECT: Effect = Effect::Read;
    type Output = Listed;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let function = asked.function()?;
        let mut constraints = Constraints::default();
        let most = asked.number("MaxItems", "maxItems", &mut constraints);
        constraints.range("maxItems", most, 1..=50);
        constraints.check()?;
        let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(PAGE);
        let after = asked.text("Marker");
        if let Some(marker) = after.as_deref().filter(|marker| *marker != LATEST && marker.contains('$')) {
            return Err(Fault::invalid(format!("Invalid marker: {marker}")));
        }
        Ok(Self { function: function.by(None), after, most })
    }

    fn about(&self) -> (String, Option<Arn>) {
        about(&self.function)
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Listed, Fault> {
        let Self { function, after, most } = self;
        let mut configs = found(lambda, &function)?.event_invokes();
        configs.retain(|(qualifier, _)| after.as_ref().is_none_or(|after| qualifier > after));
        let page = call.page(configs.len().min(most));
        let next_marker = configs[..page].last().filter(|_| page < configs.len()).map(|(last, _)| last.clone());
        let shown = configs[..page].iter().map(|(by, config)| Described::of(&function.by(Some(by.clone())), config));
        Ok(Listed { function_event_invoke_configs: shown.collect(), next_marker })
    }
}
