//! What the gateway knows of a request before a service sees it.

use std::net::IpAddr;

use crate::event::{AccountId, Arn, Partition};
use crate::kernel::LineId;

/// Who signed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The account that the access key belongs to.
    pub account: AccountId,
    /// The caller's principal id, such as `AIDA…`.
    pub principal: String,
}

impl Caller {
    /// The sentence in which AWS refuses this caller what only a resource's policy could allow.
    pub fn not_authorized(&self, partition: Partition, action: &str, resource: &Arn) -> String {
        let Self { account, principal } = self;
        format!(
            "User: arn:{partition}:iam::{account}:user/{principal} is not authorized to perform: {action} on resource: \
             {resource} because no resource-based policy allows the {action} action"
        )
    }
}

/// One request's context: made by the gateway, handed to the service beside the HTTP request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The verified signer; `None` for an anonymous request.
    pub caller: Option<Caller>,
    /// The id that the response carries (`x-amz-request-id` or `x-amzn-RequestId`).
    pub request_id: String,
    /// S3's extended request id (`x-amz-id-2`).
    pub host_id: String,
    /// Where the request came from.
    pub source_ip: IpAddr,
    /// Whether it came over a socket or from a client in this process.
    pub origin: Origin,
    /// The timeline line that this request's own lines stand under; `None` at the root.
    pub cause: Option<LineId>,
    /// The value of the request's `X-Amzn-Trace-Id` header.
    pub trace_header: Option<String>,
}

/// The way by which a request reached the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From an SDK client in this process, in the caller's own task.
    InProcess,
    /// Over a loopback socket.
    Socket,
}
