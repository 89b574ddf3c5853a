//! What a request says about its own signature.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, DATE};
use http::request::Parts;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{ALGORITHM, AMZ_DATE, AuthFault};
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
pub(super) struct Claim<'r> {
    pub access_key: Cow<'r, str>,
    /// What the signature is good for: `YYYYMMDD/region/service/aws4_request`.
    pub scope: Cow<'r, str>,
    pub region: Region,
    pub service: Cow<'r, str>,
    pub signed_headers: Cow<'r, str>,
    pub signature: Cow<'r, str>,
    /// In the form in which it is signed: `YYYYMMDD'T'HHMMSS'Z'`.
    pub date: Cow<'r, str>,
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

impl<'r> Claim<'r> {
    /// Reads the claim; none when the request carries no signature at all. There may be one, in one place.
    pub fn read(parts: &'r Parts) -> Result<Option<Self>, AuthFault> {
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
        if old || new || headers.next().is_some() {
            return Err(AuthFault::TwoMechanisms(Some(String::from_utf8_lossy(header.as_bytes()).into_owned())));
        }
        let Ok(header) = str::from_utf8(header.as_bytes()) else {
            return Err(AuthFault::Malformed(THREE_COMPONENTS.to_owned()));
        };
        if header.starts_with("AWS ") {
            return Err(AuthFault::OldVersion);
        }
        Self::from_header(header, parts).map(Some)
    }

    fn from_header(header: &'r str, parts: &'r Parts) -> Result<Self, AuthFault> {
        let Some(fields) = header.strip_prefix(ALGORITHM) else {
            return Err(AuthFault::UnsupportedType(header.to_owned()));
        };
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            match field.trim().split_once('=') {
                Some(("Credential", value)) => credential = credential.or(Some(value)),
                Some(("SignedHeaders", value)) => signed_headers = signed_headers.or(Some(value)),
                Some(("Signature", value)) => signature = signature.or(Some(value)),
                _ => {}
            }
        }
        let (Some(credential), Some(signed_headers), Some(signature)) = (credential, signed_headers, signature) else {
            return Err(AuthFault::Malformed(THREE_COMPONENTS.to_owned()));
        };
        let scope = Scope::read(credential, Place::Header)?;
        // The header that says when it was signed; a Date is signed in the form of the other.
        let date = header_text(&parts.headers, AMZ_DATE).or_else(|| header_text(&parts.headers, DATE));
        let date = date.ok_or(AuthFault::NoDate)?;
        let (time, date) = match parse_date(date) {
            Some(time) => (time, Cow::Borrowed(date)),
            None => {
                let time = jiff::fmt::rfc2822::parse(date).map_err(|_| AuthFault::NoDate)?.timestamp();
                (time, Cow::Owned(time.strftime("%Y%m%dT%H%M%SZ").to_string()))
            }
        };
        scope.check(Place::Header, &date)?;
        Ok(Self {
            access_key: scope.access_key.into(),
            scope: scope.text.into(),
            region: scope.region,
            service: scope.service.into(),
            signed_headers: signed_headers.into(),
            signature: signature.into(),
            date,
            time,
            presigned: None,
        })
    }

    fn from_query(text: &'r str) -> Result<Self, AuthFault> {
        let field = |wanted: &str| {
            let mut pairs = query::pairs(text).filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            pairs.next().map(|(_, value)| value)
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
        scope.check(Place::Query, &date)?;
        let content_sha256 = field("X-Amz-Content-Sha256").map(Cow::into_owned);
        Ok(Self {
            access_key: scope.access_key.to_owned().into(),
            scope: scope.text.to_owned().into(),
            region: scope.region,
            service: scope.service.to_owned().into(),
            signed_headers,
            signature,
            date,
            time,
            presigned: Some(Presigned { expires, content_sha256 }),
        })
    }
}

/// A credential: an access key and what its signature is good for.
pub(super) struct Scope<'c> {
    pub access_key: &'c str,
    /// All after the access key.
    pub text: &'c str,
    date: &'c str,
    pub region: Region,
    service: &'c str,
}

impl<'c> Scope<'c> {
    /// The credential of a form, whose fields are worded like a query; `date` is the form's.
    pub fn of_form(credential: &'c str, date: &str) -> Result<Self, AuthFault> {
        parse_date(date).ok_or(AuthFault::NoDate)?;
        let scope = Self::read(credential, Place::Query)?;
        scope.check(Place::Query, date)?;
        Ok(scope)
    }

    fn read(credential: &'c str, place: Place) -> Result<Self, AuthFault> {
        let read = || {
            let (access_key, text) = credential.split_once('/')?;
            let mut parts = text.split('/');
            let (date, region, service) = (parts.next()?, parts.next()?, parts.next()?);
            let ends = parts.next() == Some("aws4_request") && parts.next().is_none();
            ends.then_some((access_key, text, date, region, service))
        };
        let Some((access_key, text, date, region, service)) = read() else {
            let form = "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
            return Err(place.fault(match place {
                Place::Header => format!("The authorization header is malformed; {form}"),
                Place::Query => format!("Error parsing the X-Amz-Credential parameter; {form}"),
            }));
        };
        let no_region = |_| place.fault("the scope of the credential does not name a region");
        Ok(Self { access_key, text, date, region: Region::new(region).map_err(no_region)?, service })
    }

    /// Whether it is for the day of this date, in the form in which it is signed.
    fn check(&self, place: Place, date: &str) -> Result<(), AuthFault> {
        let day = &date[..8];
        if day == self.date {
            return Ok(());
        }
        let what =
            format!("Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{day}\".", self.date);
        Err(place.fault(match place {
            Place::Header => format!("The authorization header is malformed; {what}"),
            Place::Query => what,
        }))
    }
}

/// A time in the form `YYYYMMDD'T'HHMMSS'Z'`.
fn parse_date(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    let number = |from: usize, digits: usize| {
        let digits = &bytes[from..from + digits];
        let is_number = digits.iter().all(u8::is_ascii_digit);
        is_number.then(|| digits.iter().fold(0_i16, |number, digit| number * 10 + i16::from(digit - b'0')))
    };
    let two = |from: usize| number(from, 2).and_then(|number| i8::try_from(number).ok());
    if (bytes[8], bytes[15]) != (b'T', b'Z') {
        return None;
    }
    let date = DateTime::new(number(0, 4)?, two(4)?, two(6)?, two(9)?, two(11)?, two(13)?, 0).ok()?;
    TimeZone::UTC.to_timestamp(date).ok()
}
