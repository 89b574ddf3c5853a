//! Object keys, raw and in the form in which S3 records carry them.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::InvalidName;

/// An object key as S3's API takes it: 1 to 1,024 bytes of UTF-8, not encoded in any way.
///
/// ```
/// use lambda_testkit::event::ObjectKey;
///
/// let key = ObjectKey::new("my files/ü+1.csv").unwrap();
/// assert_eq!(key.encode().as_str(), "my+files/%C3%BC%2B1.csv");
/// assert_eq!(ObjectKey::decode("my%20files%2F%C3%BC%2B1.csv").unwrap(), key);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

/// What `java.net.URLEncoder` leaves alone, and the slash.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*');

impl ObjectKey {
    /// The greatest length of a key, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 1024;

    /// Takes a raw key.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] when the key is empty or longer than [`ObjectKey::MAX_BYTES`].
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidName> {
        let key = key.into();
        if key.is_empty() || key.len() > Self::MAX_BYTES {
            return Err(InvalidName::new("object key", key, "an object key has 1 to 1024 bytes of UTF-8"));
        }
        Ok(Self(key))
    }

    /// Reads a key in the form that S3 records carry. `+` and `%20` are both a space, and characters
    /// that AWS leaves alone may be encoded as well (`%2F`).
    ///
    /// # Errors
    ///
    /// [`InvalidName`] for a broken `%` sequence, for bytes that are not UTF-8, and for a length out of bounds.
    pub fn decode(encoded: &str) -> Result<Self, InvalidName> {
        let invalid = |rule| InvalidName::new("encoded object key", encoded, rule);
        let bytes = encoded.as_bytes();
        let broken = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').any(|(at, _)| {
            let digits = bytes.get(at + 1..at + 3);
            !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        });
        if broken {
            return Err(invalid("every % is followed by two hexadecimal digits"));
        }
        let spaced = encoded.replace('+', " ");
        let raw = percent_decode_str(&spaced).decode_utf8().map_err(|_| invalid("the decoded bytes are UTF-8"))?;
        if raw.is_empty() || raw.len() > Self::MAX_BYTES {
            return Err(invalid("an object key has 1 to 1024 bytes of UTF-8"));
        }
        Ok(Self(raw.into_owned()))
    }

    /// The key in the form that S3 records carry: space as `+`; letters, digits and `/ - _ . *` as they
    /// are; every other byte of the UTF-8 form as `%` and two upper-case hexadecimal digits.
    pub fn encode(&self) -> EncodedKey {
        let mut text = String::with_capacity(self.0.len() + 16);
        for (at, word) in self.0.split(' ').enumerate() {
            if at > 0 {
                text.push('+');
            }
            text.extend(utf8_percent_encode(word, ENCODED));
        }
        EncodedKey(text)
    }

    /// The raw key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An object key as an S3 record spells it. Any valid spelling is kept, so that a record prints as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EncodedKey(String);

impl EncodedKey {
    /// Takes an encoded key.
    ///
    /// # Errors
    ///
    /// As [`ObjectKey::decode`].
    pub fn new(encoded: impl Into<String>) -> Result<Self, InvalidName> {
        let encoded = encoded.into();
        ObjectKey::decode(&encoded)?;
        Ok(Self(encoded))
    }

    /// The raw key.
    pub fn decode(&self) -> ObjectKey {
        match ObjectKey::decode(&self.0) {
            Ok(key) => key,
            Err(error) => unreachable!("an encoded key was checked when it was made: {error}"),
        }
    }

    /// The text as it stands in the record.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_conversions {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidName;

            fn try_from(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl TryFrom<&String> for $name {
            type Error = InvalidName;

            fn try_from(text: &String) -> Result<Self, InvalidName> {
                Self::new(text.as_str())
            }
        }

        /// A clone, so that setters take borrowed keys too.
        impl From<&$name> for $name {
            fn from(key: &$name) -> Self {
                key.clone()
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> String {
                key.0
            }
        }
    };
}

text_conversions!(ObjectKey);
text_conversions!(EncodedKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_as_aws_does() {
        for (raw, encoded) in [
            ("red flower.jpg", "red+flower.jpg"),
            ("a@b", "a%40b"),
            ("testupload/dir1/testfile.txt", "testupload/dir1/testfile.txt"),
            ("my_key_0-*", "my_key_0-*"),
            ("1+1=2%", "1%2B1%3D2%25"),
            ("é😀", "%C3%A9%F0%9F%98%80"),
            ("/lead/..//", "/lead/..//"),
            ("(a)!'~", "%28a%29%21%27%7E"),
            ("\n\u{0}", "%0A%00"),
            ("  ", "++"),
        ] {
            let key = ObjectKey::new(raw).unwrap();
            assert_eq!(key.encode().as_str(), encoded);
            assert_eq!(key.encode().decode(), key);
        }
    }

    #[test]
    fn other_spellings_are_decoded_and_kept() {
        for (encoded, raw) in [("a%20b%2Fc%2Dd", "a b/c-d"), ("%c3%bc", "ü"), ("ü", "ü")] {
            let key = EncodedKey::new(encoded).unwrap();
            assert_eq!((key.as_str(), key.decode().as_str()), (encoded, raw));
        }
    }

    #[test]
    fn broken_encodings_and_lengths_are_refused() {
        for encoded in ["", "%", "%2", "a%zz", "%%20", "%C3", "%ff"] {
            assert!(ObjectKey::decode(encoded).is_err(), "{encoded}");
        }
        assert!(ObjectKey::new("ü".repeat(512)).is_ok());
        assert!(ObjectKey::new("ü".repeat(512) + "a").is_err());
        assert!(EncodedKey::new("%41".repeat(1024)).is_ok());
        assert!(EncodedKey::new("%41".repeat(1025)).is_err());
    }
}
