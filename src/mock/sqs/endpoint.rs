//! SQS behind the gateway: what a request is about, and how it is executed.

use std::sync::Arc;
use std::time::Instant;

use http::request::Parts;
use jiff::Timestamp;

use super::fault::SqsFault;
use super::policy::action;
use super::polls::{Patience, wait_really};
use super::protocol::{self, Executed, Operation, Output, Poll};
use super::queue_id::{QueueId, QueueRef, base_of_region};
use super::service::SqsService;
use super::state::source_of;
use crate::event::{AccountId, Arn, Region};
use crate::history::{Caller, Origin, RequestInfo};
use crate::iam::Policy;
use crate::kernel::{Kernel, Kind, Signal};
use crate::mock::http::{Asked, Call, Doing, Effect, Fault, Incoming, Parsed, Service, Wire, header_text};

/// The mock SQS as an HTTP service.
pub(crate) struct SqsEndpoint {
    kernel: Arc<Kernel>,
    service: Arc<SqsService>,
    /// The cloud's own region.
    home: Region,
}

/// What SQS may answer although nothing is wrong with the request.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors>
const FAULTS: &[Fault] = &[
    Fault::new(403, "RequestThrottled", "The request was denied due to request throttling."),
    Fault::new(500, "InternalFailure", "We encountered an internal error. Please try again."),
    Fault::new(503, "ServiceUnavailable", "Service Unavailable"),
    Fault::new(403, "AccessDenied", "Access to the resource is denied."),
];

impl SqsEndpoint {
    pub fn new(kernel: Arc<Kernel>, service: Arc<SqsService>, home: Region) -> Self {
        Self { kernel, service, home }
    }

    /// A request of a handle for one queue.
    pub fn request(queue: &QueueId, operation: &'static str, caller: Arc<Caller>, origin: Origin) -> RequestInfo {
        let info = about(RequestInfo::new("sqs", operation, &queue.region), queue);
        RequestInfo { caller: Some(caller), origin, ..info }
    }

    async fn execute(&self, request: &protocol::Request, call: &Call) -> Result<Output, SqsFault> {
        let operation = request.operation.as_ref().map_err(Clone::clone)?;
        let base = base_of_region(&request.base, &call.region, &self.home);
        let execute = |poll| self.service.execute(operation, &base, call, poll);
        let mut poll = Poll::First;
        // For the whole poll: on a busy queue others take what comes, again and again.
        let mut patience = None;
        loop {
            // Nothing else runs between looking and listening, but a thread of a socket may send meanwhile: an early
            // look again is cheaper than a missed message.
            let (queue, until) = match execute(poll)? {
                Executed::Done(output) => return Ok(output),
                Executed::Wait { queue, until } => (queue, until),
            };
            let signal = Arc::new(Signal::default());
            self.service.polls().listen(&queue, &signal);
            if let Executed::Done(output) = execute(Poll::Again(until))? {
                return Ok(output);
            }
            let last = match call.origin {
                Origin::Socket => {
                    let begin = || Patience::new(Instant::now(), self.kernel.now());
                    !self.wait_over_socket(&signal, patience.get_or_insert_with(begin), until).await
                }
                _ => {
                    let _alarm = self.kernel.alarm(until, Kind::Turn, "end of a long poll", &signal);
                    self.kernel.wait(&signal).await.is_err() || self.kernel.now() >= until
                }
            };
            poll = if last { Poll::Last } else { Poll::Again(until) };
        }
    }

    /// False when the poll is over.
    async fn wait_over_socket(&self, signal: &Signal, patience: &mut Patience, until: Timestamp) -> bool {
        while let Some(end) = patience.look(Instant::now(), self.kernel.now(), until) {
            if wait_really(signal, end).await {
                return true;
            }
        }
        false
    }
}

fn about(info: RequestInfo, queue: &QueueId) -> RequestInfo {
    let action = action(&info.operation);
    info.on(queue.name.clone(), Some(queue.arn())).action(action)
}

/// What is asked, of a request that could be read.
fn info(operation: &Operation, region: &Region, account: Option<&AccountId>) -> RequestInfo {
    let named = |name: &'static str, queue: &str| {
        let action = action(name);
        RequestInfo::new("sqs", name, region).on(queue, None).action(action)
    };
    let of_task = |name: &'static str, source: Option<Arn>| match source.as_ref().and_then(QueueId::from_arn) {
        Some(queue) => about(RequestInfo::new("sqs", name, region), &queue),
        None => named(name, ""),
    };
    match operation {
        Operation::CreateQueue { name, .. } => named("CreateQueue", name),
        Operation::ListQueues { .. } => named("ListQueues", ""),
        Operation::StartMessageMoveTask { source, .. } | Operation::ListMessageMoveTasks { source, .. } => {
            of_task(operation.name(), source.parse().ok())
        }
        Operation::CancelMessageMoveTask { handle } => of_task(operation.name(), source_of(handle)),
        Operation::GetQueueUrl { name, owner } => {
            let owner = owner.as_ref().and_then(|owner| AccountId::new(owner.as_str()).ok());
            match owner.as_ref().or(account) {
                Some(account) => {
                    about(RequestInfo::new("sqs", "GetQueueUrl", region), &QueueId::new(account, region, name.clone()))
                }
                None => named("GetQueueUrl", name),
            }
        }
        Operation::OnQueue { queue, .. } => {
            let info = RequestInfo::new("sqs", operation.name(), region);
            match (queue, account) {
                (QueueRef::Name(name), None) => info.on(name.clone(), None),
                (QueueRef::Url { account, .. }, None) | (_, Some(account)) => {
                    about(info, &queue.resolve(account, region))
                }
            }
        }
    }
}

impl Service for SqsEndpoint {
    fn name(&self) -> &'static str {
        "sqs"
    }

    fn wire(&self) -> Wire {
        Wire::QueryJson
    }

    fn claims(&self, parts: &Parts) -> bool {
        match header_text(&parts.headers, "x-amz-target") {
            Some(target) => target.starts_with("AmazonSQS."),
            None => protocol::is_query(parts),
        }
    }

    fn parse(self: Arc<Self>, incoming: Incoming) -> Doing<Parsed> {
        Box::pin(async move {
            let Incoming { request, caller, region } = incoming;
            let size = request.body().len();
            let read = protocol::parse(&request);
            let info = match &read.operation {
                Ok(operation) => info(operation, &region, caller.as_ref().map(|caller| &caller.account)),
                Err(_) => {
                    let (operation, queue) = protocol::unread(&request);
                    RequestInfo::new("sqs", operation, &region).on(queue, None)
                }
            };
            Parsed::new(RequestInfo { size, caller, ..info }, move |call: Call| async move {
                let result = self.execute(&read, &call).await;
                read.respond(result, &call)
            })
        })
    }

    fn policies(&self, info: &RequestInfo, _: &str, _: Asked<'_>) -> Option<Vec<Policy>> {
        if info.action.is_empty() {
            return None;
        }
        let Some(arn) = &info.arn else { return Some(vec![Policy::Signed]) };
        let queue = QueueId::from_arn(arn)?;
        let own = self.service.policy_about(&queue, &info.operation)?;
        Some([Some(Policy::OwnerAndRoles(queue.account)), own].into_iter().flatten().collect())
    }

    fn operations(&self) -> &'static [&'static str] {
        &protocol::NAMES
    }

    fn effect(&self, operation: &str) -> Effect {
        if ["Get", "List"].iter().any(|verb| operation.starts_with(verb)) { Effect::Read } else { Effect::Write }
    }

    fn faults(&self, _: &str) -> &'static [Fault] {
        FAULTS
    }
}
