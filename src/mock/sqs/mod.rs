//! SQS in memory, in three rooms: `state` (pure queues, time given by the caller), `service`
//! (one lock, the cloud's clock, word of what changed) and `protocol` (operations, and the two wires that they are spelt on), which
//! `endpoint` joins to the gateway, with the long polls in `polls`.
//!
//! Counters are exact, changes take effect at once, a short poll sees every
//! visible message unless limits or a plan make it answer fewer, and standard queues keep the order of sending. Message groups of
//! standard queues (fair queues) are kept and read back; no group waits for others, as SQS has it do by measures that are approximate.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html>

mod content;
mod endpoint;
mod fault;
mod fifo;
mod limits;
mod message;
mod policy;
mod polls;
mod protocol;
mod queue;
mod queue_id;
mod receipt;
mod redrive;
mod service;
mod settings;
mod state;

pub(crate) use endpoint::SqsEndpoint;
pub(crate) use fault::SqsFault;
pub(crate) use limits::SqsLimits;
pub(crate) use message::{Message, OutgoingMessage, Place, ReceivedMessage, Sender, StoredMessage, counted};
pub(crate) use queue::Room;
pub(crate) use queue_id::{QueueId, base_of_region};
pub(crate) use service::{Notice, SqsService};
pub(crate) use state::{ReceiveRequest, Taken};
