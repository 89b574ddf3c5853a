//! A function's configuration as it is answered.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::mock::lambda::function::Function;
use crate::mock::lambda::function_ref::LATEST;

/// What every answer has. What a function in this process does not have is left out: `CodeSize`, `CodeSha256`, `RevisionId`,
/// `RuntimeVersionConfig`, `VpcConfig`.
pub(super) fn summary(function: &Function, arn: String) -> Value {
    let (settings, named) = (function.settings(), &function.named);
    let mut document = json!({
        "Architectures": ["x86_64"],
        "Description": settings.description,
        "EphemeralStorage": { "Size": 512 },
        "FunctionArn": arn,
        "FunctionName": named.name,
        // A program that is its own runtime, as functions in Rust are.
        "Handler": "bootstrap",
        "LastModified": time(function.last_modified()),
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": format!("/aws/lambda/{}", named.name) },
        "MemorySize": settings.memory_size,
        "PackageType": "Zip",
        "Role": format!("arn:{}:iam::{}:role/{}-role", named.region.partition().as_str(), named.account, named.name),
        "Runtime": "provided.al2023",
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "Timeout": settings.timeout.as_secs(),
        "TracingConfig": { "Mode": "PassThrough" },
        "Version": LATEST,
    });
    if let Some(queue) = &settings.dead_letter {
        document["DeadLetterConfig"] = json!({ "TargetArn": queue.to_string() });
    }
    if settings.per_tenant {
        document["TenancyConfig"] = json!({ "TenantIsolationMode": "PER_TENANT" });
    }
    if let Some(variables) = &settings.environment {
        document["Environment"] = json!({ "Variables": variables });
    }
    document
}

/// What answers about one function have. A change is done at once.
pub(super) fn configuration(function: &Function, arn: String) -> Value {
    let mut document = summary(function, arn);
    document["State"] = json!("Active");
    document["LastUpdateStatus"] = json!("Successful");
    document
}

/// As in `2026-01-01T00:00:00.000+0000`.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}
