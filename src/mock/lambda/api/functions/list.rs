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
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::function::Function;
use crate::mock::lambda::function_ref::LATEST;
use crate::mock::lambda::service::LambdaService;
use crate::mock::lambda::version::{VersionId, VersionState};

/// The most functions of a page.
const PAGE: usize = 50;

/// The functions of the caller, by name.
pub(in crate::mock::lambda::api) struct List {
    account: AccountId,
    region: Region,
    /// Whether each version is listed for itself.
    all_versions: bool,
    /// The last of the page before.
    after: Option<(String, VersionId)>,
    most: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::mock::lambda::api) struct Listed {
    functions: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

/// What a marker means: a name, and the version behind it if that is not `$LATEST`.
fn marked(marker: &str) -> (String, VersionId) {
    let (name, version) = marker.split_once(':').unwrap_or((marker, LATEST));
    (name.to_owned(), VersionId::parse(version).unwrap_or(VersionId::Latest))
}

impl Operation for List {
    const NAME: &'static str = "ListFunctions";
    const EFFECT: Effect = Effect::Read;
    type Output = Listed;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let (most, after) = asked.page(PAGE)?;
        if asked.text("MasterRegion").is_some() {
            return Err(Fault::unsupported("MasterRegion of ListFunctions"));
        }
        let all_versions = match asked.text("FunctionVersion").as_deref() {
            None => false,
            Some("ALL") => true,
            Some(other) => {
                let mut constraints = Constraints::default();
                constraints.broken(other, "functionVersion", "Member must satisfy enum value set: [ALL]");
                return Err(constraints.check().expect_err("one was broken"));
            }
        };
        let after = after.as_deref().map(marked);
        Ok(Self { account: asked.account.clone(), region: asked.region.clone(), all_versions, after, most })
    }

    fn about(&self) -> (String, Option<Arn>) {
        (String::new(), None)
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Listed, Fault> {
        let Self { account, region, all_versions, after, most } = self;
        let mut functions = lambda.all();
        functions.retain(|function| (&function.named.account, &function.named.region) == (&account, &region));
        let mut all: Vec<(Arc<Function>, VersionState)> = Vec::new();
        for function in functions {
            let versions = if all_versions { function.versions() } else { vec![function.latest()] };
            all.extend(versions.into_iter().map(|version| (Arc::clone(&function), version)));
        }
        let place = |(function, version): &(Arc<Function>, VersionState)| (function.named.name.clone(), version.id);
        all.retain(|listed| after.as_ref().is_none_or(|after| place(listed) > *after));
        let page = call.page(all.len().min(most));
        let last = all[..page].last().filter(|_| page < all.len());
        let next_marker = last.map(place).map(|(name, version)| match version {
            VersionId::Latest => name,
            version => format!("{name}:{version}"),
        });
        let shown = |(function, version): &(Arc<Function>, VersionState)| {
            let arn = &function.arn;
            let arn = if all_versions { format!("{arn}:{}", version.id) } else { arn.to_string() };
            summary(lambda, function, version, arn)
        };
        Ok(Listed { functions: all[..page].iter().map(shown).collect(), next_marker })
    }
}
