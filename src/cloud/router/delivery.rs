//! What is handed on, and to whom.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::event::{Arn, Region};
use crate::history::{Caller, DeliveryInfo, EntryId, Source};
use crate::mock::events::EventBuses;
use crate::mock::lambda::FunctionRef;
use crate::mock::sqs::QueueId;

/// Who gets a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cloud) enum Target {
    Function(FunctionRef),
    Queue(QueueId),
    /// An event bus, which gets records of invocations and events of S3; the region is that of whoever sends them.
    Bus {
        arn: Arn,
        region: Region,
    },
    /// A bucket, which gets records of invocations alone; the region is that of the function which sends them.
    Bucket {
        arn: Arn,
        region: Region,
    },
}

impl Target {
    /// The destination of a function in `region` that an ARN names.
    pub fn destination(arn: &Arn, region: &Region) -> Option<Self> {
        match arn.service() {
            "s3" => Some(Self::Bucket { arn: arn.clone(), region: region.clone() }),
            "events" => Some(Self::Bus { arn: arn.clone(), region: region.clone() }),
            _ => Self::from_arn(arn),
        }
    }

    /// The function or queue that an ARN names.
    pub fn from_arn(arn: &Arn) -> Option<Self> {
        match arn.service() {
            "lambda" => FunctionRef::from_arn(arn).map(Self::Function),
            "sqs" => QueueId::from_arn(arn).map(Self::Queue),
            _ => None,
        }
    }

    /// The ARN; of a function without a qualifier.
    pub fn arn(&self) -> Arn {
        match self {
            Self::Function(function) => function.arn(),
            Self::Queue(queue) => queue.arn(),
            Self::Bucket { arn, .. } | Self::Bus { arn, .. } => arn.clone(),
        }
    }

    /// The name, as timelines show it.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Function(function) => function.label(),
            Self::Queue(queue) => Cow::Borrowed(&queue.name),
            Self::Bus { arn, .. } => Cow::Borrowed(EventBuses::name_in(arn).unwrap_or_default()),
            Self::Bucket { arn, .. } => Cow::Borrowed(arn.resource()),
        }
    }
}

/// Something that is handed on.
#[derive(Debug, Clone)]
pub(in crate::cloud) struct Delivery {
    pub info: Arc<DeliveryInfo>,
    pub to: Target,
    pub body: Bytes,
    /// The service that hands it on, and for whom.
    pub by: Arc<Caller>,
    pub cause: Option<EntryId>,
    pub due: Timestamp,
    pub trace_header: Option<String>,
    /// The bucket or rule for which the service hands it on: `aws:SourceArn`.
    pub source: Option<Arn>,
}

impl Delivery {
    /// A delivery that is due at `due` and that nothing has led to.
    pub fn new(from: Source, trigger_id: &str, to: Target, body: Bytes, by: Caller, due: Timestamp) -> Self {
        let info = Arc::new(DeliveryInfo::new(from, trigger_id, to.name(), to.arn()));
        Self { info, to, body, by: Arc::new(by), cause: None, due, trace_header: None, source: None }
    }
}
