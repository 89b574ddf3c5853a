//! Events that a function was given before and that a test wants it to be given once more.

use std::sync::Arc;

use bytes::Bytes;

use super::Router;
use super::asynchronous::End;
use crate::history::{DeliveryInfo, EntryId, Source, What};
use crate::mock::lambda::{AcceptedEvent, Callee, TenantId};

/// What a function was given.
pub(in crate::cloud) struct Given {
    pub payload: Bytes,
    pub request_id: String,
    pub trace_header: Option<String>,
    pub tenant: Option<TenantId>,
    /// What led to it: a delivery, or the request of somebody who invoked it.
    pub cause: Option<EntryId>,
    /// What it came from; none if somebody invoked the function.
    pub from: Option<Source>,
}

impl Router {
    /// Hands an event on once more, now. It was authorised the first time.
    ///
    /// A duplicate from Lambda's own queue has the request id of its event; of a batch, Lambda makes a new event.
    pub fn redeliver(&self, function: &Callee, given: Given) {
        let Given { payload, request_id, trace_header, tenant, cause, from } = given;
        let is_batch = matches!(from, Some(Source::Messages { .. }));
        let info = Arc::new(DeliveryInfo::again(from, &*function.label, function.arn.clone()));
        let actor = self.kernel.actor(self.kernel.turns().current());
        let line = self.kernel.record(cause, actor, What::Delivery(Arc::clone(&info)));
        let (request_id, end) =
            if is_batch { (self.kernel.ids_of(line, "event").uuid(), End::None) } else { (request_id, End::Retries) };
        let (function, cause) = (function.clone(), Some(line));
        let event = AcceptedEvent { function, payload, request_id, cause, trace_header, tenant };
        self.route(event, self.now(), &info.trigger(), end);
    }
}
