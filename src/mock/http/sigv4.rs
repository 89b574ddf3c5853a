//! One Signature Version 4 check for all services, with cached signing keys.
//!
//! Dates: programs sign with the system clock and in-process clients with the cloud's, so a header date within 15
//! minutes of either passes. A presigned URL expires by the clock that it was signed on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::canonical;
use super::credentials::Credentials;
use crate::event::Region;
use crate::history::Caller;
use crate::mock::hex::hex;

/// Why a signature was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AuthFault {
    /// Signature Version 2, which boto3 still uses for presigned URLs unless told otherwise.
    OldVersion,
    UnknownAccessKey(String),
    SignatureMismatch,
    ClockSkew,
    Expired,
    Malformed(&'static str),
    BodyHashMismatch,
    HostNotSigned,
}

/// The key and the seed of the chunk signatures of a streamed body.
#[derive(Debug, Clone)]
pub(super) struct ChunkSigner {
    key: [u8; 32],
    date: String,
    scope: String,
    previous: String,
}

/// A verified signature.
#[derive(Debug)]
pub(super) struct Verified {
    pub caller: Arc<Caller>,
    /// The region that the signature is for.
    pub region: Region,
    pub chunks: ChunkSigner,
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SKEW: SignedDuration = SignedDuration::from_mins(15);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
const WEEK_SECONDS: i64 = 604_800;

/// What a request says about its own signature.
struct Claim {
    access_key: String,
    scope_date: String,
    region: String,
    service: String,
    signed_headers: String,
    signature: String,
    date: String,
    /// Seconds, for a presigned URL.
    expires: Option<i64>,
}

/// Checks signatures; keeps the signing keys it has derived.
#[derive(Debug, Default)]
pub(crate) struct Verifier {
    keys: Mutex<HashMap<(String, String), [u8; 32]>>,
}

/// The service that the signature is for, such as `s3`; read without checking anything.
pub(super) fn signed_service(parts: &Parts) -> Option<String> {
    let service = |credential: &str| {
        let mut scope = credential.split('/').skip(3);
        let (service, end) = (scope.next()?, scope.next()?);
        end.starts_with("aws4_request").then(|| service.to_owned())
    };
    if let Some(header) = parts.headers.get("authorization") {
        let (_, credential) = header.to_str().ok()?.strip_prefix(ALGORITHM)?.split_once("Credential=")?;
        return service(credential.split(',').next()?);
    }
    let query = parts.uri.query()?;
    query.contains("X-Amz-Signature=").then_some(())?;
    let credential = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    service(&percent_decode_str(credential).decode_utf8().ok()?)
}

impl Verifier {
    /// Verifies a request; `Ok(None)` when it carries no signature at all.
    ///
    /// A signature for any region is good: it says which region's resources the request is about.
    pub fn verify(
        &self,
        parts: &Parts,
        body: &[u8],
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Option<Verified>, AuthFault> {
        let Some(claim) = Claim::read(parts)? else { return Ok(None) };
        let known =
            credentials.get(&claim.access_key).ok_or_else(|| AuthFault::UnknownAccessKey(claim.access_key.clone()))?;
        let region = Region::new(claim.region.as_str())
            .map_err(|_| AuthFault::Malformed("the credential's scope does not name a region"))?;
        let date =
            parse_date(&claim.date).ok_or(AuthFault::Malformed("the date is not of the form YYYYMMDD'T'HHMMSS'Z'"))?;
        if !claim.date.starts_with(&claim.scope_date) {
            return Err(AuthFault::Malformed("the date of the credential scope is not that of the request"));
        }
        check_time(date, claim.expires, now)?;

        let payload = payload_hash(parts, body, &claim)?;
        let signed: Vec<&str> = claim.signed_headers.split(';').collect();
        if !signed.contains(&"host") {
            return Err(AuthFault::HostNotSigned);
        }
        let headers = canonical::headers(&parts.headers, &signed)
            .ok_or(AuthFault::Malformed("a signed header is missing from the request"))?;
        let request = format!(
            "{}\n{}\n{}\n{headers}\n{}\n{payload}",
            parts.method,
            canonical::path(&parts.uri, &claim.service),
            canonical::query(&parts.uri),
            claim.signed_headers,
        );
        let scope = format!("{}/{}/{}/aws4_request", claim.scope_date, claim.region, claim.service);
        let to_sign = format!("{ALGORITHM}\n{}\n{scope}\n{}", claim.date, hex(&Sha256::digest(request.as_bytes())));
        let key = self.signing_key(&claim, &known.secret);
        if !same(&hex(&mac(&key, to_sign.as_bytes())), &claim.signature) {
            return Err(AuthFault::SignatureMismatch);
        }
        Ok(Some(Verified {
            caller: known.caller,
            region,
            chunks: ChunkSigner { key, date: claim.date, scope, previous: claim.signature },
        }))
    }

    fn signing_key(&self, claim: &Claim, secret: &str) -> [u8; 32] {
        let id = (claim.access_key.clone(), format!("{}/{}/{}", claim.scope_date, claim.region, claim.service));
        *self.keys.lock().expect("no panic under this lock").entry(id).or_insert_with(|| {
            let date = mac(format!("AWS4{secret}").as_bytes(), claim.scope_date.as_bytes());
            let region = mac(&date, claim.region.as_bytes());
            let service = mac(&region, claim.service.as_bytes());
            mac(&service, b"aws4_request")
        })
    }
}

impl ChunkSigner {
    /// Checks the signature of the next chunk.
    pub fn check_chunk(&mut self, data: &[u8], signature: &str) -> Result<(), AuthFault> {
        let empty = hex(&Sha256::digest(b""));
        let hash = hex(&Sha256::digest(data));
        self.check("AWS4-HMAC-SHA256-PAYLOAD", &format!("{empty}\n{hash}"), signature)
    }

