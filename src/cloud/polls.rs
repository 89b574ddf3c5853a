//! SQS behind the gateway: the protocol, and how a long poll waits.
//!
//! Inside an invocation a long poll parks it. In process it drives the agenda until a message is visible or the poll
//! ends. Over a socket it never moves the test clock: it answers when a message comes, or empty after 1 s of real time.

use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::Poll as Ready;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use super::world::World;
use crate::kernel::{Kernel, Kind, Signal, wake_at};
use crate::mock::http::{Answer, Call, Origin, Service};
use crate::mock::sqs::{self, Executed, Poll, SqsService};

/// How long, in real time, a long poll over a socket waits.
const SOCKET_POLL: Duration = Duration::from_secs(1);

pub(super) struct SqsEndpoint {
    kernel: Arc<Kernel>,
    sqs: Arc<SqsService>,
    world: Weak<World>,
}

impl SqsEndpoint {
    pub fn new(kernel: Arc<Kernel>, sqs: Arc<SqsService>, world: Weak<World>) -> Self {
        Self { kernel, sqs, world }
    }

    async fn answer(&self, request: Request<Bytes>, call: &Call) -> Result<Value, sqs::SqsFault> {
        let parsed = sqs::parse(&request)?;
        let mut poll = Poll::First;
        loop {
            // Nothing else runs between looking and listening, but a thread of a socket may send meanwhile: an early
            // look again is cheaper than a missed message.
            let (queue, until) = match self.sqs.execute(&parsed, call, poll)? {
                Executed::Done(value) => return Ok(value),
                Executed::Wait { queue, until } => (queue, until),
            };
            let signal = Arc::new(Signal::default());
            if let Some(world) = self.world.upgrade() {
                world.queues.listen(&queue, &signal);
            }
            if let Executed::Done(value) = self.sqs.execute(&parsed, call, Poll::Again(until))? {
                return Ok(value);
            }
            let last = match call.origin {
                Origin::InProcess => {
                    let _alarm = self.kernel.alarm(until, Kind::Turn, "end of a long poll", &signal);
                    self.kernel.wait(&signal).await.is_err() || self.kernel.now() >= until
                }
                Origin::Socket => !wait_really(&signal, SOCKET_POLL).await,
            };
            poll = if last { Poll::Last } else { Poll::Again(until) };
        }
    }

    /// Remembers which line sent which message.
    fn remember(&self, answer: &Value, call: &Call) {
        let Some(world) = self.world.upgrade() else { return };
        let single = answer.get("MessageId").into_iter();
        let batch = answer.get("Successful").and_then(Value::as_array).into_iter().flatten();
        for id in single.chain(batch.filter_map(|entry| entry.get("MessageId"))).filter_map(Value::as_str) {
            world.queues.remember(id, call.cause);
        }
    }
}

impl Service for SqsEndpoint {
    fn describe(&self, request: &Request<Bytes>) -> String {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or("");
        let operation = target.rsplit('.').next().unwrap_or("");
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let queue = body.get("QueueUrl").or_else(|| body.get("QueueName")).and_then(Value::as_str).unwrap_or("");
        format!("sqs {operation} {}", queue.rsplit('/').next().unwrap_or("")).trim_end().to_owned()
    }

    fn handle(&self, request: Request<Bytes>, call: Call) -> Answer<'_> {
        Box::pin(async move {
            let result = self.answer(request, &call).await;
            if let Ok(answer) = &result {
                self.remember(answer, &call);
            }
            sqs::respond(result, &call)
        })
    }
}

/// Waits for the signal, at most so long in real time. False when the time was over first.
async fn wait_really(signal: &Signal, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    let mut waiting = std::pin::pin!(signal.wait());
    let mut alarm_set = false;
    poll_fn(|cx| {
        if waiting.as_mut().poll(cx).is_ready() {
            return Ready::Ready(true);
        }
        if Instant::now() >= end {
            return Ready::Ready(false);
        }
        if !std::mem::replace(&mut alarm_set, true) {
            wake_at(end, cx.waker().clone());
        }
        Ready::Pending
    })
    .await
}
