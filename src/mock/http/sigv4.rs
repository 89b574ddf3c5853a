//! One Signature Version 4 check for all services, with cached signing keys.
//!
//! Dates: programs sign with the system clock and in-process clients with the cloud's, so a header date within 15
//! minutes of either passes. A presigned URL expires by the clock that it was signed on.

mod claim;
mod policy;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderName;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use self::claim::Claim;
use super::canonical;
use super::credentials::Credentials;
use super::query;
use crate::event::Region;
use crate::event::hex::hex;
use crate::history::Caller;
use crate::lock::Lock;

/// When a presigned URL ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expiry {
    /// For how many seconds it was good; Signature Version 2 does not say.
    pub seconds: Option<i64>,
    pub at: Timestamp,
    pub now: Timestamp,
}

/// What a wrong signature should have been made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub access_key: String,
    /// The one that was sent.
    pub signature: String,
    pub to_sign: Vec<u8>,
    /// The request, of which Signature Version 4 signs the hash.
    pub canonical: Option<Vec<u8>>,
}

/// A time in a header that is far from the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skew {
    /// As it was sent.
    pub said: String,
    pub now: Timestamp,
}

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
    /// Of a chunk of a body it is not told what it should have been made of.
    SignatureMismatch(Option<Box<Mismatch>>),
    ClockSkew(Skew),
    Expired(Expiry),
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
    BodyHashMismatch {
        said: String,
        calculated: String,
    },
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
    /// For a body whose chunks are signed.
    pub chunks: Option<ChunkSigner>,
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// When a request was signed.
pub(super) const AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
/// The hash of the body, or a word in its place.
pub(super) const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const SKEW: SignedDuration = SignedDuration::from_mins(15);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Checks signatures; keeps the signing keys it has derived.
#[derive(Debug, Default)]
pub(crate) struct Verifier {
    /// By access key and scope.
    keys: Lock<HashMap<String, HashMap<String, [u8; 32]>>>,
}

/// The service that the signature is for, such as `s3`; read without checking anything.
pub(super) fn signed_service(parts: &Parts) -> Option<Cow<'_, str>> {
    if let Some(header) = parts.headers.get(AUTHORIZATION) {
        let mut fields = header.to_str().ok()?.strip_prefix(ALGORITHM)?.split(',');
        let credential = fields.find_map(|field| field.trim_start().strip_prefix("Credential="))?;
        return service_of(credential).map(Cow::Borrowed);
    }
    let query = parts.uri.query()?;
    query::value(query, "X-Amz-Signature")?;
    service_of(&query::value(query, "X-Amz-Credential")?).map(|service| service.to_owned().into())
}

/// The service that a credential names.
fn service_of(credential: &str) -> Option<&str> {
    let mut scope = credential.split('/').skip(3);
    let (service, end) = (scope.next()?, scope.next()?);
    end.starts_with("aws4_request").then_some(service)
}

impl Verifier {
    /// Verifies a request; `Ok(None)` when it carries no signature at all. While its body has not come yet, what it says of that
    /// is taken for true.
    ///
    /// A signature for any region is good: it says which region's resources the request is about.
    pub fn verify(
        &self,
        parts: &Parts,
        body: Option<&[u8]>,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Option<Verified>, AuthFault> {
        let Some(claim) = Claim::read(parts)? else { return Ok(None) };
        let known = credentials
            .get(&claim.access_key)
            .ok_or_else(|| AuthFault::UnknownAccessKey(claim.access_key.clone().into_owned()))?;
        check_time(&claim, now)?;

        check_signed(parts, &claim)?;
        let payload = payload_hash(parts, body, &claim)?;
        let (canonical, is_whole) = canonical(parts, &claim, &payload);
        let hash = hex(&Sha256::digest(&canonical));
        let key = self.signing_key(&claim.access_key, &claim.scope, &known.secret);
        let to_sign = [ALGORITHM, "\n", &claim.date, "\n", &claim.scope, "\n", &hash];
        if !is_whole || !same(&hex(&mac(&key, to_sign)), &claim.signature) {
            return Err(AuthFault::SignatureMismatch(Some(Box::new(Mismatch {
                access_key: claim.access_key.into_owned(),
                signature: claim.signature.into_owned(),
                to_sign: to_sign.concat().into_bytes(),
                canonical: Some(canonical),
            }))));
        }
        let chunks = payload.starts_with("STREAMING-AWS4").then(|| ChunkSigner {
            key,
            date: claim.date.into_owned(),
            scope: claim.scope.into_owned(),
            previous: claim.signature.into_owned(),
        });
        Ok(Some(Verified { caller: Arc::clone(&known.caller), region: claim.region, chunks }))
    }

    fn signing_key(&self, access_key: &str, scope: &str, secret: &str) -> [u8; 32] {
        let mut keys = self.keys.lock();
        if let Some(key) = keys.get(access_key).and_then(|keys| keys.get(scope)) {
            return *key;
        }
        let mut parts = scope.split('/');
        let day = mac(format!("AWS4{secret}").as_bytes(), parts.next());
        let key = parts.fold(day, |key, part| mac(&key, [part]));
        keys.entry(access_key.to_owned()).or_default().insert(scope.to_owned(), key);
        key
    }
}

/// The request in its canonical form, and whether all headers that are signed were sent: without one it counts as another text
/// than the one that was signed.
fn canonical(parts: &Parts, claim: &Claim<'_>, payload: &str) -> (Vec<u8>, bool) {
    let mut text = Vec::with_capacity(1_024);
    text.extend_from_slice(parts.method.as_str().as_bytes());
    text.push(b'\n');
    canonical::path(&mut text, &parts.uri, &claim.service);
    text.push(b'\n');
    text.extend_from_slice(canonical::query(&parts.uri).as_bytes());
    text.push(b'\n');
    let is_whole = canonical::headers(&mut text, &parts.headers, claim.signed_headers.split(';'));
    text.push(b'\n');
    text.extend_from_slice(claim.signed_headers.as_bytes());
    text.push(b'\n');
    text.extend_from_slice(payload.as_bytes());
    (text, is_whole)
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
        if !same(&hex(&mac(&self.key, [&*to_sign])), signature) {
            return Err(AuthFault::SignatureMismatch(None));
        }
        signature.clone_into(&mut self.previous);
        Ok(())
    }
}

