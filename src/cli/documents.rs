//! The documents of a file: one on each line, or one in all.

use std::io::{self, BufRead, Cursor, Read};

use serde::Deserialize as _;
use serde::de::IgnoredAny;

use super::failure::Failure;
use super::input::{open, unreadable};

/// A document and where it stands.
pub(super) struct Document<'a> {
    /// The line, counted from 1, in a file with one document on each line.
    pub(super) line: Option<u64>,
    pub(super) bytes: &'a [u8],
}

/// How much of a document that is broken from its first line on is kept, until one of its lines shows what it is.
const MAX_BROKEN: usize = 64 << 20;

/// Calls `check` for each document of a file.
///
/// If the first line that is not blank is a whole JSON value, every line is a document (NDJSON), and lines are read
/// one by one: the file may have no end. Otherwise the file is one document, unless it is broken as such and another
/// of its lines is an object by itself: then its first line is a broken line of NDJSON. No more is read to find that
/// out than it takes.
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
    if is_one_document(file, &mut bytes, &mut *input)? {
        return check(Document { line: None, bytes: &bytes });
    }
    let mut lines = Lines { number: number - 1, line: Vec::new() };
    let mut rest = Cursor::new(bytes).chain(input);
    lines.next(file, &mut rest)?;
    lines.each(file, &mut rest, &mut check)
}

/// Whether all of the input is one document, good or bad, that starts with `bytes`; else its lines are documents.
/// What was read for that is added to `bytes`: all of the input if it is one document.
fn is_one_document(file: &str, bytes: &mut Vec<u8>, input: &mut dyn BufRead) -> Result<bool, Failure> {
    let read = |error: &io::Error| unreadable(file, error);
    let mut seen = Vec::new();
    // Reads to the end of the first value, or to the first byte that is not JSON.
    let whole = {
        let tee = Tee { input: &mut *input, seen: &mut seen };
        let mut text = serde_json::Deserializer::from_reader(Cursor::new(&*bytes).chain(tee));
        IgnoredAny::deserialize(&mut text)
    };
    bytes.append(&mut seen);
    if let Err(error) = whole
        && error.is_io()
    {
        return Err(read(&error.into()));
    }
    input.read_until(b'\n', bytes).map_err(|error| read(&error))?;
    let is_object = |line: &[u8]| line.trim_ascii_start().starts_with(b"{") && is_json(line);
    let mut good = is_json(bytes);
    if !good && bytes.split(|byte| *byte == b'\n').any(is_object) {
        return Ok(false);
    }
    loop {
        let start = bytes.len();
        if input.read_until(b'\n', bytes).map_err(|error| read(&error))? == 0 {
            return Ok(true);
        }
        let line = &bytes[start..];
        if line.trim_ascii().is_empty() {
            continue;
        }
        // Something follows the value, or the value was broken before.
        let objects = is_object(line) || good && bytes[..start].split(|byte| *byte == b'\n').any(is_object);
        good = false;
        if objects || bytes.len() > MAX_BROKEN {
            return Ok(false);
        }
    }
}

/// Reads from `input`, and keeps what it read.
struct Tee<'a> {
    input: &'a mut dyn BufRead,
    seen: &'a mut Vec<u8>,
}

impl Read for Tee<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.seen.extend_from_slice(&buffer[..length]);
        Ok(length)
    }
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
