//! Environment variables that functions may have.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use std::collections::BTreeMap;

use serde_json::json;

use crate::history::RefusedWith;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;

/// How long all names and values are together, as JSON.
const LONGEST: usize = 4_096;

/// What Lambda sets itself.
const RESERVED: [&str; 19] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Whether a function may have them, as whoever sets them by a verb is told.
///
/// # Errors
///
/// AWS's code and message, if it may not.
pub(crate) fn check_variables(variables: &BTreeMap<String, String>) -> Result<(), RefusedWith> {
    let mut constraints = Constraints::default();
    constrain(variables, &mut constraints);
    let checked = constraints.check().and_then(|()| check(variables));
    checked.map_err(|fault| RefusedWith { code: fault.code.to_owned(), message: fault.message })
}

/// Whether each name is one.
pub(super) fn constrain(variables: &BTreeMap<String, String>, constraints: &mut Constraints) {
    for name in variables.keys().filter(|name| !RESERVED.contains(&name.as_str())) {
        let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if name.len() < 2 || !letters || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let rule = "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \
                        [a-zA-Z]([a-zA-Z0-9_])+]";
            constraints.broken(name, "environment.variables", rule);
        }
    }
}

/// Whether a function may have them.
pub(super) fn check(variables: &BTreeMap<String, String>) -> Result<(), Fault> {
    let refused = |why: String| {
        let begin = "Lambda was unable to configure your environment variables because the environment variables you have \
                     provided";
        Err(Fault::invalid(format!("{begin} {why}")))
    };
    let reserved: Vec<&str> = variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return refused(format!(
            "contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {}",
            reserved.join(", ")
        ));
    }
    let measured = json!(variables).to_string();
    if measured.len() > LONGEST {
        return refused(format!("exceeded the 4KB limit. String measured: {measured}"));
    }
    Ok(())
}
