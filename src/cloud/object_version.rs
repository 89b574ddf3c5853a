//! The versions of an object, as a test sees them.

use bytes::Bytes;
use jiff::Timestamp;

use super::bucket::Bucket;
use super::error::{CloudError, expect};
use super::object::StoredObject;
use crate::mock::s3::Found;

/// A version of an object, or a delete marker. See [`Bucket::versions`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectVersion {
    /// The key, not encoded.
    pub key: String,
    /// The id: 32 characters, or `null` for what was written while versioning was not on.
    pub version_id: String,
    /// When it was written, on the cloud's clock.
    pub last_modified: Timestamp,
    /// The object; none is a delete marker.
    pub object: Option<StoredObject>,
}

impl ObjectVersion {
    /// Whether it is a delete marker.
    pub fn is_delete_marker(&self) -> bool {
        self.object.is_none()
    }

    /// The content as UTF-8 text.
    ///
    /// # Panics
    ///
    /// When it is a delete marker, or not UTF-8.
    #[track_caller]
    pub fn text(&self) -> String {
        match &self.object {
            Some(object) => object.text(),
            None => panic!("version {} of {:?} is a delete marker and has no content", self.version_id, self.key),
        }
    }

    /// The content.
    ///
    /// # Panics
    ///
    /// When it is a delete marker.
    #[track_caller]
    pub fn bytes(&self) -> Bytes {
        match &self.object {
            Some(object) => object.bytes.clone(),
            None => panic!("version {} of {:?} is a delete marker and has no content", self.version_id, self.key),
        }
    }
}

impl Bucket {
    /// Turns versioning on: what is overwritten or deleted stays as a version. A bucket that had it once can suspend it
    /// ([`suspend_versioning`](Self::suspend_versioning)), and never be without.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html>
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// let cloud = Cloud::start();
    /// let export = cloud.bucket("export");
    /// export.enable_versioning();
    /// export.put("a.csv", "old");
    /// export.put("a.csv", "new");
    /// export.delete("a.csv");
    ///
    /// let versions = export.versions("a.csv");
    /// assert!(versions[0].is_delete_marker());
    /// assert_eq!((versions[1].text(), versions[2].text()), ("new".to_owned(), "old".to_owned()));
    /// assert!(export.keys().is_empty());
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_enable_versioning`](Self::try_enable_versioning) fails.
    #[track_caller]
    pub fn enable_versioning(&self) {
        expect(self.try_enable_versioning());
    }

    /// As [`enable_versioning`](Self::enable_versioning).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the bucket was deleted.
    pub fn try_enable_versioning(&self) -> Result<(), CloudError> {
        self.set_versioning(true)
    }

    /// Suspends versioning: the versions stay, and what is written from now on is the `null` version, of which there is one.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VersionSuspendedBehavior.html>
    ///
    /// # Panics
    ///
    /// As [`try_suspend_versioning`](Self::try_suspend_versioning) fails.
    #[track_caller]
    pub fn suspend_versioning(&self) {
        expect(self.try_suspend_versioning());
    }

    /// As [`suspend_versioning`](Self::suspend_versioning).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the bucket was deleted.
    pub fn try_suspend_versioning(&self) -> Result<(), CloudError> {
        self.set_versioning(false)
    }

    fn set_versioning(&self, enabled: bool) -> Result<(), CloudError> {
        let world = self.world()?;
        let info = self.request(&world, "PutBucketVersioning", "");
        world.act_on_s3(info, |s3, call| s3.set_versioning(call, self.name(), enabled))
    }

    /// All versions of a key and its delete markers, the newest first; none for a key that never was, or of which nothing is
    /// left. Without versioning an object is one version, `null`.
    ///
    /// # Panics
    ///
    /// As [`try_versions`](Self::try_versions) fails.
    #[track_caller]
    pub fn versions(&self, key: &str) -> Vec<ObjectVersion> {
        expect(self.try_versions(key))
    }

    /// As [`versions`](Self::versions).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the bucket was deleted.
    pub fn try_versions(&self, key: &str) -> Result<Vec<ObjectVersion>, CloudError> {
        let world = self.world()?;
        // As with objects, a test that looks leaves no entry.
        let kept = if world.kernel.inside_invocation() {
            let info = self.request(&world, "ListObjectVersions", "");
            world.act_on_s3(info, |s3, call| s3.versions(call, self.name(), key))?
        } else {
            world.s3.versions(&self.look(&world), self.name(), key)?
        };
        let version = |(version_id, last_modified, found): (String, Timestamp, Option<Found>)| {
            let object = found.map(|found| StoredObject::new(self.name(), key, found));
            ObjectVersion { key: key.to_owned(), version_id, last_modified, object }
        };
        Ok(kept.into_iter().map(version).collect())
    }
}
