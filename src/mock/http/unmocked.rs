//! What a request for a service that is not mocked asks for, and the protocol in which its client reads the refusal; both
//! as far as the request itself shows.

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;

use super::header::header_text;
use super::query;
use super::refusal::Wire;

/// What the content type of a form begins with.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Services with S3's own errors.
const LIKE_S3: [&str; 3] = ["s3express", "s3-object-lambda", "s3-outposts"];
/// Services of the query protocol with an older form of errors.
const LIKE_EC2: [&str; 2] = ["ec2", "sdb"];
/// Services of REST-XML; all others of REST speak JSON.
const REST_XML: [&str; 2] = ["cloudfront", "route53"];

/// The protocol of a request for `service`.
///
/// <https://smithy.io/2.0/aws/protocols/index.html>
pub(super) fn wire(service: &str, request: &Request<Bytes>) -> Wire {
    let header = |name| header_text(request.headers(), name);
    if LIKE_S3.contains(&service) {
        Wire::S3
    } else if header("smithy-protocol") == Some("rpc-v2-cbor") {
        Wire::Cbor
    } else if header("x-amz-target").is_some() {
        Wire::Json
    } else if LIKE_EC2.contains(&service) {
        Wire::Ec2
    } else if action(request).is_some() || REST_XML.contains(&service) {
        Wire::Xml
    } else {
        Wire::RestJson
    }
}

/// The operation: the end of `x-amz-target` (AWS JSON), the `Action` (the query protocol), the end of the path (RPC v2), `x-id`
/// (what some REST clients add), else the method and the path; nothing at the root, where that says nothing.
pub(crate) fn operation(request: &Request<Bytes>) -> String {
    let target = header_text(request.headers(), "x-amz-target");
    let named = match target {
        Some(target) => target.rsplit('.').next().map(str::to_owned),
        None => action(request),
    };
    let path = request.uri().path();
    let named = named.or_else(|| Some(path.strip_prefix("/service/")?.split_once("/operation/")?.1.to_owned()));
    let named = named.or_else(|| Some(query::value(request.uri().query()?, "x-id")?.into_owned()));
    let named = named.unwrap_or_else(|| match path {
        "/" => String::new(),
        path => format!("{} {}", request.method(), percent_decode_str(path).decode_utf8_lossy()),
    });
    // Longer names would only blow the answer up.
    named.chars().take(200).collect::<String>().escape_debug().to_string()
}

/// The `Action` of the query protocol, from the form or the query.
fn action(request: &Request<Bytes>) -> Option<String> {
    let is_form = header_text(request.headers(), "content-type").is_some_and(|kind| kind.starts_with(FORM));
    let form = std::str::from_utf8(request.body()).ok().filter(|_| is_form);
    let in_query = request.uri().query().and_then(|text| query::value(text, "Action"));
    in_query.or_else(|| query::value(form?, "Action")).map(|action| action.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_is_known_by_its_requests() {
        let form = |request: http::request::Builder| request.header("content-type", format!("{FORM}; charset=utf-8"));
        let json = |target: &str| Request::post("/").header("x-amz-target", target);
        for (service, request, body, wire_of_it, name) in [
            ("dynamodb", json("DynamoDB_20120810.PutItem"), "{}", Wire::Json, "PutItem"),
            ("sts", form(Request::post("/")), "Version=1&Action=GetCallerIdentity", Wire::Xml, "GetCallerIdentity"),
            ("sns", Request::get("/?Action=ListTopics"), "", Wire::Xml, "ListTopics"),
            ("ec2", form(Request::post("/")), "Action=DescribeVpcs", Wire::Ec2, "DescribeVpcs"),
            ("route53", Request::get("/2013-04-01/hostedzone"), "", Wire::Xml, "GET /2013-04-01/hostedzone"),
            ("scheduler", Request::get("/schedules/a%20b"), "", Wire::RestJson, "GET /schedules/a b"),
            ("s3express", Request::get("/?x-id=ListDirectoryBuckets"), "", Wire::S3, "ListDirectoryBuckets"),
            (
                "monitoring",
                Request::post("/service/GraniteServiceVersion20100801/operation/PutMetricData")
                    .header("smithy-protocol", "rpc-v2-cbor"),
                "",
                Wire::Cbor,
                "PutMetricData",
            ),
        ] {
            let request = request.body(Bytes::from_static(body.as_bytes())).unwrap();
            assert_eq!((wire(service, &request), operation(&request)), (wire_of_it, name.to_owned()), "{service}");
        }
    }
}
