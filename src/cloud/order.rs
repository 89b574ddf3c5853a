//! Which of several things that can happen now goes first: the ordinary order, unless a plan says otherwise.

use std::sync::{Arc, OnceLock, Weak};

use crate::choice::{At, Choices, Deviation, PointKind};
use crate::history::{EntryId, Name};
use crate::kernel::{Enabled, Kernel, Order};

/// Asks the choices.
pub(super) struct PlannedOrder {
    choices: Arc<Choices>,
    kernel: OnceLock<Weak<Kernel>>,
}

impl PlannedOrder {
    pub fn new(choices: Arc<Choices>) -> Self {
        Self { choices, kernel: OnceLock::new() }
    }

    /// Says whose order it is: once, when the cloud is put together.
    pub fn belongs_to(&self, kernel: &Arc<Kernel>) {
        let _ = self.kernel.set(Arc::downgrade(kernel));
    }
}

impl Order for PlannedOrder {
    fn first(&self, enabled: &[Enabled<'_>]) -> usize {
        let Some(kernel) = self.kernel.get().and_then(Weak::upgrade) else { return 0 };
        let mut things = enabled.iter().map(|enabled| Thing::of(&kernel, enabled));
        let Some(ordinary) = things.next() else { return 0 };
        let others: Arc<[Deviation]> = things.map(|thing| Deviation::After(thing.to_string())).collect();
        let name = kernel.recorder().name(ordinary.about, "turn", &ordinary.label);
        let at = At { name, kind: PointKind::Turn, label: format!("turn {}", ordinary.label).into(), of_test: false };
        let taken = self.choices.pick(at, &others);
        taken.and_then(|taken| others.iter().position(|other| *other == taken)).map_or(0, |place| place + 1)
    }
}

/// Something that can happen now, as plans name it.
struct Thing {
    label: String,
    about: Option<EntryId>,
    name: Name,
}

impl Thing {
    fn of(kernel: &Kernel, enabled: &Enabled<'_>) -> Self {
        let (about, label) = match *enabled {
            Enabled::Invocation { line, .. } => {
                let label = kernel.recorder().with(line, |entry| entry.what.to_string());
                (Some(line), label.unwrap_or_default())
            }
            Enabled::Entry { label, about } => (about, label.to_owned()),
        };
        let name = about.map_or(Name::ROOT, |about| kernel.recorder().name_of(about)).under("thing", &label);
        Self { label, about, name }
    }
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} @{}", self.label, self.name.short())
    }
}
