//! The documents of a file: one on each line, or one in all.

use std::io::{BufRead, Read};

use serde::de::IgnoredAny;

use super::failure::Failure;
use super::input::{open, unreadable};

/// A document and where it stands.
pub(super) struct Document<'a> {
    /// The line, counted from 1, in a file with one document on each line.
    pub(super) line: Option<u64>,
    pub(super) bytes: &'a [u8],
}

/// Calls `check` for each document of a file.
///
/// If the first line that is not blank is a whole JSON value, every line is a document (NDJSON), and lines are read
/// one by one: the file may have no end. Otherwise the file is one document, unless it is broken as such and another
/// of its lines is an object by itself: then its first line is a broken line of NDJSON.
pub(super) fn each(file: &str, mut check: impl FnMut(Document<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut input = open(file)?;
    let mut lines = Lines { number: 0, line: Vec::new() };
    if !lines.next(file, &mut *input)? {
        return Err(Failure::input(format!("{} holds no document", super::input::name(file))));
    }
    if is_json(&lines.line) {
        return lines.each(file, &mut *input, &mut check);
    }
    let number = lines.number;
    let mut bytes = lines.line;
    input.read_to_end(&mut bytes).map_err(|error| unreadable(file, &error))?;
    let is_object = |line: &[u8]| line.trim_ascii_start().starts_with(b"{") && is_json(line);
    if is_json(&bytes) || !bytes.split(|byte| *byte == b'\n').any(is_object) {
        return check(Document { line: None, bytes: &bytes });
    }
    let mut lines = Lines { number: number - 1, line: Vec::new() };
    let mut rest = &*bytes;
    lines.next(file, &mut rest)?;
    lines.each(file, &mut rest, &mut check)
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

struct Lines {
    number: u64,
    line: Vec<u8>,
}

impl Lines {
    /// Goes on to the next line that is not blank.
    fn next(&mut self, file: &str, input: &mut dyn BufRead) -> Result<bool, Failure> {
        loop {
            self.line.clear();
            let length = input.read_until(b'\n', &mut self.line).map_err(|error| unreadable(file, &error))?;
            if length == 0 {
                return Ok(false);
            }
            self.number += 1;
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    fn each(
        mut self,
        file: &str,
        input: &mut dyn BufRead,
        check: &mut impl FnMut(Document<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        loop {
            // Without the line feed, which would be counted as part of a document that was cut off.
            let bytes = self.line.trim_ascii_end();
            check(Document { line: Some(self.number), bytes })?;
            if !self.next(file, input)? {
                return Ok(());
            }
        }
    }
}
