//! PublishVersion and ListVersionsByFunction.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html>,
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{configuration, summary};
use super::{Named, check_revision};
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::service::LambdaService;
use crate::mock::lambda::version::VersionId;

const LONGEST_DESCRIPTION: usize = 256;
/// The most versions of a page.
const PAGE: usize = 50;

/// Makes a version of what `$LATEST` is.
pub(in crate::mock::lambda::api) struct Publish {
    named: Named,
    body: Body,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    code_sha256: Option<String>,
    description: Option<String>,
    revision_id: Option<String>,
    publish_to: Option<Value>,
}

impl Operation for Publish {
    const NAME: &'static str = "PublishVersion";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 201;
    type Output = Value;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let (named, body): (_, Body) = (Named::unqualified(asked)?, asked.document()?);
        if body.publish_to.is_some() {
            return Err(Fault::unsupported(format_args!("PublishTo of {}", Self::NAME)));
        }
        let mut constraints = Constraints::default();
        constraints.longest("description", body.description.as_deref(), LONGEST_DESCRIPTION);
        constraints.check()?;
        Ok(Self { named, body })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Value, Fault> {
        let Self { named, body: Body { code_sha256, description, revision_id, .. } } = self;
        let function = named.find(lambda)?;
        let latest = function.latest();
        check_revision(lambda, &function, revision_id.as_deref(), latest.revision)?;
        let own = latest.package.as_ref().map_or("", |package| &package.sha256);
        if let Some(given) = code_sha256.filter(|given| !given.is_empty() && given != own) {
            return Err(Fault::invalid(format!(
                "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({own}). Please try again with the \
                 CodeSHA256 in $LATEST."
            )));
        }
        let description = description.filter(|description| !description.is_empty());
        let state = function.publish(description, lambda.kernel().now());
        let arn = format!("{}:{}", function.arn, state.id);
        Ok(configuration(lambda, &function, &state, arn))
    }
}

/// `$LATEST` and the versions that were published, in order.
pub(in crate::mock::lambda::api) struct List {
    named: Named,
    /// The last version of the page before.
    after: Option<VersionId>,
    most: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::mock::lambda::api) struct Listed {
    versions: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for List {
    const NAME: &'static str = "ListVersionsByFunction";
    const EFFECT: Effect = Effect::Read;
    type Output = Listed;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = Named::unqualified(asked)?;
        let (most, marker) = asked.page(PAGE)?;
        let marked = |marker: String| {
            VersionId::parse(&marker).ok_or_else(|| Fault::invalid(format!("Invalid marker: {marker}")))
        };
        Ok(Self { named, after: marker.map(marked).transpose()?, most })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Listed, Fault> {
        let function = self.named.find(lambda)?;
        let mut versions = function.versions();
        versions.retain(|version| self.after.is_none_or(|after| version.id > after));
        let page = call.page(versions.len().min(self.most));
        let last = versions[..page].last().filter(|_| page < versions.len());
        let next_marker = last.map(|last| last.id.to_string());
        let shown = versions[..page]
            .iter()
            .map(|version| summary(lambda, &function, version, format!("{}:{}", function.arn, version.id)));
        Ok(Listed { versions: shown.collect(), next_marker })
    }
}
