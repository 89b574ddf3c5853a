//! Aliases of functions: Create, Get, List, Update and Delete.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::constraint::Constraints;
use super::fault::Fault;
use super::functions::check_revision;
use super::{Effect, Operation};
use crate::event::Arn;
use crate::mock::http::Call;
use crate::mock::lambda::alias::{Additional, Alias, AliasError, check_alias_name};
use crate::mock::lambda::function::Function;
use crate::mock::lambda::function_ref::FunctionRef;
use crate::mock::lambda::service::LambdaService;
use crate::mock::lambda::version::VersionId;

const LONGEST_DESCRIPTION: usize = 256;
/// The most aliases of a page.
const PAGE: usize = 50;
const NAME: &str = "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+), 1 to 128 characters";
const VERSION: &str = "Member must satisfy regular expression pattern: (\\$LATEST|[0-9]+)";

/// What a request says of an alias.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    name: Option<String>,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<Routing>,
    revision_id: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
struct Routing {
    additional_version_weights: Option<BTreeMap<String, f64>>,
}

/// The body once each value was looked at. What is not given stays as it is.
struct Given {
    version: Option<VersionId>,
    description: Option<String>,
    /// One, or none.
    additional: Option<Option<Additional>>,
    revision_id: Option<String>,
}

impl Body {
    fn check(self, mut constraints: Constraints) -> Result<Given, Fault> {
        let Self { function_version, description, routing_config, revision_id, .. } = self;
        constraints.longest("description", description.as_deref(), LONGEST_DESCRIPTION);
        let mut version = |text: &str, member: &str| {
            let version = VersionId::parse(text);
            if version.is_none() {
                constraints.broken(text, member, VERSION);
            }
            version
        };
        let own = function_version.as_deref().and_then(|text| version(text, "functionVersion"));
        let weights = routing_config.map(|routing| routing.additional_version_weights.unwrap_or_default());
        let mut additional = weights.as_ref().map(|_| None);
        for (text, weight) in weights.iter().flatten() {
            let id = version(text, "routingConfig.additionalVersionWeights");
            additional = Some(id.map(|version| Additional { version, weight: *weight }));
        }
        for weight in weights.iter().flatten().map(|(_, weight)| weight).filter(|weight| !(0.0..=1.0).contains(*weight))
        {
            let rule = "Map values must satisfy constraint: [Member must have value less than or equal to 1.0, Member must \
                        have value greater than or equal to 0.0]";
            constraints.broken(weight, "routingConfig.additionalVersionWeights", rule);
        }
        constraints.check()?;
        if weights.is_some_and(|weights| weights.len() > 1) {
            return Err(Fault::invalid(
                "Number of items in AdditionalVersionWeights cannot be greater than 1. An alias points to at most two versions.",
            ));
        }
        Ok(Given { version: own, description, additional, revision_id })
    }
}

impl Given {
    /// Makes or changes the alias.
    fn set(self, function: &Function, name: &str) -> Result<Alias, Fault> {
        let Self { version, description, additional, .. } = self;
        let set = function.set_alias(name, |alias| {
            alias.version = version.unwrap_or(alias.version);
            alias.description = description.unwrap_or_else(|| alias.description.clone());
            alias.additional = additional.unwrap_or(alias.additional);
        });
        set.map_err(|error| match error {
            AliasError::NoVersion(version) => Fault::no_function(&function.arn, &version.to_string()),
            error => Fault::invalid(error.to_string()),
        })
    }
}

/// An alias as it is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Described {
    alias_arn: String,
    description: String,
    function_version: String,
    name: String,
    revision_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing_config: Option<Routing>,
}

impl Described {
    fn of(lambda: &LambdaService, function: &Function, name: &str, alias: &Alias) -> Self {
        let weights = |additional: Additional| Routing {
            additional_version_weights: Some(BTreeMap::from([(additional.version.to_string(), additional.weight)])),
        };
        Self {
            alias_arn: format!("{}:{name}", function.arn),
            description: alias.description.clone(),
            function_version: alias.version.to_string(),
            name: name.to_owned(),
            revision_id: lambda.revision_id(function, alias.revision),
            routing_config: alias.additional.map(weights),
        }
    }
}

/// An alias by its name, and its function.
struct Named {
    function: FunctionRef,
    name: String,
}

impl Named {
    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let name = asked.path.get(1).cloned().unwrap_or_default();
        Ok(Self { function: unqualified(asked)?, name })
    }

    fn about(&self) -> (String, Option<Arn>) {
        about(&self.function.by(Some(self.name.clone())))
    }

    fn find(&self, lambda: &LambdaService) -> Result<(Arc<Function>, Alias), Fault> {
        let function = found(lambda, &self.function)?;
        let none = || Fault::not_found(format!("Cannot find alias arn: {}:{}", function.arn, self.name));
        let alias = function.alias(&self.name).ok_or_else(none)?;
        Ok((function, alias))
    }
}

