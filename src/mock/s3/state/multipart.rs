//! Multipart uploads.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;

use super::super::change::ChangeKind;
use super::super::checksum::{Checksum, ChecksumAlgorithm, Claims, bad_digest, multipart_e_tag};
use super::super::fault::S3Fault;
use super::bucket::Bucket;
use super::list::rolled_up;
use super::object::{Content, Object, StoredPart};
use super::{
    Act, ByteRange, CustomerKey, ObjectAt, ReadConditions, S3State, Scheduled, WriteConditions, Written, check_key,
};
use crate::event::AccountId;

/// All parts but the last have at least 5 MiB. Page: "Amazon S3 multipart upload limits".
const MIN_PART_BYTES: u64 = 5 * 1024 * 1024;

/// Part numbers go from 1 to 10,000 (same page).
const MAX_PART_NUMBER: u32 = 10_000;

/// Whether an object's checksum is made of its parts' checksums or of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChecksumType {
    Composite,
    FullObject,
}

impl ChecksumType {
    /// The name in requests and in messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Composite => "COMPOSITE",
            Self::FullObject => "FULL_OBJECT",
        }
    }
}

/// A request to start an upload.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewUpload {
    pub bucket: String,
    pub key: String,
    pub content: Content,
    pub algorithm: Option<ChecksumAlgorithm>,
    pub checksum_type: Option<ChecksumType>,
}

/// An upload that was started.
#[derive(Debug, Clone)]
pub(crate) struct StartedUpload {
    pub upload_id: String,
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    /// When the bucket's rules abort it.
    pub aborts: Option<Scheduled>,
}

/// One part.
#[derive(Debug, Clone, Default)]
pub(crate) struct UploadPart {
    pub bucket: String,
    pub key: String,
    pub upload_id: String,
    pub part_number: u32,
    pub body: Bytes,
    pub claims: Claims,
    pub customer_key: Option<CustomerKey>,
}

/// One part that is copied from an object.
#[derive(Debug, Clone, Default)]
pub(crate) struct CopyPart {
    pub source: ObjectAt,
    pub source_conditions: ReadConditions,
    pub source_key: Option<CustomerKey>,
    pub customer_key: Option<CustomerKey>,
    pub range: Option<ByteRange>,
    pub bucket: String,
    pub key: String,
    pub upload_id: String,
    pub part_number: u32,
}

/// A part as the completing request names it.
#[derive(Debug, Clone, Default)]
pub(crate) struct PartClaim {
    pub number: u32,
    /// Without quotes.
    pub e_tag: String,
    pub checksum: Option<(ChecksumAlgorithm, String)>,
}

/// A request to make an object of the parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct CompleteUpload {
    pub bucket: String,
    pub key: String,
    pub upload_id: String,
    pub parts: Vec<PartClaim>,
    /// The checksum that the whole object is said to have.
    pub checksum: Option<(ChecksumAlgorithm, String)>,
    /// The type that the upload is said to have been started with.
    pub checksum_type: Option<ChecksumType>,
    /// The size that the whole object is said to have.
    pub size: Option<u64>,
    pub conditions: WriteConditions,
    /// The client's key, which is needed again where there is a checksum (CompleteMultipartUpload, SSE-C).
    pub customer_key: Option<CustomerKey>,
}

/// A part in a listing.
#[derive(Debug, Clone)]
pub(crate) struct ListedPart {
    pub number: u32,
    pub e_tag: String,
    pub size: u64,
    pub checksum: Option<Checksum>,
    pub last_modified: Timestamp,
}

/// A page of an upload's parts.
#[derive(Debug, Clone)]
pub(crate) struct PartListing {
    pub parts: Vec<ListedPart>,
    /// The number that the next page starts behind.
    pub next: Option<u32>,
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    pub storage_class: String,
    /// Who started the upload; none without a signature.
    pub initiator: Option<AccountId>,
    /// Who will own the object; none without a signature.
    pub owner: Option<AccountId>,
    /// When the bucket's rules abort it.
    pub aborts: Option<Scheduled>,
}

