//! The operations of the Lambda API and how their requests look, so that those that are not supported are refused by name.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::mock::http::query;

/// Name, method, and the path, where `{}` is a parameter; behind `?` what the query has to say. Where two fit, the first does.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html>
const OPERATIONS: [(&str, &str, &str); 88] = [
    ("GetLayerVersionByArn", "GET", "/2018-10-31/layers?find=LayerVersion"),
    ("ListProvisionedConcurrencyConfigs", "GET", "/2019-09-30/functions/{}/provisioned-concurrency?List=ALL"),
    ("AddLayerVersionPermission", "POST", "/2018-10-31/layers/{}/versions/{}/policy"),
    ("AddPermission", "POST", "/2015-03-31/functions/{}/policy"),
    ("CheckpointDurableExecution", "POST", "/2025-12-01/durable-executions/{}/checkpoint"),
    ("CreateAlias", "POST", "/2015-03-31/functions/{}/aliases"),
    ("CreateCapacityProvider", "POST", "/2025-11-30/capacity-providers"),
    ("CreateCodeSigningConfig", "POST", "/2020-04-22/code-signing-configs"),
    ("CreateEventSourceMapping", "POST", "/2015-03-31/event-source-mappings"),
    ("CreateFunction", "POST", "/2015-03-31/functions"),
    ("CreateFunctionUrlConfig", "POST", "/2021-10-31/functions/{}/url"),
    ("DeleteAlias", "DELETE", "/2015-03-31/functions/{}/aliases/{}"),
    ("DeleteCapacityProvider", "DELETE", "/2025-11-30/capacity-providers/{}"),
    ("DeleteCodeSigningConfig", "DELETE", "/2020-04-22/code-signing-configs/{}"),
    ("DeleteEventSourceMapping", "DELETE", "/2015-03-31/event-source-mappings/{}"),
    ("DeleteFunction", "DELETE", "/2015-03-31/functions/{}"),
    ("DeleteFunctionCodeSigningConfig", "DELETE", "/2020-06-30/functions/{}/code-signing-config"),
    ("DeleteFunctionConcurrency", "DELETE", "/2017-10-31/functions/{}/concurrency"),
    ("DeleteFunctionEventInvokeConfig", "DELETE", "/2019-09-25/functions/{}/event-invoke-config"),
    ("DeleteFunctionUrlConfig", "DELETE", "/2021-10-31/functions/{}/url"),
    ("DeleteLayerVersion", "DELETE", "/2018-10-31/layers/{}/versions/{}"),
    ("DeleteProvisionedConcurrencyConfig", "DELETE", "/2019-09-30/functions/{}/provisioned-concurrency"),
    ("DeleteResourcePolicy", "DELETE", "/2026-07-09/resource-policy/{}"),
    ("GetAccountSettings", "GET", "/2016-08-19/account-settings"),
    ("GetAlias", "GET", "/2015-03-31/functions/{}/aliases/{}"),
    ("GetCapacityProvider", "GET", "/2025-11-30/capacity-providers/{}"),
    ("GetCodeSigningConfig", "GET", "/2020-04-22/code-signing-configs/{}"),
    ("GetDurableExecution", "GET", "/2025-12-01/durable-executions/{}"),
    ("GetDurableExecutionHistory", "GET", "/2025-12-01/durable-executions/{}/history"),
    ("GetDurableExecutionState", "GET", "/2025-12-01/durable-executions/{}/state"),
    ("GetEventSourceMapping", "GET", "/2015-03-31/event-source-mappings/{}"),
    ("GetFunction", "GET", "/2015-03-31/functions/{}"),
    ("GetFunctionCodeSigningConfig", "GET", "/2020-06-30/functions/{}/code-signing-config"),
    ("GetFunctionConcurrency", "GET", "/2019-09-30/functions/{}/concurrency"),
    ("GetFunctionConfiguration", "GET", "/2015-03-31/functions/{}/configuration"),
    ("GetFunctionEventInvokeConfig", "GET", "/2019-09-25/functions/{}/event-invoke-config"),
    ("GetFunctionRecursionConfig", "GET", "/2024-08-31/functions/{}/recursion-config"),
    ("GetFunctionScalingConfig", "GET", "/2025-11-30/functions/{}/function-scaling-config"),
    ("GetFunctionUrlConfig", "GET", "/2021-10-31/functions/{}/url"),
    ("GetLayerVersion", "GET", "/2018-10-31/layers/{}/versions/{}"),
    ("GetLayerVersionPolicy", "GET", "/2018-10-31/layers/{}/versions/{}/policy"),
    ("GetPolicy", "GET", "/2015-03-31/functions/{}/policy"),
    ("GetProvisionedConcurrencyConfig", "GET", "/2019-09-30/functions/{}/provisioned-concurrency"),
    ("GetResourcePolicy", "GET", "/2026-07-09/resource-policy/{}"),
    ("GetRuntimeManagementConfig", "GET", "/2021-07-20/functions/{}/runtime-management-config"),
    ("Invoke", "POST", "/2015-03-31/functions/{}/invocations"),
    ("InvokeAsync", "POST", "/2014-11-13/functions/{}/invoke-async"),
    ("InvokeWithResponseStream", "POST", "/2021-11-15/functions/{}/response-streaming-invocations"),
    ("ListAliases", "GET", "/2015-03-31/functions/{}/aliases"),
    ("ListCapacityProviders", "GET", "/2025-11-30/capacity-providers"),
    ("ListCodeSigningConfigs", "GET", "/2020-04-22/code-signing-configs"),
    ("ListDurableExecutionsByFunction", "GET", "/2025-12-01/functions/{}/durable-executions"),
    ("ListEventSourceMappings", "GET", "/2015-03-31/event-source-mappings"),
    ("ListFunctionEventInvokeConfigs", "GET", "/2019-09-25/functions/{}/event-invoke-config/list"),
    ("ListFunctionUrlConfigs", "GET", "/2021-10-31/functions/{}/urls"),
    ("ListFunctionVersionsByCapacityProvider", "GET", "/2025-11-30/capacity-providers/{}/function-versions"),
    ("ListFunctions", "GET", "/2015-03-31/functions"),
    ("ListFunctionsByCodeSigningConfig", "GET", "/2020-04-22/code-signing-configs/{}/functions"),
    ("ListLayerVersions", "GET", "/2018-10-31/layers/{}/versions"),
    ("ListLayers", "GET", "/2018-10-31/layers"),
    ("ListTags", "GET", "/2017-03-31/tags/{}"),
    ("ListVersionsByFunction", "GET", "/2015-03-31/functions/{}/versions"),
    ("PublishLayerVersion", "POST", "/2018-10-31/layers/{}/versions"),
    ("PublishVersion", "POST", "/2015-03-31/functions/{}/versions"),
    ("PutFunctionCodeSigningConfig", "PUT", "/2020-06-30/functions/{}/code-signing-config"),
    ("PutFunctionConcurrency", "PUT", "/2017-10-31/functions/{}/concurrency"),
    ("PutFunctionEventInvokeConfig", "PUT", "/2019-09-25/functions/{}/event-invoke-config"),
    ("PutFunctionRecursionConfig", "PUT", "/2024-08-31/functions/{}/recursion-config"),
    ("PutFunctionScalingConfig", "PUT", "/2025-11-30/functions/{}/function-scaling-config"),
    ("PutProvisionedConcurrencyConfig", "PUT", "/2019-09-30/functions/{}/provisioned-concurrency"),
    ("PutResourcePolicy", "PUT", "/2026-07-09/resource-policy/{}"),
    ("PutRuntimeManagementConfig", "PUT", "/2021-07-20/functions/{}/runtime-management-config"),
    ("RemoveLayerVersionPermission", "DELETE", "/2018-10-31/layers/{}/versions/{}/policy/{}"),
    ("RemovePermission", "DELETE", "/2015-03-31/functions/{}/policy/{}"),
    ("SendDurableExecutionCallbackFailure", "POST", "/2025-12-01/durable-execution-callbacks/{}/fail"),
    ("SendDurableExecutionCallbackHeartbeat", "POST", "/2025-12-01/durable-execution-callbacks/{}/heartbeat"),
    ("SendDurableExecutionCallbackSuccess", "POST", "/2025-12-01/durable-execution-callbacks/{}/succeed"),
    ("StopDurableExecution", "POST", "/2025-12-01/durable-executions/{}/stop"),
    ("TagResource", "POST", "/2017-03-31/tags/{}"),
    ("UntagResource", "DELETE", "/2017-03-31/tags/{}"),
    ("UpdateAlias", "PUT", "/2015-03-31/functions/{}/aliases/{}"),
    ("UpdateCapacityProvider", "PUT", "/2025-11-30/capacity-providers/{}"),
    ("UpdateCodeSigningConfig", "PUT", "/2020-04-22/code-signing-configs/{}"),
    ("UpdateEventSourceMapping", "PUT", "/2015-03-31/event-source-mappings/{}"),
    ("UpdateFunctionCode", "PUT", "/2015-03-31/functions/{}/code"),
    ("UpdateFunctionConfiguration", "PUT", "/2015-03-31/functions/{}/configuration"),
    ("UpdateFunctionEventInvokeConfig", "POST", "/2019-09-25/functions/{}/event-invoke-config"),
    ("UpdateFunctionUrlConfig", "PUT", "/2021-10-31/functions/{}/url"),
];

