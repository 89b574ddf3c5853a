//! The operations that set functions up: what is set by them is what the verbs of handles set.
//!
//! * [`asked`]: what a request says; [`constraint`]: what the model asks of it; [`fault`]: how it is refused.
//! * One room for each group of operations: [`functions`], [`aliases`], [`event_invoke_config`], [`event_source_mappings`]. All are in the one
//!   [`TABLE`].

mod aliases;
mod asked;
mod constraint;
mod event_invoke_config;
mod event_source_mappings;
mod fault;
mod functions;

use bytes::Bytes;
use http::Response;
use serde::Serialize;

use super::protocol::{INVOKE, INVOKE_WITH_STREAM};
use super::service::LambdaService;
use crate::event::Arn;
use crate::history::RequestInfo;
use crate::mock::http::{Call, Effect};

pub(super) use asked::Asked;
pub(super) use constraint::Constraints;
pub(super) use fault::{Fault, response};
pub(crate) use functions::check_variables;

/// An operation: the value is its input, read from a request.
trait Operation: Sized + Send + 'static {
    /// The name in the API, as [`operations`](super::operations) has it with its method and path.
    const NAME: &'static str;
    const EFFECT: Effect;
    /// The status of a success. 204 has no document.
    const STATUS: u16 = 200;
    /// The document of a success.
    type Output: Serialize;

    /// Reads what is asked.
    fn read(asked: &Asked<'_>) -> Result<Self, Fault>;

    /// What it is about: the name, as timelines show it, and the ARN, as permissions name it.
    fn about(&self) -> (String, Option<Arn>);

    /// Does it. Whether the caller may was decided before.
    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Self::Output, Fault>;
}

/// An operation without its types.
pub(super) struct Known {
    pub name: &'static str,
    pub effect: Effect,
    pub read: fn(&Asked<'_>) -> Result<Ready, Fault>,
}

/// A request that was read.
pub(super) struct Ready {
    pub info: RequestInfo,
    pub run: Run,
}

type Run = Box<dyn FnOnce(&LambdaService, &Call) -> Result<Response<Bytes>, Fault> + Send>;

/// All of them.
const TABLE: &[Known] = &[
    Known::of::<functions::create::Create>(),
    Known::of::<functions::get::Get>(),
    Known::of::<functions::get::GetConfiguration>(),
    Known::of::<functions::list::List>(),
    Known::of::<functions::update::Update>(),
    Known::of::<functions::code::UpdateCode>(),
    Known::of::<functions::delete::Delete>(),
    Known::of::<functions::versions::Publish>(),
    Known::of::<functions::versions::List>(),
    Known::of::<aliases::Create>(),
    Known::of::<aliases::Get>(),
    Known::of::<aliases::List>(),
    Known::of::<aliases::Update>(),
    Known::of::<aliases::Delete>(),
    Known::of::<functions::concurrency::Put>(),
    Known::of::<functions::concurrency::Get>(),
    Known::of::<functions::concurrency::Delete>(),
    Known::of::<functions::policy::Add>(),
    Known::of::<functions::policy::Remove>(),
    Known::of::<functions::policy::Get>(),
    Known::of::<functions::recursion::Put>(),
    Known::of::<functions::recursion::Get>(),
    Known::of::<functions::tags::List>(),
    Known::of::<functions::tags::Tag>(),
    Known::of::<functions::tags::Untag>(),
    Known::of::<event_invoke_config::Put>(),
    Known::of::<event_invoke_config::Update>(),
    Known::of::<event_invoke_config::Get>(),
    Known::of::<event_invoke_config::Delete>(),
    Known::of::<event_invoke_config::List>(),
    Known::of::<event_source_mappings::Create>(),
    Known::of::<event_source_mappings::Get>(),
    Known::of::<event_source_mappings::List>(),
    Known::of::<event_source_mappings::Update>(),
    Known::of::<event_source_mappings::Delete>(),
];

/// Their names, and those of the two that invoke a function, which are no such operations.
pub(super) const NAMES: [&str; TABLE.len() + 2] = {
    let mut names = [INVOKE; TABLE.len() + 2];
    names[1] = INVOKE_WITH_STREAM;
    let mut place = 0;
    while place < TABLE.len() {
        names[place + 2] = TABLE[place].name;
        place += 1;
    }
    names
};

/// The operation of this name.
pub(super) fn find(name: &str) -> Option<&'static Known> {
    TABLE.iter().find(|known| known.name == name)
}

impl Known {
    const fn of<O: Operation>() -> Self {
        Self { name: O::NAME, effect: O::EFFECT, read: read::<O> }
    }
}

fn read<O: Operation>(asked: &Asked<'_>) -> Result<Ready, Fault> {
    let operation = O::read(asked)?;
    let (resource, arn) = operation.about();
    let info = RequestInfo::new("lambda", O::NAME, asked.region).on(resource, arn);
    let run: Run = Box::new(move |lambda, call| {
        let output = operation.run(lambda, call)?;
        let body = match O::STATUS {
            204 => Vec::new(),
            _ => serde_json::to_vec(&output).expect("documents have string keys"),
        };
        Ok(response(O::STATUS, call).body(Bytes::from(body)).expect("the headers are constants"))
    });
    Ok(Ready { info: info.action(format!("lambda:{}", O::NAME)), run })
}
