//! Cross-origin requests of browsers: the configuration, preflights, and the headers of answers.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use s3s::dto::*;

use super::super::fault::S3Fault;
use super::super::service::S3Service;
use super::adapter::Context;
use super::headers::claims;
use crate::mock::http::header_text;

const CORS: &str = "cors";
const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];
/// The methods that a preflight may ask for.
const ASKED: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
/// CORSConfiguration: "up to 100 rules".
const MAX_RULES: usize = 100;

pub(super) fn put(context: &Context<'_>, input: PutBucketCorsInput) -> Result<PutBucketCorsOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let rules = input.cors_configuration.cors_rules;
    if rules.is_empty() || rules.len() > MAX_RULES {
        return Err(S3Fault::malformed_xml());
    }
    rules.iter().try_for_each(check)?;
    context.act(|state, _| state.set_setting(&input.bucket, CORS, Some(rules)))?;
    Ok(PutBucketCorsOutput::default())
}

fn check(rule: &CORSRule) -> Result<(), S3Fault> {
    if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() {
        return Err(S3Fault::malformed_xml());
    }
    if let Some(method) = rule.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
        let message = format!("Found unsupported HTTP method in CORS config. Unsupported method is {method}");
        return Err(S3Fault::invalid_request(message));
    }
    let headers = rule.allowed_headers.iter().flatten().map(|header| ("AllowedHeader", header));
    let origins = rule.allowed_origins.iter().map(|origin| ("AllowedOrigin", origin));
    for (what, pattern) in headers.chain(origins) {
        if pattern.matches('*').count() > 1 {
            let message = format!("{what} \"{pattern}\" can not have more than one wildcard.");
            return Err(S3Fault::invalid_request(message));
        }
    }
    if let Some(exposed) = rule.expose_headers.iter().flatten().find(|header| header.contains('*')) {
        let message = format!(
            "ExposeHeader \"{exposed}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
        );
        return Err(S3Fault::invalid_request(message));
    }
    match &rule.id {
        Some(id) if id.chars().count() > 255 => {
            Err(S3Fault::invalid_argument("ID length should not exceed allowed limit of 255", "ID", id.as_str()))
        }
        _ => Ok(()),
    }
}

pub(super) fn get(context: &Context<'_>, input: GetBucketCorsInput) -> Result<GetBucketCorsOutput, S3Fault> {
    let rules: Option<CORSRules> = context.act(|state, _| state.setting(&input.bucket, CORS))?;
    let missing = || {
        S3Fault::new(404, "NoSuchCORSConfiguration", "The CORS configuration does not exist")
            .with("BucketName", input.bucket.as_str())
    };
    Ok(GetBucketCorsOutput { cors_rules: Some(rules.ok_or_else(missing)?) })
}

pub(super) fn delete(context: &Context<'_>, input: DeleteBucketCorsInput) -> Result<DeleteBucketCorsOutput, S3Fault> {
    context.act(|state, _| state.set_setting::<CORSRules>(&input.bucket, CORS, None))?;
    Ok(DeleteBucketCorsOutput::default())
}

/// What a browser says of where a request comes from and what it will ask.
#[derive(Debug, Clone)]
pub(super) struct Crossing {
    origin: String,
    method: String,
    headers: Vec<String>,
}

