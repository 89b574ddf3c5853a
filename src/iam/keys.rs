//! The keys that conditions may ask for.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

/// Of whose policies they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    Identity,
    Resource,
    Bucket,
}

const EVERYWHERE: [&str; 5] =
    ["aws:PrincipalAccount", "aws:PrincipalArn", "aws:RequestedRegion", "aws:ResourceAccount", "aws:SecureTransport"];

/// Accounts of a cloud belong to no organization, and nobody sends a token, so that those two keys never have a value.
const OF_RESOURCE: [&str; 4] = ["aws:SourceArn", "aws:SourceAccount", "aws:PrincipalOrgID", "lambda:EventSourceToken"];

/// What only requests for S3 tell.
const OF_REQUESTS: [&str; 10] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalType",
    "aws:Referer",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:PrincipalOrgID",
    "aws:UserAgent",
];

/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys>
const OF_S3: [&str; 28] = [
    "s3:RequestObjectTagKeys",
    "s3:ResourceAccount",
    "s3:authType",
    "s3:delimiter",
    "s3:if-match",
    "s3:if-none-match",
    "s3:max-keys",
    "s3:object-lock-legal-hold",
    "s3:object-lock-mode",
    "s3:object-lock-retain-until-date",
    "s3:prefix",
    "s3:signatureversion",
    "s3:versionid",
    "s3:x-amz-acl",
    "s3:x-amz-content-sha256",
    "s3:x-amz-copy-source",
    "s3:x-amz-grant-full-control",
    "s3:x-amz-grant-read",
    "s3:x-amz-grant-read-acp",
    "s3:x-amz-grant-write",
    "s3:x-amz-grant-write-acp",
    "s3:x-amz-metadata-directive",
    "s3:x-amz-object-ownership",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-server-side-encryption-customer-algorithm",
    "s3:x-amz-storage-class",
    "s3:x-amz-website-redirect-location",
];

/// Keys that end in the name of a tag.
const WITH_A_NAME: [&str; 2] = ["s3:ExistingObjectTag/", "s3:RequestObjectTag/"];

impl Keys {
    fn lists(self) -> [&'static [&'static str]; 3] {
        match self {
            Self::Identity => [&EVERYWHERE, &OF_S3, &[]],
            Self::Resource => [&EVERYWHERE, &OF_RESOURCE, &[]],
            Self::Bucket => [&EVERYWHERE, &OF_S3, &OF_REQUESTS],
        }
    }

    /// The key as AWS spells it; names of keys are compared in any case, those of tags are not.
    pub fn find(self, key: &str) -> Option<String> {
        let mut known = self.lists().into_iter().flatten();
        if let Some(known) = known.find(|known| known.eq_ignore_ascii_case(key)) {
            return Some((*known).to_owned());
        }
        let (start, name) = key.split_once('/')?;
        let is = |known: &&&str| known[..known.len() - 1].eq_ignore_ascii_case(start) && self != Self::Resource;
        WITH_A_NAME.iter().find(is).map(|known| format!("{known}{name}"))
    }

    /// What can be asked for, in words.
    pub fn listed(self) -> String {
        let mut names: Vec<String> = self.lists().into_iter().flatten().map(|&name| name.to_owned()).collect();
        if self != Self::Resource {
            names.extend(WITH_A_NAME.iter().map(|start| format!("{start}…")));
        }
        names.join(", ")
    }
}
