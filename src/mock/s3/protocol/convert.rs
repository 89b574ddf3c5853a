//! Small values between the state and `s3s`.

use std::time::SystemTime;

use jiff::Timestamp;
use s3s::dto;

use super::super::checksum::{Checksum, ChecksumAlgorithm};
use super::super::fault::S3Fault;
use super::super::state::{ChecksumType, ReadConditions, TagMatch, WriteConditions};

/// A time as S3 shows it: in whole seconds.
pub(super) fn shown_time(time: Timestamp) -> dto::Timestamp {
    let seconds = Timestamp::from_second(time.as_second()).unwrap_or(time);
    SystemTime::from(seconds).into()
}

/// A time of a request, in whole seconds.
pub(super) fn time(time: &dto::Timestamp) -> Option<Timestamp> {
    let mut text = Vec::new();
    time.format(dto::TimestampFormat::EpochSeconds, &mut text).ok()?;
    let text = String::from_utf8(text).ok()?;
    let seconds = text.split('.').next()?.parse().ok()?;
    Timestamp::from_second(seconds).ok()
}

/// An entity tag in quotes.
pub(super) fn e_tag(value: &str) -> dto::ETag {
    dto::ETag::Strong(value.to_owned())
}

fn tag_match(condition: &dto::ETagCondition) -> TagMatch {
    match condition {
        dto::ETagCondition::Any => TagMatch::Any,
        dto::ETagCondition::ETag(tag) => TagMatch::Is(tag.value().to_owned()),
    }
}

/// The conditions of a read.
pub(super) fn read_conditions(
    if_match: Option<&dto::ETagCondition>,
    if_none_match: Option<&dto::ETagCondition>,
    if_modified_since: Option<&dto::Timestamp>,
    if_unmodified_since: Option<&dto::Timestamp>,
) -> ReadConditions {
    ReadConditions {
        if_match: if_match.map(tag_match),
        if_none_match: if_none_match.map(tag_match),
        if_modified_since: if_modified_since.and_then(time),
        if_unmodified_since: if_unmodified_since.and_then(time),
    }
}

/// The conditions of a write.
pub(super) fn write_conditions(
    if_match: Option<&dto::ETagCondition>,
    if_none_match: Option<&dto::ETagCondition>,
) -> WriteConditions {
    WriteConditions {
        if_match: if_match.map(tag_match),
        if_none_match: if_none_match.map(tag_match),
        bypass_governance: false,
    }
}

/// A count of a request: none is `default`, a negative one is refused.
pub(super) fn count(value: Option<i32>, name: &str, default: usize) -> Result<usize, S3Fault> {
    let Some(value) = value else { return Ok(default) };
    usize::try_from(value).map_err(|_| {
        let message = format!("Argument {name} must be an integer between 0 and 2147483647");
        S3Fault::invalid_argument(message, name, value.to_string())
    })
}

/// A size as `s3s` counts; bodies are far below the limit.
pub(super) fn size(size: u64) -> Option<i64> {
    i64::try_from(size).ok()
}

/// An algorithm's name.
pub(super) fn algorithm(algorithm: ChecksumAlgorithm) -> dto::ChecksumAlgorithm {
    dto::ChecksumAlgorithm::from_static(algorithm.as_str())
}

/// A checksum type's name.
pub(super) fn checksum_type(kind: ChecksumType) -> dto::ChecksumType {
    dto::ChecksumType::from_static(kind.as_str())
}

/// The type of a stored checksum.
pub(super) fn type_of(checksum: &Checksum) -> dto::ChecksumType {
    checksum_type(if checksum.composite { ChecksumType::Composite } else { ChecksumType::FullObject })
}

/// Sets the element that belongs to a checksum's algorithm, in the parent of that name and place; the outputs of `s3s` share
/// names but no trait, and know half of the algorithms.
macro_rules! set_checksum {
    ($context:expr, ($parent:literal, $place:expr), $output:expr, $checksum:expr) => {
        if let Some(checksum) = $checksum {
            let value = Some(checksum.value.clone());
            match checksum.algorithm {
                ChecksumAlgorithm::Crc32 => $output.checksum_crc32 = value,
                ChecksumAlgorithm::Crc32c => $output.checksum_crc32c = value,
                ChecksumAlgorithm::Crc64Nvme => $output.checksum_crc64nvme = value,
                ChecksumAlgorithm::Sha1 => $output.checksum_sha1 = value,
                ChecksumAlgorithm::Sha256 => $output.checksum_sha256 = value,
                _ => $context.additions.checksum($parent, $place, checksum),
            }
        }
    };
}
pub(super) use set_checksum;
