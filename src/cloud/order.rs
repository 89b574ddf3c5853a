//! Which of several things that can happen now goes first: the ordinary order, unless a plan says otherwise.

use std::sync::Arc;

use crate::choice::{At, Choices, Deviation, PointKind, Thing};
use crate::history::{Actor, EntryId, Name};
use crate::kernel::{Enabled, Kernel, Order};

/// Asks the choices.
pub(super) struct PlannedOrder(pub Arc<Choices>);

impl Order for PlannedOrder {
    fn first(&self, kernel: &Kernel, enabled: &[Enabled<'_>]) -> usize {
        let things: Vec<Thing> = enabled.iter().map(|enabled| thing(kernel, enabled)).collect();
        let (Some((own, others)), Some(about)) = (things.split_first(), enabled.first().map(about)) else { return 0 };
        // Of things that nothing tells apart, such as a delivery that comes twice, the order makes no difference.
        let mut offered: Vec<Thing> = Vec::new();
        for other in others {
            if other != own && !offered.contains(other) {
                offered.push(other.clone());
            }
        }
        let name = kernel.recorder().name(about, "turn", &own.label);
        let at = At { name, kind: PointKind::Turn, label: format!("turn {}", own.label).into(), actor: Actor::Service };
        // This is asked in each step, and nearly always the answer is known.
        if self.0.is_ordinary() {
            self.0.pass_in_order(at, offered);
            return 0;
        }
        let offered: Arc<[Deviation]> = offered.iter().map(Thing::first).collect();
        let taken = self.0.pick_first(at, &own.first(), &offered);
        taken.and_then(|taken| others.iter().position(|other| other.first() == taken)).map_or(0, |place| place + 1)
    }
}

/// The line of the timeline that something is about.
fn about(enabled: &Enabled<'_>) -> Option<EntryId> {
    match *enabled {
        Enabled::Invocation { line, .. } => Some(line),
        Enabled::Entry { about, .. } => about,
    }
}

fn thing(kernel: &Kernel, enabled: &Enabled<'_>) -> Thing {
    let label = match *enabled {
        Enabled::Invocation { line, .. } => {
            let label = kernel.recorder().with(line, |entry| entry.what.to_string());
            label.unwrap_or_default().into()
        }
        Enabled::Entry { label, .. } => Arc::clone(label),
    };
    let above = about(enabled).map_or(Name::ROOT, |about| kernel.recorder().name_of(about));
    Thing { name: above.under("thing", &label), label }
}
