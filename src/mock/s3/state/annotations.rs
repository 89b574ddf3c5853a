//! Annotations: named texts at a version of an object. They come, change and go without it, and go with it.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html>

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::super::change::{Change, ChangeKind, Extra};
use super::super::checksum::{Checksum, ChecksumAlgorithm, Claims};
use super::super::fault::S3Fault;
use super::bucket::Bucket;
use super::object::{Content, Object};
use super::{Act, Encryption, ObjectAt, S3State, TagMatch};

/// A version has at most so many.
const MAX_ANNOTATIONS: usize = 1_000;

/// The longest name, in bytes of UTF-8.
const MAX_NAME_BYTES: usize = 512;

/// The largest payload.
const MAX_PAYLOAD_BYTES: usize = 1024 * 1024;

/// The annotations of a version by their names.
pub(crate) type Annotations = BTreeMap<String, Annotation>;

/// What is kept under a name.
#[derive(Debug, Clone)]
pub(crate) struct Annotation {
    /// UTF-8.
    pub payload: Bytes,
    /// Without quotes.
    pub e_tag: String,
    pub checksum: Checksum,
    pub time: Timestamp,
}

/// An annotation to be attached, or to take the place of one of the same name.
#[derive(Debug, Clone, Default)]
pub(crate) struct PutAnnotation {
    pub at: ObjectAt,
    pub name: String,
    pub payload: Bytes,
    pub claims: Claims,
    /// The entity tag that the object must have.
    pub if_match: Option<TagMatch>,
}

/// An annotation with what answers say of its object.
#[derive(Debug, Clone)]
pub(crate) struct Annotated {
    pub annotation: Annotation,
    /// None in unversioned buckets.
    pub version_id: Option<String>,
    pub encryption: Option<Encryption>,
}

/// Which annotations are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListAnnotations {
    pub at: ObjectAt,
    pub prefix: String,
    /// Only those behind this name.
    pub after: Option<String>,
    /// At most as many as a page of the state holds are answered.
    pub max: usize,
}

/// A page of annotations, in the order of their names.
#[derive(Debug, Clone)]
pub(crate) struct AnnotationListing {
    pub annotations: Vec<(String, Annotation)>,
    /// The name that the next page starts behind.
    pub next: Option<String>,
    /// None in unversioned buckets.
    pub version_id: Option<String>,
}

impl S3State {
    /// Attaches an annotation.
    ///
    /// # Errors
    ///
    /// Those of a read, `PreconditionFailed`, those of digests, and what is wrong with the name or the payload.
    pub(crate) fn put_annotation(&mut self, act: &mut Act<'_>, request: PutAnnotation) -> Result<Annotated, S3Fault> {
        let (bucket, _) = self.bucket_mut(&request.at.bucket)?;
        check_name(&request.name)?;
        let (version, object) = bucket.find(&request.at)?;
        check_match(request.if_match.as_ref(), object)?;
        check_encryption(&object.content)?;
        check_payload(&request.payload)?;
        if object.annotations.len() >= MAX_ANNOTATIONS && !object.annotations.contains_key(&request.name) {
            let message = "The request would exceed the maximum number of annotations allowed per object.";
            return Err(S3Fault::new(400, "AnnotationLimitExceeded", message));
        }
        let digests = request.claims.verify(&request.payload)?;
        let checksum = digests.checksum.unwrap_or_else(|| ChecksumAlgorithm::Crc64Nvme.of(&request.payload));
        let annotation = Annotation { payload: request.payload, e_tag: digests.e_tag, checksum, time: act.now };
        let (id, version_id) = (version.id.clone(), bucket.shown_id(version));
        let encryption = object.content.encryption.clone();
        let extra = Extra::Annotated {
            name: request.name.clone(),
            written: Some((annotation.payload.len() as u64, annotation.e_tag.clone())),
        };
        let stored = annotation.clone();
        bucket.annotate(&request.at.key, id.as_deref(), |annotations| drop(annotations.insert(request.name, stored)));
        let change = bucket.change(ChangeKind::AnnotationPut, &request.at.key, act.now);
        act.changes.push(Change { version_id: id, extra, ..change });
        Ok(Annotated { annotation, version_id, encryption })
    }

    /// An annotation by its name.
    ///
    /// # Errors
    ///
    /// Those of a read, and `NoSuchAnnotation`.
    pub(crate) fn annotation(&self, at: &ObjectAt, name: &str) -> Result<Annotated, S3Fault> {
        let bucket = self.bucket(&at.bucket)?;
        let (version, object) = bucket.find(at)?;
        let annotation = object.annotations.get(name).ok_or_else(|| {
            let message = "The specified annotation does not exist.";
            S3Fault::new(404, "NoSuchAnnotation", message).with("AnnotationName", name)
        })?;
        let encryption = object.content.encryption.clone();
        Ok(Annotated { annotation: annotation.clone(), version_id: bucket.shown_id(version), encryption })
    }

