//! Access keys: which account each belongs to, and the secret that its signatures are checked against.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::history::Caller;
use crate::kernel::Ids;
use crate::lock::Lock;

/// One access key with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// The access key id, such as `AKIA…`.
    pub id: String,
    /// The secret access key.
    pub secret: String,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl AccessKey {
    pub(crate) fn draw(ids: &mut Ids) -> Self {
        Self { id: format!("AKIA{}", ids.upper(16)), secret: ids.base64(40) }
    }
}

/// What is known of one access key id.
#[derive(Debug)]
pub(crate) struct Known {
    pub caller: Arc<Caller>,
    pub secret: String,
}

/// All access keys of a cloud.
#[derive(Debug, Default)]
pub(crate) struct Credentials(Lock<BTreeMap<String, Arc<Known>>>);

impl Credentials {
    /// Makes `key` stand for `caller`.
    pub fn add(&self, caller: &Arc<Caller>, key: &AccessKey) {
        let known = Known { caller: Arc::clone(caller), secret: key.secret.clone() };
        self.0.lock().insert(key.id.clone(), Arc::new(known));
    }

    pub fn get(&self, access_key_id: &str) -> Option<Arc<Known>> {
        self.0.lock().get(access_key_id).cloned()
    }
}
