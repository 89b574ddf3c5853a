//! The version of an S3 record, and which version a builder writes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::InvalidName;

/// An `eventVersion`, `major.minor`. AWS raises the minor number when it adds fields; a reader compares the
/// major number for equality and the minor one with at-least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventVersion {
    major: u16,
    minor: u16,
}

impl EventVersion {
    /// The version of most kinds of events up to 2025.
    pub const V2_1: Self = Self::of(2, 1);
    /// The version of replication events up to 2025.
    pub const V2_2: Self = Self::of(2, 2);
    /// The version of lifecycle, tiering, ACL and tagging events up to 2025.
    pub const V2_3: Self = Self::of(2, 3);
    /// The first version that all kinds of events share, by the page "Event message structure" of the S3 user guide
    /// (`notification-content-structure.html`). Kinds that the editions before it do not know need it.
    pub const V2_4: Self = Self::of(2, 4);
    /// The version that brought `awsGeneratedTags` (July 2026), shown by that page in its edition of 2.5.
    pub const V2_5: Self = Self::of(2, 5);
    /// The version seen on live stacks since October 2026. `objectRetentionEventData`, `objectAnnotation` and
    /// `hasObjectAnnotation` are in AWS's SDK for Java by then; which of the versions from 2.4 on brought them, no edition
    /// of the page that could be read says.
    pub const V2_6: Self = Self::of(2, 6);

    /// The version `major.minor`.
    pub const fn of(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// The number before the dot.
    pub fn major(self) -> u16 {
        self.major
    }

    /// The number behind the dot.
    pub fn minor(self) -> u16 {
        self.minor
    }
}

impl fmt::Display for EventVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for EventVersion {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let number = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
            digits.parse().ok().filter(|_| plain)
        };
        let parts = text.split_once('.').and_then(|(major, minor)| Some((number(major)?, number(minor)?)));
        let (major, minor) = parts
            .ok_or_else(|| InvalidName::new("event version", text, "an event version is major.minor, such as 2.6"))?;
        Ok(Self { major, minor })
    }
}

impl Serialize for EventVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Which `eventVersion` a builder writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionPolicy {
    /// The same version for every kind of event, as AWS does since 2.4. Any `2.x` may be chosen.
    Unified(EventVersion),
    /// 2.1, 2.2 or 2.3 by kind, as AWS did up to 2025. Kinds that came later cannot be built so.
    Legacy,
}

impl Default for VersionPolicy {
    /// `Unified(2.6)`.
    fn default() -> Self {
        Self::Unified(EventVersion::V2_6)
    }
}

impl VersionPolicy {
    /// The unified policy with the version `text`.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] unless the text is `2.` and a number.
    pub fn unified(text: &str) -> Result<Self, InvalidName> {
        let version: EventVersion = text.parse()?;
        if version.major == 2 {
            Ok(Self::Unified(version))
        } else {
            Err(InvalidName::new("event version", text, "S3 records have the major version 2"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_print_as_they_were_read() {
        let version = |text: &str| text.parse::<EventVersion>().unwrap();
        assert!(version("2.10") > version("2.9"));
        assert_eq!(version("2.10").to_string(), "2.10");
        for text in ["", "2", "2.", ".1", "2.01", "2.1.0", "+2.1", "2.-1", "2.99999"] {
            assert!(text.parse::<EventVersion>().is_err(), "{text}");
        }
        assert!(VersionPolicy::unified("3.0").is_err());
    }
}
