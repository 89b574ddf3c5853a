//! What is stored under a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::super::checksum::Checksum;
use super::super::fault::S3Fault;
use super::acl::Acl;
use super::annotations::Annotations;
use super::encryption::Encryption;
use super::lock::ObjectLock;
use super::restore::Restore;
use super::tags::Tags;

/// One stored body with all that belongs to it. Never changed except for its tags, its lock and its annotations; copies share the bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Object {
    pub body: Bytes,
    /// Without quotes.
    pub e_tag: String,
    pub checksum: Option<Checksum>,
    pub content: Content,
    /// The parts of a multipart upload; empty for other objects.
    pub parts: Vec<StoredPart>,
    pub annotations: Annotations,
}

/// A part of an object, as it was uploaded.
#[derive(Debug, Clone)]
pub(crate) struct StoredPart {
    pub number: u32,
    /// In bytes.
    pub size: u64,
    pub checksum: Option<Checksum>,
}

impl Object {
    /// The body's length in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.body.len() as u64
    }
}

/// What a writer sets beside the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub content_type: Option<String>,
    pub cache_control: Option<String>,
    pub content_disposition: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    /// As it was sent, whatever it says.
    pub expires: Option<Vec<u8>>,
    /// User metadata by lower-case name, without the `x-amz-meta-` prefix.
    pub metadata: BTreeMap<String, String>,
    /// None is `STANDARD`.
    pub storage_class: Option<String>,
    /// None is what the bucket does by default.
    pub encryption: Option<Encryption>,
    pub lock: ObjectLock,
    /// Of an archived object whose restore was asked for.
    pub restore: Option<Restore>,
    pub tags: Tags,
    /// Where a website of the bucket leads on to.
    pub website_redirect: Option<String>,
    /// Who may do what with it, and who owns it; none is its bucket's owner alone.
    pub acl: Option<Arc<Acl>>,
}

/// The classes that an object of a general purpose bucket may be written with.
const STORAGE_CLASSES: [&str; 8] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
];

/// User metadata may have 2 KB in all: names and values, in UTF-8. Page: "Working with object metadata".
const MAX_METADATA_BYTES: usize = 2048;

impl Content {
    /// Checks the limits.
    ///
    /// # Errors
    ///
    /// `InvalidStorageClass`, `InvalidRedirectLocation` or `MetadataTooLarge`.
    pub(crate) fn check(&self) -> Result<(), S3Fault> {
        if let Some(class) = &self.storage_class
            && !STORAGE_CLASSES.contains(&class.as_str())
        {
            let message = "The storage class you specified is not valid";
            return Err(S3Fault::new(400, "InvalidStorageClass", message).with("StorageClassRequested", class.as_str()));
        }
        if let Some(location) = &self.website_redirect
            && !["/", "http://", "https://"].iter().any(|prefix| location.starts_with(prefix))
        {
            let message = "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.";
            return Err(S3Fault::new(400, "InvalidRedirectLocation", message));
        }
        let size: usize = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > MAX_METADATA_BYTES {
            let message = "Your metadata headers exceed the maximum allowed metadata size";
            return Err(S3Fault::new(400, "MetadataTooLarge", message)
                .with("Size", size.to_string())
                .with("MaxSizeAllowed", MAX_METADATA_BYTES.to_string()));
        }
        Ok(())
    }

    /// The storage class by name.
    pub(crate) fn class(&self) -> &str {
        self.storage_class.as_deref().unwrap_or("STANDARD")
    }

    /// Whether its class is one of those whose bodies must be restored before they can be read.
    pub(crate) fn is_archived(&self) -> bool {
        matches!(self.class(), "GLACIER" | "DEEP_ARCHIVE")
    }

    /// Whether it cannot be read: it is archived, and there is no restored copy.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        self.is_archived() && !matches!(self.restore, Some(Restore::Done { .. }))
    }
}

/// One entry of a key's history.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    /// None is the null version.
    pub id: Option<String>,
    pub time: Timestamp,
    /// None is a delete marker.
    pub object: Option<Arc<Object>>,
}

impl Version {
    /// The id as requests and listings spell it.
    pub(crate) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or("null")
    }
}
