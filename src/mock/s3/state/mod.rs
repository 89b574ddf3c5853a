//! The buckets and what is in them: pure, synchronous, without HTTP and without a runtime.

mod access;
mod acl;
mod annotations;
mod bucket;
mod conditions;
mod encryption;
mod lifecycle;
mod list;
mod lock;
#[cfg(test)]
mod model_tests;
mod multipart;
mod object;
mod otherwise;
mod read;
mod restore;
mod settings;
mod tags;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

pub(crate) use self::access::{BucketPolicy, NewBucket, Ownership, PublicBlock};
pub(crate) use self::acl::{Acl, AclWish, Canned, Grant, Grantee, Permission, owner_id};
pub(crate) use self::annotations::{Annotated, AnnotationListing, ListAnnotations, PutAnnotation};
pub(crate) use self::bucket::{BucketInfo, Contents, Versioning};
pub(crate) use self::conditions::{RangeCondition, ReadConditions, TagMatch, WriteConditions};
pub(crate) use self::encryption::{CustomerKey, Encryption};
pub(crate) use self::lifecycle::{
    Due, Expiration, LifecycleFilter, LifecycleRule, LifecycleRules, Noncurrent, NoncurrentTransition, Scheduled,
    Transition, When, midnight_after,
};
pub(crate) use self::list::{ListObjects, ListVersions, Listed, Listing, MAX_PAGE};
pub(crate) use self::lock::{LockConfiguration, ObjectLock, Period, Retention, RetentionMode};
pub(crate) use self::multipart::{
    ChecksumType, CompleteUpload, CopyPart, ListUploads, NewUpload, PartClaim, UploadListing, UploadPart,
};
pub(crate) use self::object::{Content, Object};
pub(crate) use self::otherwise::otherwise;
pub(crate) use self::read::{ByteRange, Found, GetObject, ObjectAt, check_version_id};
pub(crate) use self::restore::{Restore, RestoreTier, Restoring};
pub(crate) use self::tags::Tags;
pub(crate) use self::write::{CopyObject, Deleted, Directive, PutObject, Written};

use self::bucket::Bucket;
use super::change::Change;
use super::fault::S3Fault;
use super::owner::canonical_id;
use crate::event::AccountId;
use crate::kernel::Ids;

/// All buckets of all accounts. Bucket names are unique across accounts.
#[derive(Debug)]
pub(crate) struct S3State {
    /// Boxed, for a map keeps its values in blocks of eleven.
    buckets: BTreeMap<String, Box<Bucket>>,
    sequence: Sequence,
    /// No page of a listing has more entries.
    max_page: usize,
    /// The bucket and the key under which everything is put with an [`otherwise`] content.
    put_otherwise: Option<(String, String)>,
    /// Whether new buckets are such as S3 made before June 2020.
    pub(super) as_before_2020: bool,
    /// The accounts that have asked for something, by their canonical user ids; only as before 2020.
    names: BTreeMap<String, AccountId>,
}

/// Who acts, when, and what came of it.
#[derive(Debug)]
pub(crate) struct Act<'a> {
    /// The account that calls; none without a signature.
    pub account: Option<&'a AccountId>,
    /// The time of the call.
    pub now: Timestamp,
    /// Where new ids come from.
    pub ids: &'a mut Ids,
    /// The changes that the call committed, in order.
    pub changes: Vec<Change>,
}

impl<'a> Act<'a> {
    pub(crate) fn new(account: Option<&'a AccountId>, now: Timestamp, ids: &'a mut Ids) -> Self {
        Self { account, now, ids, changes: Vec::new() }
    }

    /// The account, for what nobody can do without a signature.
    pub(crate) fn signed(&self) -> Result<&'a AccountId, S3Fault> {
        self.account.ok_or_else(S3Fault::access_denied)
    }
}

impl S3State {
    /// No buckets, and pages of at most `max_page` entries.
    pub(crate) fn new(max_page: usize) -> Self {
        Self {
            buckets: BTreeMap::new(),
            sequence: Sequence::default(),
            max_page,
            put_otherwise: None,
            as_before_2020: false,
            names: BTreeMap::new(),
        }
    }

    /// See [`super::service::S3Service::put_otherwise`].
    pub(crate) fn put_otherwise(&mut self, bucket: &str, key: &str) {
        self.put_otherwise = Some((bucket.to_owned(), key.to_owned()));
    }

    /// The name of the account with this canonical user id, as far as it is shown.
    pub(crate) fn name_of(&self, id: &str) -> Option<String> {
        self.names.get(id).map(ToString::to_string)
    }

    /// Learns of an account that asks.
    pub(crate) fn meet(&mut self, account: &AccountId) {
        if self.as_before_2020 {
            self.names.entry(canonical_id(account)).or_insert_with(|| account.clone());
        }
    }

    /// The bucket, if it exists. Whether the caller may use it was decided before.
    fn bucket(&self, name: &str) -> Result<&Bucket, S3Fault> {
        self.buckets.get(name).map(|bucket| &**bucket).ok_or_else(|| S3Fault::no_such_bucket(name))
    }

    /// As [`S3State::bucket`], to be changed; with the sequencers, which changes need.
    fn bucket_mut(&mut self, name: &str) -> Result<(&mut Bucket, &mut Sequence), S3Fault> {
        let bucket = self.buckets.get_mut(name).ok_or_else(|| S3Fault::no_such_bucket(name))?;
        Ok((bucket, &mut self.sequence))
    }
}

/// Checks a key's length: 1 to 1,024 bytes of UTF-8. Page: "Naming Amazon S3 objects".
fn check_key(key: &str) -> Result<(), S3Fault> {
    match key.len() {
        0 => Err(S3Fault::invalid_argument("An object key has at least one character.", "Key", key)),
        1..=1024 if leaves_bucket(key) => Err(S3Fault::invalid_uri()),
        1..=1024 => Ok(()),
        size => Err(S3Fault::key_too_long(size)),
    }
}

/// Whether a key, read from left to right, has more `..` than other segments somewhere, which S3 refuses (same page).
/// Otherwise they are characters as any others.
fn leaves_bucket(key: &str) -> bool {
    let mut depth = 0_usize;
    key.split('/').any(|segment| {
        if segment == ".." {
            match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => return true,
            }
        } else if !segment.is_empty() {
            depth += 1;
        }
        false
    })
}

/// The source of sequencers: for each key they grow strictly, even when the clock stands still or steps back. Those of
/// different keys cannot be compared, as on S3 (page "Event message structure").
#[derive(Debug, Default)]
struct Sequence(HashMap<String, Last>);

#[derive(Debug, Default)]
struct Last {
    seconds: u32,
    count: u32,
}

impl Sequence {
    /// The next sequencer: `00`, eight digits of Unix seconds and eight of a counter, the form that S3 shows.
    fn next(&mut self, now: Timestamp, bucket: &str, key: &str) -> String {
        let last = self.0.entry(format!("{bucket}/{key}")).or_default();
        let now = u32::try_from(now.as_second()).unwrap_or(if now.as_second() < 0 { 0 } else { u32::MAX });
        last.seconds = last.seconds.max(now);
        let (count, wrapped) = last.count.overflowing_add(1);
        last.count = count;
        last.seconds += u32::from(wrapped);
        format!("00{:08X}{:08X}", last.seconds, last.count)
    }
}
