//! What something is handed to: functions and queues by buckets and rules, and those and more by functions.

use std::fmt;
use std::sync::Arc;

use super::bucket::Bucket;
use super::error::CloudError;
use super::event_bus::EventBus;
use super::function::Function;
use super::queue::Queue;
use super::stub::Stub;
use super::world::World;
use super::{invokable, sendable};
use crate::event::{Arn, Region};
use crate::history::Caller;
use crate::mock::lambda::FunctionRef;
use crate::mock::sqs::QueueId;

/// What a bucket can notify, and a rule of an event bus can trigger: a [`Function`], a [`Stub`] or a [`Queue`].
pub trait NotificationTarget: InCloud {
    /// The target's ARN.
    fn arn(&self) -> Arn;
}

pub(super) use sealed::{Home, InCloud};

mod sealed {
    use super::{Arc, World, fmt};

    /// The cloud of whoever hands something on.
    pub struct Home<'a>(pub(in crate::cloud) &'a Arc<World>);

    impl fmt::Debug for Home<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Home")
        }
    }

    /// What may be handed to; nobody else has it.
    pub trait InCloud {
        /// Whether it belongs to this cloud.
        fn is_in(&self, home: &Home<'_>) -> bool;
    }
}

macro_rules! in_cloud {
    ($($handle:ty),+) => {
        $(impl InCloud for $handle {
            fn is_in(&self, home: &Home<'_>) -> bool {
                self.is_of(home.0)
            }
        })+
    };
}

in_cloud!(Function, Stub, Queue, Bucket, EventBus);

impl NotificationTarget for Function {
    fn arn(&self) -> Arn {
        Function::arn(self)
    }
}

impl NotificationTarget for Stub {
    fn arn(&self) -> Arn {
        Function::arn(self)
    }
}

impl NotificationTarget for Queue {
    fn arn(&self) -> Arn {
        Queue::arn(self)
    }
}

/// What was permitted to a service for a trigger.
#[derive(Default)]
pub(super) struct Permitted {
    function: Option<invokable::Permitted>,
    queue: Option<sendable::Permitted>,
}

impl Permitted {
    /// Takes it away again: what it was for did not come about.
    pub fn undo(self, world: &World) {
        self.function.into_iter().for_each(invokable::Permitted::undo);
        self.queue.into_iter().for_each(|queue| queue.undo(world));
    }
}

/// Lets a service reach a target in `region` for one of its resources, if it may not already, by a statement whose id begins
/// with `sid`.
///
/// # Errors
///
/// [`CloudError::Aws`] when the target's policy takes no more.
pub(super) fn permit(
    world: &World,
    target: &Arn,
    (by, source): (&Arc<Caller>, &Arn),
    region: &Region,
    sid: &str,
) -> Result<Permitted, CloudError> {
    if target.region() != Some(region) {
        return Ok(Permitted::default());
    }
    let function = FunctionRef::from_arn(target).and_then(|named| world.lambda.callee(&named));
    let function = function.map(|function| invokable::permit(world, &function, by, Some(source), sid));
    let queue = QueueId::from_arn(target).filter(|queue| world.sqs.exists(queue));
    let queue = queue.map(|queue| sendable::permit(world, &queue, by, source, sid));
    Ok(Permitted { function: function.transpose()?.flatten(), queue: queue.transpose()?.flatten() })
}