/// A page of unfinished uploads.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListUploads {
    pub bucket: String,
    pub prefix: String,
    /// None or empty: keys are not rolled up.
    pub delimiter: Option<String>,
    /// Only uploads behind this key or, with the marker beside it, behind that upload of this key.
    pub key_marker: Option<String>,
    pub upload_id_marker: Option<String>,
    /// At most as many as a page of the state holds are answered.
    pub max_uploads: usize,
}

/// An unfinished upload in a listing.
#[derive(Debug, Clone)]
pub(crate) struct ListedUpload {
    pub key: String,
    pub upload_id: String,
    pub initiated: Timestamp,
    pub storage_class: String,
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    /// Who started it; none without a signature.
    pub initiator: Option<AccountId>,
    /// Who will own the object; none without a signature.
    pub owner: Option<AccountId>,
}

/// A page of unfinished uploads and of rolled-up prefixes.
#[derive(Debug, Clone, Default)]
pub(crate) struct UploadListing {
    pub uploads: Vec<ListedUpload>,
    pub prefixes: Vec<String>,
    /// The last key (or prefix) and the last upload's id.
    pub last: Option<(String, String)>,
    pub is_truncated: bool,
}

/// An unfinished upload.
#[derive(Debug)]
pub(super) struct Upload {
    pub key: String,
    pub initiated: Timestamp,
    /// None without a signature.
    pub initiator: Option<AccountId>,
    content: Content,
    checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    parts: BTreeMap<u32, Part>,
}

#[derive(Debug)]
struct Part {
    body: Bytes,
    e_tag: String,
    checksum: Option<Checksum>,
    time: Timestamp,
}

/// An upload that is over. S3 remembers it for the requests that come again because their answer was lost.
///
/// Its documentation says no more than that requests have to be repeated; what is answered was measured by
/// <https://github.com/adobe/S3Mock/issues/2586>, <https://github.com/minio/minio/issues/13318> and
/// <https://github.com/minio/minio/issues/2250>, where S3 forgets it after some hours.
#[derive(Debug)]
pub(super) struct Ended {
    key: String,
    /// The parts of the object that it became and the answer; none when it was aborted.
    completed: Option<(Vec<(u32, String)>, Written)>,
}

impl Part {
    fn stored(&self, number: u32) -> StoredPart {
        StoredPart { number, size: self.body.len() as u64, checksum: self.checksum.clone() }
    }
}

fn named(request: &CompleteUpload) -> Vec<(u32, String)> {
    request.parts.iter().map(|part| (part.number, part.e_tag.clone())).collect()
}

impl Bucket {
    fn upload(&self, key: &str, id: &str) -> Result<&Upload, S3Fault> {
        self.uploads.get(id).filter(|upload| upload.key == key).ok_or_else(|| S3Fault::no_such_upload(id))
    }

    /// See [`S3State::abort_upload`].
    pub(super) fn abort(&mut self, key: &str, upload_id: &str) -> Result<(), S3Fault> {
        if self.ended.get(upload_id).is_some_and(|ended| ended.key == key) {
            return Ok(());
        }
        self.upload(key, upload_id)?;
        self.uploads.remove(upload_id);
        self.ended.insert(upload_id.to_owned(), Ended { key: key.to_owned(), completed: None });
        Ok(())
    }
}

impl S3State {
    /// Starts an upload. No event comes of it.
    pub(crate) fn create_upload(&mut self, act: &mut Act<'_>, request: NewUpload) -> Result<StartedUpload, S3Fault> {
        let (bucket, _) = self.bucket_mut(&request.bucket)?;
        check_key(&request.key)?;
        request.content.check()?;
        bucket.check_new_lock(&request.content.lock, act.now)?;
        let checksum = match (request.algorithm, request.checksum_type) {
            (None, None) => None,
            (None, Some(_)) => {
                let message =
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.";
                return Err(S3Fault::invalid_request(message));
            }
            (Some(algorithm), wanted) => Some((algorithm, checksum_type(algorithm, wanted)?)),
        };
        let upload_id = act.ids.base64(96).replace('+', ".").replace('/', "_");
        let upload = Upload {
            key: request.key,
            initiated: act.now,
            initiator: act.account.cloned(),
            content: request.content,
            checksum,
            parts: BTreeMap::new(),
        };
        let aborts = bucket.abortion(&upload.key, act.now);
        bucket.uploads.insert(upload_id.clone(), upload);
        Ok(StartedUpload { upload_id, checksum, aborts })
    }

