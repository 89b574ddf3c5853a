//! The command line, by running the real binary.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use lambda_testkit::event::{Event, Family, S3Event, SqsEvent, unwrap};
use lambda_testkit::{fixture, schema};
use serde_json::Value;

mod corpus;
mod event;
mod generate;
mod next;
mod usage;
mod validate;

/// What a run left behind. Every assertion about a code shows the output.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-testkit"));
    // No variable of the machine may change what is printed.
    command.env_clear().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn finish(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn run_with(args: &[&str], stdin: impl AsRef<[u8]>) -> Run {
    let mut child = command(args).spawn().unwrap();
    // A command that refuses its arguments does not read.
    drop(child.stdin.take().unwrap().write_all(stdin.as_ref()));
    finish(child)
}

fn run(args: &[&str]) -> Run {
    run_with(args, "")
}

/// The standard output of a run that must succeed in silence.
#[track_caller]
fn ok(args: &[&str]) -> String {
    let run = run(args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    run.stdout
}

/// The standard error of a run that must fail with this code and print nothing else.
#[track_caller]
fn fails(code: i32, args: &[&str]) -> String {
    let run = run(args);
    assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{run:?}");
    run.stderr
}

#[track_caller]
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// An empty directory of the test's own.
fn directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    if directory.exists() {
        fs::remove_dir_all(&directory).unwrap();
    }
    fs::create_dir_all(&directory).unwrap();
    directory
}
