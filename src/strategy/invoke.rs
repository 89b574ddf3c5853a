//! What surrounds invocations: contexts, destination records, function errors.

use std::time::Duration;

use super::draws::Draws;
use super::place::{ACCOUNTS, REGIONS, UnknownMembers, time, unknown_members};
use super::tree::Generate;
use super::{invoke_payload, scheduled_input, strategy, text};
use crate::event::invoke::{
    ClientContext, CognitoIdentity, DestinationCondition, DestinationRecord, FunctionError, InvocationContext,
};
use crate::event::{Arn, Json};

/// A strategy for what a function sees of its invocation: versions and aliases, all regions, client contexts,
/// identities, tenants.
pub fn invocation_context() -> InvocationContexts {
    InvocationContexts(())
}

/// A strategy for the records that Lambda sends to destinations: after success, after failure of every kind, and when
/// the function never ran.
pub fn destination_record() -> DestinationRecords {
    DestinationRecords(UnknownMembers::default())
}

/// A strategy for payloads of failed invocations: of several runtimes, time-outs, ended processes.
pub fn function_error() -> FunctionErrors {
    FunctionErrors(())
}

/// The strategy of [`invocation_context`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct InvocationContexts(());

impl Generate for InvocationContexts {
    type Value = InvocationContext;

    fn generate(&self, source: &mut Draws<'_>) -> InvocationContext {
        let name = text::word(source);
        let mut context = InvocationContext::new(name.as_str()).request_id(text::uuid(source)).deadline(time(source));
        let region = source.pick(&REGIONS);
        let account = source.pick(&ACCOUNTS);
        context.invoked_function_arn = Arn::regional("lambda", region, account, format!("function:{name}"));
        context.memory_limit_in_mb = *source.pick(&[128, 1024, 10_240]);
        if source.one_in(2) {
            const QUALIFIERS: [(&str, &str); 3] = [("$LATEST", "$LATEST"), ("live", "7"), ("42", "42")];
            let (qualifier, version) = *source.pick(&QUALIFIERS);
            context = context.qualifier(qualifier, version);
        }
        if source.one_in(4) {
            context = context.client_context(client_context(source));
        }
        if source.one_in(4) {
            context = context.trace_header(text::trace_header(source));
        }
        if source.one_in(8) {
            context = context.tenant_id(text::word(source));
        }
        if source.one_in(8) {
            context.identity = Some(CognitoIdentity {
                cognito_identity_id: format!("{region}:{}", text::uuid(source)),
                cognito_identity_pool_id: format!("{region}:{}", text::uuid(source)),
                unknown: crate::event::Object::new(),
            });
        }
        context
    }
}

strategy!(InvocationContexts);

/// What a caller hands over: objects of its own, and those that the mobile SDKs fill.
pub(super) fn client_context(source: &mut Draws<'_>) -> ClientContext {
    const ENV: [&str; 4] = ["platform", "model", "make", "locale"];
    const CLIENT: [&str; 4] = ["installation_id", "app_title", "app_version_code", "app_package_name"];
    let mut context = ClientContext { custom: Some(sample_object(source)), ..ClientContext::default() };
    if source.one_in(2) {
        context.client = Some(words(source, &CLIENT));
    }
    if source.one_in(2) {
        context.env = Some(words(source, &ENV));
    }
    context
}

fn words(source: &mut Draws<'_>, names: &[&str]) -> crate::event::Object {
    names.iter().map(|name| (*name, Json::String(text::word(source)))).collect()
}

fn sample_object(source: &mut Draws<'_>) -> crate::event::Object {
    match scheduled_input().generate(source) {
        Json::Object(members) => members,
        _ => crate::event::Object::new(),
    }
}

/// The strategy of [`destination_record`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct DestinationRecords(UnknownMembers);

impl DestinationRecords {
    unknown_members!();

    fn with_unknown(self, unknown: UnknownMembers) -> Self {
        Self(unknown)
    }
}

impl Generate for DestinationRecords {
    type Value = DestinationRecord;

    fn generate(&self, source: &mut Draws<'_>) -> DestinationRecord {
        let context = invocation_context().generate(source);
        let payload = invoke_payload().generate(source);
        let record = match source.up_to(3) {
            0 => {
                let response = invoke_payload().generate(source);
                DestinationRecord::success(&context, payload, response, source.between(1..=3))
            }
            1 => {
                let error = function_error().generate(source);
                DestinationRecord::failure(&context, payload, &error, source.between(1..=3))
            }
            2 => DestinationRecord::new(&context, payload, DestinationCondition::ZeroReservedConcurrency, 0),
            _ => {
                let error = function_error().generate(source);
                let condition = DestinationCondition::EventAgeExceeded;
                let record = DestinationRecord::new(&context, payload, condition, source.between(1..=2));
                record.answered(&context, error.to_json(), Some("Unhandled"))
            }
        };
        let mut record = record.timestamp(time(source));
        self.0.add(source, &mut record.unknown);
        record
    }
}

strategy!(DestinationRecords);

/// The strategy of [`function_error`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct FunctionErrors(());

impl Generate for FunctionErrors {
    type Value = FunctionError;

    fn generate(&self, source: &mut Draws<'_>) -> FunctionError {
        const TYPES: [&str; 5] =
            ["Error", "java.lang.RuntimeException", "Function<RuntimeError>", "&str", "errorString"];
        let kind = source.up_to(5);
        if kind < 2 {
            let mut error = FunctionError::new(*source.pick::<&str>(&TYPES), text::nasty(source));
            if kind == 1 {
                let frames = source.list(0..=3, 1, |source, _| Json::String(text::nasty(source)));
                let name = *source.pick::<&str>(&["stackTrace", "trace"]);
                error.unknown.insert(name, Json::Array(frames));
            }
            return error;
        }
        let id = text::uuid(source);
        match kind {
            2 => FunctionError::timeout(&id, Duration::from_millis(source.between(1000..=900_000))),
            3 => FunctionError::exited(&id),
            4 => FunctionError::exit_status(&id, 127),
            _ => FunctionError::response_too_large(),
        }
    }
}

strategy!(FunctionErrors);
