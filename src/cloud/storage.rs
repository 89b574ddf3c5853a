//! What `/tmp` is to handlers in this process.

use std::path::PathBuf;
use std::sync::{Arc, Weak};

use super::Cloud;
use super::error::{CloudError, expect};
use super::world::World;

/// The ephemeral storage of functions, for their handlers: a folder for each execution environment, which stands for its
/// `/tmp`. Made by [`Cloud::ephemeral_storage`].
///
/// The folder is made when it is asked for, and removed with its environment. As on AWS, what an invocation leaves there is
/// found by the next one in the same environment, and also after a crash or a timeout, which only take the memory. Its path is
/// another one in each run, so do not let it into answers and objects. Nothing keeps a handler from using more than the 512 MB
/// that AWS gives by default.
///
/// ```
/// # use lambda_testkit::Cloud;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let count = cloud.function_with("count", cloud.ephemeral_storage(), async |tmp, name: String| {
///     std::fs::write(tmp.path().join(name), "left behind").unwrap();
///     std::fs::read_dir(tmp.path()).unwrap().count()
/// });
/// assert_eq!((count.invoke::<usize>("a").await, count.invoke::<usize>("b").await), (1, 2));
/// # }
/// ```
#[derive(Clone)]
pub struct EphemeralStorage {
    world: Weak<World>,
}

impl std::fmt::Debug for EphemeralStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EphemeralStorage").finish_non_exhaustive()
    }
}

impl Cloud {
    /// The folders that stand for `/tmp`, for handlers. See [`EphemeralStorage`].
    pub fn ephemeral_storage(&self) -> EphemeralStorage {
        EphemeralStorage { world: Arc::downgrade(&self.world) }
    }
}

impl EphemeralStorage {
    /// The folder of the environment that runs the calling code.
    ///
    /// # Panics
    ///
    /// As [`try_path`](Self::try_path) fails.
    #[track_caller]
    pub fn path(&self) -> PathBuf {
        expect(self.try_path())
    }

    /// As [`path`](Self::path).
    ///
    /// # Errors
    ///
    /// [`CloudError::NotInvoked`] outside the task of an invocation, [`CloudError::Io`] when the folder cannot be made, and
    /// [`CloudError::Dropped`].
    pub fn try_path(&self) -> Result<PathBuf, CloudError> {
        let world = self.world.upgrade().ok_or(CloudError::Dropped)?;
        let (invocation, function) = world.invoked()?;
        let storage = function.storage_of(invocation).ok_or(CloudError::NotInvoked)?;
        storage.path().map_err(|error| CloudError::Io(format!("cannot make a temporary folder: {error}")))
    }
}
