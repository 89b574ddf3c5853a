//! ListFunctions.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::document::summary;
use crate::event::{AccountId, Arn, Region};
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::function::Function;
use crate::mock::lambda::service::LambdaService;

/// The most functions of a page.
const PAGE: usize = 50;

/// The functions of the caller, by name.
pub(in crate::mock::lambda::api) struct List {
    account: AccountId,
    region: Region,
    /// The name of the last function of the page before.
    after: Option<String>,
    most: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::mock::lambda::api) struct Listed {
    functions: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for List {
    const NAME: &'static str = "ListFunctions";
    const EFFECT: Effect = Effect::Read;
    type Output = Listed;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let (most, after) = asked.page(PAGE)?;
        for name in ["FunctionVersion", "MasterRegion"] {
            if asked.text(name).is_some() {
                return Err(Fault::unsupported(format_args!("{name} of ListFunctions: there are no versions")));
            }
        }
        Ok(Self { account: asked.account.clone(), region: asked.region.clone(), after, most })
    }

    fn about(&self) -> (String, Option<Arn>) {
        (String::new(), None)
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Listed, Fault> {
        let Self { account, region, after, most } = self;
        let mut functions = lambda.all();
        functions.retain(|function| (&function.named.account, &function.named.region) == (&account, &region));
        functions.retain(|function| after.as_ref().is_none_or(|after| function.named.name > *after));
        let page = call.page(functions.len().min(most));
        let last = functions[..page].last().filter(|_| page < functions.len());
        let next_marker = last.map(|last| last.named.name.clone());
        let shown = |function: &Arc<Function>| summary(function, function.arn.to_string());
        Ok(Listed { functions: functions[..page].iter().map(shown).collect(), next_marker })
    }
}
