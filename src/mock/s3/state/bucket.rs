//! Buckets: names, owners, versioning, notification configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::super::change::{Change, ChangeKind, Extra};
use super::super::fault::S3Fault;
use super::super::notification::{NotificationConfiguration, NotificationRequest};
use super::access::{BucketAccess, NewBucket};
use super::lock::LockConfiguration;
use super::multipart::{Ended, Upload};
use super::object::{Object, Version};
use super::settings::Settings;
use super::{Act, LifecycleRules, S3State};
use crate::event::{AccountId, Region, check_new_bucket_name};

/// A bucket's versioning state. A bucket that was versioned once never becomes unversioned again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Versioning {
    #[default]
    Unversioned,
    Enabled,
    Suspended,
}

/// One bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    pub name: String,
    pub owner: AccountId,
    pub region: Region,
    pub created: Timestamp,
    pub versioning: Versioning,
    /// None without Object Lock.
    pub lock: Option<LockConfiguration>,
    pub notification: Arc<NotificationConfiguration>,
    pub access: BucketAccess,
    pub settings: Settings,
    pub lifecycle: Arc<LifecycleRules>,
    /// Each key's versions, oldest first; never an empty list.
    pub keys: BTreeMap<String, Vec<Version>>,
    /// Of each version that was removed by its id, the id of the next older one that its key had then.
    pub removed: BTreeMap<String, Option<String>>,
    pub uploads: BTreeMap<String, Upload>,
    pub ended: BTreeMap<String, Ended>,
}

/// What can be told of a bucket.
#[derive(Debug, Clone)]
pub(crate) struct BucketInfo {
    pub name: String,
    pub owner: AccountId,
    pub region: Region,
    pub created: Timestamp,
}

/// A bucket, its current objects by key, and the keys of its open uploads.
pub(crate) type Contents = (BucketInfo, Vec<(String, Arc<Object>)>, Vec<String>);

impl Bucket {
    pub(super) fn info(&self) -> BucketInfo {
        BucketInfo {
            name: self.name.clone(),
            owner: self.owner.clone(),
            region: self.region.clone(),
            created: self.created,
        }
    }

    /// The key's newest version, unless it is a delete marker.
    pub(super) fn current(&self, key: &str) -> Option<(&Version, &Arc<Object>)> {
        let version = self.keys.get(key)?.last()?;
        version.object.as_ref().map(|object| (version, object))
    }

    /// A change of this bucket without an object's fields.
    pub(super) fn change(&self, kind: ChangeKind, key: &str, now: Timestamp) -> Change {
        Change {
            bucket: self.name.clone(),
            key: key.to_owned(),
            kind,
            size: None,
            e_tag: None,
            version_id: None,
            sequencer: None,
            storage_class: None,
            region: self.region.clone(),
            owner: self.owner.clone(),
            time: now,
            extra: Extra::None,
            notification: self.notification.clone(),
        }
    }
}

impl S3State {
    /// Creates a bucket. Creating one's own bucket again succeeds in us-east-1 alone (CreateBucket, Errors).
    pub(crate) fn create_bucket(
        &mut self,
        act: &Act<'_>,
        name: &str,
        region: Region,
        new: &NewBucket,
    ) -> Result<(), S3Fault> {
        let account = act.signed()?;
        check_new_bucket_name(name).map_err(|broken| S3Fault::invalid_bucket_name(name).note(broken.to_string()))?;
        if let Some(existing) = self.buckets.get_mut(name) {
            if existing.owner != *account {
                let message = "The requested bucket name is not available. The bucket namespace is shared by all \
                               users of the system. Please select a different name and try again.";
                return Err(S3Fault::new(409, "BucketAlreadyExists", message).with("BucketName", name));
            }
            if existing.region.as_str() == "us-east-1" && region.as_str() == "us-east-1" {
                // Its list is reset (CreateBucket, BucketAlreadyOwnedByYou).
                existing.access.acl = BucketAccess::new(account, new, self.as_before_2020)?.acl;
                return Ok(());
            }
            let message = "Your previous request to create the named bucket succeeded and you already own it.";
            return Err(S3Fault::new(409, "BucketAlreadyOwnedByYou", message).with("BucketName", name));
        }
        let access = BucketAccess::new(account, new, self.as_before_2020)?;
        let bucket = Bucket {
            name: name.to_owned(),
            owner: account.clone(),
            region,
            created: act.now,
            versioning: if new.locked { Versioning::Enabled } else { Versioning::default() },
            lock: new.locked.then(LockConfiguration::default),
            notification: Arc::default(),
            access,
            settings: Settings::new(),
            lifecycle: Arc::default(),
            keys: BTreeMap::new(),
            uploads: BTreeMap::new(),
            ended: BTreeMap::new(),
            removed: BTreeMap::new(),
        };
        self.buckets.insert(name.to_owned(), Box::new(bucket));
        Ok(())
    }

