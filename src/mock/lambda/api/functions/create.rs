//! CreateFunction.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::code::{Code, Source, architecture};
use super::document::summary;
use super::given::Given;
use super::tags;
use crate::event::Arn;
use crate::event::invoke::check_function_name;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::environment::Deployed;
use crate::mock::lambda::function::NewFunction;
use crate::mock::lambda::function_ref::FunctionRef;
use crate::mock::lambda::service::LambdaService;
use crate::mock::lambda::settings::LONGEST_TIMEOUT;
use crate::mock::lambda::settings::{Program, Settings};

/// AWS's own default; a handle's is another one.
const TIMEOUT: Duration = Duration::from_secs(3);
const LONGEST_NAME: usize = 64;
const NAME: &str = "Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?\
                    ([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)\
                    (:(\\$LATEST|[a-zA-Z0-9-_]+))?";

/// Makes a function, whose handler is [bound](crate::Cloud::bind) to its name before or after.
pub(in crate::mock::lambda::api) struct Create {
    function: FunctionRef,
    source: Source,
    program: Program,
    tags: BTreeMap<String, String>,
    body: Body,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    function_name: Option<String>,
    architectures: Option<Vec<String>>,
    code: Option<Code>,
    package_type: Option<String>,
    publish: Option<bool>,
    tags: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    given: Given,
}

/// The function that is to be made.
fn named(asked: &Asked<'_>, text: Option<&str>, constraints: &mut Constraints) -> Result<FunctionRef, Fault> {
    let Some(text) = text else {
        constraints.missing("functionName");
        return Ok(FunctionRef::new(asked.account, asked.region, ""));
    };
    let named = FunctionRef::parse(text, None, asked.account, asked.region)
        .map_err(|error| Fault::invalid(error.to_string()))?;
    if named.name.len() > LONGEST_NAME {
        constraints.longest("functionName", Some(text), LONGEST_NAME);
    } else if check_function_name(&named.name).is_err() {
        constraints.broken(text, "functionName", NAME);
    }
    if named.qualifier.is_some() {
        return Err(Fault::invalid(format!("A function is created without a qualifier: {text}")));
    }
    Ok(named)
}

impl Operation for Create {
    const NAME: &'static str = "CreateFunction";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 201;
    type Output = Value;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let body: Body = asked.document()?;
        let mut constraints = Constraints::default();
        let function = named(asked, body.function_name.as_deref(), &mut constraints)?;
        body.given.check(Self::NAME, LONGEST_TIMEOUT, &mut constraints)?;
        if body.given.role.is_none() {
            constraints.missing("role");
        }
        if body.code.is_none() {
            constraints.missing("code");
        }
        let architecture = architecture(body.architectures.as_deref(), &mut constraints);
        match body.package_type.as_deref() {
            None | Some("Zip") => {}
            Some("Image") => return Err(Fault::unsupported("PackageType Image of CreateFunction: only Zip")),
            Some(other) => {
                constraints.broken(other, "packageType", "Member must satisfy enum value set: [Zip, Image]");
            }
        }
        constraints.check()?;
        let (Some(runtime), Some(handler)) = (&body.given.runtime, &body.given.handler) else {
            let message =
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
            return Err(Fault::invalid(message));
        };
        let mut program = Program { runtime: runtime.clone(), handler: handler.clone(), ..Program::default() };
        program.architecture = architecture.unwrap_or(program.architecture);
        let tags = body.tags.clone().unwrap_or_default();
        tags::check(&tags)?;
        tags::check_count(&tags)?;
        // That there is some was checked.
        let source =
            body.code.as_ref().map_or_else(|| Code::default().source(Self::NAME), |code| code.source(Self::NAME))?;
        Ok(Self { function, source, program, tags, body })
    }

    fn about(&self) -> (String, Option<Arn>) {
        (self.function.name.clone(), Some(self.function.arn()))
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Value, Fault> {
        let Self { function: named, source, program, tags, body } = self;
        let mut settings = Settings { timeout: TIMEOUT, program, ..Settings::default() };
        body.given.change(lambda, &named.account)?(&mut settings);
        let package = source.package(lambda, call)?;
        let deployed = Deployed::Missing(named.name.as_str().into());
        let new = NewFunction { deployed, settings, package: Some(package), tags };
        let conflict =
            || Fault::new(409, "ResourceConflictException", format!("Function already exist: {}", named.name));
        let function = lambda.create(&named, new).ok_or_else(conflict)?;
        let publish = body.publish == Some(true);
        let state = if publish { function.publish(None, lambda.kernel().now()) } else { function.latest() };
        let mut document = summary(lambda, &function, &state, function.arn.to_string());
        // Whoever asks next finds it active.
        document["State"] = json!("Pending");
        document["StateReason"] = json!("The function is being created.");
        document["StateReasonCode"] = json!("Creating");
        Ok(document)
    }
}
