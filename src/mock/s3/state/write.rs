//! Writing, copying, tagging and deleting objects.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::super::change::{Change, ChangeKind};
use super::super::checksum::{Checksum, ChecksumAlgorithm, Claims};
use super::super::fault::S3Fault;
use super::annotations::{self, Annotations};
use super::bucket::{Bucket, Versioning};
use super::object::{Content, Object, Version};
use super::read::{VERSION_ID_LENGTH, check_version_id};
use super::tags::Tags;
use super::{
    Act, CustomerKey, Encryption, ObjectAt, ReadConditions, S3State, Scheduled, Sequence, WriteConditions, check_key,
    otherwise,
};
use crate::kernel::Ids;

/// A single PUT may have 5 GiB. Page: "Uploading objects".
const MAX_PUT_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// A new object.
#[derive(Debug, Clone, Default)]
pub(crate) struct PutObject {
    pub bucket: String,
    pub key: String,
    pub body: Bytes,
    pub content: Content,
    pub claims: Claims,
    pub conditions: WriteConditions,
    /// Whether it comes in a browser's form.
    pub posted: bool,
}

/// What a write answers.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// Without quotes.
    pub e_tag: String,
    pub checksum: Option<Checksum>,
    /// None unless versioning is enabled.
    pub version_id: Option<String>,
    pub last_modified: Timestamp,
    pub encryption: Option<Encryption>,
    /// When the bucket's rules remove it.
    pub expires: Option<Scheduled>,
}

/// Where a copy takes its headers or its tags from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Directive {
    #[default]
    Copy,
    Replace,
}

/// A copy of an object.
#[derive(Debug, Clone, Default)]
pub(crate) struct CopyObject {
    pub source: ObjectAt,
    pub source_conditions: ReadConditions,
    /// The key of the client under which the source lies.
    pub source_key: Option<CustomerKey>,
    pub bucket: String,
    pub key: String,
    /// The new headers (under `metadata` = `Replace`), tags (under `tagging` = `Replace`) and storage class.
    pub content: Content,
    pub metadata: Directive,
    pub tagging: Directive,
    /// Whether the annotations stay behind.
    pub without_annotations: bool,
    /// The algorithm of the copy's checksum; the source's unless given.
    pub checksum: Option<ChecksumAlgorithm>,
    pub conditions: WriteConditions,
}

/// What a deletion answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deleted {
    /// Whether a marker was made, or removed by its id.
    pub delete_marker: bool,
    /// The marker that was made, or the version that was removed.
    pub version_id: Option<String>,
}

impl S3State {
    /// Writes an object. Nothing is changed unless all checks pass.
    pub(crate) fn put_object(&mut self, act: &mut Act<'_>, request: PutObject) -> Result<Written, S3Fault> {
        let mut request = request;
        if matches!(&self.put_otherwise, Some((bucket, key)) if *bucket == request.bucket && *key == request.key) {
            request.claims.verify(&request.body)?;
            (request.body, request.claims) = (otherwise(&request.body), Claims::default());
            let _ = version_id(act.ids); // another content is another version
        }
        let (bucket, sequence) = self.bucket_mut(&request.bucket)?;
        check_key(&request.key)?;
        let size = request.body.len() as u64;
        if size > MAX_PUT_BYTES {
            let message = "Your proposed upload exceeds the maximum allowed size";
            return Err(S3Fault::new(400, "EntityTooLarge", message)
                .with("ProposedSize", size.to_string())
                .with("MaxSizeAllowed", MAX_PUT_BYTES.to_string()));
        }
        request.content.check()?;
        let digests = request.claims.verify(&request.body)?;
        // Since December 2024 S3 stores a CRC64NVME for objects that come without a checksum.
        let checksum = digests.checksum.or_else(|| Some(ChecksumAlgorithm::Crc64Nvme.of(&request.body)));
        bucket.check_new_lock(&request.content.lock, act.now)?;
        let (e_tag, content) = (request.content.e_tag(digests.e_tag), request.content);
        let object = Object { body: request.body, e_tag, checksum, content, ..Object::default() };
        let kind = if request.posted { ChangeKind::Post } else { ChangeKind::Put };
        bucket.check_write(&request.key, &request.conditions)?;
        Ok(bucket.store(act, sequence, kind, &request.key, object))
    }

