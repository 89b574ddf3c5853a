//! The port that presigned URLs lead to: one for all clouds of the process.
//!
//! A client must know its endpoint when it is made, and cannot be told later that something will be presigned. A port of its
//! own for each cloud would cost each test with an S3 client a file handle, so they share one. Whose a request is, its
//! access key says: clouds of one seed have the same keys, so clients are given one that no other cloud of the process has.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use http::header::AUTHORIZATION;
use http::request::Parts;

use super::credentials::AccessKey;
use super::gateway::Gateway;
use super::header::header_text;
use super::listener::Listener;
use super::query;
use crate::lock::Lock;

/// By the ids of the keys that [`new_key`] made.
static CLOUDS: Lock<BTreeMap<String, Weak<Gateway>>> = Lock::new(BTreeMap::new());

/// A key for clients of `gateway`, with another id than all others of the process.
pub(crate) fn new_key(secret: &str, gateway: Weak<Gateway>) -> AccessKey {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let id = format!("AKIA{:016}", MADE.fetch_add(1, Ordering::Relaxed));
    let mut clouds = CLOUDS.lock();
    clouds.retain(|_, cloud| cloud.strong_count() > 0);
    clouds.insert(id.clone(), gateway);
    AccessKey { id, secret: secret.to_owned() }
}

/// The address, bound on first use. None if the operating system has no port left.
pub(crate) fn address() -> Option<SocketAddr> {
    static LISTENER: OnceLock<Option<Listener>> = OnceLock::new();
    LISTENER.get_or_init(|| Listener::bind(cloud_of).ok()).as_ref().map(Listener::address)
}

/// The cloud whose key has signed a request.
fn cloud_of(parts: &Parts) -> Option<Arc<Gateway>> {
    let presigned = parts.uri.query().and_then(|text| query::value(text, "X-Amz-Credential"));
    let scope = presigned.or_else(|| {
        let (_, credential) = header_text(&parts.headers, AUTHORIZATION)?.split_once("Credential=")?;
        Some(credential.into())
    })?;
    let id = scope.split('/').next()?;
    CLOUDS.lock().get(id)?.upgrade()
}
