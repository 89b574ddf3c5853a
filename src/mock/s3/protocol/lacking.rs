//! The operations that the mock lacks, by what tells their requests from others, so that each is refused by its name.
//!
//! They are looked for before anything else is read: their headers and documents are not those of the operations that are
//! there.

use http::Method;

use self::Level::{Bucket, Object};
use crate::mock::http::query;

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Bucket,
    Object,
}

/// Name, method, and the parameters that are all there. Where two fit, the first does.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>
const LACKING: &[(&str, &str, Level, &str)] = &[
    ("DeleteBucketMetadataConfiguration", "DELETE", Bucket, "metadataConfiguration"),
    ("DeleteBucketMetadataTableConfiguration", "DELETE", Bucket, "metadataTable"),
    ("GetBucketAbac", "GET", Bucket, "abac"),
    ("GetBucketMetadataConfiguration", "GET", Bucket, "metadataConfiguration"),
    ("GetBucketMetadataTableConfiguration", "GET", Bucket, "metadataTable"),
    ("CreateSession", "GET", Bucket, "session"),
    ("CreateBucketMetadataConfiguration", "POST", Bucket, "metadataConfiguration"),
    ("CreateBucketMetadataTableConfiguration", "POST", Bucket, "metadataTable"),
    ("PutBucketAbac", "PUT", Bucket, "abac"),
    ("UpdateBucketMetadataAnnotationTableConfiguration", "PUT", Bucket, "metadataAnnotationTable"),
    ("UpdateBucketMetadataInventoryTableConfiguration", "PUT", Bucket, "metadataInventoryTable"),
    ("UpdateBucketMetadataJournalTableConfiguration", "PUT", Bucket, "metadataJournalTable"),
    ("PutBucketReplication", "PUT", Bucket, "replication"),
    ("GetObjectTorrent", "GET", Object, "torrent"),
    ("SelectObjectContent", "POST", Object, "select"),
    ("UpdateObjectEncryption", "PUT", Object, "encryption"),
    ("RenameObject", "PUT", Object, "renameObject"),
];

/// The operation that the mock lacks and that a request with this path (led by the bucket) asks for.
pub(super) fn find(method: &Method, path: &str, text: &str) -> Option<&'static str> {
    let level = match path.trim_start_matches('/').split_once('/') {
        Some((_, key)) if !key.is_empty() => Object,
        _ if path == "/WriteGetObjectResponse" && *method == Method::POST => return Some("WriteGetObjectResponse"),
        _ if path == "/" => {
            let asked = query::value(text, "x-id").filter(|_| *method == Method::GET);
            return asked.filter(|asked| asked == "ListDirectoryBuckets").map(|_| "ListDirectoryBuckets");
        }
        _ => Bucket,
    };
    if text.is_empty() {
        return None;
    }
    let names: Vec<_> = query::pairs(text).map(|(name, _)| name).collect();
    let fits = |parameters: &str| parameters.split(' ').all(|parameter| names.iter().any(|name| name == parameter));
    let mut lacking = LACKING.iter().filter(|(_, with, on, _)| method == *with && *on == level);
    lacking.find(|(.., parameters)| fits(parameters)).map(|(name, ..)| *name)
}

#[cfg(test)]
mod tests {
    use super::super::offered;
    use super::*;

    #[test]
    fn requests_are_told_apart_by_method_level_and_parameters() {
        for (method, path, query, name) in [
            (Method::GET, "/b", "abac", Some("GetBucketAbac")),
            (Method::GET, "/b/", "abac=", Some("GetBucketAbac")),
            (Method::GET, "/b/k", "versionId=1&torrent", Some("GetObjectTorrent")),
            (Method::PUT, "/b/k", "encryption", Some("UpdateObjectEncryption")),
            (Method::PUT, "/b", "encryption", None),
            (Method::GET, "/b", "id=1&analytics", None),
            (Method::GET, "/b/k", "annotation&annotationName=a", None),
            (Method::GET, "/", "x-id=ListDirectoryBuckets", Some("ListDirectoryBuckets")),
            (Method::GET, "/", "abac", None),
            (Method::GET, "/b/k", "tagging", None),
            (Method::GET, "/b", "replication", None),
            (Method::PUT, "/b", "replication", Some("PutBucketReplication")),
            (Method::HEAD, "/b", "abac", None),
        ] {
            assert_eq!(find(&method, path, query), name, "{method} {path}?{query}");
        }
    }

    #[test]
    fn none_of_them_is_there_after_all() {
        LACKING.iter().for_each(|(name, ..)| assert!(offered::is_implemented(name).is_err(), "{name}"));
    }
}
