//! Policy documents: what a role may do, and what may be done with a resource, in the JSON of IAM.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use serde_json::{Map, Value};

use super::condition::{Condition, Keys};
use super::error::InvalidPolicy;
use super::glob;
use super::principal::{Fit, Principals, Who};
use super::public;

/// A policy of an identity or of a resource that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyDocument {
    statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    allows: bool,
    /// Whom it is about; none in the policy of an identity.
    principals: Option<Principals>,
    actions: Listed,
    resources: Listed,
    conditions: Vec<Condition>,
}

/// Some patterns, or all but what they stand for (`NotAction`, `NotResource`).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    patterns: Vec<String>,
    inverted: bool,
}

/// What the statements of a policy say about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Of a resource's policy: to the one who asks himself, or to his account.
    Allowed(Fit),
    Denied,
    Nothing,
}

/// What the policy of one resource says of something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign<'a> {
    Action(&'a str),
    Resource(&'a str),
}

/// Whose policy is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Identity,
    Resource,
    /// A resource too, whose requests have the keys of S3.
    Bucket,
}

/// What is asked of a policy: may this be done with that?
pub(super) struct Question<'a> {
    pub action: &'a str,
    pub resource: &'a str,
    /// Tells the values of a key; none if it has no value.
    pub context: &'a dyn Fn(&str) -> Vec<String>,
}

type Parsed<T> = Result<T, InvalidPolicy>;

const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];
const MEMBERS: [&str; 3] = ["Version", "Id", "Statement"];
const OF_STATEMENT: [&str; 7] = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];
/// Of the policy of a resource, which says whom it is about.
const OF_RESOURCES_STATEMENT: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

impl PolicyDocument {
    /// Reads the policy of an identity.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`] names the member, its value and the rule. What is valid on AWS and not evaluated here is
    /// refused, too.
    pub fn parse(document: &Value) -> Parsed<Self> {
        Self::parse_of(document, Owner::Identity)
    }

    /// Reads the policy of a resource, whose statements say whom they are about.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_of_resource(document: &Value) -> Parsed<Self> {
        Self::parse_of(document, Owner::Resource)
    }

    /// Reads the policy of a bucket: as that of another resource, with S3's keys.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_of_bucket(document: &Value) -> Parsed<Self> {
        Self::parse_of(document, Owner::Bucket)
    }

    /// Whether it lets in whom nobody named, in the sense of S3's block public access.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>
    pub fn is_public(&self) -> bool {
        let mut allowing = self.statements.iter().filter(|statement| statement.allows);
        allowing.any(|statement| {
            statement.principals.as_ref().is_some_and(Principals::has_anyone) && !public::narrows(&statement.conditions)
        })
    }

    /// The first action of another service than `service`, or the first resource that is neither `of` nor in it.
    pub fn foreign(&self, service: &str, of: &str) -> Option<Foreign<'_>> {
        let is_foreign = |action: &&String| {
            let prefix = action.split_once(':').map(|(prefix, _)| prefix.to_ascii_lowercase());
            prefix.is_some_and(|prefix| prefix != service)
        };
        self.statements.iter().find_map(|Statement { actions, resources, .. }| {
            let action = actions.patterns.iter().find(is_foreign).map(|action| Foreign::Action(action));
            let outside = |arn: &&String| {
                // What stands for several of them stands for this one, too.
                let whole = arn.split_once('/').map_or(arn.as_str(), |(whole, _)| whole);
                !glob::matches(whole, of)
            };
            action.or_else(|| resources.patterns.iter().find(outside).map(|resource| Foreign::Resource(resource)))
        })
    }

    /// The first action that is about none of the resources of its statement.
    pub fn about_nothing(&self, applies: impl Fn(&str, &str) -> bool) -> Option<&str> {
        let spelt_out =
            self.statements.iter().filter(|statement| !statement.actions.inverted && !statement.resources.inverted);
        spelt_out.into_iter().find_map(|Statement { actions, resources, .. }| {
            let applies = |action: &str| resources.patterns.iter().any(|resource| applies(action, resource));
            actions.patterns.iter().map(String::as_str).find(|action| !applies(action))
        })
    }

    fn parse_of(document: &Value, owner: Owner) -> Parsed<Self> {
        let wrong = |member: &str, value: &Value, rule: &str| Err(InvalidPolicy::new(member, value, rule));
        let Some(members) = document.as_object() else { return wrong("", document, "a policy is a JSON object") };
        known(members, "", &MEMBERS)?;
        if let Some(version) = members.get("Version")
            && !VERSIONS.iter().any(|known| version == known)
        {
            return wrong("Version", version, "it is \"2012-10-17\" or \"2008-10-17\"");
        }
        let statements = match members.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            other => return wrong("Statement", other.unwrap_or(&Value::Null), "a policy has one statement or more"),
        };
        let numbered = statements.into_iter().enumerate();
        let statements =
            numbered.map(|(number, statement)| Statement::parse(statement, &format!("Statement[{number}]"), owner));
        Ok(Self { statements: statements.collect::<Parsed<_>>()? })
    }

    /// What it says to the identity that has it: a statement that denies wins.
    pub(super) fn says(&self, question: &Question<'_>) -> Said {
        said(self.statements.iter().filter(|statement| statement.is_about(question)).map(|one| (one, Fit::Itself)))
    }

    /// What the policy of a resource says to whoever asks.
    pub(super) fn says_to(&self, who: Who<'_>, question: &Question<'_>) -> Said {
        let to = |statement: &Statement| statement.principals.as_ref()?.fit(who);
        let statements = self.statements.iter().filter(|statement| statement.is_about(question));
        said(statements.filter_map(|statement| Some((statement, to(statement)?))))
    }
}

