//! Reading one object.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::super::checksum::Checksum;
use super::super::fault::S3Fault;
use super::bucket::{Bucket, Versioning};
use super::object::{Object, Version};
use super::tags::Tags;
use super::{CustomerKey, RangeCondition, ReadConditions, S3State, Scheduled, check_key};

/// Which object is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct ObjectAt {
    pub bucket: String,
    pub key: String,
    /// As requests spell it; `null` names the null version.
    pub version_id: Option<String>,
}

/// One range of bytes, as the `Range` header spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteRange {
    /// `bytes=first-last`, both included.
    Closed(u64, u64),
    /// `bytes=first-`.
    From(u64),
    /// `bytes=-length`.
    Last(u64),
}

impl ByteRange {
    /// Reads a header with one range. None for anything else, which S3 answers with the whole object.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
        match (first, last) {
            ("", last) => Some(Self::Last(number(last)?)),
            (first, "") => Some(Self::From(number(first)?)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::Closed(first, last))
            }
        }
    }

    /// The first byte and the byte behind the last; none when the range lies outside of `size` bytes.
    pub(super) fn of(self, size: u64) -> Option<(u64, u64)> {
        let (start, end) = match self {
            Self::Closed(first, last) => (first, last.saturating_add(1).min(size)),
            Self::From(first) => (first, size),
            Self::Last(length) => (size.saturating_sub(length), size),
        };
        (start < end).then_some((start, end))
    }

    pub(super) fn to_header(self) -> String {
        match self {
            Self::Closed(first, last) => format!("bytes={first}-{last}"),
            Self::From(first) => format!("bytes={first}-"),
            Self::Last(length) => format!("bytes=-{length}"),
        }
    }
}

/// A GET or HEAD of an object.
#[derive(Debug, Clone, Default)]
pub(crate) struct GetObject {
    pub at: ObjectAt,
    pub range: Option<ByteRange>,
    /// Under which the range counts.
    pub if_range: Option<RangeCondition>,
    pub part_number: Option<u32>,
    pub conditions: ReadConditions,
    pub customer_key: Option<CustomerKey>,
}

/// An object that was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub object: Arc<Object>,
    pub last_modified: Timestamp,
    /// What the response's version header says; none in unversioned buckets.
    pub version_id: Option<String>,
    /// The bytes asked for.
    pub body: Bytes,
    /// The first byte and the byte behind the last, when a part was asked for.
    pub range: Option<(u64, u64)>,
    part_number: Option<u32>,
    /// When the bucket's rules remove it; none for what is not current.
    pub expires: Option<Scheduled>,
}

impl Found {
    /// The checksum of what was asked for: the object's, or a part's. A range has none.
    pub(crate) fn checksum(&self) -> Option<&Checksum> {
        match self.part_number {
            Some(number) if !self.object.parts.is_empty() => {
                self.object.parts.get(number as usize - 1).and_then(|part| part.checksum.as_ref())
            }
            Some(_) => self.object.checksum.as_ref(),
            None => self.object.checksum.as_ref().filter(|_| self.range.is_none()),
        }
    }
}

impl S3State {
    /// Finds an object and cuts the bytes asked for, without copying them.
    pub(crate) fn get_object(&self, request: &GetObject) -> Result<Found, S3Fault> {
        let found = self.head_object(request)?;
        if found.object.content.is_out_of_reach() {
            let message = "The operation is not valid for the object's storage class";
            return Err(
                S3Fault::new(403, "InvalidObjectState", message).with("StorageClass", found.object.content.class())
            );
        }
        Ok(found)
    }

    /// Whether a key's newest version is an object.
    pub(crate) fn exists(&self, bucket: &str, key: &str) -> bool {
        let newest = self.buckets.get(bucket).and_then(|bucket| bucket.keys.get(key)?.last());
        newest.is_some_and(|version| version.object.is_some())
    }

