//! Standard output and standard error.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use serde::Serialize;

use super::failure::Failure;

/// Standard output: by line on a terminal, in large blocks into a pipe or file.
pub(super) struct Output {
    stdout: BufWriter<StdoutLock<'static>>,
    terminal: bool,
}

impl Output {
    pub(super) fn new() -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        Self { stdout: BufWriter::with_capacity(1 << 16, stdout.lock()), terminal }
    }

    /// Whether a person watches the output.
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Writes one line.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.stdout.write_all(text.as_bytes())?;
        self.stdout.write_all(b"\n")?;
        if self.terminal {
            self.stdout.flush()?;
        }
        Ok(())
    }

    /// Writes text as it is.
    pub(super) fn text(&mut self, text: &[u8]) -> Result<(), Failure> {
        Ok(self.stdout.write_all(text)?)
    }

    /// Writes a value as one line of JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        self.line(&serde_json::to_string(value)?)
    }

    /// Writes what is left. Without it an error of the last block would go unnoticed.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        Ok(self.stdout.flush()?)
    }
}

/// Writes a line to standard error. If that is closed, nobody is left to tell.
pub(super) fn diagnostic(message: &str) {
    drop(writeln!(io::stderr().lock(), "{message}"));
}
