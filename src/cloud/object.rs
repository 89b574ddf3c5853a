//! An object as a test puts it and finds it.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::error::CloudError;
use crate::expectation;
use crate::mock::s3::{Content, Found, Tags};

/// What an object has beside its bytes, for [`Bucket::put_with`](crate::Bucket::put_with).
///
/// ```
/// # use lambda_testkit::{Cloud, ObjectContent};
/// let cloud = Cloud::start();
/// let export = cloud.bucket("export");
/// let content = ObjectContent::new().content_type("text/csv").metadata("owner", "ada").tag("kind", "daily");
/// export.put_with("a.csv", "1,2", content);
///
/// let object = export.object("a.csv");
/// assert_eq!(object.content_type.as_deref(), Some("text/csv"));
/// assert_eq!((object.metadata["owner"].as_str(), object.tags["kind"].as_str()), ("ada", "daily"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "the content does nothing until it is given to Bucket::put_with"]
pub struct ObjectContent {
    content: Content,
    tags: Vec<(String, String)>,
}

impl ObjectContent {
    /// Nothing beside the bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The `Content-Type`. S3's own, for objects without, is `binary/octet-stream`.
    pub fn content_type(mut self, value: impl Into<String>) -> Self {
        self.content.content_type = Some(value.into());
        self
    }

    /// The `Content-Encoding`, such as `gzip`.
    pub fn content_encoding(mut self, value: impl Into<String>) -> Self {
        self.content.content_encoding = Some(value.into());
        self
    }

    /// The `Content-Disposition`.
    pub fn content_disposition(mut self, value: impl Into<String>) -> Self {
        self.content.content_disposition = Some(value.into());
        self
    }

    /// The `Cache-Control`.
    pub fn cache_control(mut self, value: impl Into<String>) -> Self {
        self.content.cache_control = Some(value.into());
        self
    }

    /// A name and value of the user's own metadata, `x-amz-meta-…`, the name without that. Names are kept in lower case.
    pub fn metadata(mut self, name: impl AsRef<str>, value: impl Into<String>) -> Self {
        self.content.metadata.insert(name.as_ref().to_ascii_lowercase(), value.into());
        self
    }

    /// A tag; at most 10.
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((name.into(), value.into()));
        self
    }

    /// What no client could send is refused here: it comes back in headers.
    pub(super) fn checked(self) -> Result<Content, CloudError> {
        let Self { content, tags } = self;
        for name in content.metadata.keys() {
            if name.is_empty() || HeaderName::from_bytes(name.as_bytes()).is_err() {
                let rule = "a name of metadata is ASCII letters, digits and some signs, as that of any HTTP header";
                return Err(CloudError::Setting { name: "metadata", value: format!("{name:?}"), rule });
            }
        }
        let headers =
            [&content.content_type, &content.content_encoding, &content.content_disposition, &content.cache_control];
        for value in headers.into_iter().flatten().chain(content.metadata.values()) {
            if HeaderValue::from_bytes(value.as_bytes()).is_err() {
                let rule = "an HTTP header has no control characters";
                return Err(CloudError::Setting { name: "header", value: format!("{value:?}"), rule });
            }
        }
        Ok(Content { tags: Tags::new(tags)?, ..content })
    }
}

/// An object that a bucket holds, with all that a test asserts on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredObject {
    /// The bucket's name.
    pub bucket: String,
    /// The key, not encoded.
    pub key: String,
    /// The content.
    pub bytes: Bytes,
    /// The length of the content, in bytes.
    pub size: u64,
    /// The `Content-Type`, when the writer gave one.
    pub content_type: Option<String>,
    /// The `Content-Encoding`, when the writer gave one.
    pub content_encoding: Option<String>,
    /// The user's own metadata, by lower-case name without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// The entity tag, without quotes.
    pub e_tag: String,
    /// The version's id; none in a bucket without versioning.
    pub version_id: Option<String>,
    /// When it was written, on the cloud's clock.
    pub last_modified: Timestamp,
}

impl StoredObject {
    pub(super) fn new(bucket: &str, key: &str, found: Found) -> Self {
        let content = &found.object.content;
        Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            size: found.object.size(),
            content_type: content.content_type.clone(),
            content_encoding: content.content_encoding.clone(),
            metadata: content.metadata.clone(),
            tags: content.tags.iter().cloned().collect(),
            e_tag: found.object.e_tag.clone(),
            version_id: found.version_id,
            last_modified: found.last_modified,
            bytes: found.body,
        }
    }

    /// The content as UTF-8 text.
    ///
    /// # Panics
    ///
    /// When it is not UTF-8; the message says where.
    #[track_caller]
    pub fn text(&self) -> String {
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => text.to_owned(),
            Err(error) => panic!("s3://{}/{} is not UTF-8: {error}", self.bucket, self.key),
        }
    }

    /// The content as JSON, in a type of your choice.
    ///
    /// # Panics
    ///
    /// When it is not JSON of this type.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(&self.bytes) {
            Ok(value) => value,
            Err(error) => {
                let text = String::from_utf8_lossy(&self.bytes);
                let text = expectation::shown(&text);
                panic!("s3://{}/{} holds {text:?}, which is not what was expected: {error}", self.bucket, self.key)
            }
        }
    }
}