/// Refuses headers that have to be signed and are not: the host, and for S3 all of `x-amz-*`.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
fn check_signed(parts: &Parts, claim: &Claim<'_>) -> Result<(), AuthFault> {
    let is_signed = |name: &str| claim.signed_headers.split(';').any(|signed| signed == name);
    if !is_signed("host") {
        return Err(AuthFault::NotSigned("host".to_owned()));
    }
    if claim.service != "s3" {
        return Ok(());
    }
    let names = parts.headers.keys().map(HeaderName::as_str);
    let mut names: Vec<&str> = names.filter(|name| name.starts_with("x-amz-") && !is_signed(name)).collect();
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
fn payload_hash<'p>(parts: &'p Parts, body: Option<&[u8]>, claim: &'p Claim<'_>) -> Result<Cow<'p, str>, AuthFault> {
    let header = parts.headers.get(CONTENT_SHA256).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let in_query = || claim.presigned.as_ref().and_then(|presigned| presigned.content_sha256.as_deref());
    match header.or_else(|| in_query().map(Cow::Borrowed)) {
        Some(said) if said.len() == 64 && said.bytes().all(|byte| byte.is_ascii_hexdigit()) => match body {
            Some(body) => {
                let calculated = hex(&Sha256::digest(body));
                if same(&said, &calculated) {
                    return Ok(said);
                }
                Err(AuthFault::BodyHashMismatch { said: said.into_owned(), calculated })
            }
            None => Ok(said),
        },
        Some(said) if claim.service == "s3" && !WORDS.contains(&&*said) => {
            Err(AuthFault::UnknownBodyHash(said.into_owned()))
        }
        Some(said) => Ok(said),
        None if claim.service != "s3" => Ok(hex(&Sha256::digest(body.unwrap_or_default())).into()),
        None if claim.presigned.is_some() => Ok("UNSIGNED-PAYLOAD".into()),
        None => Err(AuthFault::NoBodyHash),
    }
}

fn check_time(claim: &Claim<'_>, now: Timestamp) -> Result<(), AuthFault> {
    match &claim.presigned {
        None if is_skewed(claim.time, now) => {
            Err(AuthFault::ClockSkew(Skew { said: claim.date.clone().into_owned(), now }))
        }
        None => Ok(()),
        Some(presigned) => {
            let clock = signing_clock(claim.time, now);
            let age = clock.duration_since(claim.time);
            let good = SignedDuration::from_secs(presigned.expires);
            if age > good {
                let at = claim.time.checked_add(good).unwrap_or(claim.time);
                Err(AuthFault::Expired(Expiry { seconds: Some(presigned.expires), at, now: clock }))
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

/// The code of these texts, one after the other.
fn mac<'t>(key: &[u8], texts: impl IntoIterator<Item = &'t str>) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    texts.into_iter().for_each(|text| mac.update(text.as_bytes()));
    mac.finalize().into_bytes().into()
}

/// A mock has nothing to hide from a timing attack.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

#[cfg(test)]
mod tests;
