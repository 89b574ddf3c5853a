//! What makes a statement that is about everyone not a public one.

use super::condition::Condition;

/// The keys whose fixed values bound who is let in.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>
const NARROW: [&str; 7] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// A range of addresses with fewer bits than this is the world.
const FIXED_BITS: u8 = 8;

/// Whether conditions let in only who has one of some fixed values.
pub(super) fn narrows(conditions: &[Condition]) -> bool {
    let is_fixed = |value: &str| match value.split_once('/') {
        Some((_, bits)) if value.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:/".contains(&byte)) => {
            bits.parse().is_ok_and(|bits: u8| bits >= FIXED_BITS)
        }
        _ => !value.contains(['*', '?']),
    };
    conditions.iter().any(|condition| {
        NARROW.contains(&condition.key())
            && condition.is_plain()
            && condition.values().iter().all(|value| is_fixed(value))
    })
}
