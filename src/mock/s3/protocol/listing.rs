//! Listings as XML.
//!
//! What is refused, and how, is from <https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py>, which has it
//! from S3.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use s3s::dto::*;

use super::super::encode::encoded;
use super::super::fault::S3Fault;
use super::super::state::{Content, ListObjects, ListVersions, Listed, Listing, Restore};
use super::acl;
use super::adapter::Context;
use super::convert::{algorithm, count, e_tag, shown_time, size, type_of};
use crate::event::AccountId;

/// How the answer spells keys.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    encode: bool,
}

impl Spelling {
    pub(super) fn new(encoding: Option<&EncodingType>) -> Result<Self, S3Fault> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self { encode: false }),
            Some(text) if text.eq_ignore_ascii_case(EncodingType::URL) => Ok(Self { encode: true }),
            Some(other) => {
                Err(S3Fault::invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", other))
            }
        }
    }

    pub(super) fn key(self, key: &str) -> String {
        if self.encode { encoded(key) } else { key.to_owned() }
    }

    pub(super) fn optional(self, key: Option<String>) -> Option<String> {
        key.map(|key| self.key(&key))
    }

    pub(super) fn prefixes(self, prefixes: &[String]) -> Option<Vec<CommonPrefix>> {
        let list: Vec<_> = prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.key(prefix)) }).collect();
        Some(list).filter(|list| !list.is_empty())
    }
}

/// Who owns an object: whoever wrote it, where lists say who may do what, or else the bucket's owner.
fn owner(context: &Context<'_>, content: Option<&Content>, of_bucket: &AccountId) -> Owner {
    match content.and_then(|content| content.acl.as_ref()) {
        Some(acl) => acl::owner(context, acl.owner.as_ref()),
        None => acl::owner(context, Some(of_bucket)),
    }
}

/// The owner is named where the owner of the bucket is given.
fn object(
    context: &Context<'_>,
    listed: Listed,
    spelling: Spelling,
    of_bucket: Option<&AccountId>,
    restores: bool,
) -> Object {
    let stored = listed.object;
    Object {
        checksum_algorithm: stored.checksum.as_ref().map(|checksum| vec![algorithm(checksum.algorithm)]),
        checksum_type: stored.checksum.as_ref().map(type_of),
        e_tag: Some(e_tag(&stored.e_tag)),
        key: Some(spelling.key(&listed.key)),
        last_modified: Some(shown_time(listed.last_modified)),
        owner: of_bucket.map(|account| owner(context, Some(&stored.content), account)),
        restore_status: restore_status(&stored.content).filter(|_| restores),
        size: size(stored.size()),
        storage_class: Some(ObjectStorageClass::from(stored.content.class().to_owned())),
    }
}

/// Whether a listing is to tell what is restored.
///
/// # Errors
///
/// `NotImplemented` for another attribute.
fn tells_restores(wished: Option<&OptionalObjectAttributesList>) -> Result<bool, S3Fault> {
    let wished = wished.map(Vec::as_slice).unwrap_or_default();
    match wished.iter().find(|wish| wish.as_str() != OptionalObjectAttributes::RESTORE_STATUS) {
        Some(other) => {
            Err(S3Fault::not_implemented(format!("x-amz-optional-object-attributes with {}", other.as_str())))
        }
        None => Ok(!wished.is_empty()),
    }
}

/// Where the restore of an object stands; nothing is said of one of which none was asked for.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreStatus.html>
fn restore_status(content: &Content) -> Option<RestoreStatus> {
    let (is_restore_in_progress, until) = match content.restore? {
        Restore::Ongoing { .. } => (true, None),
        Restore::Done { until } => (false, Some(until)),
    };
    let restore_expiry_date = until.map(shown_time);
    Some(RestoreStatus { is_restore_in_progress: Some(is_restore_in_progress), restore_expiry_date })
}

/// A number as answers name it; also the size of a page that is larger than each that there is.
fn shown(number: usize) -> Option<i32> {
    i32::try_from(number).ok()
}

/// A page of objects, which may end early.
fn page(context: &Context<'_>, request: &ListObjects) -> Result<Listing, S3Fault> {
    let entries = |page: &Listing| page.objects.len() + page.prefixes.len();
    context.act(|state, _| {
        let list = |max_keys| state.list_objects(&ListObjects { max_keys, ..request.clone() });
        context.call.paged(request.max_keys, entries, list)
    })
}

/// <https://github.com/versity/versitygw/pull/2002>: "s3 sends it in all ListObjects(V2) successful responses"
fn tell_region(context: &Context<'_>, bucket: &str) {
    if let Some(region) = context.service.region_of(bucket) {
        context.tell("x-amz-bucket-region", region.as_str());
    }
}

