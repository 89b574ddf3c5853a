//! ListTags, TagResource and UntagResource, of functions.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Named;
use crate::event::Arn;
use crate::mock::http::{Call, Effect, query};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::service::LambdaService;

/// How many a function has at most, and how long they are in characters.
const MOST: usize = 50;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// The function whose ARN the path has.
fn tagged(asked: &Asked<'_>) -> Result<Named, Fault> {
    let text = asked.path.first().map(String::as_str).unwrap_or_default();
    let mut constraints = Constraints::default();
    match text.parse::<Arn>() {
        Err(_) => {
            let rule = "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|\
                        (-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|\
                        layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[a-f0-9]{8}-\
                        [a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12})";
            constraints.broken(text, "resource", rule);
        }
        Ok(arn) if !arn.resource().starts_with("function:") => {
            return Err(Fault::unsupported(format_args!("tags of {text}: only those of functions")));
        }
        Ok(_) => {}
    }
    constraints.check()?;
    let named = Named::read(asked)?;
    if named.function.qualifier.is_some() {
        let message = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
        return Err(Fault::invalid(message));
    }
    Ok(named)
}

/// Whether each tag may be one.
pub(super) fn check(tags: &BTreeMap<String, String>) -> Result<(), Fault> {
    for (key, value) in tags {
        let refused = |rule: &str| Err(Fault::invalid(format!("The tag '{key}' is invalid: {rule}")));
        if key.is_empty() || key.chars().count() > LONGEST_KEY {
            return refused("a key has 1 to 128 characters");
        }
        if value.chars().count() > LONGEST_VALUE {
            return refused("a value has at most 256 characters");
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return refused("keys that begin with aws: are AWS's own");
        }
    }
    Ok(())
}

/// Whether a function may have so many.
pub(super) fn check_count(tags: &BTreeMap<String, String>) -> Result<(), Fault> {
    match tags.len() {
        0..=MOST => Ok(()),
        count => Err(Fault::invalid(format!("A function has at most {MOST} tags, and would have {count}"))),
    }
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::mock::lambda::api) struct Tags {
    tags: Option<BTreeMap<String, String>>,
}

pub(in crate::mock::lambda::api) struct List(Named);

impl Operation for List {
    const NAME: &'static str = "ListTags";
    const EFFECT: Effect = Effect::Read;
    type Output = Tags;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(tagged(asked)?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Tags, Fault> {
        Ok(Tags { tags: Some(self.0.find(lambda)?.tags()) })
    }
}

/// Adds tags, or replaces those of the same keys.
pub(in crate::mock::lambda::api) struct Tag {
    named: Named,
    tags: BTreeMap<String, String>,
}

impl Operation for Tag {
    const NAME: &'static str = "TagResource";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 204;
    type Output = ();

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = tagged(asked)?;
        let Tags { tags } = asked.document()?;
        let mut constraints = Constraints::default();
        if tags.is_none() {
            constraints.missing("tags");
        }
        constraints.check()?;
        let tags = tags.unwrap_or_default();
        check(&tags)?;
        Ok(Self { named, tags })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<(), Fault> {
        let Self { named, tags } = self;
        let function = named.find(lambda)?;
        let mut all = function.tags();
        all.extend(tags);
        check_count(&all)?;
        function.change_tags(|tags| *tags = all);
        Ok(())
    }
}

/// Takes tags away. Those that are not there are no error.
pub(in crate::mock::lambda::api) struct Untag {
    named: Named,
    keys: Vec<String>,
}

impl Operation for Untag {
    const NAME: &'static str = "UntagResource";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 204;
    type Output = ();

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = tagged(asked)?;
        let pairs = query::pairs(asked.request.uri().query().unwrap_or_default());
        let keys: Vec<String> = pairs.filter(|(name, _)| name == "tagKeys").map(|(_, key)| key.into_owned()).collect();
        let mut constraints = Constraints::default();
        if keys.is_empty() {
            constraints.missing("tagKeys");
        }
        constraints.check()?;
        Ok(Self { named, keys })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<(), Fault> {
        let Self { named, keys } = self;
        named.find(lambda)?.change_tags(|tags| tags.retain(|key, _| !keys.contains(key)));
        Ok(())
    }
}
