//! Whom a statement of a resource's policy is about.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use serde_json::Value;

use super::document::texts;
use super::error::InvalidPolicy;
use crate::event::{AccountId, Arn};
use crate::history::Caller;

/// Who asks: the one who has signed, or the session of the role that a function has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who<'a> {
    pub principal: Option<&'a Caller>,
    /// The session's ARN, such as `arn:aws:sts::111111111111:assumed-role/copy-role/copy`.
    pub session: Option<&'a str>,
}

/// How a statement names the one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// By his account, which has to allow it, too.
    Account,
    /// Himself.
    Itself,
}

/// The `Principal` of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Principals {
    named: Vec<Principal>,
    /// Whether it is all but those (`NotPrincipal`).
    inverted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Principal {
    Anyone,
    Account(AccountId),
    /// A user, a role, or the session of one, by its ARN.
    Identity(String),
    /// A service, such as `s3.amazonaws.com`.
    Service(String),
}

/// What ends the name of a service.
const SERVICES: [&str; 2] = [".amazonaws.com", ".amazonaws.com.cn"];

impl Principals {
    pub fn parse(principal: &Value, path: &str) -> Result<Self, InvalidPolicy> {
        if principal == "*" {
            return Ok(Self { named: vec![Principal::Anyone], inverted: false });
        }
        let rule = "the policy of a resource names principals: \"*\", or an object with AWS or Service";
        let members = principal.as_object().filter(|members| !members.is_empty());
        let members = members.ok_or_else(|| InvalidPolicy::new(path, principal, rule))?;
        let mut all = Vec::new();
        for (kind, values) in members {
            let path = format!("{path}.{kind}");
            let (read, rule): (fn(&str) -> Option<Principal>, _) = match kind.as_str() {
                "AWS" => (
                    Principal::of_aws,
                    "it is \"*\", the 12 digits of an account, or the ARN of a user, a role or an account",
                ),
                "Service" => (Principal::of_service, "it is the name of a service, such as s3.amazonaws.com"),
                _ => return Err(InvalidPolicy::lacking(&path, values, "lambda-testkit evaluates AWS and Service")),
            };
            for text in texts(values, &path)? {
                let wrong = || InvalidPolicy::new(&path, &Value::from(&*text), rule);
                all.push(read(&text).ok_or_else(wrong)?);
            }
        }
        Ok(Self { named: all, inverted: false })
    }

    /// All but these.
    pub fn all_others(self) -> Self {
        Self { inverted: true, ..self }
    }

    /// Whether anybody at all is among them.
    pub fn has_anyone(&self) -> bool {
        self.inverted || self.named.contains(&Principal::Anyone)
    }

    /// How they name whoever asks; not at all if none.
    pub fn fit(&self, who: Who<'_>) -> Option<Fit> {
        let mut fits = self.named.iter().filter_map(|principal| principal.fit(who)).collect::<Vec<_>>();
        if self.inverted {
            return fits.is_empty().then_some(Fit::Itself);
        }
        fits.sort_by_key(|fit| *fit == Fit::Account);
        fits.first().copied()
    }
}

impl Principal {
    fn of_aws(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Anyone);
        }
        if let Ok(account) = AccountId::new(text) {
            return Some(Self::Account(account));
        }
        let arn: Arn = text.parse().ok()?;
        let account = arn.account()?.clone();
        let starts = |starts: &[&str]| starts.iter().any(|start| arn.resource().starts_with(start));
        match arn.service() {
            "iam" if arn.resource() == "root" => Some(Self::Account(account)),
            "iam" if starts(&["user/", "role/"]) => Some(Self::Identity(text.to_owned())),
            "sts" if starts(&["assumed-role/"]) => Some(Self::Identity(text.to_owned())),
            _ => None,
        }
    }

    fn of_service(text: &str) -> Option<Self> {
        let name = SERVICES.iter().find_map(|end| text.strip_suffix(end))?;
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        (!name.is_empty() && name.bytes().all(valid)).then(|| Self::Service(text.to_owned()))
    }

    fn fit(&self, Who { principal, session }: Who<'_>) -> Option<Fit> {
        let is_service = principal.is_some_and(Caller::is_service);
        let user = principal.filter(|_| !is_service);
        let (fits, fit) = match self {
            Self::Anyone => (true, Fit::Itself),
            Self::Account(account) => (user.is_some_and(|user| user.account == *account), Fit::Account),
            Self::Service(name) => {
                (is_service && principal.is_some_and(|service| service.principal == *name), Fit::Itself)
            }
            Self::Identity(arn) => {
                let fits = match session {
                    Some(session) => session == arn || is_session_of(session, arn),
                    None => user.is_some_and(|user| user.arn == *arn),
                };
                (fits, Fit::Itself)
            }
        };
        fits.then_some(fit)
    }
}

/// Whether a session is one of this role.
fn is_session_of(session: &str, role: &str) -> bool {
    let Some((account, role)) = role.split_once(":role/") else { return false };
    // A path is no part of a session's name.
    let name = role.rsplit('/').next().unwrap_or(role);
    let account = account.replace(":iam::", ":sts::");
    session.strip_prefix(&format!("{account}:assumed-role/{name}/")).is_some_and(|session| !session.is_empty())
}
