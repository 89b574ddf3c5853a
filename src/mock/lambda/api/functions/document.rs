//! A function's configuration as it is answered.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::mock::lambda::function::Function;
use crate::mock::lambda::service::LambdaService;
use crate::mock::lambda::version::VersionState;

/// What every answer has. What a function in this process does not have is left out: `RuntimeVersionConfig`, `VpcConfig`, and
/// `CodeSize` and `CodeSha256` of one that was made by a handle.
pub(super) fn summary(lambda: &LambdaService, function: &Function, version: &VersionState, arn: String) -> Value {
    let VersionState { id, settings, package, last_modified, revision } = version;
    let (program, named) = (&settings.program, &function.named);
    let role = program.role.clone().unwrap_or_else(|| {
        format!("arn:{}:iam::{}:role/{}-role", named.region.partition().as_str(), named.account, named.name)
    });
    let mut document = json!({
        "Architectures": [program.architecture],
        "Description": settings.description,
        "EphemeralStorage": { "Size": 512 },
        "FunctionArn": arn,
        "FunctionName": named.name,
        "Handler": program.handler,
        "LastModified": time(*last_modified),
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": format!("/aws/lambda/{}", named.name) },
        "MemorySize": settings.memory_size,
        "PackageType": "Zip",
        "RevisionId": lambda.revision_id(function, *revision),
        "Role": role,
        "Runtime": program.runtime,
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "Timeout": settings.timeout.as_secs(),
        "TracingConfig": { "Mode": "PassThrough" },
        "Version": id.to_string(),
    });
    if let Some(package) = package {
        document["CodeSha256"] = json!(package.sha256);
        document["CodeSize"] = json!(package.size);
    }
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
pub(super) fn configuration(lambda: &LambdaService, function: &Function, version: &VersionState, arn: String) -> Value {
    let mut document = summary(lambda, function, version, arn);
    document["State"] = json!("Active");
    document["LastUpdateStatus"] = json!("Successful");
    document
}

/// As in `2026-01-01T00:00:00.000+0000`.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}
