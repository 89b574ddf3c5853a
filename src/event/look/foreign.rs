//! Events of AWS that this crate has no types for, so that a message can name them.

use serde_json::{Map, Value};

/// The sources of records, and of documents that have an `eventSource` of their own.
const SOURCES: [(&str, &str); 9] = [
    ("aws:kinesis", "a Kinesis stream event"),
    ("aws:dynamodb", "a DynamoDB stream event"),
    ("aws:ses", "an SES event"),
    ("aws:codecommit", "a CodeCommit event"),
    ("aws:kafka", "an Amazon MSK event"),
    ("SelfManagedKafka", "a Kafka event"),
    ("aws:mq", "an Amazon MQ event (ActiveMQ)"),
    ("aws:rmq", "an Amazon MQ event (RabbitMQ)"),
    ("aws:docdb", "a DocumentDB event"),
];

/// Members that, together, only one kind of document has. `a.b` is the member `b` of the member `a`. The more special
/// rows come first.
const MEMBERS: [(&[&str], &str); 17] = [
    (&["requestContext.elb"], "a request of an Application Load Balancer"),
    (&["requestContext.http", "rawPath"], "an API Gateway request (HTTP API or function URL)"),
    (&["requestContext.connectionId"], "an API Gateway request (WebSocket API)"),
    (&["requestContext", "httpMethod"], "an API Gateway request (REST API)"),
    (&["methodArn", "type"], "a request to an API Gateway authorizer"),
    (&["routeArn", "type"], "a request to an API Gateway authorizer"),
    (&["deliveryStreamArn", "records"], "a Data Firehose event"),
    (&["awslogs.data"], "a CloudWatch Logs event"),
    (&["alarmData", "alarmArn"], "a CloudWatch alarm action"),
    (&["triggerSource", "userPoolId"], "a Cognito trigger"),
    (&["RequestType", "ResponseURL"], "a CloudFormation custom resource request"),
    (&["getObjectContext", "xAmzRequestId"], "an S3 Object Lambda request"),
    (&["invocationSchemaVersion", "tasks"], "an S3 Batch Operations request"),
    (&["invokingEvent", "ruleParameters"], "an AWS Config rule event"),
    (&["Token", "SubscribeURL"], "an SNS subscription confirmation"),
    (&["Step", "SecretId"], "a Secrets Manager rotation request"),
    (&["sessionState", "bot"], "an Amazon Lex request"),
];

/// What a document looks like that is an event of AWS, and of no family that this crate knows.
pub(crate) fn unsupported(document: &Value) -> Option<&'static str> {
    let members = document.as_object()?;
    let first = members.get("Records").and_then(|records| records.get(0));
    let holder = first.unwrap_or(document);
    if let Some(source) = super::RecordFamily::source(holder) {
        return SOURCES.iter().find(|(known, _)| *known == source).map(|(_, name)| *name);
    }
    if first.is_some_and(|record| record.get("cf").is_some()) {
        return Some("a CloudFront event (Lambda@Edge)");
    }
    let fits = |paths: &[&str]| paths.iter().all(|path| has(members, path));
    MEMBERS.iter().find(|(paths, _)| fits(paths)).map(|(_, name)| *name)
}

fn has(members: &Map<String, Value>, path: &str) -> bool {
    match path.split_once('.') {
        Some((outer, inner)) => members.get(outer).is_some_and(|member| member.get(inner).is_some()),
        None => members.contains_key(path),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::unsupported;
    use crate::fixture;

    #[test]
    fn events_of_other_services_are_named() {
        for (document, name) in [
            (json!({"Records": [{"eventSource": "aws:kinesis", "kinesis": {}}]}), "a Kinesis stream event"),
            (json!({"Records": [{"eventSource": "aws:dynamodb"}]}), "a DynamoDB stream event"),
            (json!({"eventSource": "aws:kafka", "records": {}}), "an Amazon MSK event"),
            (json!({"Records": [{"cf": {"config": {}}}]}), "a CloudFront event (Lambda@Edge)"),
            (json!({"httpMethod": "GET", "requestContext": {"stage": "prod"}}), "an API Gateway request (REST API)"),
            (
                json!({"rawPath": "/", "requestContext": {"http": {}}}),
                "an API Gateway request (HTTP API or function URL)",
            ),
            (json!({"httpMethod": "GET", "requestContext": {"elb": {}}}), "a request of an Application Load Balancer"),
            (json!({"awslogs": {"data": "H4sI"}}), "a CloudWatch Logs event"),
            (
                json!({"Type": "SubscriptionConfirmation", "Token": "x", "SubscribeURL": "https://…"}),
                "an SNS subscription confirmation",
            ),
        ] {
            assert_eq!(unsupported(&document), Some(name), "{document}");
        }
        for document in [json!({}), json!([]), json!({"user": 7}), json!({"Records": []}), json!({"Records": [1]})] {
            assert_eq!(unsupported(&document), None, "{document}");
        }
    }

    #[test]
    fn no_known_event_is_taken_for_one_of_another_service() {
        for name in fixture::names() {
            let document = serde_json::from_str(fixture::get(name).unwrap()).unwrap();
            assert_eq!(unsupported(&document), None, "{name}");
        }
    }
}
