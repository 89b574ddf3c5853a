//! Services that are not mocked are refused in the protocol of their clients, so that the reason reaches them.

use crate::common;

use common::signed::{Answer, Raw};
use lambda_testkit::Cloud;

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// The refusal names service and operation, and stands in the timeline.
fn assert_named(cloud: &Cloud, answer: &Answer, named: &str) {
    assert_told(
        cloud,
        answer,
        named,
        &format!("lambda-testkit does not mock {named}: it has sqs, lambda, events, slack, s3"),
    );
}

/// The refusal of what is not signed names the operation, and what is missing.
fn assert_unsigned(cloud: &Cloud, answer: &Answer, named: &str) {
    assert_told(
        cloud,
        answer,
        named,
        &format!("{named} is not signed, and only a signature says which service is meant"),
    );
}

fn assert_told(cloud: &Cloud, answer: &Answer, named: &str, message: &str) {
    let told = answer.body.replace("&apos;", "'");
    assert!(told.contains(message), "{named}: {told}");
    let timeline = cloud.timeline().to_string();
    let line = timeline.lines().last().unwrap();
    assert!(line.contains(&format!("{named} → {} NotImplemented: {}", answer.status, &message[..40])), "{line}");
}

#[tokio::test]
async fn the_query_protocol_is_answered_in_its_xml() {
    let cloud = Cloud::start();
    for (service, body, named) in [
        ("sts", "Action=GetCallerIdentity&Version=2011-06-15", "sts GetCallerIdentity"),
        ("sns", "Action=Publish&Version=2010-03-31&Message=a", "sns Publish"),
        ("iam", "Action=ListUsers&Version=2010-05-08", "iam ListUsers"),
        ("email", "Action=SendEmail&Version=2010-12-01", "email SendEmail"),
    ] {
        let answer = Raw::new(service, "POST", "/").header("content-type", FORM).body(body).signed(&cloud).await;
        assert_eq!((answer.refusal().as_str(), answer.header("content-type")), ("400 NotImplemented", "text/xml"));
        let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse><Error><Type>Sender</Type>\
                     <Code>NotImplemented</Code><Message>";
        assert!(answer.body.starts_with(start), "{}", answer.body);
        assert!(answer.body.ends_with("</RequestId></ErrorResponse>"), "{}", answer.body);
        assert_named(&cloud, &answer, named);
    }
    let query = Raw::new("sns", "GET", "/?Action=ListTopics&Version=2010-03-31").signed(&cloud).await;
    assert_named(&cloud, &query, "sns ListTopics");
    assert!(query.body.contains("<ErrorResponse>"));
}

/// SQS has spoken it before, and its older clients do.
#[tokio::test]
async fn a_bad_signature_of_the_query_protocol_is_refused_in_its_xml() {
    let cloud = Cloud::start();
    let request =
        Raw::new("sqs", "POST", "/").header("content-type", FORM).body("Action=ListQueues&Version=2012-11-05");
    let mut request = request.sign(&cloud, &cloud.own_account().access_key(), cloud.now());
    request.body.push(b'&');
    let answer = request.send(&cloud).await;
    assert_eq!((answer.refusal().as_str(), answer.header("content-type")), ("403 SignatureDoesNotMatch", "text/xml"));
    assert!(answer.body.contains("<ErrorResponse><Error><Type>Sender</Type>"), "{}", answer.body);
}

#[tokio::test]
async fn ec2_has_a_form_of_its_own() {
    let cloud = Cloud::start();
    let request = Raw::new("ec2", "POST", "/").header("content-type", FORM);
    let answer = request.body("Action=DescribeInstances&Version=2016-11-15").signed(&cloud).await;
    assert_eq!(answer.refusal(), "400 NotImplemented");
    assert!(answer.body.contains("<Response><Errors><Error><Code>NotImplemented</Code><Message>"), "{}", answer.body);
    assert!(answer.body.ends_with("</RequestID></Response>"), "{}", answer.body);
    assert_named(&cloud, &answer, "ec2 DescribeInstances");
}

