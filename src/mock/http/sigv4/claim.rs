//! What a request says about its own signature.

use http::header::{AUTHORIZATION, DATE};
use http::request::Parts;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{ALGORITHM, AuthFault};
use crate::event::Region;
use crate::mock::http::{header_text, query};

/// A presigned URL is good for a week at most.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
const WEEK_SECONDS: i64 = 604_800;

const THREE_COMPONENTS: &str = "The authorization header is malformed; the authorization header requires three \
                                components: Credential, SignedHeaders, and Signature.";
const SIX_PARAMETERS: &str = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                              X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
const LONG_DATE: &str = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"";
const TOO_LONG: &str = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be \
                        less than 604800 seconds";

/// A signature as a request claims it, unchecked.
#[derive(Debug)]
pub(super) struct Claim {
    pub access_key: String,
    pub scope_date: String,
    pub region: Region,
    pub service: String,
    pub signed_headers: String,
    pub signature: String,
    /// In the form in which it is signed: `YYYYMMDD'T'HHMMSS'Z'`.
    pub date: String,
    pub time: Timestamp,
    /// What a presigned URL adds.
    pub presigned: Option<Presigned>,
}

#[derive(Debug)]
pub(super) struct Presigned {
    /// In seconds.
    pub expires: i64,
    /// The hash of the body, if the URL says it.
    pub content_sha256: Option<String>,
}

/// The place where a signature stands. Each words its errors in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Header,
    Query,
}

impl Place {
    fn fault(self, why: impl Into<String>) -> AuthFault {
        match self {
            Self::Header => AuthFault::Malformed(why.into()),
            Self::Query => AuthFault::Query(why.into()),
        }
    }
}

impl Claim {
    /// Reads the claim; none when the request carries no signature at all. There may be one, in one place.
    pub fn read(parts: &Parts) -> Result<Option<Self>, AuthFault> {
        let text = parts.uri.query().unwrap_or("");
        let (mut old, mut new) = (false, false);
        for (name, _) in query::pairs(text) {
            let is = |wanted| name.eq_ignore_ascii_case(wanted);
            old |= is("AWSAccessKeyId") || is("Signature");
            new |= is("X-Amz-Algorithm") || is("X-Amz-Signature");
        }
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let Some(header) = headers.next() else {
            return match (old, new) {
                (true, true) => Err(AuthFault::TwoMechanisms(None)),
                (true, false) => Err(AuthFault::OldVersion),
                (false, true) => Self::from_query(text).map(Some),
                (false, false) => Ok(None),
            };
        };
        let header = String::from_utf8_lossy(header.as_bytes());
        if old || new || headers.next().is_some() {
            return Err(AuthFault::TwoMechanisms(Some(header.into_owned())));
        }
        if header.starts_with("AWS ") {
            return Err(AuthFault::OldVersion);
        }
        Self::from_header(&header, parts).map(Some)
    }

    fn from_header(header: &str, parts: &Parts) -> Result<Self, AuthFault> {
        let Some(fields) = header.strip_prefix(ALGORITHM) else {
            return Err(AuthFault::UnsupportedType(header.to_owned()));
        };
        let field = |name: &str| {
            let mut fields = fields.split(',').filter_map(|field| field.trim().split_once('='));
            fields.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let (Some(credential), Some(signed_headers), Some(signature)) =
            (field("Credential"), field("SignedHeaders"), field("Signature"))
        else {
            return Err(AuthFault::Malformed(THREE_COMPONENTS.to_owned()));
        };
        let scope = Scope::read(credential, Place::Header)?;
        let text = |name| header_text(&parts.headers, name);
        // The header that says when it was signed; a Date is signed in the form of the other.
        let date = text("x-amz-date").or_else(|| text(DATE.as_str())).ok_or(AuthFault::NoDate)?;
        let rfc = || jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp());
        let time = parse_date(date).or_else(rfc).ok_or(AuthFault::NoDate)?;
        scope.claim(Place::Header, time, signed_headers.to_owned(), signature.to_owned(), None)
    }

