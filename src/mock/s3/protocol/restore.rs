//! RestoreObject, and the header that says where it stands.

use std::sync::{Arc, Weak};

use http::StatusCode;
use s3s::dto::*;

use super::super::fault::S3Fault;
use super::super::service::{S3Service, Wait};
use super::super::state::{ObjectAt, Restore, RestoreTier, Restoring};
use super::adapter::Context;
use super::headers::claims;
use super::kept::http_date;
use crate::mock::http::Call;

pub(super) fn restore(context: &Context<'_>, input: RestoreObjectInput) -> Result<RestoreObjectOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let request = input.restore_request.ok_or_else(S3Fault::malformed_xml)?;
    let named = request.glacier_job_parameters.map(|parameters| parameters.tier).or(request.tier);
    let tier = match &named {
        None => RestoreTier::default(),
        Some(tier) => RestoreTier::parse(tier.as_str()).ok_or_else(S3Fault::malformed_xml)?,
    };
    let days = request.days.ok_or_else(S3Fault::malformed_xml)?;
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    let restoring = context.act(|state, act| state.restore(act, &at, days, tier))?;
    if restoring.started {
        context.status.set(Some(StatusCode::ACCEPTED));
    }
    plan(context.service, context.call, restoring);
    Ok(RestoreObjectOutput::default())
}

/// Plans what time does next: that the copy is there, or that it goes.
fn plan(service: &Arc<S3Service>, call: &Call, restoring: Restoring) {
    let Restoring { at, due, started } = restoring;
    let (wait, what) =
        if started { (Wait::Awaited, "is restored") } else { (Wait::Housekeeping, "is archived alone again") };
    let label = format!("s3://{}/{} {what}", at.bucket, at.key);
    let (service, call, weak): (_, _, Weak<S3Service>) = (service, call.clone(), Arc::downgrade(service));
    service.later(due, wait, label, move || {
        let Some(service) = weak.upgrade() else { return };
        // A version that is gone by then needs nothing.
        let next = service.act(&call, |state, act| {
            if started {
                return Ok(state.complete_restore(act, &at));
            }
            state.end_restore(act, &at);
            Ok(None)
        });
        if let Ok(Some(next)) = next {
            plan(&service, &call, next);
        }
    });
}

/// Tells where the restore of what was read stands.
pub(super) fn tell(context: &Context<'_>, restore: Option<Restore>) {
    let text = match restore {
        None => return,
        Some(Restore::Ongoing { .. }) => "ongoing-request=\"true\"".to_owned(),
        Some(Restore::Done { until }) => {
            let date = http_date(until);
            let date = date.as_ref().and_then(|date| date.to_str().ok()).unwrap_or_default();
            format!("ongoing-request=\"false\", expiry-date=\"{date}\"")
        }
    };
    context.tell("x-amz-restore", text);
}
