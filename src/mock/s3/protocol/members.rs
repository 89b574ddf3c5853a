//! The members that documents of requests may have. `s3s` skips those that it does not know: a misspelt one, or one of
//! something that is not implemented, must not look like success.

use quick_xml::Reader;
use quick_xml::events::Event;

use self::Member::{Lacking, Of, Text};
use super::super::fault::S3Fault;

/// What an element may hold.
enum Member {
    Text,
    Of(&'static [(&'static str, Member)]),
    /// Known to S3, and not implemented.
    Lacking,
}

const FILTER: Member = Of(&[("S3Key", Of(&[("FilterRule", Of(&[("Name", Text), ("Value", Text)]))]))]);

const NOTIFICATION: Member = Of(&[
    ("CloudFunctionConfiguration", Of(&[("Id", Text), ("CloudFunction", Text), ("Event", Text), ("Filter", FILTER)])),
    ("QueueConfiguration", Of(&[("Id", Text), ("Queue", Text), ("Event", Text), ("Filter", FILTER)])),
    ("TopicConfiguration", Of(&[("Id", Text), ("Topic", Text), ("Event", Text), ("Filter", FILTER)])),
    ("EventBridgeConfiguration", Of(&[])),
]);

const BUCKET: Member =
    Of(&[("LocationConstraint", Text), ("Location", Lacking), ("Bucket", Lacking), ("Tags", Of(&[("Tag", TAG)]))]);

const VERSIONING: Member = Of(&[("Status", Text), ("MfaDelete", Text)]);

/// The time and the size are conditions of directory buckets.
const DELETE: Member = Of(&[
    (
        "Object",
        Of(&[("Key", Text), ("VersionId", Text), ("ETag", Text), ("LastModifiedTime", Lacking), ("Size", Lacking)]),
    ),
    ("Quiet", Text),
]);

const TAGGING: Member = Of(&[("TagSet", Of(&[("Tag", Of(&[("Key", Text), ("Value", Text)]))]))]);

const GRANTEE: Member = Of(&[("ID", Text), ("DisplayName", Text), ("URI", Text), ("EmailAddress", Text)]);

const GRANT: Member = Of(&[("Grantee", GRANTEE), ("Permission", Text)]);

const ACL: Member =
    Of(&[("Owner", Of(&[("ID", Text), ("DisplayName", Text)])), ("AccessControlList", Of(&[("Grant", GRANT)]))]);

const CORS: Member = Of(&[(
    "CORSRule",
    Of(&[
        ("ID", Text),
        ("AllowedHeader", Text),
        ("AllowedMethod", Text),
        ("AllowedOrigin", Text),
        ("ExposeHeader", Text),
        ("MaxAgeSeconds", Text),
    ]),
)]);

const BLOCK: Member = Of(&[
    ("BlockPublicAcls", Text),
    ("IgnorePublicAcls", Text),
    ("BlockPublicPolicy", Text),
    ("RestrictPublicBuckets", Text),
]);

const OWNERSHIP: Member = Of(&[("Rule", Of(&[("ObjectOwnership", Text)]))]);

const ENCRYPTION: Member = Of(&[(
    "Rule",
    Of(&[
        ("ApplyServerSideEncryptionByDefault", Of(&[("SSEAlgorithm", Text), ("KMSMasterKeyID", Text)])),
        ("BucketKeyEnabled", Text),
        ("BlockedEncryptionTypes", Lacking),
    ]),
)]);

const REDIRECT: Member = Of(&[
    ("HostName", Text),
    ("HttpRedirectCode", Text),
    ("Protocol", Text),
    ("ReplaceKeyPrefixWith", Text),
    ("ReplaceKeyWith", Text),
]);

const WEBSITE: Member = Of(&[
    ("IndexDocument", Of(&[("Suffix", Text)])),
    ("ErrorDocument", Of(&[("Key", Text)])),
    ("RedirectAllRequestsTo", Of(&[("HostName", Text), ("Protocol", Text)])),
    (
        "RoutingRules",
        Of(&[(
            "RoutingRule",
            Of(&[
                ("Condition", Of(&[("HttpErrorCodeReturnedEquals", Text), ("KeyPrefixEquals", Text)])),
                ("Redirect", REDIRECT),
            ]),
        )]),
    ),
]);

const LOGGING: Member = Of(&[(
    "LoggingEnabled",
    Of(&[
        ("TargetBucket", Text),
        ("TargetPrefix", Text),
        ("TargetGrants", Of(&[("Grant", GRANT)])),
        (
            "TargetObjectKeyFormat",
            Of(&[("SimplePrefix", Of(&[])), ("PartitionedPrefix", Of(&[("PartitionDateSource", Text)]))]),
        ),
    ]),
)]);

