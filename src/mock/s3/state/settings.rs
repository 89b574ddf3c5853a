//! What is kept of a bucket and read back, and that nothing here depends on.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::fault::S3Fault;
use super::S3State;

/// The settings of a bucket by name, in the form that whoever keeps them has.
pub(super) type Settings = BTreeMap<&'static str, Arc<dyn Any + Send + Sync>>;

impl S3State {
    /// A setting of a bucket, if it has been made.
    pub(crate) fn setting<T: Clone + 'static>(&self, bucket: &str, name: &str) -> Result<Option<T>, S3Fault> {
        let kept = self.bucket(bucket)?.settings.get(name);
        Ok(kept.and_then(|kept| kept.downcast_ref::<T>()).cloned())
    }

    /// Makes a setting, or takes it away.
    pub(crate) fn set_setting<T: Send + Sync + 'static>(
        &mut self,
        bucket: &str,
        name: &'static str,
        value: Option<T>,
    ) -> Result<(), S3Fault> {
        let settings = &mut self.bucket_mut(bucket)?.0.settings;
        match value {
            Some(value) => drop(settings.insert(name, Arc::new(value))),
            None => drop(settings.remove(name)),
        }
        Ok(())
    }
}