impl Crossing {
    /// None for a request that says nothing of an origin.
    pub fn of(method: &http::Method, headers: &HeaderMap) -> Option<Self> {
        let origin = header_text(headers, ORIGIN)?.to_owned();
        // Of a request itself S3 looks at no headers: https://github.com/Rajpratik71/eucalyptus-wiki/blob/master/CORS.md
        let asked = header_text(headers, ACCESS_CONTROL_REQUEST_HEADERS).filter(|_| *method == http::Method::OPTIONS);
        let asked = asked.unwrap_or_default();
        let names = asked.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty());
        let method = header_text(headers, ACCESS_CONTROL_REQUEST_METHOD).unwrap_or(method.as_str()).to_owned();
        Some(Self { origin, method, headers: names.collect() })
    }

    /// The first rule that lets it pass (PutBucketCors: origin, method, and each header).
    fn fitting<'a>(&self, rules: &'a [CORSRule]) -> Option<&'a CORSRule> {
        let header_fits = |rule: &CORSRule, name: &String| {
            rule.allowed_headers.iter().flatten().any(|pattern| fits(&pattern.to_ascii_lowercase(), name))
        };
        rules.iter().find(|rule| {
            rule.allowed_origins.iter().any(|pattern| fits(pattern, &self.origin))
                && rule.allowed_methods.contains(&self.method)
                && self.headers.iter().all(|name| header_fits(rule, name))
        })
    }

    /// The headers of an answer; none if the bucket's rules do not let it pass.
    fn headers(&self, rules: &[CORSRule]) -> Option<Vec<(&'static str, String)>> {
        let rule = self.fitting(rules)?;
        let any = rule.allowed_origins.iter().any(|origin| origin == "*");
        let mut headers = vec![
            ("access-control-allow-origin", if any { "*".to_owned() } else { self.origin.clone() }),
            ("access-control-allow-methods", rule.allowed_methods.join(", ")),
        ];
        if !self.headers.is_empty() {
            headers.push(("access-control-allow-headers", self.headers.join(", ")));
        }
        if let Some(exposed) = rule.expose_headers.as_ref().filter(|exposed| !exposed.is_empty()) {
            headers.push(("access-control-expose-headers", exposed.join(", ")));
        }
        if let Some(seconds) = rule.max_age_seconds {
            headers.push(("access-control-max-age", seconds.to_string()));
        }
        if !any {
            headers.push(("access-control-allow-credentials", "true".to_owned()));
        }
        headers.push(("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method".to_owned()));
        Some(headers)
    }

    /// Adds to an answer what lets a browser hand it on.
    pub fn dress(&self, service: &S3Service, bucket: &str, response: &mut Response<Bytes>) {
        let Some(rules) = service.setting::<CORSRules>(bucket, CORS) else { return };
        for (name, value) in self.headers(&rules).unwrap_or_default() {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Whether a text is as a pattern with at most one `*` says.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end),
    }
}

/// Answers a preflight, which is never signed.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html>, and what is refused, and how:
/// <https://github.com/versity/versitygw/issues/2083>,
/// <https://github.com/Rajpratik71/eucalyptus-wiki/blob/master/CORS.md> and
/// <https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py>.
pub(super) fn preflight(
    service: &S3Service,
    (bucket, key): (&str, &str),
    method: &http::Method,
    headers: &HeaderMap,
) -> Result<Response<Bytes>, S3Fault> {
    let insufficient = |what: &str| S3Fault::new(400, "BadRequest", format!("Insufficient information. {what}"));
    let sent = |name| header_text(headers, name).filter(|text| !text.is_empty());
    if sent(ORIGIN).is_none() {
        return Err(insufficient("Origin request header needed."));
    }
    let asked = sent(ACCESS_CONTROL_REQUEST_METHOD);
    if let Some(other) = asked.filter(|asked| !ASKED.contains(asked)) {
        return Err(S3Fault::new(400, "BadRequest", format!("Invalid Access-Control-Request-Method: {other}")));
    }
    let forbidden = |message: &'static str, resource: &str| {
        S3Fault::new(403, "AccessForbidden", message)
            .with("Method", asked.unwrap_or(method.as_str()))
            .with("ResourceType", resource)
    };
    if service.region_of(bucket).is_none() {
        return Err(forbidden("CORSResponse: Bucket not found", "BUCKET"));
    }
    let Some(rules) = service.setting::<CORSRules>(bucket, CORS) else {
        return Err(forbidden("CORSResponse: CORS is not enabled for this bucket.", "BUCKET"));
    };
    if asked.is_none() {
        return Err(insufficient("Invalid Access-Control-Request-Method: null"));
    }
    let refused = || {
        forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request \
             method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the \
             resource's CORS spec.",
            if key.is_empty() { "BUCKET" } else { "OBJECT" },
        )
    };
    let allowed = Crossing::of(method, headers).and_then(|crossing| crossing.headers(&rules)).ok_or_else(refused)?;
    let mut response = Response::new(Bytes::new());
    for (name, value) in allowed {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stands_for_any_text() {
        for (pattern, text, is) in [
            ("*", "http://a", true),
            ("start*end", "startend", true),
            ("start*end", "start1end", true),
            ("start*end", "0start1end", false),
            ("aba*aba", "aba", false),
            ("http://a", "http://b", false),
        ] {
            assert_eq!(fits(pattern, text), is, "{pattern} {text}");
        }
    }

    /// <https://github.com/Rajpratik71/eucalyptus-wiki/blob/master/CORS.md>
    #[test]
    fn headers_are_asked_for_by_a_preflight_alone() {
        let headers = [(ORIGIN, "http://a"), (ACCESS_CONTROL_REQUEST_HEADERS, "x-a, X-B")];
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value))).into_iter().collect();
        for (method, asked) in [(http::Method::OPTIONS, &["x-a", "x-b"][..]), (http::Method::GET, &[])] {
            assert_eq!(Crossing::of(&method, &headers).unwrap().headers, asked, "{method}");
        }
    }
}