    /// Copies an object, sharing the bytes.
    ///
    /// The second value is the source's version id.
    pub(crate) fn copy_object(
        &mut self,
        act: &mut Act<'_>,
        request: CopyObject,
    ) -> Result<(Written, Option<String>), S3Fault> {
        let (source, source_version) =
            self.copy_source(&request.source, &request.source_conditions, request.source_key.as_ref())?;
        check_key(&request.key)?;
        let in_place = request.source.bucket == request.bucket && request.source.key == request.key;
        let changes_nothing = request.metadata == Directive::Copy
            && request.tagging == Directive::Copy
            && request.content.storage_class.is_none()
            && request.content.encryption.is_none()
            && request.content.website_redirect.is_none()
            && request.checksum.is_none();
        if in_place && request.source.version_id.is_none() && changes_nothing {
            let message = "This copy request is illegal because it is trying to copy an object to itself without \
                           changing the object's metadata, storage class, website redirect location or encryption \
                           attributes.";
            return Err(S3Fault::invalid_request(message));
        }
        let mut content = match request.metadata {
            Directive::Replace => request.content.clone(),
            Directive::Copy => source.content.clone(),
        };
        // A copy is STANDARD unless it says otherwise, whatever the source's class (CopyObject, x-amz-storage-class).
        content.storage_class = request.content.storage_class;
        // Nor are encryption, lock and redirect the source's (CopyObject, x-amz-website-redirect-location).
        content.website_redirect = request.content.website_redirect;
        content.encryption = request.content.encryption;
        content.lock = request.content.lock;
        content.restore = None;
        content.tags = match request.tagging {
            Directive::Replace => request.content.tags,
            Directive::Copy => source.content.tags.clone(),
        };
        content.acl = request.content.acl;
        content.check()?;
        let stored = source.checksum.as_ref();
        let checksum = match (request.checksum, stored) {
            (None, Some(stored)) if !stored.composite => Some(stored.clone()),
            (wanted, stored) => {
                let default = stored.map_or(ChecksumAlgorithm::Crc64Nvme, |checksum| checksum.algorithm);
                Some(wanted.unwrap_or(default).of(&source.body))
            }
        };
        // The copy is one object, so its tag is the MD5 of the whole even when the source came in parts.
        let is_plain = |content: &Content| matches!(content.encryption, None | Some(Encryption::Managed));
        let e_tag = if source.parts.is_empty() && is_plain(&source.content) && is_plain(&content) {
            source.e_tag.clone()
        } else {
            content.e_tag(Claims::default().verify(&source.body)?.e_tag)
        };
        let annotations = match request.without_annotations {
            true => Annotations::new(),
            false => annotations::copied(&source, &content, act.now)?,
        };
        let body = source.body.clone();
        let object = Object { body, e_tag, checksum, content, annotations, ..Object::default() };
        let (bucket, sequence) = self.bucket_mut(&request.bucket)?;
        bucket.check_new_lock(&object.content.lock, act.now)?;
        bucket.check_write(&request.key, &request.conditions)?;
        let written = bucket.store(act, sequence, ChangeKind::Copy, &request.key, object);
        Ok((written, source_version))
    }

    /// The object that a copy reads, with the version id that the response names.
    pub(super) fn copy_source(
        &self,
        at: &ObjectAt,
        conditions: &ReadConditions,
        key: Option<&CustomerKey>,
    ) -> Result<(Arc<Object>, Option<String>), S3Fault> {
        let bucket = self.bucket(&at.bucket)?;
        let (version, object) = bucket.find(at).map_err(|fault| {
            // A marker named by id is no GET here: S3 answers that it is not a valid source.
            if fault.status == 405 {
                let message =
                    "The source of a copy request may not specifically refer to a delete marker by version id.";
                S3Fault::invalid_request(message)
            } else {
                fault
            }
        })?;
        object.content.check_key(key)?;
        conditions.check_copy(&object.e_tag, version.time)?;
        if object.content.is_out_of_reach() {
            let message = "The source object of the COPY operation is not in the active tier and is only stored in \
                           Amazon Glacier.";
            return Err(S3Fault::new(403, "ObjectNotInActiveTierError", message).with("Key", at.key.as_str()));
        }
        Ok((object.clone(), bucket.shown_id(version)))
    }

    /// Replaces an object's tags; `None` removes them. Answers the version that was tagged.
    pub(crate) fn set_tagging(
        &mut self,
        act: &mut Act<'_>,
        at: &ObjectAt,
        tags: Option<Tags>,
    ) -> Result<Option<String>, S3Fault> {
        let (bucket, _) = self.bucket_mut(&at.bucket)?;
        let (version, object) = bucket.find(at)?;
        let (id, shown, e_tag) = (version.id.clone(), bucket.shown_id(version), object.e_tag.clone());
        let kind = if tags.is_some() { ChangeKind::TaggingPut } else { ChangeKind::TaggingDelete };
        let mut tagged = Object::clone(object);
        tagged.content.tags = tags.unwrap_or_default();
        let versions = bucket.keys.get_mut(&at.key).into_iter().flatten();
        for version in versions.filter(|version| version.id == id) {
            version.object = Some(Arc::new(tagged.clone()));
        }
        let mut change = bucket.change(kind, &at.key, act.now);
        change.e_tag = Some(e_tag);
        change.version_id = id;
        act.changes.push(change);
        Ok(shown)
    }

