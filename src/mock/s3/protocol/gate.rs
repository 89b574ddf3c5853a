//! The place between reading a request and running it.
//!
//! `s3s` does both in one call. It asks for access in between, when it has found the operation: there the call is held
//! until the gateway says that it may go on. So the operation is the one that `s3s` itself found.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};
use std::task::{Poll, Waker};

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::path::S3Path;
use s3s::{S3Result, s3_error};

use super::super::fault::S3Fault;
use super::adapter::Alongside;
use super::{offered, request};
use crate::lock::Lock;
use crate::mock::http::{Call, Framing};

/// What `s3s` found a request to be.
#[derive(Debug, Clone)]
pub(super) struct Routed {
    pub operation: String,
    /// Empty for operations on no bucket.
    pub bucket: String,
    /// Empty for operations on no object.
    pub key: String,
}

/// Holds one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate(Arc<Lock<State>>);

#[derive(Debug, Default)]
struct State {
    routed: Option<Routed>,
    call: Option<Call>,
    waker: Option<Waker>,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }

    /// Whether the request is held here.
    pub fn holds(&self) -> bool {
        self.state().routed.is_some()
    }

    /// What the request that is held here was found to be.
    pub fn take_routed(&self) -> Option<Routed> {
        self.state().routed.take()
    }

    /// Lets the request go on as this call.
    pub fn open(&self, call: Call) {
        let mut state = self.state();
        state.call = Some(call);
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Holds the request until it may go on.
    pub async fn pass(&self, routed: Routed) -> Call {
        self.state().routed = Some(routed);
        poll_fn(|cx| {
            let mut state = self.state();
            match state.call.take() {
                Some(call) => Poll::Ready(call),
                None => {
                    state.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

/// Knows no keys: signatures are the gateway's business. Without it `s3s` does not ask for access.
pub(super) struct NoKeys;

type Ready<'a, T> = Pin<Box<dyn Future<Output = S3Result<T>> + Send + 'a>>;

impl S3Auth for NoKeys {
    fn get_secret_key<'life0, 'life1, 'async_trait>(&'life0 self, _: &'life1 str) -> Ready<'async_trait, SecretKey>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async { Err(s3_error!(InvalidAccessKeyId)) })
    }
}

/// Refuses what the operation does not know, and asks the request's own gate.
pub(super) struct Gatekeeper;

impl S3Access for Gatekeeper {
    fn check<'life0, 'life1, 'life2, 'async_trait>(
        &'life0 self,
        context: &'life1 mut S3AccessContext<'life2>,
    ) -> Ready<'async_trait, ()>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        'life2: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let (bucket, key) = match context.s3_path() {
                S3Path::Root => (String::new(), String::new()),
                S3Path::Bucket { bucket } => (bucket.to_string(), String::new()),
                S3Path::Object { bucket, key } => (bucket.to_string(), key.to_string()),
            };
            let routed = Routed { operation: context.s3_op().name().to_owned(), bucket, key };
            let checked = check(&routed, context);
            let Some(Alongside { gate, slot, .. }) = context.extensions_mut().get() else {
                return Err(s3_error!(InternalError, "a request without a gate"));
            };
            checked.map_err(|fault| slot.refuse(fault))?;
            let gate = gate.clone();
            let call = gate.pass(routed).await;
            context.extensions_mut().insert(call);
            Ok(())
        })
    }
}

fn check(routed: &Routed, context: &mut S3AccessContext<'_>) -> Result<(), S3Fault> {
    let query = context.uri().query().unwrap_or("");
    offered::check(routed, context.method(), query, context.headers())?;
    let framing = context.extensions_mut().get::<Framing>();
    request::check_length(&routed.operation, framing)
}
