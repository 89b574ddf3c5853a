//! Listing keys and versions: prefix, delimiter, pages.

use std::ops::Bound;
use std::sync::Arc;

use jiff::Timestamp;

use super::super::fault::S3Fault;
use super::S3State;
use super::bucket::Bucket;
use super::object::{Object, Version};
use super::read::check_version_id;
use crate::event::AccountId;

/// No page has more entries. Page: "ListObjectsV2", `MaxKeys`.
pub(crate) const MAX_PAGE: usize = 1000;

/// A page of a bucket's current objects.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListObjects {
    pub bucket: String,
    pub prefix: String,
    /// None or empty: keys are not rolled up.
    pub delimiter: Option<String>,
    /// Only entries behind this one.
    pub after: Option<String>,
    /// At most as many as a page of the state holds are answered.
    pub max_keys: usize,
}

/// One listed object.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub key: String,
    pub object: Arc<Object>,
    pub last_modified: Timestamp,
}

/// A page of objects and rolled-up prefixes, each list in byte order.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub objects: Vec<Listed>,
    pub prefixes: Vec<String>,
    /// The last entry of a page that others follow.
    pub next: Option<String>,
    pub owner: AccountId,
}

/// A page of all versions and delete markers.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListVersions {
    pub bucket: String,
    pub prefix: String,
    pub delimiter: Option<String>,
    pub key_marker: Option<String>,
    pub version_id_marker: Option<String>,
    pub max_keys: usize,
}

/// One listed version; a delete marker when `object` is none.
#[derive(Debug, Clone)]
pub(crate) struct ListedVersion {
    pub key: String,
    pub version_id: String,
    pub is_latest: bool,
    pub last_modified: Timestamp,
    pub object: Option<Arc<Object>>,
}

/// A page of versions, newest first for each key.
#[derive(Debug, Clone)]
pub(crate) struct VersionListing {
    pub versions: Vec<ListedVersion>,
    pub prefixes: Vec<String>,
    /// The key (or prefix) and the version id that the next page starts behind.
    pub next: Option<(String, Option<String>)>,
    pub owner: AccountId,
}

/// The prefix that a key is rolled up to.
pub(super) fn rolled_up<'k>(key: &'k str, prefix: &str, delimiter: Option<&str>) -> Option<&'k str> {
    let delimiter = delimiter.filter(|delimiter| !delimiter.is_empty())?;
    let at = key[prefix.len()..].find(delimiter)?;
    Some(&key[..prefix.len() + at + delimiter.len()])
}

impl S3State {
    /// Lists the current objects; keys whose newest version is a delete marker are left out.
    pub(crate) fn list_objects(&self, request: &ListObjects) -> Result<Listing, S3Fault> {
        let bucket = self.bucket(&request.bucket)?;
        let (prefix, after) = (request.prefix.as_str(), request.after.as_deref());
        let mut listing =
            Listing { objects: Vec::new(), prefixes: Vec::new(), next: None, owner: bucket.owner.clone() };
        let max = request.max_keys.min(self.max_page);
        if max == 0 {
            return Ok(listing);
        }
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let mut last = "";
        let keys = bucket.keys.range::<str, _>((start, Bound::Unbounded));
        for (key, versions) in keys.take_while(|(key, _)| key.starts_with(prefix)) {
            let Some(Version { object: Some(object), time, .. }) = versions.last() else { continue };
            let group = rolled_up(key, prefix, request.delimiter.as_deref());
            if let Some(group) = group
                && (after.is_some_and(|after| group <= after)
                    || listing.prefixes.last().is_some_and(|last| last == group))
            {
                continue;
            }
            if listing.objects.len() + listing.prefixes.len() == max {
                listing.next = Some(last.to_owned());
                break;
            }
            match group {
                Some(group) => {
                    listing.prefixes.push(group.to_owned());
                    last = group;
                }
                None => {
                    listing.objects.push(Listed { key: key.clone(), object: object.clone(), last_modified: *time });
                    last = key;
                }
            }
        }
        Ok(listing)
    }

    /// Lists all versions.
    pub(crate) fn list_versions(&self, request: &ListVersions) -> Result<VersionListing, S3Fault> {
        let bucket = self.bucket(&request.bucket)?;
        if request.version_id_marker.is_some() && request.key_marker.is_none() {
            let message = "A version-id marker cannot be specified without a key marker.";
            let value = request.version_id_marker.clone().unwrap_or_default();
            return Err(S3Fault::invalid_argument(message, "version-id-marker", value));
        }
        // https://github.com/versity/versitygw/issues/1811
        let told = |_| {
            let value = request.version_id_marker.as_deref().unwrap_or_default();
            S3Fault::invalid_argument("Invalid version id specified", "version-id-marker", value)
        };
        request.version_id_marker.as_deref().map_or(Ok(()), check_version_id).map_err(told)?;
        let prefix = request.prefix.as_str();
        let mut listing =
            VersionListing { versions: Vec::new(), prefixes: Vec::new(), next: None, owner: bucket.owner.clone() };
        let max = request.max_keys.min(self.max_page);
        if max == 0 {
            return Ok(listing);
        }
        let marker = request.key_marker.as_deref().unwrap_or("");
        let start = marker.max(prefix);
        let mut last = (String::new(), None);
        let keys = bucket.keys.range::<str, _>((Bound::Included(start), Bound::Unbounded));
        'keys: for (key, versions) in keys.take_while(|(key, _)| key.starts_with(prefix)) {
            if let Some(group) = rolled_up(key, prefix, request.delimiter.as_deref()) {
                let seen = request.key_marker.is_some() && group <= marker;
                if seen || listing.prefixes.last().is_some_and(|last| last == group) {
                    continue;
                }
                if listing.versions.len() + listing.prefixes.len() == max {
                    listing.next = Some(last);
                    break;
                }
                listing.prefixes.push(group.to_owned());
                last = (group.to_owned(), None);
                continue;
            }
            // On the marker's own key, only what is older than the marker's version is left.
            let is_marked = request.key_marker.as_deref() == Some(key.as_str());
            let seen = if is_marked { bucket.seen(versions, request.version_id_marker.as_deref()) } else { 0 };
            for (age, version) in versions.iter().rev().enumerate().skip(seen) {
                if listing.versions.len() + listing.prefixes.len() == max {
                    listing.next = Some(last);
                    break 'keys;
                }
                listing.versions.push(ListedVersion {
                    key: key.clone(),
                    version_id: version.id().to_owned(),
                    is_latest: age == 0,
                    last_modified: version.time,
                    object: version.object.clone(),
                });
                last = (key.clone(), Some(version.id().to_owned()));
            }
        }
        Ok(listing)
    }
}

impl Bucket {
    /// How many of a key's versions, the newest first, a listing has told of that goes on behind this one; all without a marker.
    ///
    /// Whoever deletes the versions of a page before he asks for the next one names a marker that is gone.
    fn seen(&self, versions: &[Version], marker: Option<&str>) -> usize {
        let place = |id: &str| versions.iter().rev().position(|version| version.id() == id);
        let Some(marker) = marker else { return versions.len() };
        if let Some(at) = place(marker) {
            return at + 1;
        }
        let mut gone = marker;
        while let Some(Some(older)) = self.removed.get(gone) {
            match place(older) {
                Some(at) => return at,
                None => gone = older,
            }
        }
        versions.len()
    }
}
