//! The ephemeral storage of an environment: what `/tmp` is to a function on AWS.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html>

use std::io;
use std::path::PathBuf;
use std::sync::MutexGuard;

use tempfile::TempDir;

use crate::lock::Lock;

/// A folder that is made when it is asked for, and removed when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Storage(Lock<Option<TempDir>>);

impl Storage {
    /// The folder's path; another one in each run.
    ///
    /// # Errors
    ///
    /// When the operating system cannot make a folder.
    pub fn path(&self) -> io::Result<PathBuf> {
        let mut folder = self.folder();
        if let Some(folder) = &*folder {
            return Ok(folder.path().to_owned());
        }
        let made = tempfile::Builder::new().prefix("lambda-testkit-").tempdir()?;
        Ok(folder.insert(made).path().to_owned())
    }

    /// Whether somebody has asked for the folder.
    pub fn is_used(&self) -> bool {
        self.folder().is_some()
    }

    fn folder(&self) -> MutexGuard<'_, Option<TempDir>> {
        self.0.lock()
    }
}
