//! Whether an invocation starts, and in which environment.

use super::Router;
use crate::choice::{Deviation, PointKind};
use crate::history::EntryId;
use crate::mock::lambda::Function;

/// How an invocation that the cloud starts by itself begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Throttled,
    /// `fresh`: in a new environment although there is an idle one.
    In {
        fresh: bool,
    },
}

impl Router {
    /// Asks how an invocation starts that waits for nobody.
    pub(super) fn start(&self, cause: Option<EntryId>, function: &Function, tenant: Option<&str>) -> Start {
        if function.is_busy() {
            return Start::Throttled;
        }
        let offered = if function.has_warm_environment(tenant) { &self.throttle_or_fresh } else { &self.throttle };
        match self.pick_start(cause, function, offered) {
            Some(Deviation::Throttled) => Start::Throttled,
            picked => Start::In { fresh: picked.is_some() },
        }
    }

    /// Asks whether an invocation that somebody waits for, and that will not be throttled, runs in a fresh environment
    /// although there is a warm one. Errors of such invocations are those of the request.
    pub fn wants_fresh(&self, cause: Option<EntryId>, function: &Function) -> bool {
        self.pick_start(cause, function, &self.fresh).is_some()
    }

    fn pick_start(
        &self,
        cause: Option<EntryId>,
        function: &Function,
        offered: &std::sync::Arc<[Deviation]>,
    ) -> Option<Deviation> {
        let label = format!("invoke {}", function.name);
        let picked = self.pick(PointKind::Invocation, self.name(cause, "start", &label), &label, offered);
        if picked == Some(Deviation::Fresh) {
            self.kernel.note(cause, format!("{label}: in a fresh environment"));
        }
        picked
    }
}
