//! AddPermission, RemovePermission and GetPolicy.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Named;
use crate::event::{AccountId, Arn};
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::function_ref::LATEST;
use crate::mock::lambda::policy::{CannotAdd, FunctionPolicy, Permission, Statement};
use crate::mock::lambda::service::LambdaService;

/// What a request of AddPermission gives.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    statement_id: Option<String>,
    action: Option<String>,
    principal: Option<String>,
    source_arn: Option<String>,
    source_account: Option<String>,
    event_source_token: Option<String>,
    #[serde(rename = "PrincipalOrgID")]
    principal_org_id: Option<String>,
    revision_id: Option<String>,
    function_url_auth_type: Option<Value>,
    invoked_via_function_url: Option<Value>,
}

/// Whether a text consists of so many of these.
fn consists(text: &str, lengths: std::ops::RangeInclusive<usize>, of: impl Fn(u8) -> bool) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(of)
}

/// The pattern that a member breaks, by AWS's model.
fn pattern(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

impl Given {
    /// Checks what the model asks of each member.
    fn check(&self) -> Result<(), Fault> {
        let mut constraints = Constraints::default();
        let mut check =
            |member: &str, value: &Option<String>, required: bool, rule: &str, fits: &dyn Fn(&str) -> bool| match value
            {
                None if required => constraints.missing(member),
                Some(text) if !fits(text) => constraints.broken(text, member, &pattern(rule)),
                _ => {}
            };
        let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let id = |text: &str| consists(text, 1..=100, word);
        check("statementId", &self.statement_id, true, "([a-zA-Z0-9-_]+)", &id);
        let action = |text: &str| match text.strip_prefix("lambda:") {
            Some("*") => true,
            Some(name) => consists(name, 1..=256, |byte| byte.is_ascii_alphabetic()),
            None => text == "*",
        };
        check("action", &self.action, true, "(lambda:[*]|lambda:[a-zA-Z]+|[*])", &action);
        let principal = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
        check("principal", &self.principal, true, "[^\\s]+", &principal);
        let source = |text: &str| text.parse::<Arn>().is_ok();
        let rule = "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";
        check("sourceArn", &self.source_arn, false, rule, &source);
        check("sourceAccount", &self.source_account, false, "\\d{12}", &|text| AccountId::new(text).is_ok());
        let token = |text: &str| consists(text, 0..=256, |byte| word(byte) || byte == b'.');
        check("eventSourceToken", &self.event_source_token, false, "[a-zA-Z0-9._\\-]+", &token);
        let organization = |text: &str| {
            let of = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            text.strip_prefix("o-").is_some_and(|id| consists(id, 10..=32, of))
        };
        check("principalOrgID", &self.principal_org_id, false, "^o-[a-z0-9]{10,32}$", &organization);
        constraints.check()?;
        if self.function_url_auth_type.is_some() || self.invoked_via_function_url.is_some() {
            return Err(Fault::unsupported("function URLs: FunctionUrlAuthType and InvokedViaFunctionUrl"));
        }
        Ok(())
    }

    fn permission(self) -> Permission {
        Permission {
            statement_id: self.statement_id.unwrap_or_default(),
            action: self.action.unwrap_or_default(),
            principal: self.principal.unwrap_or_default(),
            source_arn: self.source_arn,
            source_account: self.source_account,
            principal_org_id: self.principal_org_id,
            event_source_token: self.event_source_token,
        }
    }
}

/// The function, version or alias, which `$LATEST` is not here.
fn named(asked: &Asked<'_>) -> Result<Named, Fault> {
    let named = Named::read(asked)?;
    if named.function.qualifier.as_deref() == Some(LATEST) {
        return Err(Fault::invalid("We currently do not support adding policies for $LATEST."));
    }
    Ok(named)
}

/// Refuses what was meant for another revision of the policy.
fn check_revision(wanted: Option<&str>, policy: Option<&FunctionPolicy>) -> Result<(), Fault> {
    let now = policy.map(|policy| &*policy.revision);
    if wanted.is_none_or(|wanted| now == Some(wanted)) {
        return Ok(());
    }
    let message = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the \
                   latest Revision Id";
    Err(Fault::new(412, "PreconditionFailedException", message))
}

/// Adds a statement.
pub(in crate::mock::lambda::api) struct Add {
    named: Named,
    revision: Option<String>,
    permission: Permission,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::mock::lambda::api) struct Added {
    statement: String,
}

impl Operation for Add {
    const NAME: &'static str = "AddPermission";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 201;
    type Output = Added;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let given: Given = asked.document()?;
        given.check()?;
        Ok(Self { named: named(asked)?, revision: given.revision_id.clone(), permission: given.permission() })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Added, Fault> {
        let Self { named, revision, permission } = self;
        let (function, _) = named.version(lambda)?;
        let (qualifier, id) = (named.function.qualifier(), permission.statement_id.clone());
        let statement = Statement::new(permission, named.arn(), function.named.region.partition());
        let printed = statement.to_json();
        function.change_policy(qualifier, |policy| {
            check_revision(revision.as_deref(), policy)?;
            let next = FunctionPolicy::with(policy, statement, call.ids("policy").uuid());
            next.map(Some).map_err(|why| match why {
                CannotAdd::Exists => Fault::new(
                    409,
                    "ResourceConflictException",
                    format!(
                        "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the \
                         existing statement."
                    ),
                ),
                CannotAdd::TooLong(_) => Fault::new(400, "PolicyLengthExceededException", why.to_string()),
                CannotAdd::Invalid(_) => Fault::invalid(why.to_string()),
            })
        })?;
        Ok(Added { statement: printed })
    }
}

/// Takes a statement away.
pub(in crate::mock::lambda::api) struct Remove {
    named: Named,
    statement_id: String,
    revision: Option<String>,
}

impl Operation for Remove {
    const NAME: &'static str = "RemovePermission";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 204;
    type Output = ();

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let statement_id = asked.path.get(1).cloned().unwrap_or_default();
        let of = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let mut constraints = Constraints::default();
        if !consists(&statement_id, 1..=100, of) {
            constraints.broken(&statement_id, "statementId", &pattern("([a-zA-Z0-9-_.]+)"));
        }
        constraints.check()?;
        Ok(Self { named: named(asked)?, statement_id, revision: asked.text("RevisionId") })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<(), Fault> {
        let Self { named, statement_id, revision } = self;
        named.find(lambda)?.change_policy(named.function.qualifier(), |policy| {
            let none = || Fault::not_found("No policy is associated with the given resource.");
            let policy = policy.ok_or_else(none)?;
            if !policy.has(&statement_id) {
                return Err(Fault::not_found(format!("Statement {statement_id} is not found in resource policy.")));
            }
            check_revision(revision.as_deref(), Some(policy))?;
            Ok(policy.without(&statement_id, call.ids("policy").uuid()))
        })
    }
}

/// The whole policy.
pub(in crate::mock::lambda::api) struct Get(Named);

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::mock::lambda::api) struct Got {
    policy: String,
    revision_id: String,
}

impl Operation for Get {
    const NAME: &'static str = "GetPolicy";
    const EFFECT: Effect = Effect::Read;
    type Output = Got;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(Named::read(asked)?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Got, Fault> {
        let function = lambda.find(&self.0.function);
        let policy = function.and_then(|function| function.policy(self.0.function.qualifier()));
        let policy = policy.ok_or_else(|| Fault::not_found("The resource you requested does not exist."))?;
        Ok(Got { policy: policy.to_json(), revision_id: policy.revision.clone() })
    }
}
