//! ListEventSourceMappings.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html>

use serde::Serialize;

use super::document::Document;
use super::named;
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::event_source::{Described, Owner};
use crate::mock::lambda::function_ref::FunctionRef;
use crate::mock::lambda::service::LambdaService;

/// The most mappings of a page.
const PAGE: usize = 100;

pub(in crate::mock::lambda::api) struct List {
    owner: Owner,
    source: Option<String>,
    function: Option<FunctionRef>,
    marker: Option<String>,
    most: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::mock::lambda::api) struct Listed {
    event_source_mappings: Vec<Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

/// Whether a mapping is for a function by whatever qualifier, or, if one is named, for that version or alias.
fn is_for(mapping: &Described, function: &FunctionRef) -> bool {
    match function.is_latest() {
        true => mapping.function == function.arn(),
        false => mapping.function_arn == function.qualified_arn(),
    }
}

impl Operation for List {
    const NAME: &'static str = "ListEventSourceMappings";
    const EFFECT: Effect = Effect::Read;
    type Output = Listed;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let (most, marker) = asked.page(PAGE)?;
        let owner = asked.owner();
        let function = asked.text("FunctionName").map(|name| named(&owner, &name)).transpose()?;
        let source = asked.text("EventSourceArn");
        Ok(Self { owner, source, function, marker, most })
    }

    fn about(&self) -> (String, Option<Arn>) {
        (String::new(), None)
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Listed, Fault> {
        let mut all = lambda.mappings()?.list(&self.owner);
        all.retain(|mapping| {
            self.source.as_ref().is_none_or(|source| mapping.source.to_string() == *source)
                && self.function.as_ref().is_none_or(|function| is_for(mapping, function))
        });
        if let Some(marker) = self.marker {
            let last = all.iter().position(|mapping| mapping.uuid == marker);
            let last = last.ok_or_else(|| Fault::invalid(format!("Invalid marker: {marker}")))?;
            all.drain(..=last);
        }
        let page = call.page(all.len().min(self.most));
        let next_marker = (page < all.len()).then(|| all[..page].last()).flatten().map(|last| last.uuid.clone());
        all.truncate(page);
        Ok(Listed { event_source_mappings: all.iter().map(Document::of).collect(), next_marker })
    }
}