/// What statements that are about a request say together.
fn said<'a>(statements: impl Iterator<Item = (&'a Statement, Fit)>) -> Said {
    let mut said = Said::Nothing;
    for (statement, fit) in statements {
        said = match said {
            _ if !statement.allows => return Said::Denied,
            Said::Allowed(Fit::Itself) => said,
            _ => Said::Allowed(fit),
        };
    }
    said
}

impl Statement {
    fn parse(statement: &Value, path: &str, owner: Owner) -> Parsed<Self> {
        let wrong = |name: &str, value: &Value, rule: &str| {
            Err(InvalidPolicy::new(
                &if name.is_empty() { path.to_owned() } else { format!("{path}.{name}") },
                value,
                rule,
            ))
        };
        let Some(members) = statement.as_object() else { return wrong("", statement, "a statement is a JSON object") };
        let named = members.get("Principal").or(members.get("NotPrincipal"));
        let principals = match (owner, named) {
            (Owner::Identity, None) => None,
            (Owner::Identity, Some(principal)) => {
                return wrong("Principal", principal, "the policy of an identity names no principal");
            }
            (Owner::Resource | Owner::Bucket, _) => match (members.get("Principal"), members.get("NotPrincipal")) {
                (Some(principal), Some(_)) => return wrong("Principal", principal, "it stands beside its opposite"),
                (None, Some(principal)) if members.get("Effect") == Some(&Value::from("Allow")) => {
                    return wrong("NotPrincipal", principal, "Allow with NotPrincipal is not allowed");
                }
                (None, Some(principal)) => {
                    Some(Principals::parse(principal, &format!("{path}.NotPrincipal"))?.all_others())
                }
                (principal, None) => {
                    let principal = principal.unwrap_or(&Value::Null);
                    Some(Principals::parse(principal, &format!("{path}.Principal"))?)
                }
            },
        };
        known(members, path, if owner == Owner::Identity { &OF_STATEMENT } else { &OF_RESOURCES_STATEMENT })?;
        let allows = match members.get("Effect") {
            Some(Value::String(effect)) if effect == "Allow" => true,
            Some(Value::String(effect)) if effect == "Deny" => false,
            other => return wrong("Effect", other.unwrap_or(&Value::Null), "it is \"Allow\" or \"Deny\""),
        };
        let actions = Listed::parse(members, path, "Action", "NotAction", |action| {
            action == "*"
                || action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
        })?;
        let resources =
            Listed::parse(members, path, "Resource", "NotResource", |arn| arn == "*" || arn.starts_with("arn:"))?;
        let conditions = match members.get("Condition") {
            None => Vec::new(),
            Some(conditions) => {
                let keys = match owner {
                    Owner::Identity => Keys::Identity,
                    Owner::Resource => Keys::Resource,
                    Owner::Bucket => Keys::Bucket,
                };
                Condition::parse_all(conditions, &format!("{path}.Condition"), keys)?
            }
        };
        Ok(Self { allows, principals, actions, resources, conditions })
    }

    fn is_about(&self, question: &Question<'_>) -> bool {
        let Question { action, resource, context } = question;
        // Names of actions are compared in any case.
        let action = action.to_ascii_lowercase();
        self.actions.has(|pattern| glob::matches(&pattern.to_ascii_lowercase(), &action))
            && self.resources.has(|pattern| glob::matches(pattern, resource))
            && self.conditions.iter().all(|condition| condition.holds(*context))
    }
}

impl Listed {
    fn parse(members: &Map<String, Value>, path: &str, name: &str, not: &str, fits: fn(&str) -> bool) -> Parsed<Self> {
        let rule = match name {
            "Action" => "actions are spelt service:Action, with * and ? for what may vary, or *",
            _ => "resources are ARNs, with * and ? for what may vary, or *",
        };
        let (name, value, inverted) = match (members.get(name), members.get(not)) {
            (Some(value), None) => (name, value, false),
            (None, Some(value)) => (not, value, true),
            (Some(value), Some(_)) => {
                return Err(InvalidPolicy::new(&format!("{path}.{name}"), value, "it stands beside its opposite"));
            }
            (None, None) => {
                return Err(InvalidPolicy::new(&format!("{path}.{name}"), &Value::Null, "a statement has one"));
            }
        };
        let path = format!("{path}.{name}");
        let patterns = texts(value, &path)?;
        for pattern in &patterns {
            if pattern.contains("${") {
                let rule = "policy variables are not evaluated by lambda-testkit";
                return Err(InvalidPolicy::lacking(&path, &Value::from(&**pattern), rule));
            }
            if !fits(pattern) {
                return Err(InvalidPolicy::new(&path, &Value::from(&**pattern), rule));
            }
        }
        Ok(Self { patterns, inverted })
    }

    fn has(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.patterns.iter().any(|pattern| fits(pattern)) != self.inverted
    }
}

/// Refuses members that there are not.
fn known(members: &Map<String, Value>, path: &str, known: &[&str]) -> Parsed<()> {
    match members.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, value)) => {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            Err(InvalidPolicy::new(&path, value, &format!("there is no such member, but {}", known.join(", "))))
        }
    }
}

/// One text, or a list of them.
pub(super) fn texts(value: &Value, path: &str) -> Parsed<Vec<String>> {
    let wrong = || InvalidPolicy::new(path, value, "it is a text or a list of texts");
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(wrong()),
    };
    match value {
        Value::Array(values) if values.is_empty() => Err(wrong()),
        Value::Array(values) => values.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}