pub(super) fn objects(context: &Context<'_>, input: ListObjectsInput) -> Result<ListObjectsOutput, S3Fault> {
    let restores = tells_restores(input.optional_object_attributes.as_ref())?;
    let spelling = Spelling::new(input.encoding_type.as_ref())?;
    let max = count(input.max_keys, "maxKeys", 1000)?;
    let request = ListObjects {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: input.marker.clone().filter(|marker| !marker.is_empty()),
        max_keys: max,
    };
    let listing = page(context, &request)?;
    tell_region(context, &input.bucket);
    let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
    let of_bucket = Some(&listing.owner);
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(spelling.key(&request.prefix)),
        marker: Some(spelling.key(request.after.as_deref().unwrap_or(""))),
        max_keys: shown(max),
        is_truncated: Some(listing.next.is_some()),
        common_prefixes: spelling.prefixes(&listing.prefixes),
        // Without a delimiter the last key is the marker, and S3 does not name it (ListObjects, NextMarker).
        next_marker: spelling.optional(listing.next.filter(|_| delimiter.is_some())),
        delimiter: spelling.optional(delimiter),
        contents: Some(
            listing.objects.into_iter().map(|listed| object(context, listed, spelling, of_bucket, restores)).collect(),
        ),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

pub(super) fn objects_v2(context: &Context<'_>, input: ListObjectsV2Input) -> Result<ListObjectsV2Output, S3Fault> {
    let restores = tells_restores(input.optional_object_attributes.as_ref())?;
    let spelling = Spelling::new(input.encoding_type.as_ref())?;
    let max = count(input.max_keys, "maxKeys", 1000)?;
    let continued = input.continuation_token.as_deref().map(read_token).transpose()?;
    let request = ListObjects {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: continued.or_else(|| input.start_after.clone().filter(|start| !start.is_empty())),
        max_keys: max,
    };
    let listing = page(context, &request)?;
    tell_region(context, &input.bucket);
    let of_bucket = input.fetch_owner.unwrap_or(false).then_some(&listing.owner);
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(spelling.key(&request.prefix)),
        max_keys: shown(max),
        key_count: shown(listing.objects.len() + listing.prefixes.len()),
        continuation_token: input.continuation_token,
        is_truncated: Some(listing.next.is_some()),
        next_continuation_token: listing.next.map(|next| token(&next)),
        common_prefixes: spelling.prefixes(&listing.prefixes),
        delimiter: spelling.optional(input.delimiter.filter(|delimiter| !delimiter.is_empty())),
        contents: Some(
            listing.objects.into_iter().map(|listed| object(context, listed, spelling, of_bucket, restores)).collect(),
        ),
        encoding_type: input.encoding_type,
        start_after: spelling.optional(input.start_after),
        request_charged: None,
    })
}

/// A continuation token is the last entry of the page before, in base64.
pub(super) fn token(last: &str) -> String {
    URL_SAFE.encode(last)
}

/// The entry behind which the page of a continuation token begins.
pub(super) fn read_token(token: &str) -> Result<String, S3Fault> {
    let text = URL_SAFE.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.filter(|text| !text.is_empty()).ok_or_else(|| {
        let message = "The continuation token provided is incorrect";
        S3Fault::new(400, "InvalidArgument", message).with("ArgumentName", "continuation-token")
    })
}

pub(super) fn versions(
    context: &Context<'_>,
    input: ListObjectVersionsInput,
) -> Result<ListObjectVersionsOutput, S3Fault> {
    let spelling = Spelling::new(input.encoding_type.as_ref())?;
    // Here alone S3 says it so: https://github.com/versity/versitygw/issues/1809
    if input.max_keys.is_some_and(|max| max < 0) {
        let message = "max-keys cannot be negative";
        return Err(S3Fault::new(400, "InvalidArgument", message).with("ArgumentName", "max-keys"));
    }
    if input.key_marker.is_some() && input.version_id_marker.as_deref() == Some("") {
        return Err(S3Fault::invalid_argument("A version-id marker cannot be empty.", "version-id-marker", ""));
    }
    let restores = tells_restores(input.optional_object_attributes.as_ref())?;
    let max = count(input.max_keys, "max-keys", 1000)?;
    let request = ListVersions {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        key_marker: input.key_marker.clone().filter(|marker| !marker.is_empty()),
        version_id_marker: input.version_id_marker.clone().filter(|marker| !marker.is_empty()),
        max_keys: max,
    };
    let listing = context.act(|state, _| {
        let list = |max_keys| state.list_versions(&ListVersions { max_keys, ..request.clone() });
        context.call.paged(max, |page| page.versions.len() + page.prefixes.len(), list)
    })?;
    let (mut versions, mut markers) = (Vec::new(), Vec::new());
    for listed in listing.versions {
        let key = Some(spelling.key(&listed.key));
        let last_modified = Some(shown_time(listed.last_modified));
        let content = listed.object.as_ref().map(|stored| &stored.content);
        let (is_latest, owner) = (Some(listed.is_latest), Some(owner(context, content, &listing.owner)));
        let version_id = Some(listed.version_id);
        match listed.object {
            None => markers.push(DeleteMarkerEntry { is_latest, key, last_modified, owner, version_id }),
            Some(stored) => versions.push(ObjectVersion {
                checksum_algorithm: stored.checksum.as_ref().map(|checksum| vec![algorithm(checksum.algorithm)]),
                checksum_type: stored.checksum.as_ref().map(type_of),
                e_tag: Some(e_tag(&stored.e_tag)),
                is_latest,
                key,
                last_modified,
                owner,
                restore_status: restore_status(&stored.content).filter(|_| restores),
                size: size(stored.size()),
                storage_class: Some(ObjectVersionStorageClass::from(stored.content.class().to_owned())),
                version_id,
            }),
        }
    }
    let (next_key, next_version) = listing.next.map_or((None, None), |(key, version)| (Some(key), version));
    Ok(ListObjectVersionsOutput {
        common_prefixes: spelling.prefixes(&listing.prefixes),
        delete_markers: Some(markers).filter(|list| !list.is_empty()),
        delimiter: spelling.optional(input.delimiter.filter(|delimiter| !delimiter.is_empty())),
        encoding_type: input.encoding_type,
        is_truncated: Some(next_key.is_some()),
        key_marker: Some(spelling.key(input.key_marker.as_deref().unwrap_or(""))),
        max_keys: shown(max),
        name: Some(input.bucket),
        next_key_marker: spelling.optional(next_key),
        next_version_id_marker: next_version,
        prefix: Some(spelling.key(&request.prefix)),
        request_charged: None,
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        versions: Some(versions).filter(|list| !list.is_empty()),
    })
}