#[tokio::test]
async fn both_versions_of_aws_json_are_answered_in_their_own() {
    let cloud = Cloud::start();
    for (service, target, version, named) in [
        ("dynamodb", "DynamoDB_20120810.PutItem", "1.0", "dynamodb PutItem"),
        ("secretsmanager", "secretsmanager.GetSecretValue", "1.1", "secretsmanager GetSecretValue"),
        ("ssm", "AmazonSSM.GetParameter", "1.1", "ssm GetParameter"),
        ("logs", "Logs_20140328.PutLogEvents", "1.1", "logs PutLogEvents"),
        ("kinesis", "Kinesis_20131202.PutRecord", "1.1", "kinesis PutRecord"),
        ("states", "AWSStepFunctions.StartExecution", "1.0", "states StartExecution"),
    ] {
        let kind = format!("application/x-amz-json-{version}");
        let request =
            Raw::new(service, "POST", "/").header("x-amz-target", target).header("content-type", kind.as_str());
        let answer = request.body("{}").signed(&cloud).await;
        assert_eq!((answer.refusal().as_str(), answer.header("content-type")), ("400 NotImplemented", kind.as_str()));
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["__type"], "NotImplemented");
        assert_named(&cloud, &answer, named);
    }
    // Cognito's clients do not sign.
    let request = Raw::new("", "POST", "/").header("x-amz-target", "AWSCognitoIdentityService.GetId");
    let answer = request.header("content-type", "application/x-amz-json-1.1").body("{}").send(&cloud).await;
    assert_eq!(answer.refusal(), "400 NotImplemented");
    assert_unsigned(&cloud, &answer, "AWSCognitoIdentityService.GetId");
}

#[tokio::test]
async fn rest_is_answered_in_json_or_in_xml() {
    let cloud = Cloud::start();
    let answer = Raw::new("scheduler", "POST", "/schedules/nightly").body("{}").signed(&cloud).await;
    assert_eq!((answer.refusal().as_str(), answer.header("content-type")), ("400 NotImplemented", "application/json"));
    assert_named(&cloud, &answer, "scheduler POST /schedules/nightly");
    for (service, target) in [("route53", "/2013-04-01/hostedzone"), ("cloudfront", "/2020-05-31/distribution")] {
        let answer = Raw::new(service, "GET", target).signed(&cloud).await;
        assert_eq!((answer.refusal().as_str(), answer.header("content-type")), ("400 NotImplemented", "text/xml"));
        assert!(answer.body.contains("<ErrorResponse><Error>"), "{}", answer.body);
        assert_named(&cloud, &answer, &format!("{service} GET {target}"));
    }
    // Operations of S3 that are signed in other names: of directory buckets, and of Object Lambda.
    for (service, method, target, asked) in [
        ("s3express", "GET", "/?x-id=ListDirectoryBuckets", "ListDirectoryBuckets"),
        ("s3-object-lambda", "POST", "/WriteGetObjectResponse", "POST /WriteGetObjectResponse"),
    ] {
        let answer = Raw::new(service, method, target).signed(&cloud).await;
        assert_eq!(answer.refusal(), "501 NotImplemented");
        assert!(answer.body.contains("<Error><Code>"), "{}", answer.body);
        assert_named(&cloud, &answer, &format!("{service} {asked}"));
    }
}

#[tokio::test]
async fn an_unsigned_form_is_no_request_to_s3() {
    let cloud = Cloud::start();
    let request = Raw::new("", "POST", "/").header("content-type", FORM);
    let answer = request.body("Action=AssumeRoleWithWebIdentity&Version=2011-06-15").send(&cloud).await;
    assert_eq!(answer.refusal(), "400 NotImplemented");
    assert_unsigned(&cloud, &answer, "AssumeRoleWithWebIdentity");
}

#[tokio::test]
async fn rpc_v2_is_answered_in_cbor() {
    let cloud = Cloud::start();
    let target = "/service/GraniteServiceVersion20100801/operation/PutMetricData";
    let request = Raw::new("monitoring", "POST", target).header("smithy-protocol", "rpc-v2-cbor");
    let answer = request.header("content-type", "application/cbor").signed(&cloud).await;
    let headers = (answer.status, answer.header("smithy-protocol"), answer.header("content-type"));
    assert_eq!(headers, (400, "rpc-v2-cbor", "application/cbor"));
    assert_named(&cloud, &answer, "monitoring PutMetricData");
}
