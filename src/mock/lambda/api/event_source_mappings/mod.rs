//! What triggers functions: Create, Get, List, Update and Delete of EventSourceMapping, for queues.
//!
//! * [`given`]: what a request says of the settings; [`document`]: what is answered.
//! * [`list`]: the one operation that is about many.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>

mod document;
mod given;
mod list;

use super::asked::Asked;
use super::fault::Fault;
use super::{Effect, Operation};
use crate::event::Arn;
use crate::mock::http::Call;
use crate::mock::lambda::callee::Callee;
use crate::mock::lambda::event_source::{Described, MappingFault, MappingUpdate, NewMapping, Owner};
use crate::mock::lambda::function_ref::FunctionRef;
use crate::mock::lambda::service::LambdaService;

use document::Document;
use given::Body;
pub(super) use list::List;

impl Asked<'_> {
    fn owner(&self) -> Owner {
        Owner { account: self.account.clone(), region: self.region.clone() }
    }

    /// The mapping that the path names.
    fn mapping(&self) -> Named {
        let (owner, uuid) = (self.owner(), self.path.first().cloned().unwrap_or_default());
        let there = find(self.lambda, &owner, &uuid).ok();
        // A timeline has no ids but those that are wrong.
        let label = there.as_ref().map_or_else(|| uuid.clone(), |there| there.label.clone());
        Named { owner, uuid, about: (label, there.map(|there| there.arn)) }
    }
}

/// A mapping by its id.
struct Named {
    owner: Owner,
    uuid: String,
    about: (String, Option<Arn>),
}

fn find(lambda: &LambdaService, owner: &Owner, uuid: &str) -> Result<Described, Fault> {
    let mut mappings = lambda.mappings()?.list(owner).into_iter();
    mappings.find(|there| there.uuid == uuid).ok_or_else(|| MappingFault::not_found().into())
}

/// The ARN of a queue.
fn source(text: Option<&str>) -> Result<Arn, Fault> {
    let unrecognized = || Fault::invalid("Unrecognized event source.");
    let arn: Arn = text.ok_or_else(unrecognized)?.parse().map_err(|_| unrecognized())?;
    match arn.service() {
        "sqs" => Ok(arn),
        service @ ("kinesis" | "dynamodb" | "kafka" | "mq" | "rds") => {
            Err(Fault::unsupported(format_args!("{service} as an event source: only sqs")))
        }
        _ => Err(unrecognized()),
    }
}

/// The function of a caller that a name or an ARN means.
fn named(owner: &Owner, name: &str) -> Result<FunctionRef, Fault> {
    FunctionRef::parse(name, None, &owner.account, &owner.region).map_err(|error| Fault::invalid(error.to_string()))
}

/// The owner's function of this name, or its version or alias.
fn function(lambda: &LambdaService, owner: &Owner, name: &str) -> Result<Callee, Fault> {
    let function = lambda.callee(&named(owner, name)?).filter(|function| function.named.account == owner.account);
    function.ok_or_else(|| Fault::invalid("Function does not exist"))
}

/// Makes a mapping.
pub(super) struct Create {
    owner: Owner,
    body: Body,
}

impl Operation for Create {
    const NAME: &'static str = "CreateEventSourceMapping";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 202;
    type Output = Document;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self { owner: asked.owner(), body: asked.document()? })
    }

    fn about(&self) -> (String, Option<Arn>) {
        // As triggers are named.
        let source = self.body.event_source_arn.as_deref().unwrap_or("?");
        let source = source.rsplit(':').next().unwrap_or_default();
        let function = self.body.function_name.as_deref().unwrap_or("?");
        let label = named(&self.owner, function).map(|named| named.label().into_owned());
        (format!("{source} → {}", label.as_deref().unwrap_or(function)), None)
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Document, Fault> {
        let Self { owner, body } = self;
        let given = body.given()?;
        let source = source(body.event_source_arn.as_deref())?;
        let function = function(lambda, &owner, body.function_name.as_deref().unwrap_or_default())?;
        let enabled = body.enabled.unwrap_or(true);
        let new = NewMapping { source, function, given, enabled };
        Ok(Document::of(&lambda.mappings()?.create(new)?))
    }
}

/// Changes what is given, and keeps the rest.
pub(super) struct Update {
    named: Named,
    body: Body,
}

impl Operation for Update {
    const NAME: &'static str = "UpdateEventSourceMapping";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 202;
    type Output = Document;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self { named: asked.mapping(), body: asked.document()? })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about.clone()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Document, Fault> {
        let Self { named: Named { owner, uuid, .. }, body } = self;
        let given = body.given()?;
        find(lambda, &owner, &uuid)?;
        let function = body.function_name.as_deref().map(|name| function(lambda, &owner, name)).transpose()?;
        let update = MappingUpdate { function, given, enabled: body.enabled };
        Ok(Document::of(&lambda.mappings()?.update(&owner, &uuid, update)?))
    }
}

pub(super) struct Get(Named);

impl Operation for Get {
    const NAME: &'static str = "GetEventSourceMapping";
    const EFFECT: Effect = Effect::Read;
    type Output = Document;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(asked.mapping()))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about.clone()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Document, Fault> {
        Ok(Document::of(&find(lambda, &self.0.owner, &self.0.uuid)?))
    }
}

pub(super) struct Delete(Named);

impl Operation for Delete {
    const NAME: &'static str = "DeleteEventSourceMapping";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 202;
    type Output = Document;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(asked.mapping()))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about.clone()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Document, Fault> {
        Ok(Document::of(&lambda.mappings()?.delete(&self.0.owner, &self.0.uuid)?))
    }
}
