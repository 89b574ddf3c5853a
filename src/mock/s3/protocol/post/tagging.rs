//! The tags of a form, which are a document there and a query in a header.

use form_urlencoded::Serializer;
use s3s::dto::Tagging;
use s3s::xml::{Deserialize as _, Deserializer};

use super::super::super::fault::S3Fault;
use super::super::members;

/// The document as the value of `x-amz-tagging`.
///
/// # Errors
///
/// `MalformedXML`.
pub(super) fn to_header(document: &str) -> Result<String, S3Fault> {
    members::check("PutObjectTagging", document.as_bytes())?;
    let mut reader = Deserializer::new(document.as_bytes());
    let tagging = Tagging::deserialize(&mut reader).map_err(|_| S3Fault::malformed_xml())?;
    let mut query = Serializer::new(String::new());
    for tag in tagging.tag_set {
        let (Some(key), Some(value)) = (tag.key, tag.value) else { return Err(S3Fault::malformed_xml()) };
        query.append_pair(&key, &value);
    }
    Ok(query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_tags_becomes_a_query() {
        let tags = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1&amp;2</Value></Tag></TagSet></Tagging>";
        assert_eq!(to_header(tags).unwrap(), "a+b=1%262");
        for broken in ["", "<Tagging>", "<Tagging><Tag/></Tagging>"] {
            assert_eq!(to_header(broken).unwrap_err().code, "MalformedXML", "{broken}");
        }
    }
}