    /// Deletes a key or one of its versions. A key that never existed is deleted as well, with an event.
    pub(crate) fn delete_object(
        &mut self,
        act: &mut Act<'_>,
        at: &ObjectAt,
        conditions: &WriteConditions,
    ) -> Result<Deleted, S3Fault> {
        let (bucket, sequence) = self.bucket_mut(&at.bucket)?;
        check_key(&at.key)?;
        conditions.check(&at.key, bucket.current(&at.key).map(|(_, object)| object.e_tag.as_str()))?;
        match &at.version_id {
            Some(id) => {
                bucket.check_deletion(&at.key, id, act.now, conditions.bypass_governance)?;
                bucket.delete_version(act, sequence, &at.key, id)
            }
            None => Ok(bucket.delete_current(act, sequence, &at.key)),
        }
    }
}

impl Bucket {
    /// Whether a write may come on top of a key's versions.
    pub(super) fn check_write(&self, key: &str, conditions: &WriteConditions) -> Result<(), S3Fault> {
        conditions.check(key, self.current(key).map(|(_, object)| object.e_tag.as_str()))
    }

    /// Puts an object on top of a key's versions.
    pub(super) fn store(
        &mut self,
        act: &mut Act<'_>,
        sequence: &mut Sequence,
        kind: ChangeKind,
        key: &str,
        mut object: Object,
    ) -> Written {
        self.lock_by_default(&mut object, act.now);
        let (e_tag, checksum, size) = (object.e_tag.clone(), object.checksum.clone(), object.size());
        let (encryption, expires) = (object.content.encryption.clone(), self.expiration(key, &object, act.now));
        let version_id = self.push(act.ids, act.now, key, Some(Arc::new(object)));
        act.changes.push(Change {
            size: Some(size),
            e_tag: Some(e_tag.clone()),
            version_id: version_id.clone(),
            sequencer: Some(sequence.next(act.now, &self.name, key)),
            ..self.change(kind, key, act.now)
        });
        Written { e_tag, checksum, version_id, last_modified: act.now, encryption, expires }
    }

    /// Adds a version in the way that the versioning state asks for, and answers its id.
    fn push(&mut self, ids: &mut Ids, now: Timestamp, key: &str, object: Option<Arc<Object>>) -> Option<String> {
        let versions = self.keys.entry(key.to_owned()).or_default();
        let id = match self.versioning {
            Versioning::Enabled => Some(version_id(ids)),
            Versioning::Unversioned | Versioning::Suspended => {
                versions.retain(|version| version.id.is_some());
                None
            }
        };
        versions.push(Version { id: id.clone(), time: now, object });
        id
    }

    /// Deletes a key without naming a version. Where versioning is suspended that makes a marker of the null version.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectsfromVersioningSuspendedBuckets.html>
    pub(super) fn delete_current(&mut self, act: &mut Act<'_>, sequence: &mut Sequence, key: &str) -> Deleted {
        let sequencer = Some(sequence.next(act.now, &self.name, key));
        if self.versioning == Versioning::Unversioned {
            self.keys.remove(key);
            act.changes.push(Change { sequencer, ..self.change(ChangeKind::Delete, key, act.now) });
            return Deleted { delete_marker: false, version_id: None };
        }
        let id = self.push(act.ids, act.now, key, None);
        act.changes.push(Change {
            // A marker has no bytes: the record carries the MD5 of nothing.
            e_tag: Some("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
            version_id: id.clone(),
            sequencer,
            ..self.change(ChangeKind::DeleteMarkerCreated, key, act.now)
        });
        Deleted { delete_marker: true, version_id: Some(id.unwrap_or_else(|| "null".to_owned())) }
    }

    pub(super) fn delete_version(
        &mut self,
        act: &mut Act<'_>,
        sequence: &mut Sequence,
        key: &str,
        id: &str,
    ) -> Result<Deleted, S3Fault> {
        check_version_id(id)?;
        let mut was_marker = false;
        if let Some(versions) = self.keys.get_mut(key) {
            if let Some(at) = versions.iter().position(|version| version.id() == id) {
                was_marker = versions.remove(at).object.is_none();
                let older = at.checked_sub(1).map(|older| versions[older].id().to_owned());
                self.removed.insert(id.to_owned(), older);
            }
            if versions.is_empty() {
                self.keys.remove(key);
            }
        }
        act.changes.push(Change {
            version_id: Some(id.to_owned()).filter(|id| id != "null"),
            sequencer: Some(sequence.next(act.now, &self.name, key)),
            ..self.change(ChangeKind::Delete, key, act.now)
        });
        Ok(Deleted { delete_marker: was_marker, version_id: Some(id.to_owned()) })
    }
}

/// A new version id: URL-safe, of the length that S3's have.
fn version_id(ids: &mut Ids) -> String {
    ids.base64(VERSION_ID_LENGTH).replace(['+', '/'], "_")
}