/// The function of an alias, which is named without a qualifier.
fn unqualified(asked: &Asked<'_>) -> Result<FunctionRef, Fault> {
    let function = asked.function()?;
    if function.qualifier.is_some() {
        return Err(Fault::invalid(format!("Aliases are those of a function, not of {}", function.qualified_arn())));
    }
    Ok(function)
}

fn found(lambda: &LambdaService, named: &FunctionRef) -> Result<Arc<Function>, Fault> {
    lambda.find(named).ok_or_else(|| Fault::not_found(format!("Function not found: {}", named.arn())))
}

fn about(function: &FunctionRef) -> (String, Option<Arn>) {
    (function.label().into_owned(), Some(function.arn()))
}

pub(super) struct Create {
    function: FunctionRef,
    name: String,
    given: Given,
}

impl Operation for Create {
    const NAME: &'static str = "CreateAlias";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 201;
    type Output = Described;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let (function, mut body): (_, Body) = (unqualified(asked)?, asked.document()?);
        let mut constraints = Constraints::default();
        let name = body.name.take();
        match name.as_deref() {
            None => constraints.missing("name"),
            Some(name) if check_alias_name(name).is_err() => constraints.broken(name, "name", NAME),
            Some(_) => {}
        }
        if body.function_version.is_none() {
            constraints.missing("functionVersion");
        }
        let given = body.check(constraints)?;
        Ok(Self { function, name: name.unwrap_or_default(), given })
    }

    fn about(&self) -> (String, Option<Arn>) {
        about(&self.function.by(Some(self.name.clone())))
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Described, Fault> {
        let Self { function, name, given } = self;
        let function = found(lambda, &function)?;
        if function.alias(&name).is_some() {
            let message = format!("Alias already exists: {}:{name}", function.arn);
            return Err(Fault::new(409, "ResourceConflictException", message));
        }
        let alias = given.set(&function, &name)?;
        Ok(Described::of(lambda, &function, &name, &alias))
    }
}

/// Changes what is given, and keeps the rest.
pub(super) struct Update {
    named: Named,
    given: Given,
}

impl Operation for Update {
    const NAME: &'static str = "UpdateAlias";
    const EFFECT: Effect = Effect::Write;
    type Output = Described;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let body: Body = asked.document()?;
        Ok(Self { named: Named::read(asked)?, given: body.check(Constraints::default())? })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Described, Fault> {
        let Self { named, given } = self;
        let (function, alias) = named.find(lambda)?;
        check_revision(lambda, &function, given.revision_id.as_deref(), alias.revision)?;
        let alias = given.set(&function, &named.name)?;
        Ok(Described::of(lambda, &function, &named.name, &alias))
    }
}

pub(super) struct Get(Named);

impl Operation for Get {
    const NAME: &'static str = "GetAlias";
    const EFFECT: Effect = Effect::Read;
    type Output = Described;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(Named::read(asked)?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Described, Fault> {
        let (function, alias) = self.0.find(lambda)?;
        Ok(Described::of(lambda, &function, &self.0.name, &alias))
    }
}

/// Takes an alias away. That it is not there is no error.
pub(super) struct Delete(Named);

impl Operation for Delete {
    const NAME: &'static str = "DeleteAlias";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 204;
    type Output = ();

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(Named::read(asked)?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<(), Fault> {
        let function = found(lambda, &self.0.function)?;
        lambda.check_unpolled(&function, Some(&self.0.name), "DeleteAlias of an alias")?;
        function.remove_alias(&self.0.name);
        Ok(())
    }
}

/// The aliases of a function, or those of one of its versions, by name.
pub(super) struct List {
    function: FunctionRef,
    version: Option<VersionId>,
    after: Option<String>,
    most: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    aliases: Vec<Described>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for List {
    const NAME: &'static str = "ListAliases";
    const EFFECT: Effect = Effect::Read;
    type Output = Listed;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let (function, (most, after)) = (unqualified(asked)?, asked.page(PAGE)?);
        let mut constraints = Constraints::default();
        let version = asked.text("FunctionVersion");
        let id = version.as_deref().and_then(VersionId::parse);
        if let (Some(text), None) = (&version, id) {
            constraints.broken(text, "functionVersion", VERSION);
        }
        constraints.check()?;
        Ok(Self { function, version: id, after, most })
    }

    fn about(&self) -> (String, Option<Arn>) {
        about(&self.function)
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Listed, Fault> {
        let Self { function, version, after, most } = self;
        let function = found(lambda, &function)?;
        let mut aliases = function.aliases();
        aliases.retain(|(name, alias)| {
            version.is_none_or(|version| alias.points_to(version)) && after.as_ref().is_none_or(|after| name > after)
        });
        let page = call.page(aliases.len().min(most));
        let next_marker = aliases[..page].last().filter(|_| page < aliases.len()).map(|(name, _)| name.clone());
        let shown = aliases[..page].iter().map(|(name, alias)| Described::of(lambda, &function, name, alias));
        Ok(Listed { aliases: shown.collect(), next_marker })
    }
}