const PAYMENT: Member = Of(&[("Payer", Text)]);

const STATUS: Member = Of(&[("Status", Text)]);

const TAG: Member = Of(&[("Key", Text), ("Value", Text)]);

const TRANSITION: Member = Of(&[("Date", Text), ("Days", Text), ("StorageClass", Text)]);

const LIFECYCLE: Member = Of(&[(
    "Rule",
    Of(&[
        ("ID", Text),
        ("Prefix", Text),
        ("Status", Text),
        (
            "Filter",
            Of(&[
                ("Prefix", Text),
                ("Tag", TAG),
                ("ObjectSizeGreaterThan", Text),
                ("ObjectSizeLessThan", Text),
                (
                    "And",
                    Of(&[
                        ("Prefix", Text),
                        ("Tag", TAG),
                        ("ObjectSizeGreaterThan", Text),
                        ("ObjectSizeLessThan", Text),
                    ]),
                ),
            ]),
        ),
        ("Expiration", Of(&[("Date", Text), ("Days", Text), ("ExpiredObjectDeleteMarker", Text)])),
        ("Transition", TRANSITION),
        ("NoncurrentVersionExpiration", Of(&[("NoncurrentDays", Text), ("NewerNoncurrentVersions", Text)])),
        (
            "NoncurrentVersionTransition",
            Of(&[("NoncurrentDays", Text), ("NewerNoncurrentVersions", Text), ("StorageClass", Text)]),
        ),
        ("AbortIncompleteMultipartUpload", Of(&[("DaysAfterInitiation", Text)])),
    ]),
)]);

const TAGGED: Member = Of(&[("Prefix", Text), ("Tag", TAG)]);

const METRICS: Member = Of(&[
    ("Id", Text),
    (
        "Filter",
        Of(&[
            ("Prefix", Text),
            ("Tag", TAG),
            ("AccessPointArn", Lacking),
            ("And", Of(&[("Prefix", Text), ("Tag", TAG), ("AccessPointArn", Lacking)])),
        ]),
    ),
]);

const OF_TAGGED: Member = Of(&[("Prefix", Text), ("Tag", TAG), ("And", TAGGED)]);

const ANALYTICS: Member = Of(&[
    ("Id", Text),
    ("Filter", OF_TAGGED),
    (
        "StorageClassAnalysis",
        Of(&[(
            "DataExport",
            Of(&[
                ("OutputSchemaVersion", Text),
                (
                    "Destination",
                    Of(&[(
                        "S3BucketDestination",
                        Of(&[("Format", Text), ("BucketAccountId", Text), ("Bucket", Text), ("Prefix", Text)]),
                    )]),
                ),
            ]),
        )]),
    ),
]);

const INVENTORY: Member = Of(&[
    (
        "Destination",
        Of(&[(
            "S3BucketDestination",
            Of(&[
                ("AccountId", Text),
                ("Bucket", Text),
                ("Format", Text),
                ("Prefix", Text),
                ("Encryption", Of(&[("SSE-S3", Of(&[])), ("SSE-KMS", Of(&[("KeyId", Text)]))])),
            ]),
        )]),
    ),
    ("IsEnabled", Text),
    ("Filter", Of(&[("Prefix", Text)])),
    ("Id", Text),
    ("IncludedObjectVersions", Text),
    ("OptionalFields", Of(&[("Field", Text)])),
    ("Schedule", Of(&[("Frequency", Text)])),
]);

const TIERING: Member = Of(&[
    ("Id", Text),
    ("Filter", OF_TAGGED),
    ("Status", Text),
    ("Tiering", Of(&[("Days", Text), ("AccessTier", Text)])),
]);

const LOCK: Member = Of(&[
    ("ObjectLockEnabled", Text),
    ("Rule", Of(&[("DefaultRetention", Of(&[("Mode", Text), ("Days", Text), ("Years", Text)]))])),
]);

const RETENTION: Member = Of(&[("Mode", Text), ("RetainUntilDate", Text)]);

/// A select is another thing than a restore.
const RESTORE: Member = Of(&[
    ("Days", Text),
    ("GlacierJobParameters", Of(&[("Tier", Text)])),
    ("Tier", Text),
    ("Description", Text),
    ("Type", Lacking),
    ("SelectParameters", Lacking),
    ("OutputLocation", Lacking),
]);

const LEGAL_HOLD: Member = Of(&[("Status", Text)]);