    /// Every bucket with its current objects and the keys of its open uploads.
    pub(crate) fn contents(&self) -> Vec<Contents> {
        let contents = self.buckets.values().map(|bucket| {
            let current = |key: &String| bucket.current(key).map(|(_, object)| (key.clone(), Arc::clone(object)));
            let mut open: Vec<String> = bucket.uploads.values().map(|upload| upload.key.clone()).collect();
            open.sort();
            (bucket.info(), bucket.keys.keys().filter_map(current).collect(), open)
        });
        contents.collect()
    }

    /// The notification configurations of all buckets, by bucket.
    pub(crate) fn notifications(&self) -> Vec<(BucketInfo, Arc<NotificationConfiguration>)> {
        self.buckets.values().map(|bucket| (bucket.info(), Arc::clone(&bucket.notification))).collect()
    }

    /// The region of a bucket, whoever owns it.
    pub(crate) fn region_of(&self, bucket: &str) -> Option<Region> {
        self.buckets.get(bucket).map(|bucket| bucket.region.clone())
    }

    /// The account that owns a bucket.
    pub(crate) fn owner_of(&self, bucket: &str) -> Option<AccountId> {
        self.buckets.get(bucket).map(|bucket| bucket.owner.clone())
    }

    /// Deletes an empty bucket; unfinished uploads do not count.
    pub(crate) fn delete_bucket(&mut self, name: &str) -> Result<(), S3Fault> {
        let bucket = self.bucket(name)?;
        if !bucket.keys.is_empty() {
            let message = if bucket.versioning == Versioning::Unversioned {
                "The bucket you tried to delete is not empty"
            } else {
                "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
            };
            return Err(S3Fault::new(409, "BucketNotEmpty", message).with("BucketName", name));
        }
        self.buckets.remove(name);
        Ok(())
    }

    /// The bucket's owner, region and age.
    pub(crate) fn head_bucket(&self, name: &str) -> Result<BucketInfo, S3Fault> {
        self.bucket(name).map(Bucket::info)
    }

    /// The caller's buckets in the order of their names.
    pub(crate) fn list_buckets(&self, act: &Act<'_>) -> Vec<BucketInfo> {
        self.buckets.values().filter(|bucket| Some(&bucket.owner) == act.account).map(|bucket| bucket.info()).collect()
    }

    /// Refuses a bucket that the expected account does not own (`x-amz-expected-bucket-owner`), and what is no account: who takes
    /// the owner that an event names is told so.
    ///
    /// <https://github.com/grafana/loki/issues/15382>, <https://github.com/versity/versitygw/pull/1585>
    pub(crate) fn check_owner(&self, name: &str, expected: &str) -> Result<(), S3Fault> {
        if AccountId::new(expected).is_err() {
            let message =
                format!("The value of the expected bucket owner parameter must be an AWS Account ID... [{expected}]");
            return Err(S3Fault::new(400, "InvalidBucketOwnerAWSAccountID", message));
        }
        match self.buckets.get(name) {
            Some(bucket) if bucket.owner.as_str() != expected => Err(S3Fault::access_denied()),
            _ => Ok(()),
        }
    }

    /// The bucket's versioning state.
    pub(crate) fn versioning(&self, name: &str) -> Result<Versioning, S3Fault> {
        Ok(self.bucket(name)?.versioning)
    }

    /// Turns versioning on, or suspends it.
    pub(crate) fn set_versioning(&mut self, name: &str, enabled: bool) -> Result<(), S3Fault> {
        let (bucket, _) = self.bucket_mut(name)?;
        if !enabled && bucket.lock.is_some() {
            let message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be \
                           changed.";
            return Err(S3Fault::new(409, "InvalidBucketState", message));
        }
        bucket.versioning = if enabled { Versioning::Enabled } else { Versioning::Suspended };
        Ok(())
    }

    /// The bucket's notification configuration.
    pub(crate) fn notification(&self, name: &str) -> Result<Arc<NotificationConfiguration>, S3Fault> {
        Ok(self.bucket(name)?.notification.clone())
    }

    /// Checks all of a new notification configuration but its destinations; nothing is stored yet.
    pub(crate) fn check_notification(
        &self,
        act: &mut Act<'_>,
        name: &str,
        request: NotificationRequest,
    ) -> Result<NotificationConfiguration, S3Fault> {
        let bucket = self.bucket(name)?;
        NotificationConfiguration::new(request, &bucket.region, act.ids)
    }

    /// Replaces the bucket's notification configuration as a whole.
    pub(crate) fn set_notification(
        &mut self,
        name: &str,
        configuration: Arc<NotificationConfiguration>,
    ) -> Result<BucketInfo, S3Fault> {
        let (bucket, _) = self.bucket_mut(name)?;
        bucket.notification = configuration;
        Ok(bucket.info())
    }
}
