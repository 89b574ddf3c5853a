//! Points in time as events write them.

use std::fmt;
use std::str::FromStr;

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::InvalidName;

/// A point in time together with the way in which the event spells it.
///
/// S3 records, SNS and destination records write milliseconds, EventBridge writes whole seconds. Any
/// other RFC 3339 spelling is kept as it was read, so that an event prints as it came.
///
/// ```
/// use lambda_testkit::event::Time;
///
/// let at = "2026-01-01T00:00:00.5Z".parse().unwrap();
/// assert_eq!(Time::millis(at).to_string(), "2026-01-01T00:00:00.500Z");
/// assert_eq!(Time::seconds(at).to_string(), "2026-01-01T00:00:00Z");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Time {
    at: Timestamp,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    Seconds,
    Millis,
    AsWritten(Box<str>),
}

/// Where the crate's test clock starts: the default time of every builder.
pub const DEFAULT_TIME: Timestamp = Timestamp::constant(1_767_225_600, 0);

impl Time {
    /// Written with three digits of milliseconds; finer digits are cut off.
    pub fn millis(at: Timestamp) -> Self {
        Self { at: floor(at, Unit::Millisecond), form: Form::Millis }
    }

    /// Written in whole seconds; finer digits are cut off.
    pub fn seconds(at: Timestamp) -> Self {
        Self { at: floor(at, Unit::Second), form: Form::Seconds }
    }

    /// The point in time.
    pub fn timestamp(&self) -> Timestamp {
        self.at
    }
}

fn floor(at: Timestamp, unit: Unit) -> Timestamp {
    let round = jiff::TimestampRound::new().smallest(unit).mode(jiff::RoundMode::Floor);
    // Rounding fails only below the earliest timestamp that there is, which then stays as it is.
    at.round(round).unwrap_or(at)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::Seconds => write!(f, "{:.0}", self.at),
            Form::Millis => write!(f, "{:.3}", self.at),
            Form::AsWritten(text) => f.write_str(text),
        }
    }
}

impl FromStr for Time {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let rule = "a time is written like 2026-01-01T00:00:00.000Z";
        let at: Timestamp = text.parse().map_err(|_| InvalidName::new("time", text, rule))?;
        // Printed and compared, because the parser also takes other spellings of the same length (such as `t`).
        let form = match text.len() {
            24 => Form::Millis,
            20 => Form::Seconds,
            _ => Form::AsWritten(text.into()),
        };
        let time = Self { at, form };
        if time.to_string() == text { Ok(time) } else { Ok(Self { at, form: Form::AsWritten(text.into()) }) }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_time_is_the_start_of_2026() {
        assert_eq!(Time::seconds(DEFAULT_TIME).to_string(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn every_spelling_prints_as_it_was_read() {
        for text in [
            "2023-04-12T20:43:38.021Z",
            "2023-04-12T20:43:38Z",
            "2023-04-12T20:43:38.021345Z",
            "2023-04-12T20:43:38+02:00",
            "2016-12-31T23:59:60.000Z",
            "2023-04-12t20:43:38z",
        ] {
            assert_eq!(text.parse::<Time>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_a_point_in_time_is_refused() {
        for text in ["", "yesterday", "2023-04-12", "2023-04-12T20:43:38", "2023-13-12T20:43:38Z"] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }
}