    fn from_query(text: &str) -> Result<Self, AuthFault> {
        let field = |wanted: &str| {
            let mut pairs = query::pairs(text).filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            pairs.next().map(|(_, value)| value.into_owned())
        };
        let fault = |why: &str| Err(AuthFault::Query(why.to_owned()));
        let (Some(algorithm), Some(credential), Some(signed_headers), Some(signature), Some(date), Some(expires)) = (
            field("X-Amz-Algorithm"),
            field("X-Amz-Credential"),
            field("X-Amz-SignedHeaders"),
            field("X-Amz-Signature"),
            field("X-Amz-Date"),
            field("X-Amz-Expires"),
        ) else {
            return fault(SIX_PARAMETERS);
        };
        if algorithm != ALGORITHM {
            return fault("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
        }
        let scope = Scope::read(&credential, Place::Query)?;
        let Some(time) = parse_date(&date) else { return fault(LONG_DATE) };
        let expires = match expires.parse::<i64>() {
            Ok(seconds) if seconds < 0 => return fault("X-Amz-Expires must be non-negative"),
            Ok(seconds) if seconds > WEEK_SECONDS => return fault(TOO_LONG),
            Ok(seconds) => seconds,
            Err(_) => return fault("X-Amz-Expires should be a number"),
        };
        let presigned = Presigned { expires, content_sha256: field("X-Amz-Content-Sha256") };
        scope.claim(Place::Query, time, signed_headers, signature, Some(presigned))
    }
}

/// A credential: an access key and what its signature is good for.
pub(super) struct Scope<'c> {
    access_key: &'c str,
    date: &'c str,
    region: Region,
    service: &'c str,
}

impl<'c> Scope<'c> {
    /// The claim of a form, whose fields are worded like a query.
    pub fn of_form(credential: &'c str, time: Timestamp, signature: &str) -> Result<Claim, AuthFault> {
        let scope = Self::read(credential, Place::Query)?;
        scope.claim(Place::Query, time, String::new(), signature.to_owned(), None)
    }

    fn read(credential: &'c str, place: Place) -> Result<Self, AuthFault> {
        let parts: Vec<&str> = credential.split('/').collect();
        let [access_key, date, region, service, "aws4_request"] = parts.as_slice() else {
            let form = "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
            return Err(place.fault(match place {
                Place::Header => format!("The authorization header is malformed; {form}"),
                Place::Query => format!("Error parsing the X-Amz-Credential parameter; {form}"),
            }));
        };
        let no_region = |_| place.fault("the scope of the credential does not name a region");
        Ok(Self { access_key, date, region: Region::new(*region).map_err(no_region)?, service })
    }

    fn claim(
        self,
        place: Place,
        time: Timestamp,
        signed_headers: String,
        signature: String,
        presigned: Option<Presigned>,
    ) -> Result<Claim, AuthFault> {
        let date = time.strftime("%Y%m%dT%H%M%SZ").to_string();
        if date[..8] != *self.date {
            let what = format!(
                "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{}\".",
                self.date,
                &date[..8]
            );
            return Err(place.fault(match place {
                Place::Header => format!("The authorization header is malformed; {what}"),
                Place::Query => what,
            }));
        }
        Ok(Claim {
            access_key: self.access_key.to_owned(),
            scope_date: self.date.to_owned(),
            region: self.region,
            service: self.service.to_owned(),
            signed_headers,
            signature,
            date,
            time,
            presigned,
        })
    }
}

/// A time in the form `YYYYMMDD'T'HHMMSS'Z'`.
pub(super) fn parse_date(text: &str) -> Option<Timestamp> {
    let date = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    // Years of five digits cannot be written in that form.
    let time = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (text.len() == "YYYYMMDDTHHMMSSZ".len()).then_some(time)
}
