//! The environment variables that Lambda itself sets.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>

use super::settings::Settings;
use crate::event::invoke::InvocationContext;
use crate::history::InvocationInfo;

/// Those of a function in Rust, which is its own runtime. The credentials are left out, for clients have theirs from the cloud's
/// configuration, and `AWS_LAMBDA_RUNTIME_API`, for there is none.
pub(super) fn of_lambda(info: &InvocationInfo, settings: &Settings) -> Vec<(&'static str, String)> {
    let InvocationContext { function_name, function_version, log_group_name, log_stream_name, .. } = &info.context;
    let region = info.arn.region().map(ToString::to_string).unwrap_or_default();
    let managed = settings.managed;
    let initialised = if managed { "lambda-managed-instances" } else { "on-demand" };
    let mut variables = vec![
        ("AWS_DEFAULT_REGION", region.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", info.context.memory_limit_in_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", function_name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", function_version.clone()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", initialised.to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", log_group_name.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", log_stream_name.clone()),
        ("AWS_REGION", region),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
        ("LAMBDA_TASK_ROOT", "/var/task".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
    ];
    if managed {
        variables.push(("AWS_LAMBDA_MAX_CONCURRENCY", settings.per_environment.to_string()));
    }
    if let Some(header) = &info.context.trace_header {
        variables.push(("_X_AMZN_TRACE_ID", header.clone()));
    }
    variables
}
