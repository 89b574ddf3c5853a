//! Whether an invocation starts, and in which environment.

use super::Router;
use crate::choice::{Deviation, PointKind};
use crate::history::EntryId;
use crate::mock::lambda::{Callee, VersionId};

/// How an invocation that the cloud starts by itself begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Throttled,
    /// `fresh`: in a new environment although there is an idle one.
    In {
        version: VersionId,
        fresh: bool,
    },
}

impl Router {
    /// Asks how an invocation starts that waits for nobody.
    pub(super) fn start(&self, cause: Option<EntryId>, function: &Callee, tenant: Option<&str>) -> Start {
        if function.is_busy() {
            return Start::Throttled;
        }
        // Gone since the caller has looked: when it is tried again, he sees.
        let Some(version) = self.lambda.pick_version(cause, function) else { return Start::Throttled };
        let offered =
            if function.has_warm_environment(version, tenant) { &self.throttle_or_fresh } else { &self.throttle };
        match self.pick_start(cause, function, offered) {
            Some(Deviation::Throttled) => Start::Throttled,
            picked => Start::In { version, fresh: picked.is_some() },
        }
    }

    /// Asks whether an invocation by an alias runs its additional version. In the ordinary course it never does, whatever its
    /// weight: which one runs is nobody's to know, and a test must not depend on luck.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html>
    pub fn wants_additional(&self, cause: Option<EntryId>, function: &Callee, additional: VersionId) -> bool {
        let label = format!("route {}", function.label);
        let name = self.name(cause, "route", &label);
        let picked = self.pick(PointKind::Invocation, name, &label, &self.additional).is_some();
        if picked {
            self.kernel.note(cause, format!("{label}: to its additional version {additional}"));
        }
        picked
    }

    /// Asks whether an invocation that somebody waits for, and that will not be throttled, runs in a fresh environment
    /// although there is a warm one. Errors of such invocations are those of the request.
    pub fn wants_fresh(&self, cause: Option<EntryId>, function: &Callee) -> bool {
        self.pick_start(cause, function, &self.fresh).is_some()
    }

    fn pick_start(
        &self,
        cause: Option<EntryId>,
        function: &Callee,
        offered: &std::sync::Arc<[Deviation]>,
    ) -> Option<Deviation> {
        let label = format!("invoke {}", function.label);
        let picked = self.pick(PointKind::Invocation, self.name(cause, "start", &label), &label, offered);
        if picked == Some(Deviation::Fresh) {
            self.kernel.note(cause, format!("{label}: in a fresh environment"));
        }
        picked
    }
}
