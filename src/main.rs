//! The `lambda-testkit` command. Everything is in `cli`; this file only starts it.

#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