    /// A page of a version's annotations.
    ///
    /// # Errors
    ///
    /// Those of a read, and `InvalidPrefix`.
    pub(crate) fn list_annotations(&self, request: &ListAnnotations) -> Result<AnnotationListing, S3Fault> {
        let bucket = self.bucket(&request.at.bucket)?;
        if request.prefix.len() > MAX_NAME_BYTES || !request.prefix.chars().all(is_of_names) {
            let message = "The annotation prefix you provided is invalid.";
            return Err(S3Fault::new(400, "InvalidPrefix", message).with("AnnotationPrefix", request.prefix.as_str()));
        }
        let (version, object) = bucket.find(&request.at)?;
        let behind = match &request.after {
            Some(after) if *after >= request.prefix => Bound::Excluded(after.as_str()),
            _ => Bound::Included(request.prefix.as_str()),
        };
        let max = request.max.min(self.max_page);
        let mut found = object
            .annotations
            .range::<str, _>((behind, Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(&request.prefix))
            .map(|(name, annotation)| (name.clone(), annotation.clone()));
        let annotations: Vec<_> = found.by_ref().take(max).collect();
        let next = annotations.last().filter(|_| found.next().is_some()).map(|(name, _)| name.clone());
        Ok(AnnotationListing { annotations, next, version_id: bucket.shown_id(version) })
    }

    /// Takes an annotation away. One that is not there is gone already, and nothing happens. Answers the version.
    ///
    /// # Errors
    ///
    /// Those of a read, `PreconditionFailed`, and `AccessDenied` where the version is locked.
    pub(crate) fn delete_annotation(
        &mut self,
        act: &mut Act<'_>,
        (at, name): (&ObjectAt, &str),
        if_match: Option<&TagMatch>,
        bypass_governance: bool,
    ) -> Result<Option<String>, S3Fault> {
        let (bucket, _) = self.bucket_mut(&at.bucket)?;
        let (version, object) = bucket.find(at)?;
        check_match(if_match, object)?;
        bucket.check_deletion(&at.key, version.id(), act.now, bypass_governance)?;
        let (id, shown) = (version.id.clone(), bucket.shown_id(version));
        if object.annotations.contains_key(name) {
            bucket.annotate(&at.key, id.as_deref(), |annotations| drop(annotations.remove(name)));
            let extra = Extra::Annotated { name: name.to_owned(), written: None };
            let change = bucket.change(ChangeKind::AnnotationDelete, &at.key, act.now);
            act.changes.push(Change { version_id: id, extra, ..change });
        }
        Ok(shown)
    }

    /// Whether a version has annotations, whoever asks.
    pub(crate) fn has_annotations(&self, at: &ObjectAt) -> bool {
        let found = self.bucket(&at.bucket).and_then(|bucket| bucket.find(at));
        found.is_ok_and(|(_, object)| !object.annotations.is_empty())
    }
}

impl Bucket {
    /// Changes the annotations of a version that was found.
    fn annotate(&mut self, key: &str, id: Option<&str>, change: impl FnOnce(&mut Annotations)) {
        let mut versions = self.keys.get_mut(key).into_iter().flatten();
        let version = versions.find(|version| version.id.as_deref() == id);
        if let Some(object) = version.and_then(|version| version.object.as_mut()) {
            change(&mut Arc::make_mut(object).annotations);
        }
    }
}

/// Those that a copy takes along: each is written anew.
///
/// # Errors
///
/// `InvalidRequest` where the copy can have none.
pub(super) fn copied(source: &Object, copy: &Content, now: Timestamp) -> Result<Annotations, S3Fault> {
    if !source.annotations.is_empty() {
        check_encryption(copy)?;
    }
    let anew = |annotation: &Annotation| Annotation { time: now, ..annotation.clone() };
    Ok(source.annotations.iter().map(|(name, annotation)| (name.clone(), anew(annotation))).collect())
}

/// Letters and digits of any script, and three signs (annotations-overview, "Annotation naming guidelines").
fn is_of_names(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn check_name(name: &str) -> Result<(), S3Fault> {
    if name.len() > MAX_NAME_BYTES {
        let message = "The annotation name exceeds 512 bytes.";
        return Err(S3Fault::new(400, "AnnotationNameTooLong", message)
            .with("Size", name.len().to_string())
            .with("MaxSizeAllowed", MAX_NAME_BYTES.to_string()));
    }
    let reserved = |start: &str| name.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
    if name.is_empty() || !name.chars().all(is_of_names) || reserved("aws") || reserved("s3") {
        let note = "names have letters, digits, `_`, `.` and `-`, and begin neither with aws nor with s3";
        return Err(S3Fault::new(400, "InvalidAnnotationName", "The annotation name you provided is invalid.")
            .with("AnnotationName", name)
            .note(note));
    }
    Ok(())
}

fn check_match(wanted: Option<&TagMatch>, object: &Object) -> Result<(), S3Fault> {
    match wanted {
        Some(tag) if !tag.holds(&object.e_tag) => Err(S3Fault::precondition_failed("x-amz-object-if-match")),
        _ => Ok(()),
    }
}

/// S3 has not the key with which an annotation would be read.
fn check_encryption(content: &Content) -> Result<(), S3Fault> {
    match content.encryption {
        Some(Encryption::Customer(_)) => {
            Err(S3Fault::invalid_request("Objects encrypted with SSE-C cannot have annotations."))
        }
        _ => Ok(()),
    }
}

fn check_payload(payload: &[u8]) -> Result<(), S3Fault> {
    if payload.is_empty() {
        return Err(S3Fault::invalid_request("The annotation payload must have at least one byte."));
    }
    if payload.len() > MAX_PAYLOAD_BYTES {
        let message = "Your proposed upload exceeds the maximum allowed size";
        return Err(S3Fault::new(400, "EntityTooLarge", message)
            .with("ProposedSize", payload.len().to_string())
            .with("MaxSizeAllowed", MAX_PAYLOAD_BYTES.to_string()));
    }
    match std::str::from_utf8(payload) {
        Ok(_) => Ok(()),
        Err(_) => {
            let message = "The annotation payload is not valid UTF-8 encoded text.";
            Err(S3Fault::new(415, "UnsupportedMediaType", message))
        }
    }
}
