//! Permission that work asks for entry by entry, such as DeleteObjects for each key. The pipeline decides.

use std::fmt;
use std::sync::Arc;

use super::service::Access;

/// Whether whoever makes a request may do something with one more resource.
#[derive(Clone)]
pub(crate) struct Permits(Arc<dyn Fn(&Access) -> bool + Send + Sync>);

impl Permits {
    pub fn new(decide: impl Fn(&Access) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(decide))
    }

    pub fn allow(&self, access: &Access) -> bool {
        (self.0)(access)
    }
}

impl fmt::Debug for Permits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permits").finish_non_exhaustive()
    }
}
