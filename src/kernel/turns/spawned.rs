//! Tasks that invocations have spawned on the runtime that drives the cloud.
//!
//! No runtime tells who has spawned a task. But where one thread does all the work (tokio's `current_thread`), a task that asks
//! for something while one invocation alone holds the turn, and waits, is what that invocation waits for. Once known as its
//! own it stays so; one that asks while nobody waits is the test's, or was left behind.

use std::collections::HashMap;
use std::thread::{self, ThreadId};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{Id, try_id};

use super::{InvocationId, State, Turns};

#[derive(Default)]
pub(super) struct Spawned {
    /// The thread of whoever drives.
    driver: Option<ThreadId>,
    /// Only looked up: its order never shows.
    tasks: HashMap<Id, Whose>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Of(InvocationId),
    /// The test's, or of an invocation that has finished.
    Nobodys,
    /// Of one that was abandoned: its environment is gone, and nothing goes on in it.
    Frozen,
}

/// The task that is running, if the runtime has this thread alone.
fn task() -> Option<Id> {
    let task = try_id()?;
    let runtime = Handle::try_current().ok()?;
    (runtime.runtime_flavor() == RuntimeFlavor::CurrentThread).then_some(task)
}

impl Turns {
    /// The invocation that the calling code belongs to, be it in a task that the invocation has spawned.
    pub fn asking(&self) -> Option<InvocationId> {
        self.current().or_else(|| match self.whose()? {
            Whose::Of(id) => Some(id),
            Whose::Nobodys | Whose::Frozen => None,
        })
    }

    /// Whether the calling task was spawned in an environment that is gone: no answer may let it go on.
    pub fn is_frozen(&self) -> bool {
        self.current().is_none() && self.whose() == Some(Whose::Frozen)
    }

    fn whose(&self) -> Option<Whose> {
        let task = task()?;
        let mut state = self.state();
        if state.spawned.driver.is_some_and(|thread| thread != thread::current().id()) {
            return None;
        }
        if let Some(known) = state.spawned.tasks.get(&task) {
            return Some(*known);
        }
        let whose = match state.waits_for_tasks() {
            Some(id) => {
                if let Some(slot) = state.slots.get_mut(&id) {
                    slot.tasks.push(task);
                }
                Whose::Of(id)
            }
            None => Whose::Nobodys,
        };
        state.spawned.tasks.insert(task, whose);
        Some(whose)
    }
}

impl State {
    /// Notes who drives.
    pub(super) fn driven_here(&mut self) {
        self.spawned.driver = Some(thread::current().id());
        if let Some(task) = try_id() {
            self.spawned.tasks.insert(task, Whose::Nobodys);
        }
    }

    /// The one invocation that a task of nobody's may work for: the holder of the turn, else the only one that has tasks.
    pub(super) fn waits_for_tasks(&self) -> Option<InvocationId> {
        fn only(mut ids: impl Iterator<Item = InvocationId>) -> Option<InvocationId> {
            ids.next().filter(|_| ids.next().is_none())
        }
        if self.running.is_empty() {
            only(self.slots.iter().filter(|(_, slot)| !slot.tasks.is_empty()).map(|(id, _)| *id))
        } else {
            only(self.running.iter().copied())
        }
    }

    /// An invocation is over that has spawned these tasks.
    pub(super) fn leave(&mut self, tasks: &[Id], frozen: bool) {
        let whose = if frozen { Whose::Frozen } else { Whose::Nobodys };
        for task in tasks {
            self.spawned.tasks.insert(*task, whose);
        }
    }
}
