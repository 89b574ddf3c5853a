//! What arguments stand for: files, standard input, and text.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::str::FromStr;

use lambda_testkit::event::Json;

use super::failure::Failure;

/// The value of an option that takes `TEXT`, `@FILE` or `@-`.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Text(String),
    File(String),
}

impl FromStr for Content {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix('@') {
            Some(file) => Self::File(file.to_owned()),
            None => Self::Text(text.to_owned()),
        })
    }
}

impl Content {
    /// Text, whatever it starts with.
    pub(super) fn from_text(text: String) -> Self {
        Self::Text(text)
    }

    /// Whether it is read from standard input, which can be read only once.
    pub(super) fn is_stdin(&self) -> bool {
        matches!(self, Self::File(file) if file == "-")
    }

    /// The text, exactly as it stands in the file: also the line feed at its end.
    pub(super) fn read(&self) -> Result<String, Failure> {
        let file = match self {
            Self::Text(text) => return Ok(text.clone()),
            Self::File(file) => file,
        };
        let mut bytes = Vec::new();
        open(file)?.read_to_end(&mut bytes).map_err(|error| unreadable(file, &error))?;
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Failure::input(format!("{} is not UTF-8 from byte {at} on", name(file)))
        })
    }

    /// The text as JSON, with its members in their order.
    pub(super) fn read_json(&self, option: &str) -> Result<Json, Failure> {
        let text = self.read()?;
        lambda_testkit::event::from_slice(text.as_bytes())
            .map_err(|error| Failure::input(format!("the value of {option} cannot be read as JSON: {error}")))
    }
}

/// Opens a file, or standard input for `-`.
pub(super) fn open(file: &str) -> Result<Box<dyn BufRead>, Failure> {
    if file == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let opened = File::open(file).map_err(|error| unreadable(file, &error))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, opened)))
}

/// The failure of a file that cannot be read.
pub(super) fn unreadable(file: &str, error: &io::Error) -> Failure {
    Failure::input(format!("cannot read {}: {error}", name(file)))
}

/// A file's name in messages.
pub(super) fn name(file: &str) -> &str {
    if file == "-" { "standard input" } else { file }
}
