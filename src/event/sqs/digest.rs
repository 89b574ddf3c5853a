//! The MD5 digests by which SQS and its clients check each other.

use md5::{Digest, Md5};

use super::{MessageAttribute, ValueKind};
use crate::event::hex::hex;

/// The digest of a message body: MD5 of its UTF-8 form, in lower-case hexadecimal.
///
/// ```
/// assert_eq!(lambda_testkit::event::md5_of_body(""), "d41d8cd98f00b204e9800998ecf8427e");
/// ```
pub fn md5_of_body(body: &str) -> String {
    hex(&body_digest(body))
}

/// The digest of a message body, as it is before it is text.
pub(crate) fn body_digest(body: &str) -> [u8; 16] {
    Md5::digest(body).into()
}

/// The digest of message attributes, by the algorithm of the SQS developer guide ("Calculating the MD5
/// message digest for message attributes"); none when there are no attributes.
///
/// ```
/// use lambda_testkit::event::{MessageAttribute, md5_of_attributes};
///
/// let attribute = MessageAttribute::number("1493147359900");
/// assert_eq!(
///     md5_of_attributes([("timestamp", &attribute)]).unwrap(),
///     "235c5c510d26fb653d073faed50ae77c",
/// );
/// ```
pub fn md5_of_attributes<'a>(attributes: impl IntoIterator<Item = (&'a str, &'a MessageAttribute)>) -> Option<String> {
    let mut sorted: Vec<_> = attributes.into_iter().collect();
    if sorted.is_empty() {
        return None;
    }
    sorted.sort_by_key(|(name, _)| *name);
    let mut digest = Md5::new();
    for (name, attribute) in sorted {
        let transport = if attribute.data_type().kind() == ValueKind::Binary { 2 } else { 1 };
        add(&mut digest, name.as_bytes());
        add(&mut digest, attribute.data_type().as_str().as_bytes());
        digest.update([transport]);
        add(&mut digest, &attribute.value_bytes());
    }
    Some(hex(&digest.finalize()))
}

fn add(digest: &mut Md5, bytes: &[u8]) {
    // A message has at most 1 MiB, so that every length fits.
    digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    digest.update(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_that_aws_computed() {
        let string = MessageAttribute::string;
        let long = MessageAttribute::number("1493147359900").labelled("java.lang.Long").unwrap();
        let trace = "traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01";
        for (attributes, digest) in [
            (vec![("timestamp", MessageAttribute::number("1493147359900"))], "235c5c510d26fb653d073faed50ae77c"),
            (vec![("timestamp", long)], "2e2e4876d8e0bd6b8c2c8f556831c349"),
            (
                vec![("Hello", string("There")), ("Help.Me", string("Me")), ("General", string("Kenobi"))],
                "4c360f3fdafd970e05fae2f149d997f5",
            ),
            (vec![("Hello", string("There")), ("Help.Me", string("Me"))], "83fee93c1bcd8b9a5a923ffacdc636c7"),
            (vec![("k", string("x"))], "a45daa70926828a2f0a1db3418e6feb4"),
            (vec![("attr1", MessageAttribute::binary(trace))], "8cbe4db156db8a94db8b801b7addb984"),
            (
                vec![(
                    "AWSTraceHeader",
                    string("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"),
                )],
                "5ae4d5d7636402d80f4eb6d213245a88",
            ),
            (
                vec![
                    ("WeeksOn", MessageAttribute::number(6)),
                    ("Author", string("John Grisham")),
                    ("Title", string("The Whistler")),
                ],
                "d25a6aea97eb8f585bfa92d314504a92",
            ),
        ] {
            let actual = md5_of_attributes(attributes.iter().map(|(name, attribute)| (*name, attribute)));
            assert_eq!(actual.as_deref(), Some(digest), "{attributes:?}");
        }
        assert_eq!(md5_of_attributes([]), None);
    }
}
