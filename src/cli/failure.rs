//! What ends a command early, and the exit codes.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use lambda_testkit::event::{BuildError, InputError};

use super::output::diagnostic;

/// The command did what it was asked for. Also when the reader of its output went away early, as `head` does.
pub(super) const OK: u8 = 0;

/// The input is bad: a document that is not valid, a broken schedule expression, a file that cannot be read, a body
/// that SQS would not take. Also when the output cannot be written.
pub(super) const BAD_INPUT: u8 = 1;

/// The command line is wrong: an unknown command or option, a value that its option does not take, or options that
/// do not go together.
pub(super) const WRONG_USAGE: u8 = 2;

/// Why a command ended early.
#[derive(Debug)]
pub(super) enum Failure {
    /// The arguments could not be parsed, or ask for help or the version.
    Arguments(clap::Error),
    /// The arguments do not go together.
    Usage(String),
    /// The input is bad.
    Input(String),
    /// The input is bad, and standard error says why already.
    Reported,
    /// The output cannot be written.
    Output(io::Error),
}

impl Failure {
    pub(super) fn usage(message: impl Display) -> Self {
        Self::Usage(message.to_string())
    }

    pub(super) fn input(message: impl Display) -> Self {
        Self::Input(message.to_string())
    }

    /// The exit code.
    fn code(&self) -> u8 {
        match self {
            Self::Arguments(error) if !error.use_stderr() => OK,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => OK,
            Self::Arguments(_) | Self::Usage(_) => WRONG_USAGE,
            Self::Input(_) | Self::Reported | Self::Output(_) => BAD_INPUT,
        }
    }

    /// Says on standard error what went wrong, unless that was done, and gives the exit code.
    pub(super) fn report(&self) -> ExitCode {
        match self {
            // Help and version go to standard output. Nobody is left to tell if that fails.
            Self::Arguments(error) => drop(error.print()),
            Self::Usage(message) => {
                diagnostic(&format!("error: {message}\n\nFor more information, try '--help'."));
            }
            Self::Input(message) => diagnostic(&format!("error: {message}")),
            Self::Reported => {}
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Self::Output(error) => diagnostic(&format!("error: cannot write the output: {error}")),
        }
        ExitCode::from(self.code())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            // The contents of a message, which may come from a file.
            BuildError::Rule { what: "message body" | "message size", .. } => Self::input(error),
            // Values that their options do not take, and options that do not fit the kind of event.
            _ => Self::usage(error),
        }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::input(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::input(format!("the document has no JSON form: {error}"))
    }
}