    /// Stores a part; one of the same number is replaced.
    pub(crate) fn upload_part(&mut self, act: &Act<'_>, request: UploadPart) -> Result<Written, S3Fault> {
        self.put_part(act, request, Upload::check_given)
    }

    /// Stores a part whose checksum, as far as the request has one, passes this check.
    fn put_part(
        &mut self,
        act: &Act<'_>,
        request: UploadPart,
        check: impl FnOnce(&Upload, Option<&Checksum>) -> Result<(), S3Fault>,
    ) -> Result<Written, S3Fault> {
        let (bucket, _) = self.bucket_mut(&request.bucket)?;
        check_part_number(request.part_number)?;
        bucket.upload(&request.key, &request.upload_id)?;
        let Some(upload) = bucket.uploads.get_mut(&request.upload_id) else {
            return Err(S3Fault::no_such_upload(&request.upload_id));
        };
        upload.content.check_key_of_part(request.customer_key.as_ref())?;
        let digests = request.claims.verify(&request.body)?;
        check(upload, digests.checksum.as_ref())?;
        let checksum = digests.checksum.or_else(|| upload.checksum.map(|(algorithm, _)| algorithm.of(&request.body)));
        let (e_tag, encryption) = (upload.content.e_tag(digests.e_tag), upload.content.encryption.clone());
        let part = Part { body: request.body, e_tag: e_tag.clone(), checksum: checksum.clone(), time: act.now };
        upload.parts.insert(request.part_number, part);
        Ok(Written { e_tag, checksum, version_id: None, last_modified: act.now, encryption, expires: None })
    }

    /// Stores a part that is copied from an object. The second value is the source's version id.
    pub(crate) fn copy_part(&mut self, act: &Act<'_>, request: CopyPart) -> Result<(Written, Option<String>), S3Fault> {
        let (source, version) =
            self.copy_source(&request.source, &request.source_conditions, request.source_key.as_ref())?;
        let body = match request.range {
            None => source.body.clone(),
            Some(ByteRange::Closed(first, last)) if last < source.size() => {
                source.body.slice(first as usize..=last as usize)
            }
            // https://github.com/versity/versitygw/issues/610
            Some(range) => {
                let message = format!("Range specified is not valid for source object of size: {}", source.size());
                return Err(S3Fault::invalid_argument(message, "x-amz-copy-source-range", range.to_header()));
            }
        };
        let part = UploadPart {
            bucket: request.bucket,
            key: request.key,
            upload_id: request.upload_id,
            part_number: request.part_number,
            body,
            claims: Claims::default(),
            customer_key: request.customer_key,
        };
        // Of what S3 copies itself it calculates the checksum, too.
        Ok((self.put_part(act, part, |_, _| Ok(()))?, version))
    }

    /// Makes an object of the parts that the request names. Sent again, for its answer was lost, the same request gets
    /// the same answer, and nothing happens.
    pub(crate) fn complete_upload(&mut self, act: &mut Act<'_>, request: CompleteUpload) -> Result<Written, S3Fault> {
        let (bucket, sequence) = self.bucket_mut(&request.bucket)?;
        if let Some(Ended { key, completed: Some((parts, written)) }) = bucket.ended.get(&request.upload_id)
            && *key == request.key
            && *parts == named(&request)
        {
            return Ok(written.clone());
        }
        let upload = bucket.upload(&request.key, &request.upload_id)?;
        upload.check_type(request.checksum_type)?;
        if request.customer_key.is_some() || upload.has_checksums() {
            upload.content.check_key_of_part(request.customer_key.as_ref())?;
        }
        let parts = upload.claimed(&request)?;
        let length: u64 = parts.iter().map(|part| part.body.len() as u64).sum();
        if let Some(size) = request.size
            && size != length
        {
            let message = format!(
                "The provided 'x-amz-mp-object-size' header value {size} does not match what was computed: {length}"
            );
            return Err(S3Fault::invalid_request(message));
        }
        let pieces = parts.iter().map(|part| &part.body[..]);
        let checksum = match upload.checksum {
            Some((algorithm, ChecksumType::Composite)) => {
                algorithm.composite(parts.iter().filter_map(|part| part.checksum.as_ref()))
            }
            Some((algorithm, ChecksumType::FullObject)) => algorithm.of_pieces(pieces),
            None => ChecksumAlgorithm::Crc64Nvme.of_pieces(pieces),
        };
        if let Some((algorithm, claimed)) = &request.checksum {
            let matches = *algorithm == checksum.algorithm
                && (*claimed == checksum.value
                    || checksum.value.rsplit_once('-').is_some_and(|(value, _)| value == claimed));
            if !matches {
                return Err(bad_digest(*algorithm));
            }
        }
        let mut object = Object {
            e_tag: multipart_e_tag(parts.iter().map(|part| part.e_tag.as_str())),
            parts: parts.iter().zip(&request.parts).map(|(part, claim)| part.stored(claim.number)).collect(),
            checksum: Some(checksum),
            content: upload.content.clone(),
            ..Object::default()
        };
        bucket.check_write(&request.key, &request.conditions)?;
        // Nothing fails from here on, so the upload may go while the object comes.
        if let Some(upload) = bucket.uploads.remove(&request.upload_id) {
            object.body = upload.joined(&request);
        }
        let kind = ChangeKind::CompleteMultipartUpload;
        let written = bucket.store(act, sequence, kind, &request.key, object);
        let completed = Some((named(&request), written.clone()));
        bucket.ended.insert(request.upload_id, Ended { key: request.key, completed });
        Ok(written)
    }

