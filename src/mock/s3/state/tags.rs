//! Object tags and their limits. Page: "Categorizing your objects using tags".

use percent_encoding::percent_decode_str;

use super::super::fault::S3Fault;
use crate::mock::http::query;

/// An object's tags, in the order in which they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tags(Vec<(String, String)>);

impl Tags {
    /// Takes a tag set.
    ///
    /// # Errors
    ///
    /// `BadRequest` for more than ten tags, `InvalidTag` for a name or value out of bounds or a name given twice.
    pub(crate) fn new(tags: Vec<(String, String)>) -> Result<Self, S3Fault> {
        if tags.len() > 10 {
            return Err(S3Fault::new(400, "BadRequest", "Object tags cannot be greater than 10"));
        }
        Self::checked(tags)
    }

    /// Takes the tag set of a bucket: up to 50, none of them AWS's own.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html>
    ///
    /// # Errors
    ///
    /// As [`Tags::new`].
    pub(crate) fn of_bucket(tags: Vec<(String, String)>) -> Result<Self, S3Fault> {
        if tags.len() > 50 {
            return Err(S3Fault::new(400, "BadRequest", "Bucket tag count cannot be greater than 50"));
        }
        if let Some((key, _)) = tags.iter().find(|(key, _)| key.starts_with("aws:")) {
            let message = "System tags cannot be added/updated by requester";
            return Err(S3Fault::new(400, "InvalidTag", message).with("TagKey", key.as_str()));
        }
        Self::checked(tags)
    }

    fn checked(tags: Vec<(String, String)>) -> Result<Self, S3Fault> {
        for (at, (key, value)) in tags.iter().enumerate() {
            let invalid = |message: &'static str| S3Fault::new(400, "InvalidTag", message).with("TagKey", key.as_str());
            if key.is_empty() || key.chars().count() > 128 {
                return Err(invalid("The TagKey you have provided is invalid"));
            }
            if value.chars().count() > 256 {
                return Err(invalid("The TagValue you have provided is invalid").with("TagValue", value.as_str()));
            }
            if tags[..at].iter().any(|(earlier, _)| earlier == key) {
                return Err(invalid("Cannot provide multiple Tags with the same key"));
            }
        }
        Ok(Self(tags))
    }

    /// Reads the value of an `x-amz-tagging` header, which is encoded like a query string.
    ///
    /// # Errors
    ///
    /// As [`Tags::new`], and `InvalidArgument` for bytes that are not UTF-8.
    pub(crate) fn from_header(text: &str) -> Result<Self, S3Fault> {
        if percent_decode_str(text).decode_utf8().is_err() {
            let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters \
                           without tag name duplicates.";
            return Err(S3Fault::invalid_argument(message, "x-amz-tagging", text));
        }
        let mut tags: Vec<_> = query::pairs(text).map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        // In a header they are a map.
        tags.sort();
        Self::new(tags)
    }

    /// The tags in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
