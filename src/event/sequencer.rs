//! The sequencer: which of two events of one key is the later one.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::InvalidName;

/// The `sequencer` of an S3 object: a hexadecimal string that orders the events of **one** key.
///
/// There is no `Ord`: sequencers of different lengths may compare as equal without being the same text.
/// Duplicate deliveries of one event carry the same sequencer.
///
/// ```
/// use lambda_testkit::event::Sequencer;
///
/// let earlier = Sequencer::new("00643717F9").unwrap();
/// let later = Sequencer::new("00643717F9F8B85354").unwrap();
/// assert!(later.is_later_than(&earlier));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sequencer(String);

impl Sequencer {
    /// Takes one or more hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidName::new("sequencer", text, "a sequencer is a string of hexadecimal digits"));
        }
        Ok(Self(text))
    }

    /// A sequencer of the form that AWS sends today: `00`, the Unix seconds and a counter, 18 digits in all.
    ///
    /// Seconds before 1970 count as 0, those beyond 32 bits as the greatest.
    pub fn at(time: Timestamp, counter: u32) -> Self {
        let seconds = u32::try_from(time.as_second().max(0)).unwrap_or(u32::MAX);
        Self(format!("00{seconds:08X}{counter:08X}"))
    }

    /// AWS's rule for two events of the same key: pad the shorter one with zeros on the right, then
    /// compare as text; the greater one is the later.
    pub fn compare(&self, other: &Self) -> Ordering {
        let digits = |text: &str, at: usize| text.as_bytes().get(at).map_or(b'0', u8::to_ascii_uppercase);
        (0..self.0.len().max(other.0.len()))
            .map(|at| digits(&self.0, at).cmp(&digits(&other.0, at)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Whether this event came after `other` on the same key.
    pub fn is_later_than(&self, other: &Self) -> bool {
        self.compare(other).is_gt()
    }

    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Sequencer {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Sequencer {
    type Error = InvalidName;

    fn try_from(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl TryFrom<String> for Sequencer {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl From<Sequencer> for String {
    fn from(sequencer: Sequencer) -> String {
        sequencer.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_one_is_padded_with_zeros_on_the_right() {
        for (a, b, order) in [
            ("1", "10", Ordering::Equal),
            ("1", "11", Ordering::Less),
            ("2", "11", Ordering::Greater),
            ("0055AED6DCD90281E5", "0055aed6dcd90281e5", Ordering::Equal),
            ("0055AED6DCD90281E5", "0055AED6DCD90281E6", Ordering::Less),
            ("617f08299329d189", "0055AED6DCD90281E5", Ordering::Greater),
        ] {
            let (a, b) = (Sequencer::new(a).unwrap(), Sequencer::new(b).unwrap());
            assert_eq!((a.compare(&b), b.compare(&a)), (order, order.reverse()));
        }
    }

    #[test]
    fn made_sequencers_have_the_form_of_recorded_ones() {
        let time = "2023-04-12T20:43:37Z".parse().unwrap();
        assert_eq!(Sequencer::at(time, 0xF8B8_5354).as_str(), "00643717F9F8B85354");
        assert!(Sequencer::new("").is_err() && Sequencer::new("0g").is_err());
    }
}