    /// Drops an upload and its parts. One that is over already stays as it is.
    pub(crate) fn abort_upload(&mut self, bucket: &str, key: &str, upload_id: &str) -> Result<(), S3Fault> {
        self.bucket_mut(bucket)?.0.abort(key, upload_id)
    }

    /// Lists an upload's parts behind the number `after`.
    pub(crate) fn list_parts(
        &self,
        bucket: &str,
        key: &str,
        upload_id: &str,
        after: u32,
        max: usize,
    ) -> Result<PartListing, S3Fault> {
        let bucket = self.bucket(bucket)?;
        let upload = bucket.upload(key, upload_id)?;
        let max = max.min(self.max_page);
        let mut behind = upload.parts.range(after.saturating_add(1)..);
        let parts: Vec<ListedPart> = behind
            .by_ref()
            .take(max)
            .map(|(number, part)| ListedPart {
                number: *number,
                e_tag: part.e_tag.clone(),
                size: part.body.len() as u64,
                checksum: part.checksum.clone(),
                last_modified: part.time,
            })
            .collect();
        let next = behind.next().and_then(|_| parts.last().map(|part| part.number));
        let storage_class = upload.content.class().to_owned();
        let (initiator, owner) = (upload.initiator.clone(), upload.owner(bucket));
        let aborts = bucket.abortion(key, upload.initiated);
        Ok(PartListing { parts, next, checksum: upload.checksum, storage_class, initiator, owner, aborts })
    }

    /// Lists the bucket's unfinished uploads, by key and then by age.
    pub(crate) fn list_uploads(&self, request: &ListUploads) -> Result<UploadListing, S3Fault> {
        let (prefix, delimiter) = (request.prefix.as_str(), request.delimiter.as_deref());
        let bucket = self.bucket(&request.bucket)?;
        let mut uploads: Vec<ListedUpload> = bucket
            .uploads
            .iter()
            .filter(|(_, upload)| upload.key.starts_with(prefix))
            .map(|(id, upload)| ListedUpload {
                key: upload.key.clone(),
                upload_id: id.clone(),
                initiated: upload.initiated,
                storage_class: upload.content.class().to_owned(),
                checksum: upload.checksum,
                initiator: upload.initiator.clone(),
                owner: upload.owner(bucket),
            })
            .collect();
        uploads.sort_by(|a, b| (&a.key, a.initiated, &a.upload_id).cmp(&(&b.key, b.initiated, &b.upload_id)));
        let uploads = uploads.split_off(request.first_behind_markers(&uploads));
        let max = request.max_uploads.min(self.max_page);
        let mut listing = UploadListing::default();
        for upload in uploads {
            let group = rolled_up(&upload.key, prefix, delimiter);
            let is_seen = |group: &str| {
                request.key_marker.as_deref().is_some_and(|marker| group <= marker)
                    || listing.prefixes.last().is_some_and(|last| last == group)
            };
            if group.is_some_and(is_seen) {
                continue;
            }
            if listing.uploads.len() + listing.prefixes.len() == max {
                listing.is_truncated = max > 0;
                break;
            }
            match group {
                Some(group) => {
                    listing.prefixes.push(group.to_owned());
                    listing.last = Some((group.to_owned(), String::new()));
                }
                None => {
                    listing.last = Some((upload.key.clone(), upload.upload_id.clone()));
                    listing.uploads.push(upload);
                }
            }
        }
        Ok(listing)
    }
}

