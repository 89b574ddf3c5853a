//! Who may send to a queue, beside its own account: what the verbs of triggers permit by themselves, as the console does.

use std::sync::Arc;

use super::error::CloudError;
use super::invokable::statement_id;
use super::world::World;
use crate::event::Arn;
use crate::history::Caller;
use crate::mock::sqs::QueueId;

/// A statement that was added to a queue's policy.
pub(super) struct Permitted {
    queue: QueueId,
    label: String,
}

impl Permitted {
    /// Takes it away again: what it was for did not come about.
    pub fn undo(self, world: &World) {
        let undone = world.sqs.remove_permission(&self.queue, &self.label);
        debug_assert_eq!(undone, Ok(()));
    }
}

/// Lets a service send to a queue for one of its resources, in a statement whose label begins with `label`. None if it may already.
///
/// # Errors
///
/// [`CloudError::Aws`] when there is no such queue.
pub(super) fn permit(
    world: &World,
    queue: &QueueId,
    service: &Arc<Caller>,
    source: &Arn,
    label: &str,
) -> Result<Option<Permitted>, CloudError> {
    if world.router.may_send(service, Some(source), queue).is_ok() {
        return Ok(None);
    }
    let first = statement_id(label);
    let mut label = first.clone();
    // Different names may make the same label.
    for number in 2.. {
        if !world.sqs.has_permission(queue, &label)? {
            break;
        }
        label = format!("{first}-{number}");
    }
    world.sqs.let_send(queue, &label, service, source)?;
    Ok(Some(Permitted { queue: queue.clone(), label }))
}
