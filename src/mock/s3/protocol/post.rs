//! PostObject: a file that a browser posts in a form, with a policy that says what the form may hold.
//!
//! The form becomes the PutObject that it means, and that one's answer becomes the form's.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>

mod policy;
mod tagging;

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HOST, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use self::policy::PostPolicy;
use super::super::encode::encoded;
use super::super::fault::S3Fault;
use super::kept;
use crate::event::Region;
use crate::mock::http::{PostForm, header_text, signing_clock};

/// Marks a request that was a form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posted;

/// Fields that become headers of the same name, beside all of `x-amz-*`.
const HEADERS: [&str; 5] = ["cache-control", "content-disposition", "content-encoding", "content-type", "expires"];

/// Fields of the signature, which the request no longer needs.
const SIGNATURE: [&str; 5] =
    ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token", "x-amz-signature"];

/// What a form wants to be answered.
#[derive(Debug)]
pub(super) struct Wanted {
    bucket: String,
    key: String,
    status: StatusCode,
    redirect: Option<Uri>,
}

/// Makes the PutObject that a form to the bucket at this path means.
///
/// # Errors
///
/// What the form lacks, and what its policy does not allow.
pub(super) fn read(
    mut request: Request<Bytes>,
    path: &str,
    form: &PostForm,
    now: Timestamp,
) -> Result<(Request<Bytes>, Wanted), S3Fault> {
    let bucket = match path.trim_matches('/') {
        bucket if bucket.is_empty() || bucket.contains('/') => {
            let message = "The specified method is not allowed against this resource.";
            return Err(S3Fault::new(405, "MethodNotAllowed", message).with("Method", "POST"));
        }
        bucket => percent_decode_str(bucket).decode_utf8().map_err(|_| S3Fault::invalid_uri())?.into_owned(),
    };
    let Some(key) = form.field("key") else {
        let message =
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.";
        return Err(S3Fault::invalid_argument(message, "key", ""));
    };
    let Some((filename, file)) = &form.file else {
        let message = "POST requires exactly one file upload per request.";
        return Err(S3Fault::invalid_argument(message, "file", "0"));
    };
    let key = key.replace("${filename}", filename.as_deref().map_or("", base_name));
    if key.is_empty() {
        return Err(S3Fault::invalid_argument("User key must have a length greater than 0.", "key", ""));
    }
    if let Some(policy) = form.field("policy") {
        let policy = PostPolicy::parse(policy)?;
        let now = signing_clock(policy.expiration(), now);
        policy.check(form, (&bucket, &key), file.len() as u64, now)?;
    }
    let redirect = form.field("success_action_redirect").or_else(|| form.field("redirect"));
    let wanted = Wanted {
        status: match form.field("success_action_status") {
            Some("200") => StatusCode::OK,
            Some("201") => StatusCode::CREATED,
            _ => StatusCode::NO_CONTENT,
        },
        // One that cannot be read is as none.
        redirect: redirect.and_then(|uri| uri.parse::<Uri>().ok()).filter(|uri| uri.authority().is_some()),
        bucket,
        key,
    };
    let target = format!("/{}/{}", encoded(&wanted.bucket), encoded(&wanted.key).replace('+', "%20"));
    *request.uri_mut() = Uri::try_from(target).map_err(|_| S3Fault::invalid_uri())?;
    *request.method_mut() = Method::PUT;
    fill(request.headers_mut(), form)?;
    // The path names the bucket.
    request.headers_mut().insert(HOST, HeaderValue::from_static("localhost"));
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(file.len()));
    request.extensions_mut().insert(Posted);
    *request.body_mut() = file.clone();
    Ok((request, wanted))
}

/// The last step of a path, in the form of any system.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Sets the headers that the fields stand for. Others of the browser say nothing of the object.
fn fill(headers: &mut HeaderMap, form: &PostForm) -> Result<(), S3Fault> {
    let others: Vec<HeaderName> = headers.keys().filter(|name| name.as_str().starts_with("x-amz-")).cloned().collect();
    others.iter().for_each(|name| drop(headers.remove(name)));
    for name in HEADERS {
        headers.remove(name);
    }
    for (name, value) in &form.fields {
        let name = name.to_ascii_lowercase();
        let (name, value) = match name.as_str() {
            "acl" => ("x-amz-acl", value.clone()),
            "tagging" => ("x-amz-tagging", tagging::to_header(value)?),
            name if SIGNATURE.contains(&name) => continue,
            name if HEADERS.contains(&name) || name.starts_with("x-amz-") => (name, value.clone()),
            _ => continue,
        };
        let word = Some(&value).filter(|_| name.starts_with("x-amz-meta-")).and_then(|value| kept::readable(value));
        let value = word.or_else(|| HeaderValue::from_str(&value).ok());
        let header = HeaderName::from_bytes(name.as_bytes()).ok().zip(value);
        let (header, value) = header.ok_or_else(|| {
            S3Fault::invalid_argument("The value of a form field cannot be that of a header.", name, "")
        })?;
        headers.insert(header, value);
    }
    Ok(())
}

impl Wanted {
    /// Turns the answer of the PutObject into that of the form.
    pub(super) fn answer(&self, mut response: Response<Bytes>, region: &Region) -> Response<Bytes> {
        let location = format!("https://{}.s3.{region}.amazonaws.com/{}", self.bucket, encoded(&self.key));
        let e_tag = header_text(response.headers(), ETAG.as_str()).unwrap_or_default().to_owned();
        let location = match &self.redirect {
            Some(uri) => {
                *response.status_mut() = StatusCode::SEE_OTHER;
                let mut query = Serializer::new(uri.query().unwrap_or_default().to_owned());
                query.append_pair("bucket", &self.bucket).append_pair("key", &self.key).append_pair("etag", &e_tag);
                let base = uri.to_string();
                format!("{}?{}", base.split('?').next().unwrap_or_default(), query.finish())
            }
            None => {
                *response.status_mut() = self.status;
                location
            }
        };
        if response.status() == StatusCode::CREATED {
            let escape = |text: &str| quick_xml::escape::escape(text).into_owned();
            *response.body_mut() = Bytes::from(format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location><Bucket>{}</Bucket>\
                 <Key>{}</Key><ETag>{}</ETag></PostResponse>",
                escape(&location),
                escape(&self.bucket),
                escape(&self.key),
                escape(&e_tag)
            ));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        }
        let length = HeaderValue::from(response.body().len());
        if response.status() == StatusCode::NO_CONTENT {
            response.headers_mut().remove(CONTENT_LENGTH);
        } else {
            response.headers_mut().insert(CONTENT_LENGTH, length);
        }
        if let Ok(location) = HeaderValue::try_from(location) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}