/// An operation that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub name: &'static str,
    /// What stands at the parameters of the path, decoded.
    pub parameters: Vec<String>,
}

/// The operation that a request asks for.
pub(super) fn find(method: &Method, path: &str, text: &str) -> Option<Found> {
    let is_marked =
        |marks: &str| marks.split_once('=').is_none_or(|(n, v)| query::value(text, n).is_some_and(|s| s == v));
    let is_it = |template: &str| {
        let (template, marks) = template.split_once('?').unwrap_or((template, ""));
        has_path(template, path) && is_marked(marks)
    };
    let mut operations = OPERATIONS.iter().filter(|(_, with, _)| method == *with);
    let (name, _, template) = operations.find(|(.., template)| is_it(template))?;
    let template = template.split_once('?').map_or(*template, |(path, _)| path);
    let segments = template.split('/').zip(path.split('/'));
    let parameters = segments.filter(|(wanted, _)| *wanted == "{}");
    let parameters = parameters.map(|(_, segment)| percent_decode_str(segment).decode_utf8_lossy().into_owned());
    Some(Found { name, parameters: parameters.collect() })
}

/// Whether any operation has such a path, whatever the method. What only a query tells apart has the path of another.
pub(super) fn is_path(path: &str) -> bool {
    OPERATIONS.iter().any(|(.., template)| has_path(template, path))
}

