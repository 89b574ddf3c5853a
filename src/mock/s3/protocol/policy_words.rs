//! Why a bucket's policy is none, in S3's words.
//!
//! <https://github.com/versity/versitygw/issues/645> and 647 to 650; what is missing:
//! <https://github.com/hashicorp/terraform/issues/28688>, <https://github.com/aws/aws-cdk/issues/6708>.

use super::super::fault::S3Fault;
use crate::iam::{Foreign, InvalidPolicy};

fn malformed(message: impl Into<String>) -> S3Fault {
    S3Fault::new(400, "MalformedPolicy", message.into())
}

/// It is no document at all.
pub(super) fn no_document() -> S3Fault {
    malformed("Policies must be valid JSON and the first byte must be '{'")
}

/// What is not evaluated here is told as it is, and so is what S3 says in words that are not known.
pub(super) fn invalid(invalid: &InvalidPolicy) -> S3Fault {
    let words = match invalid.of_statement() {
        Some(("Principal", "null")) => Some("Missing required field Principal".to_owned()),
        Some(("Action" | "Resource", "null")) => Some("Statement is missing required element".to_owned()),
        Some(("Effect", value)) if value != "null" => Some(format!("Invalid effect: {}", value.trim_matches('"'))),
        Some(("Principal" | "NotPrincipal", _)) => Some("Invalid principal in policy".to_owned()),
        Some(("Action" | "NotAction", _)) => Some("Policy has invalid action".to_owned()),
        Some(("Resource" | "NotResource", _)) => Some("Policy has invalid resource".to_owned()),
        _ => None,
    };
    match words {
        Some(words) => malformed(words).note(invalid.to_string()),
        None => malformed(invalid.to_string()),
    }
}

/// It is about something else than the bucket.
pub(super) fn foreign(foreign: Foreign<'_>) -> S3Fault {
    match foreign {
        Foreign::Action(action) => malformed("Policy has invalid action").note(format!("{action} is none of S3")),
        Foreign::Resource(resource) => {
            malformed("Policy has invalid resource").note(format!("{resource} is neither the bucket nor in it"))
        }
    }
}

/// An action is about none of the resources of its statement.
pub(super) fn applies_to_nothing(action: &str) -> S3Fault {
    let message = "Action does not apply to any resource(s) in statement";
    malformed(message).note(format!("{action} is about none of them"))
}

/// Actions on objects.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-actions-as-permissions>
const OF_OBJECTS: [&str; 32] = [
    "AbortMultipartUpload",
    "BypassGovernanceRetention",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "DeleteObjectVersionTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "GetObjectVersion",
    "GetObjectVersionAcl",
    "GetObjectVersionAttributes",
    "GetObjectVersionForReplication",
    "GetObjectVersionTagging",
    "GetObjectVersionTorrent",
    "ListMultipartUploadParts",
    "ObjectOwnerOverrideToBucketOwner",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "PutObjectVersionTagging",
    "ReplicateDelete",
    "ReplicateObject",
    "ReplicateTags",
    "RestoreObject",
];

/// Actions on buckets (same page).
const OF_BUCKETS: [&str; 27] = [
    "DeleteBucket",
    "DeleteBucketPolicy",
    "DeleteBucketWebsite",
    "GetAccelerateConfiguration",
    "GetBucketAcl",
    "GetBucketCORS",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketNotification",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetEncryptionConfiguration",
    "GetLifecycleConfiguration",
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListBucketVersions",
    "PutBucketAcl",
    "PutBucketCORS",
    "PutBucketNotification",
    "PutBucketPolicy",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutEncryptionConfiguration",
    "PutLifecycleConfiguration",
];

/// Whether an action may be about what a resource of a policy stands for. What may stand for several actions is.
pub(super) fn applies(action: &str, resource: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let in_a_bucket = resource.contains('/');
    if is_one_of(&OF_OBJECTS) {
        in_a_bucket || resource.ends_with('*')
    } else {
        !(is_one_of(&OF_BUCKETS) && in_a_bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_about_objects_or_about_buckets() {
        let (bucket, objects, both) = ("arn:aws:s3:::box", "arn:aws:s3:::box/*", "arn:aws:s3:::box*");
        for (action, fits) in [
            ("s3:GetObject", [false, true, true]),
            ("s3:putobject", [false, true, true]),
            ("s3:ListBucket", [true, false, true]),
            ("s3:Get*", [true, true, true]),
            ("s3:*", [true, true, true]),
        ] {
            assert_eq!([bucket, objects, both].map(|resource| applies(action, resource)), fits, "{action}");
        }
    }
}