    /// Checks the signature of the trailers, given as `name:value\n` lines.
    pub fn check_trailer(&mut self, trailers: &str, signature: &str) -> Result<(), AuthFault> {
        let hash = hex(&Sha256::digest(trailers.as_bytes()));
        self.check("AWS4-HMAC-SHA256-TRAILER", &hash, signature)
    }

    fn check(&mut self, kind: &str, hashes: &str, signature: &str) -> Result<(), AuthFault> {
        let to_sign = format!("{kind}\n{}\n{}\n{}\n{hashes}", self.date, self.scope, self.previous);
        if !same(&hex(&mac(&self.key, to_sign.as_bytes())), signature) {
            return Err(AuthFault::SignatureMismatch);
        }
        signature.clone_into(&mut self.previous);
        Ok(())
    }
}

impl Claim {
    fn read(parts: &Parts) -> Result<Option<Self>, AuthFault> {
        if let Some(header) = parts.headers.get("authorization") {
            let header = header.to_str().map_err(|_| AuthFault::Malformed("the Authorization header is not text"))?;
            if header.starts_with("AWS ") {
                return Err(AuthFault::OldVersion);
            }
            return Self::from_header(header, parts).map(Some);
        }
        let query = parts.uri.query().unwrap_or("");
        if query.contains("AWSAccessKeyId=") {
            return Err(AuthFault::OldVersion);
        }
        if query.contains("X-Amz-Signature=") {
            return Self::from_query(query).map(Some);
        }
        Ok(None)
    }

    fn from_header(header: &str, parts: &Parts) -> Result<Self, AuthFault> {
        let fields = header
            .strip_prefix(ALGORITHM)
            .ok_or(AuthFault::Malformed("only AWS4-HMAC-SHA256 signatures are supported"))?;
        let field = |name: &str| {
            let mut fields = fields.split(',').filter_map(|field| field.trim().split_once('='));
            fields.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        let (Some(credential), Some(signed_headers), Some(signature)) =
            (field("Credential"), field("SignedHeaders"), field("Signature"))
        else {
            return Err(AuthFault::Malformed("Credential, SignedHeaders and Signature are all required"));
        };
        let date = parts.headers.get("x-amz-date").and_then(|date| date.to_str().ok());
        let date = date.ok_or(AuthFault::Malformed("the x-amz-date header is missing"))?.to_owned();
        Self::new(&credential, signed_headers, signature, date, None)
    }

    fn from_query(query: &str) -> Result<Self, AuthFault> {
        let field = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
        };
        let (Some(credential), Some(signed), Some(signature), Some(date), Some(expires)) = (
            field("X-Amz-Credential"),
            field("X-Amz-SignedHeaders"),
            field("X-Amz-Signature"),
            field("X-Amz-Date"),
            field("X-Amz-Expires"),
        ) else {
            return Err(AuthFault::Malformed(
                "a presigned URL needs X-Amz-Credential, -SignedHeaders, -Signature, -Date and -Expires",
            ));
        };
        let expires = expires.parse().ok().filter(|seconds| (1..=WEEK_SECONDS).contains(seconds));
        let expires = expires.ok_or(AuthFault::Malformed("X-Amz-Expires must be between 1 and 604800 seconds"))?;
        Self::new(&credential, signed, signature, date, Some(expires))
    }

    fn new(
        credential: &str,
        signed_headers: String,
        signature: String,
        date: String,
        expires: Option<i64>,
    ) -> Result<Self, AuthFault> {
        let parts: Vec<&str> = credential.split('/').collect();
        let [access_key, scope_date, region, service, "aws4_request"] = parts.as_slice() else {
            return Err(AuthFault::Malformed("the credential is not <key>/<date>/<region>/<service>/aws4_request"));
        };
        Ok(Self {
            access_key: (*access_key).to_owned(),
            scope_date: (*scope_date).to_owned(),
            region: (*region).to_owned(),
            service: (*service).to_owned(),
            signed_headers,
            signature,
            date,
            expires,
        })
    }
}

fn payload_hash(parts: &Parts, body: &[u8], claim: &Claim) -> Result<String, AuthFault> {
    let said = parts.headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
    match said {
        Some(said) if said.len() == 64 => {
            if same(said, &hex(&Sha256::digest(body))) {
                Ok(said.to_owned())
            } else {
                Err(AuthFault::BodyHashMismatch)
            }
        }
        Some(said) => Ok(said.to_owned()),
        None if claim.expires.is_some() && claim.service == "s3" => Ok("UNSIGNED-PAYLOAD".to_owned()),
        None => Ok(hex(&Sha256::digest(body))),
    }
}

fn check_time(date: Timestamp, expires: Option<i64>, now: Timestamp) -> Result<(), AuthFault> {
    let near = |clock: Timestamp, limit: SignedDuration| date.duration_since(clock).abs() <= limit;
    match expires {
        None if near(now, SKEW) || near(Timestamp::now(), SKEW) => Ok(()),
        None => Err(AuthFault::ClockSkew),
        Some(seconds) => {
            let clock = if near(now, WEEK) { now } else { Timestamp::now() };
            let age = clock.duration_since(date);
            if age > SignedDuration::from_secs(seconds) {
                Err(AuthFault::Expired)
            } else if age < -SKEW {
                Err(AuthFault::ClockSkew)
            } else {
                Ok(())
            }
        }
    }
}

fn parse_date(text: &str) -> Option<Timestamp> {
    let date = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn mac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// A mock has nothing to hide from a timing attack.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

#[cfg(test)]
mod tests;
