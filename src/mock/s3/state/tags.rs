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
            if key.is_empty() || key.chars().count() > 128 || !key.chars().all(is_allowed) {
                return Err(invalid("The TagKey you have provided is invalid"));
            }
            if value.chars().count() > 256 || !value.chars().all(is_allowed) {
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
    /// As [`Tags::new`], but `InvalidArgument` for a tag without a name, for a name given twice
    /// (<https://github.com/versity/versitygw/issues/1215>), and for bytes that are not UTF-8.
    pub(crate) fn from_header(text: &str) -> Result<Self, S3Fault> {
        let mut tags: Vec<_> = query::pairs(text).map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        // In a header they are a map.
        tags.sort();
        let is_map = tags.iter().all(|(key, _)| !key.is_empty()) && tags.is_sorted_by(|(a, _), (b, _)| a < b);
        if !is_map || percent_decode_str(text).decode_utf8().is_err() {
            let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters \
                           without tag name duplicates.";
            return Err(S3Fault::invalid_argument(message, "x-amz-tagging", text));
        }
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

/// Whether tags may have this character: letters, numbers and spaces of all languages, and a few signs.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>; that S3 refuses the others, such as `&` and `(`, shows in
/// <https://github.com/versity/versitygw/issues/2039> and <https://github.com/alphagov/govuk-infrastructure/pull/1175>.
fn is_allowed(character: char) -> bool {
    character.is_alphanumeric()
        || character.is_whitespace() && !character.is_control()
        || "+-=._:/@".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_the_characters_that_s3_allows() {
        let told = |key: &str, value: &str| Tags::new(vec![(key.into(), value.into())]).err();
        for (key, value) in [("a b", "+-=._:/@"), ("\u{fc}", "\u{65e5}\u{672c}"), ("k", "")] {
            assert_eq!(told(key, value), None, "{key}={value}");
        }
        for (key, value, element) in [("ke&y", "v", "TagKey"), ("k", "inv&alid", "TagValue"), ("k", "a(b)", "TagValue")]
        {
            let fault = told(key, value).unwrap();
            assert_eq!(fault.code, "InvalidTag", "{key}={value}");
            assert_eq!(fault.message, format!("The {element} you have provided is invalid"));
            assert_eq!(fault.extra.last().unwrap().0, element);
        }
        assert!(Tags::of_bucket(vec![("k".into(), "a,b".into())]).is_err());
    }

    #[test]
    fn in_a_header_tags_are_a_map() {
        for text in ["a=&a=", "=", "a=1&=2", "a=%FF"] {
            let fault = Tags::from_header(text).unwrap_err();
            assert_eq!(fault.code, "InvalidArgument", "{text}");
            assert!(fault.message.ends_with("without tag name duplicates."));
        }
        for (text, count) in [("", 0), ("&&", 0), ("key", 1), ("b=2&a=1", 2)] {
            assert_eq!(Tags::from_header(text).unwrap().len(), count, "{text}");
        }
        assert_eq!(Tags::from_header("a=b%26c").unwrap_err().code, "InvalidTag");
    }
}