    /// A key's versions, the newest first; a delete marker has no object.
    pub(crate) fn versions_of(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Vec<(String, Timestamp, Option<Found>)>, S3Fault> {
        let bucket = self.bucket(bucket)?;
        let versions = bucket.keys.get(key).into_iter().flatten().rev().map(|version| {
            let found = version.object.as_ref().map(|object| Found {
                object: Arc::clone(object),
                last_modified: version.time,
                version_id: bucket.shown_id(version),
                body: object.body.clone(),
                range: None,
                part_number: None,
                expires: None,
            });
            (version.id().to_owned(), version.time, found)
        });
        Ok(versions.collect())
    }

    /// As [`S3State::get_object`]; archived objects can be looked at too.
    pub(crate) fn head_object(&self, request: &GetObject) -> Result<Found, S3Fault> {
        let bucket = self.bucket(&request.at.bucket)?;
        let (version, object) = bucket.find(&request.at)?;
        object.content.check_key(request.customer_key.as_ref())?;
        request.conditions.check(&object.e_tag, version.time)?;
        let size = object.size();
        let is_same = |condition: &RangeCondition| condition.holds(&object.e_tag, version.time);
        let wanted = request.range.filter(|_| request.if_range.as_ref().is_none_or(is_same));
        let range = match (wanted, request.part_number) {
            (Some(_), Some(_)) => {
                let message = "Cannot specify both Range header and partNumber query parameter";
                return Err(S3Fault::invalid_request(message));
            }
            (None, None) => None,
            (Some(range), None) => Some(range.of(size).ok_or_else(|| {
                S3Fault::new(416, "InvalidRange", "The requested range is not satisfiable")
                    .with("RangeRequested", range.to_header())
                    .with("ActualObjectSize", size.to_string())
            })?),
            (None, Some(number)) => part_range(object, number)?,
        };
        let is_current = bucket.current(&request.at.key).is_some_and(|(current, _)| current.id == version.id);
        let expires = is_current.then(|| bucket.expiration(&request.at.key, object, version.time)).flatten();
        let body = match range {
            // Both ends lie within the body, whose length is a usize.
            Some((start, end)) => object.body.slice(start as usize..end as usize),
            None => object.body.clone(),
        };
        Ok(Found {
            object: object.clone(),
            last_modified: version.time,
            version_id: bucket.shown_id(version),
            body,
            range,
            part_number: request.part_number,
            expires,
        })
    }

    /// The object's tags, and the version that the response names.
    pub(crate) fn tagging(&self, at: &ObjectAt) -> Result<(Tags, Option<String>), S3Fault> {
        let bucket = self.bucket(&at.bucket)?;
        let (version, object) = bucket.find(at)?;
        Ok((object.content.tags.clone(), bucket.shown_id(version)))
    }
}

/// The bytes of a part. An object that was not uploaded in parts has one part, the whole.
fn part_range(object: &Object, number: u32) -> Result<Option<(u64, u64)>, S3Fault> {
    let count = object.parts.len().max(1);
    let at = number as usize;
    if at == 0 || at > count {
        return Err(S3Fault::new(416, "InvalidPartNumber", "The requested partnumber is not satisfiable")
            .with("PartNumberRequested", number.to_string())
            .with("ActualPartCount", count.to_string()));
    }
    if object.size() == 0 {
        return Ok(None);
    }
    let Some(part) = object.parts.get(at - 1) else { return Ok(Some((0, object.size()))) };
    let start: u64 = object.parts[..at - 1].iter().map(|part| part.size).sum();
    Ok(Some((start, start + part.size)))
}

impl Bucket {
    /// The id that responses show for a version; none in unversioned buckets.
    pub(super) fn shown_id(&self, version: &Version) -> Option<String> {
        (self.versioning != Versioning::Unversioned).then(|| version.id().to_owned())
    }

    /// The object that is named, or why it cannot be read.
    pub(super) fn find(&self, at: &ObjectAt) -> Result<(&Version, &Arc<Object>), S3Fault> {
        check_key(&at.key)?;
        let Some(wanted) = &at.version_id else {
            let Some(version) = self.keys.get(&at.key).and_then(|versions| versions.last()) else {
                return Err(S3Fault::no_such_key(&at.key));
            };
            return match &version.object {
                Some(object) => Ok((version, object)),
                None => Err(S3Fault::no_such_key(&at.key)
                    .header("x-amz-delete-marker", "true")
                    .header("x-amz-version-id", version.id())),
            };
        };
        check_version_id(wanted)?;
        let versions = self.keys.get(&at.key).map_or(&[][..], Vec::as_slice);
        let version = versions
            .iter()
            .find(|version| version.id() == wanted)
            .ok_or_else(|| S3Fault::no_such_version(&at.key, wanted))?;
        let object = version.object.as_ref().ok_or_else(|| {
            let fault = S3Fault::method_not_allowed("GET", "DeleteMarker")
                .header("x-amz-delete-marker", "true")
                .header("x-amz-version-id", version.id())
                .header("allow", "DELETE");
            // GetObject, Last-Modified: a marker that is named has it, too.
            dated(fault, version.time)
        })?;
        Ok((version, object))
    }
}

/// Adds when something was written last.
pub(super) fn dated(fault: S3Fault, modified: Timestamp) -> S3Fault {
    match DateTimePrinter::new().timestamp_to_rfc9110_string(&modified) {
        Ok(date) => fault.header("last-modified", date),
        // Clocks do not go beyond the years that HTTP can write.
        Err(_) => fault,
    }
}

/// The length of the version ids that this mock gives out, and that S3 is seen to give out.
pub(super) const VERSION_ID_LENGTH: usize = 32;

/// Refuses what cannot be a version id.
pub(crate) fn check_version_id(id: &str) -> Result<(), S3Fault> {
    match id {
        "null" => Ok(()),
        // https://github.com/amazon-archives/aws-sdk-core-ruby/issues/76
        "" => Err(S3Fault::invalid_argument("Version id cannot be the empty string", "versionId", id)),
        id if id.len() == VERSION_ID_LENGTH => Ok(()),
        id => Err(S3Fault::invalid_argument("Invalid version id specified", "versionId", id)),
    }
}
