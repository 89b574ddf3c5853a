//! Object Lock as headers and documents.

use http::HeaderMap;
use jiff::Timestamp;
use s3s::dto::*;

use super::super::fault::S3Fault;
use super::super::state::{LockConfiguration, ObjectAt, ObjectLock, Period, Retention, RetentionMode};
use super::adapter::Context;
use super::convert::{shown_time, time};
use super::headers::{any, claims};
use crate::mock::http::header_text;

const MODE: &str = "x-amz-object-lock-mode";
const UNTIL: &str = "x-amz-object-lock-retain-until-date";
const HOLD: &str = "x-amz-object-lock-legal-hold";

/// The headers that a writing request may have.
pub(super) const HEADERS: [&str; 3] = [MODE, UNTIL, HOLD];

/// How a writing request wants the new version to be locked.
///
/// # Errors
///
/// `InvalidArgument` for a half or unknown retention, `InvalidRequest` for a body without a checksum
/// (PutObject, Content-MD5).
pub(super) fn wanted(headers: &HeaderMap) -> Result<ObjectLock, S3Fault> {
    if !any(headers, "x-amz-object-lock-") {
        return Ok(ObjectLock::default());
    }
    let legal_hold = match header_text(headers, HOLD) {
        None => None,
        Some("ON") => Some(true),
        Some("OFF") => Some(false),
        Some(other) => {
            let message = "Legal Hold must be either of 'ON' or 'OFF'";
            return Err(S3Fault::invalid_argument(message, HOLD, other));
        }
    };
    let retention = match (header_text(headers, MODE), header_text(headers, UNTIL)) {
        (None, None) => None,
        (Some(mode), Some(until)) => {
            let unknown = || S3Fault::invalid_argument("Unknown wormMode directive.", MODE, mode);
            let mode = RetentionMode::parse(mode).ok_or_else(unknown)?;
            let message = "The retain until date must be provided in ISO 8601 format";
            let until: Timestamp = until.parse().map_err(|_| S3Fault::invalid_argument(message, UNTIL, until))?;
            Some(Retention { mode, until })
        }
        (mode, _) => {
            let message = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
            let name = if mode.is_none() { MODE } else { UNTIL };
            return Err(S3Fault::invalid_argument(message, name, ""));
        }
    };
    Ok(ObjectLock { retention, legal_hold })
}

/// Tells what protects a version.
pub(super) fn tell(context: &Context<'_>, lock: &ObjectLock) {
    if let Some(Retention { mode, until }) = &lock.retention {
        context.tell(MODE, mode.as_str());
        context.tell(UNTIL, until.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
    }
    if let Some(held) = lock.legal_hold {
        context.tell(HOLD, if held { "ON" } else { "OFF" });
    }
}

pub(super) fn configuration(
    context: &Context<'_>,
    input: GetObjectLockConfigurationInput,
) -> Result<GetObjectLockConfigurationOutput, S3Fault> {
    let found = context.act(|state, _| state.lock_configuration(&input.bucket))?;
    let default_retention = found.default.map(|(mode, period)| {
        let mode = Some(ObjectLockRetentionMode::from_static(mode.as_str()));
        let (days, years) = match period {
            Period::Days(days) => (Some(days), None),
            Period::Years(years) => (None, Some(years)),
        };
        DefaultRetention { days, mode, years }
    });
    let rule = default_retention.map(|retention| ObjectLockRule { default_retention: Some(retention) });
    let enabled = Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED));
    let configuration = ObjectLockConfiguration { object_lock_enabled: enabled, rule };
    Ok(GetObjectLockConfigurationOutput { object_lock_configuration: Some(configuration) })
}

pub(super) fn set_configuration(
    context: &Context<'_>,
    input: PutObjectLockConfigurationInput,
) -> Result<PutObjectLockConfigurationOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let configuration = input.object_lock_configuration.ok_or_else(S3Fault::malformed_xml)?;
    let enabled = configuration.object_lock_enabled.as_ref().map(ObjectLockEnabled::as_str);
    if enabled != Some(ObjectLockEnabled::ENABLED) {
        return Err(S3Fault::malformed_xml());
    }
    let default = match configuration.rule {
        None => None,
        Some(rule) => {
            let retention = rule.default_retention.ok_or_else(S3Fault::malformed_xml)?;
            let mode = retention.mode.as_ref().and_then(|mode| RetentionMode::parse(mode.as_str()));
            let period = match (retention.days, retention.years) {
                (Some(days), None) => Period::Days(days),
                (None, Some(years)) => Period::Years(years),
                _ => return Err(S3Fault::malformed_xml()),
            };
            Some((mode.ok_or_else(S3Fault::malformed_xml)?, period))
        }
    };
    context.act(|state, _| state.set_lock_configuration(&input.bucket, LockConfiguration { default }))?;
    Ok(PutObjectLockConfigurationOutput::default())
}

pub(super) fn retention(
    context: &Context<'_>,
    input: GetObjectRetentionInput,
) -> Result<GetObjectRetentionOutput, S3Fault> {
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    let found = context.act(|state, _| state.retention(&at))?;
    let retention = ObjectLockRetention {
        mode: Some(ObjectLockRetentionMode::from_static(found.mode.as_str())),
        retain_until_date: Some(shown_time(found.until)),
    };
    Ok(GetObjectRetentionOutput { retention: Some(retention) })
}

pub(super) fn set_retention(
    context: &Context<'_>,
    input: PutObjectRetentionInput,
) -> Result<PutObjectRetentionOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let document = input.retention.ok_or_else(S3Fault::malformed_xml)?;
    let retention = match (document.mode, document.retain_until_date) {
        (None, None) => None,
        (Some(mode), Some(until)) => {
            let mode = RetentionMode::parse(mode.as_str()).ok_or_else(S3Fault::malformed_xml)?;
            Some(Retention { mode, until: time(&until).ok_or_else(S3Fault::malformed_xml)? })
        }
        _ => return Err(S3Fault::malformed_xml()),
    };
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    let bypass = input.bypass_governance_retention.unwrap_or(false);
    context.act(|state, act| state.set_retention(act, &at, retention, bypass))?;
    Ok(PutObjectRetentionOutput::default())
}

pub(super) fn legal_hold(
    context: &Context<'_>,
    input: GetObjectLegalHoldInput,
) -> Result<GetObjectLegalHoldOutput, S3Fault> {
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    let held = context.act(|state, _| state.legal_hold(&at))?;
    let status = if held { ObjectLockLegalHoldStatus::ON } else { ObjectLockLegalHoldStatus::OFF };
    let status = Some(ObjectLockLegalHoldStatus::from_static(status));
    Ok(GetObjectLegalHoldOutput { legal_hold: Some(ObjectLockLegalHold { status }) })
}

pub(super) fn set_legal_hold(
    context: &Context<'_>,
    input: PutObjectLegalHoldInput,
) -> Result<PutObjectLegalHoldOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let status = input.legal_hold.and_then(|hold| hold.status);
    let held = match status.as_ref().map(ObjectLockLegalHoldStatus::as_str) {
        Some(ObjectLockLegalHoldStatus::ON) => true,
        Some(ObjectLockLegalHoldStatus::OFF) => false,
        _ => return Err(S3Fault::malformed_xml()),
    };
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    context.act(|state, _| state.set_legal_hold(&at, held))?;
    Ok(PutObjectLegalHoldOutput::default())
}
