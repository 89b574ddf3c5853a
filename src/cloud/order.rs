//! Which of several things that can happen now goes first: the ordinary order, unless a plan says otherwise.

use std::sync::Arc;

use crate::choice::{At, Choices, Deviation, PointKind};
use crate::history::{Actor, EntryId, Name};
use crate::kernel::{Enabled, Kernel, Order};

/// Asks the choices.
pub(super) struct PlannedOrder(pub Arc<Choices>);

impl Order for PlannedOrder {
    fn first(&self, kernel: &Kernel, enabled: &[Enabled<'_>]) -> usize {
        let mut things = enabled.iter().map(|enabled| Thing::of(kernel, enabled));
        let Some(ordinary) = things.next() else { return 0 };
        let others: Vec<Deviation> = things.map(|thing| Deviation::After(thing.to_string())).collect();
        // Of things that nothing tells apart, such as a delivery that comes twice, the order makes no difference.
        let own = Deviation::After(ordinary.to_string());
        let mut offered: Vec<Deviation> = Vec::new();
        for other in &others {
            if *other != own && !offered.contains(other) {
                offered.push(other.clone());
            }
        }
        let name = kernel.recorder().name(ordinary.about, "turn", &ordinary.label);
        let at =
            At { name, kind: PointKind::Turn, label: format!("turn {}", ordinary.label).into(), actor: Actor::Service };
        let taken = self.0.pick_first(at, &own, &offered.into());
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