fn has_path(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let same = template.split('/').all(|wanted| {
        segments.next().is_some_and(|segment| segment == wanted || (wanted == "{}" && !segment.is_empty()))
    });
    same && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_method_path_and_query() {
        for (method, target, name) in [
            (Method::POST, "/2015-03-31/functions/f/invocations", Some("Invoke")),
            (Method::GET, "/2015-03-31/functions/f/invocations", None),
            (Method::POST, "/2015-03-31/functions//invocations", None),
            (Method::POST, "/2015-03-31/functions/f/invocations/more", None),
            (Method::DELETE, "/2015-03-31/functions/arn%3Aaws%3Alambda", Some("DeleteFunction")),
            (Method::GET, "/2018-10-31/layers?find=LayerVersion&Arn=a", Some("GetLayerVersionByArn")),
            (Method::GET, "/2018-10-31/layers", Some("ListLayers")),
            (Method::GET, "/2019-09-25/functions/f/event-invoke-config/list", Some("ListFunctionEventInvokeConfigs")),
        ] {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let found = find(&method, path, query);
            assert_eq!(found.map(|found| found.name), name, "{method} {target}");
        }
        let found = find(&Method::DELETE, "/2015-03-31/functions/arn%3Aaws%3Alambda/policy/s-1", "").unwrap();
        assert_eq!((found.name, found.parameters), ("RemovePermission", vec!["arn:aws:lambda".into(), "s-1".into()]));
    }
}
