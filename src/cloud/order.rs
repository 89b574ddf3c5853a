//! Which of several things that can happen now goes first: the ordinary order, unless a plan says otherwise.

use std::sync::{Arc, OnceLock, Weak};

use crate::choice::{At, Choices, Deviation, PointKind};
use crate::history::{Actor, EntryId, Name};
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
        let others: Vec<Deviation> = things.map(|thing| Deviation::After(thing.to_string())).collect();
        // Of things that nothing tells apart, such as a delivery that comes twice, the order makes no difference.
        let mut known = vec![Deviation::After(ordinary.to_string())];
        for other in &others {
            if !known.contains(other) {
                known.push(other.clone());
            }
        }
        known.remove(0);
        let name = kernel.recorder().name(ordinary.about, "turn", &ordinary.label);
        let at =
            At { name, kind: PointKind::Turn, label: format!("turn {}", ordinary.label).into(), actor: Actor::Service };
        let taken = self.choices.pick(at, &known.into());
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