const PARTS: Member = Of(&[(
    "Part",
    Of(&[
        ("PartNumber", Text),
        ("ETag", Text),
        ("ChecksumCRC32", Text),
        ("ChecksumCRC32C", Text),
        ("ChecksumCRC64NVME", Text),
        ("ChecksumSHA1", Text),
        ("ChecksumSHA256", Text),
        ("ChecksumSHA512", Text),
        ("ChecksumMD5", Text),
        ("ChecksumXXHASH64", Text),
        ("ChecksumXXHASH3", Text),
        ("ChecksumXXHASH128", Text),
    ]),
)]);

/// Checks the document of an operation.
///
/// # Errors
///
/// `MalformedXML` for a member that the API's model does not have there, `NotImplemented` for one that it has.
pub(super) fn check(operation: &str, body: &[u8]) -> Result<(), S3Fault> {
    let root: &Member = match operation {
        "PutBucketNotificationConfiguration" => &NOTIFICATION,
        "CreateBucket" => &BUCKET,
        "PutBucketVersioning" => &VERSIONING,
        "DeleteObjects" => &DELETE,
        "PutObjectTagging" | "PutBucketTagging" => &TAGGING,
        "PutBucketAcl" | "PutObjectAcl" => &ACL,
        "PutBucketCors" => &CORS,
        "PutPublicAccessBlock" => &BLOCK,
        "PutBucketOwnershipControls" => &OWNERSHIP,
        "PutBucketEncryption" => &ENCRYPTION,
        "PutBucketWebsite" => &WEBSITE,
        "PutBucketLogging" => &LOGGING,
        "PutBucketLifecycleConfiguration" => &LIFECYCLE,
        "PutBucketRequestPayment" => &PAYMENT,
        "PutBucketAccelerateConfiguration" => &STATUS,
        "PutBucketMetricsConfiguration" => &METRICS,
        "PutBucketAnalyticsConfiguration" => &ANALYTICS,
        "PutBucketInventoryConfiguration" => &INVENTORY,
        "PutBucketIntelligentTieringConfiguration" => &TIERING,
        "PutObjectLockConfiguration" => &LOCK,
        "PutObjectRetention" => &RETENTION,
        "PutObjectLegalHold" => &LEGAL_HOLD,
        "RestoreObject" => &RESTORE,
        "CompleteMultipartUpload" => &PARTS,
        _ => return Ok(()),
    };
    let mut reader = Reader::from_reader(body);
    let mut open: Vec<&Member> = Vec::new();
    loop {
        let (name, opens) = match reader.read_event().map_err(|_| S3Fault::malformed_xml())? {
            Event::Eof => return Ok(()),
            Event::End(_) => {
                open.pop();
                continue;
            }
            Event::Start(element) => (element.local_name().as_ref().to_vec(), true),
            Event::Empty(element) => (element.local_name().as_ref().to_vec(), false),
            _ => continue,
        };
        let member = match open.last() {
            // Its name is checked by `s3s`.
            None => root,
            Some(Of(members)) => {
                let member = members.iter().find(|(known, _)| known.as_bytes() == name.as_slice());
                member.map(|(_, member)| member).ok_or_else(S3Fault::malformed_xml)?
            }
            Some(Text | Lacking) => return Err(S3Fault::malformed_xml()),
        };
        if matches!(member, Lacking) {
            let name = String::from_utf8_lossy(&name).into_owned();
            return Err(S3Fault::not_implemented(format!("{name} of {operation}")));
        }
        if opens {
            open.push(member);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_known_lacking_or_wrong() {
        for (operation, document, code) in [
            ("CreateBucket", "", None),
            ("CreateBucket", "<CreateBucketConfiguration><Tags/></CreateBucketConfiguration>", None),
            ("CreateBucket", "<CreateBucketConfiguration><Tag/></CreateBucketConfiguration>", Some("MalformedXML")),
            ("DeleteObjects", "<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>", None),
            ("DeleteObjects", "<Delete><Object><Key>a<b/></Key></Object></Delete>", Some("MalformedXML")),
            ("DeleteObjects", "<Delete><Object><Size>1</Size></Object></Delete>", Some("NotImplemented")),
            ("PutBucketVersioning", "<V><Status>Enabled</Status><MFADelete/></V>", Some("MalformedXML")),
            ("PutObjectTagging", "<Tagging><Tag/></Tagging>", Some("MalformedXML")),
            ("CompleteMultipartUpload", "<C><Part><ChecksumMD5>x</ChecksumMD5></Part></C>", None),
            ("CompleteMultipartUpload", "<C><Part><ChecksumMD4>x</ChecksumMD4></Part></C>", Some("MalformedXML")),
            ("PutObject", "<anything/>", None),
        ] {
            let found = check(operation, document.as_bytes()).err().map(|fault| fault.code.into_owned());
            assert_eq!(found.as_deref(), code, "{operation} {document}");
        }
    }
}
