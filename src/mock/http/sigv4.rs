//! One Signature Version 4 check for all services, with cached signing keys.
//!
//! Dates: programs sign with the system clock and in-process clients with the cloud's, so a header date within 15
//! minutes of either passes. A presigned URL expires by the clock that it was signed on.

mod claim;
mod policy;

use std::collections::HashMap;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use self::claim::Claim;
use super::canonical;
use super::credentials::Credentials;
use super::query;
use crate::event::Region;
use crate::history::Caller;
use crate::lock::Lock;
use crate::mock::hex::hex;

/// Why a signature was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AuthFault {
    /// Signature Version 2, which boto3 still uses for presigned URLs unless told otherwise.
    OldVersion,
    /// Its header cannot be read.
    OldMalformed(String),
    /// A presigned URL lacks one of its parameters.
    OldQuery,
    /// They say no time.
    OldExpires(String),
    /// More than one signature; the value of the `Authorization` header, if that is one of them.
    TwoMechanisms(Option<String>),
    /// An `Authorization` header of another kind.
    UnsupportedType(String),
    UnknownAccessKey(String),
    SignatureMismatch,
    ClockSkew,
    Expired,
    /// A presigned URL that was signed for later.
    NotYetValid,
    /// The `Authorization` header cannot be read.
    Malformed(String),
    /// The parameters of a presigned URL cannot be read.
    Query(String),
    /// The header says no time that can be read.
    NoDate,
    /// These headers must be signed, and are not.
    NotSigned(String),
    /// S3 wants the hash of the body, or a word in its place.
    NoBodyHash,
    /// Neither a hash nor one of the words.
    UnknownBodyHash(String),
    BodyHashMismatch,
    /// A form lacks this field.
    NoField(&'static str),
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

/// Checks signatures; keeps the signing keys it has derived.
#[derive(Debug, Default)]
pub(crate) struct Verifier {
    keys: Lock<HashMap<(String, String), [u8; 32]>>,
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
    query::value(query, "X-Amz-Signature")?;
    service(&query::value(query, "X-Amz-Credential")?)
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
        self.check(parts, Some(body), credentials, now)
    }

    /// Verifies a request whose body has not come yet: what it says of the body is taken for true.
    pub fn verify_head(
        &self,
        parts: &Parts,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Option<Verified>, AuthFault> {
        self.check(parts, None, credentials, now)
    }

    fn check(
        &self,
        parts: &Parts,
        body: Option<&[u8]>,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Option<Verified>, AuthFault> {
        let Some(claim) = Claim::read(parts)? else { return Ok(None) };
        let known =
            credentials.get(&claim.access_key).ok_or_else(|| AuthFault::UnknownAccessKey(claim.access_key.clone()))?;
        check_time(&claim, now)?;

        let signed: Vec<&str> = claim.signed_headers.split(';').collect();
        check_signed(parts, &signed, &claim)?;
        let payload = payload_hash(parts, body, &claim)?;
        // A header that is signed and not sent counts as another text than the one that was signed.
        let headers = canonical::headers(&parts.headers, &signed).ok_or(AuthFault::SignatureMismatch)?;
        let request = [
            parts.method.as_str().as_bytes(),
            canonical::path(&parts.uri, &claim.service).as_bytes(),
            canonical::query(&parts.uri).as_bytes(),
            &headers,
            claim.signed_headers.as_bytes(),
            payload.as_bytes(),
        ]
        .join(&b'\n');
        let scope = format!("{}/{}/{}/aws4_request", claim.scope_date, claim.region, claim.service);
        let to_sign = format!("{ALGORITHM}\n{}\n{scope}\n{}", claim.date, hex(&Sha256::digest(&request)));
        let key = self.signing_key(&claim, &known.secret);
        if !same(&hex(&mac(&key, to_sign.as_bytes())), &claim.signature) {
            return Err(AuthFault::SignatureMismatch);
        }
        Ok(Some(Verified {
            caller: known.caller,
            region: claim.region,
            chunks: ChunkSigner { key, date: claim.date, scope, previous: claim.signature },
        }))
    }

    fn signing_key(&self, claim: &Claim, secret: &str) -> [u8; 32] {
        let id = (claim.access_key.clone(), format!("{}/{}/{}", claim.scope_date, claim.region, claim.service));
        *self.keys.lock().entry(id).or_insert_with(|| {
            let date = mac(format!("AWS4{secret}").as_bytes(), claim.scope_date.as_bytes());
            let region = mac(&date, claim.region.as_str().as_bytes());
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

/// Refuses headers that have to be signed and are not: the host, and for S3 all of `x-amz-*`.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
fn check_signed(parts: &Parts, signed: &[&str], claim: &Claim) -> Result<(), AuthFault> {
    if !signed.contains(&"host") {
        return Err(AuthFault::NotSigned("host".to_owned()));
    }
    if claim.service != "s3" {
        return Ok(());
    }
    let names = parts.headers.keys().map(http::HeaderName::as_str);
    let mut names: Vec<&str> = names.filter(|name| name.starts_with("x-amz-") && !signed.contains(name)).collect();
    names.sort_unstable();
    if names.is_empty() { Ok(()) } else { Err(AuthFault::NotSigned(names.join(", "))) }
}

/// What S3 takes in place of a hash. The two of Signature Version 4A are not among them: their chunks are signed with
/// keys that this verifier does not have.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
const WORDS: [&str; 4] = [
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
];

/// What stands for the body in what is signed.
fn payload_hash(parts: &Parts, body: Option<&[u8]>, claim: &Claim) -> Result<String, AuthFault> {
    let header = parts.headers.get("x-amz-content-sha256");
    let header = header.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let said = header.or_else(|| claim.presigned.as_ref().and_then(|presigned| presigned.content_sha256.clone()));
    match said {
        Some(said) if said.len() == 64 && said.bytes().all(|byte| byte.is_ascii_hexdigit()) => match body {
            Some(body) if !same(&said, &hex(&Sha256::digest(body))) => Err(AuthFault::BodyHashMismatch),
            _ => Ok(said),
        },
        Some(said) if claim.service == "s3" && !WORDS.contains(&said.as_str()) => Err(AuthFault::UnknownBodyHash(said)),
        Some(said) => Ok(said),
        None if claim.service != "s3" => Ok(hex(&Sha256::digest(body.unwrap_or_default()))),
        None if claim.presigned.is_some() => Ok("UNSIGNED-PAYLOAD".to_owned()),
        None => Err(AuthFault::NoBodyHash),
    }
}

fn check_time(claim: &Claim, now: Timestamp) -> Result<(), AuthFault> {
    match &claim.presigned {
        None if is_skewed(claim.time, now) => Err(AuthFault::ClockSkew),
        None => Ok(()),
        Some(presigned) => {
            let clock = signing_clock(claim.time, now);
            let age = clock.duration_since(claim.time);
            if age > SignedDuration::from_secs(presigned.expires) {
                Err(AuthFault::Expired)
            } else if age < -SKEW {
                Err(AuthFault::NotYetValid)
            } else {
                Ok(())
            }
        }
    }
}

/// Whether the time of a header is far from both clocks.
pub(super) fn is_skewed(time: Timestamp, now: Timestamp) -> bool {
    let far = |clock: Timestamp| time.duration_since(clock).abs() > SKEW;
    far(now) && far(Timestamp::now())
}

/// The clock by which a time was written: the cloud's, if it is within a week of that, or else the system's.
pub(crate) fn signing_clock(time: Timestamp, now: Timestamp) -> Timestamp {
    if time.duration_since(now).abs() <= WEEK { now } else { Timestamp::now() }
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
