//! What a service is told of a request beside the request itself.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::extent::Extent;
use super::permits::Permits;
use super::service::Access;
#[cfg(feature = "slack")]
use crate::choice::ScriptedAnswer;
use crate::event::Region;
use crate::history::{Caller, EntryId, Name, Origin};
use crate::kernel::Ids;

/// One request's context: made once by the pipeline, handed to the service.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Who asks; `None` for an anonymous request.
    pub caller: Option<Arc<Caller>>,
    /// The id that the response carries (`x-amz-request-id` or `x-amzn-RequestId`).
    pub request_id: String,
    /// S3's extended request id (`x-amz-id-2`).
    pub host_id: String,
    /// Where the request came from.
    pub source_ip: IpAddr,
    /// The way by which it came in.
    pub origin: Origin,
    /// The region that it is for.
    pub region: Region,
    /// The request's own entry of the history; `None` when a test only looks.
    pub entry: Option<EntryId>,
    /// The value of the request's `X-Amzn-Trace-Id` header; else the trace of the invocation that makes it.
    pub trace_header: Option<String>,
    /// Decides for each entry of a batch; none for a handle, which may do what its account may.
    pub permits: Option<Permits>,
    ids: (u64, Name),
    /// None for what a service of the cloud asks: that deviates as a delivery.
    pub(super) extent: Option<Arc<Extent>>,
}

impl Call {
    /// The call of a request whose ids follow from `seed` and `name`.
    pub fn new(caller: Option<Arc<Caller>>, origin: Origin, region: Region, seed: u64, name: Name) -> Self {
        Self {
            caller,
            request_id: String::new(),
            host_id: String::new(),
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            origin,
            region,
            entry: None,
            trace_header: None,
            permits: None,
            ids: (seed, name),
            extent: None,
        }
    }

    /// The ids of one kind that this request draws.
    pub fn ids(&self, kind: &str) -> Ids {
        let (seed, name) = self.ids;
        Ids::of(seed, name, kind)
    }

    /// Whether whoever asks may do this, too.
    pub fn may(&self, access: &Access) -> bool {
        self.permits.as_ref().is_none_or(|permits| permits.allow(access))
    }

    /// How many of the entries of a page are answered; a page may always end early.
    pub fn page(&self, entries: usize) -> usize {
        self.extent.as_ref().map_or(entries, |extent| extent.page(entries))
    }

    /// The page that `list` makes of at most `max` entries, which `count` counts; it may end early.
    pub fn paged<P, E>(
        &self,
        max: usize,
        count: impl Fn(&P) -> usize,
        list: impl Fn(usize) -> Result<P, E>,
    ) -> Result<P, E> {
        let page = list(max)?;
        let there = count(&page);
        match self.page(there) {
            most if most < there => list(most),
            _ => Ok(page),
        }
    }

    /// Which entries of a batch fail, counted from 0, although nothing is wrong with them.
    pub fn failing(&self, entries: usize) -> Vec<usize> {
        self.extent.as_ref().map_or_else(Vec::new, |extent| extent.failing(entries))
    }

    /// How many of the messages that there are a receive answers; it may always be fewer.
    pub fn messages(&self, messages: usize) -> usize {
        self.extent.as_ref().map_or(messages, |extent| extent.messages(messages))
    }

    /// What the test has scripted as the answer to this request, in place of the work.
    #[cfg(feature = "slack")]
    pub fn scripted(&self) -> Option<ScriptedAnswer> {
        self.extent.as_ref()?.scripted()
    }

    /// Has the history say this of the request.
    pub fn say(&self, remark: &'static str) {
        if let Some(extent) = &self.extent {
            extent.say(remark);
        }
    }
}