impl ListUploads {
    /// The place of the first of these sorted uploads that the markers do not cover.
    fn first_behind_markers(&self, uploads: &[ListedUpload]) -> usize {
        let Some(key) = &self.key_marker else { return 0 };
        let is_marker =
            |upload: &ListedUpload| upload.key == *key && Some(&upload.upload_id) == self.upload_id_marker.as_ref();
        match uploads.iter().position(is_marker) {
            Some(marker) => marker + 1,
            // It was ended meanwhile: rather its whole key again than one of its uploads never.
            None if self.upload_id_marker.is_some() => uploads.partition_point(|upload| upload.key < *key),
            None => uploads.partition_point(|upload| upload.key <= *key),
        }
    }
}

impl Upload {
    /// Who will own the object.
    fn owner(&self, bucket: &Bucket) -> Option<AccountId> {
        self.content.acl.as_ref().map_or_else(|| Some(bucket.owner.clone()), |acl| acl.owner.clone())
    }

    /// Whether the client gave checksums, with the upload or with a part: then its key is needed again to complete
    /// (CompleteMultipartUpload, x-amz-server-side-encryption-customer-algorithm).
    fn has_checksums(&self) -> bool {
        self.checksum.is_some() || self.parts.values().any(|part| part.checksum.is_some())
    }

    /// Checks the checksum that comes with a part. Those of which the object's will be made have to come; an upload without
    /// an algorithm takes any.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>,
    /// <https://github.com/versity/versitygw/issues/1342>
    fn check_given(&self, given: Option<&Checksum>) -> Result<(), S3Fault> {
        let given = given.map(|checksum| checksum.algorithm);
        let matches = match self.checksum {
            None => true,
            Some((wanted, ChecksumType::Composite)) => given == Some(wanted),
            Some((wanted, ChecksumType::FullObject)) => given.is_none_or(|given| given == wanted),
        };
        if matches {
            return Ok(());
        }
        let name = |algorithm: Option<ChecksumAlgorithm>| {
            algorithm.map_or_else(|| "null".to_owned(), |algorithm| algorithm.as_str().to_lowercase())
        };
        let (wanted, given) = (name(self.checksum.map(|(wanted, _)| wanted)), name(given));
        Err(S3Fault::invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {wanted}, actual checksum Type: {given}"
        )))
    }

    /// Refuses another type of checksum than the upload was started with (CompleteMultipartUpload, x-amz-checksum-type).
    fn check_type(&self, said: Option<ChecksumType>) -> Result<(), S3Fault> {
        // Without an algorithm S3 takes CRC64NVME, which covers the whole.
        let (Some(said), kind) = (said, self.checksum.map_or(ChecksumType::FullObject, |(_, kind)| kind)) else {
            return Ok(());
        };
        if said == kind {
            return Ok(());
        }
        let message = format!(
            "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
            kind.as_str()
        );
        Err(S3Fault::invalid_request(message))
    }

    /// The bodies of the parts that the request names, as one. Each is let go as soon as it is copied, so that a large object is
    /// not held twice.
    fn joined(mut self, request: &CompleteUpload) -> Bytes {
        let named = request.parts.iter().filter_map(|claim| self.parts.remove(&claim.number));
        let mut bodies: Vec<Bytes> = named.map(|part| part.body).collect();
        drop(self);
        if bodies.len() == 1 {
            return bodies.swap_remove(0);
        }
        let mut whole = BytesMut::with_capacity(bodies.iter().map(Bytes::len).sum());
        bodies.into_iter().for_each(|body| whole.extend_from_slice(&body));
        whole.freeze()
    }

    /// What the object's checksum is made of has to be said again when the upload is completed.
    ///
    /// <https://github.com/aws/aws-sdk-php/issues/2648>, <https://github.com/apache/arrow-rs-object-store/issues/568>
    fn check_composed(&self, claims: &[PartClaim]) -> Result<(), S3Fault> {
        let Some((algorithm, ChecksumType::Composite)) = self.checksum else { return Ok(()) };
        let says = |claim: &PartClaim| claim.checksum.as_ref().is_some_and(|(said, _)| *said == algorithm);
        let Some(silent) = claims.iter().find(|claim| !says(claim)) else { return Ok(()) };
        Err(S3Fault::invalid_request(format!(
            "The upload was created using a {} checksum. The complete request must include the checksum for each part. \
             It was missing for part {} in the request.",
            algorithm.as_str().to_lowercase(),
            silent.number
        )))
    }

    /// The parts that the request names, checked.
    fn claimed(&self, request: &CompleteUpload) -> Result<Vec<&Part>, S3Fault> {
        if request.parts.is_empty() {
            return Err(S3Fault::malformed_xml());
        }
        // https://github.com/versity/versitygw/issues/1072
        if request.parts.iter().any(|part| part.number == 0) {
            return Err(S3Fault::new(400, "InvalidArgument", "PartNumber must be >= 1"));
        }
        if !request.parts.is_sorted_by(|a, b| a.number < b.number) {
            let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
            return Err(S3Fault::new(400, "InvalidPartOrder", message).with("UploadId", request.upload_id.as_str()));
        }
        self.check_composed(&request.parts)?;
        let mut parts = Vec::with_capacity(request.parts.len());
        for claim in &request.parts {
            let part = self.parts.get(&claim.number).filter(|part| part.e_tag == claim.e_tag);
            let part = part.filter(|part| match (&claim.checksum, &part.checksum) {
                (Some((algorithm, value)), Some(stored)) => *algorithm == stored.algorithm && *value == stored.value,
                _ => true,
            });
            parts.push(part.ok_or_else(|| {
                let message = "One or more of the specified parts could not be found.  The part may not have been \
                               uploaded, or the specified entity tag may not match the part's entity tag.";
                S3Fault::new(400, "InvalidPart", message)
                    .with("ETag", claim.e_tag.as_str())
                    .with("PartNumber", claim.number.to_string())
                    .with("UploadId", request.upload_id.as_str())
            })?);
        }
        for (part, claim) in parts.iter().zip(&request.parts).take(parts.len() - 1) {
            let size = part.body.len() as u64;
            if size < MIN_PART_BYTES {
                let message = "Your proposed upload is smaller than the minimum allowed size";
                return Err(S3Fault::new(400, "EntityTooSmall", message)
                    .with("ProposedSize", size.to_string())
                    .with("MinSizeAllowed", MIN_PART_BYTES.to_string())
                    .with("PartNumber", claim.number.to_string())
                    .with("ETag", claim.e_tag.as_str()));
            }
        }
        Ok(parts)
    }
}

fn check_part_number(number: u32) -> Result<(), S3Fault> {
    if (1..=MAX_PART_NUMBER).contains(&number) {
        return Ok(());
    }
    Err(S3Fault::invalid_part_number(number.to_string()))
}

/// The type that an algorithm's checksum has. CRC64NVME covers the whole; all that is no CRC can only be composed.
fn checksum_type(algorithm: ChecksumAlgorithm, wanted: Option<ChecksumType>) -> Result<ChecksumType, S3Fault> {
    use ChecksumAlgorithm::{Crc32, Crc32c, Crc64Nvme};
    match (algorithm, wanted) {
        (Crc32 | Crc32c, wanted) => Ok(wanted.unwrap_or(ChecksumType::Composite)),
        (Crc64Nvme, None | Some(ChecksumType::FullObject)) => Ok(ChecksumType::FullObject),
        (Crc64Nvme, Some(wanted)) | (_, Some(wanted @ ChecksumType::FullObject)) => {
            let message = format!(
                "The {} checksum type cannot be used with the {} checksum algorithm.",
                wanted.as_str(),
                algorithm.as_str().to_lowercase()
            );
            Err(S3Fault::invalid_request(message))
        }
        (_, None | Some(ChecksumType::Composite)) => Ok(ChecksumType::Composite),
    }
}
