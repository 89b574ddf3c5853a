//! Help, completions, and what is wrong usage.

use super::*;

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = ok(&["completions", shell]);
        assert!(script.contains("validate") && script.contains("corpus"), "{shell}");
    }
    fails(2, &["completions", "tcsh"]);
}

#[test]
fn every_command_has_help_with_examples() {
    let commands = [
        &[][..],
        &["event"],
        &["event", "s3"],
        &["event", "sqs"],
        &["event", "scheduled"],
        &["event", "invoke"],
        &["validate"],
        &["schema"],
        &["next"],
        &["corpus"],
        &["completions"],
    ];
    for command in commands {
        let help = ok(&[command, &["--help"]].concat());
        assert!(help.contains("Examples:\n  lambda-testkit "), "{command:?}: {help}");
    }
    assert_eq!(ok(&["--version"]), format!("lambda-testkit {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_told_apart_from_bad_input() {
    for args in [
        &[][..],
        &["serve"],
        &["event"],
        &["event", "kafka"],
        &["event", "s3", "frobnicate"],
        &["event", "s3", "--key", ""],
        &["event", "s3", "--account", "12"],
        &["event", "s3", "--region", "Atlantis"],
        &["event", "s3", "delete", "--size", "5"],
        &["event", "s3", "test-event", "--size", "5"],
        &["event", "s3", "--aws-tag", "a=b", "--event-version", "2.4"],
        &["event", "s3", "--wrap", "kinesis"],
        &["event", "sqs"],
        &["event", "sqs", "--body", "a", "--attribute", "novalue"],
        &["event", "sqs", "--body", "@-", "--body", "@-"],
        &["corpus", "somewhere"],
    ] {
        let message = fails(2, args);
        assert!(!message.is_empty(), "{args:?}");
    }
    assert!(fails(1, &["event", "sqs", "--body", "@no-such-file"]).contains("cannot read no-such-file"));
}

/// Each option of each command with a value that it does not take: wrong usage. What stands in a document, a body or an
/// expression is bad input instead, wherever it comes from.
#[test]
fn every_wrong_value_of_an_option_is_wrong_usage_and_every_wrong_content_bad_input() {
    let (s3, sqs, scheduled) =
        (&["event", "s3"][..], &["event", "sqs", "--body", "b"][..], &["event", "scheduled"][..]);
    let (invoke, next) = (&["event", "invoke", "destination"][..], &["next", "rate(1 hour)"][..]);
    let (retention, annotation) = (&["event", "s3", "retention-put"][..], &["event", "s3", "annotation-put"][..]);
    for (code, command, option, value) in [
        (2, s3, "--bucket", ""),
        (2, s3, "--bucket", "no spaces"),
        (2, s3, "--key", ""),
        (2, s3, "--size", "-1"),
        (2, s3, "--size", "9223372036854775808"),
        (2, s3, "--etag", ""),
        (2, s3, "--etag", "\"quoted\""),
        (2, s3, "--version-id", ""),
        (2, s3, "--sequencer", "xyz"),
        (2, s3, "--configuration-id", ""),
        (2, &["event", "s3", "lifecycle-transition"], "--storage-class", "glacier"),
        (2, &["event", "s3", "intelligent-tiering"], "--storage-class", "GLACIER"),
        (2, s3, "--access-tier", "ARCHIVE_ACCESS"),
        (2, s3, "--restore-expiry", "tomorrow"),
        (2, s3, "--aws-tag", "name"),
        (2, s3, "--aws-tag", "mine=1"),
        (2, s3, "--event-version", "3.0"),
        (2, s3, "--event-version", "new"),
        (2, s3, "--region", "Atlantis"),
        (2, s3, "--account", "1"),
        (2, s3, "--time", "now"),
        (2, s3, "--wrap", "kinesis"),
        (2, s3, "--seed", "1"),
        (2, s3, "--retention-mode", "GOVERNANCE"),
        (2, retention, "--retain-until", "forever"),
        (2, retention, "--event-hold", "long"),
        (2, retention, "--event-version", "2.3"),
        (2, annotation, "--annotation", ""),
        (2, s3, "--has-annotation", "maybe"),
        (2, &["event", "s3", "--event-version", "2.5"], "--has-annotation", "true"),
        (2, sqs, "--queue", "no spaces"),
        (2, sqs, "--queue", "standard.fifo"),
        (2, &["event", "sqs", "--body", "b", "--fifo"], "--group", "no spaces"),
        (2, &["event", "sqs", "--body", "b", "--fifo"], "--deduplication-id", ""),
        (2, sqs, "--attribute", "name"),
        (2, sqs, "--attribute", "AWS.name=1"),
        (2, sqs, "--attribute", "n:Number=six"),
        (2, sqs, "--attribute", "b:Binary=?"),
        (2, sqs, "--attribute", "b:Boolean=true"),
        (2, sqs, "--receive-count", "0"),
        (2, sqs, "--receive-count", "-1"),
        (2, sqs, "--trace-header", ""),
        (2, sqs, "--dead-letter-source", "queue"),
        (2, sqs, "--time", "1969-12-31T00:00:00Z"),
        (1, &["event", "sqs"], "--body", ""),
        (1, &["event", "sqs"], "--body", "\u{1}"),
        (1, &["event", "sqs"], "--body", "@no-such-file"),
        (2, scheduled, "--name", "no spaces"),
        (2, scheduled, "--group", "g"),
        (2, &["event", "scheduled", "--scheduler"], "--group", "no spaces"),
        (1, scheduled, "--input", "{"),
        (1, scheduled, "--input", "@no-such-file"),
        (2, &["event", "invoke"], "--function", "f"),
        (2, invoke, "--function", "no spaces"),
        (2, invoke, "--qualifier", "no spaces"),
        (2, invoke, "--time", "now"),
        (1, invoke, "--payload", "{"),
        (1, invoke, "--response", "{"),
        (2, &["event", "s3", "--random"], "--count", "many"),
        (2, &["event", "s3", "--random"], "--seed", "-1"),
        (2, &["event", "s3", "--random"], "--shard", "3/2"),
        (2, &["validate", "-"], "--schema", "s3/pot"),
        (1, &["validate"], "no-such-file", "neither-this"),
        (2, next, "-n", "0"),
        (2, next, "--tz", "Mars/Olympus"),
        (2, next, "--from", "yesterday"),
        (1, &["next"], "--rule", "at(2026-01-01T00:00:00)"),
        (1, &["next"], "--json", "0 3 * * *"),
        (2, &["corpus", "somewhere"], "--kind", "kinesis"),
        (2, &["corpus", "somewhere", "--kind", "s3"], "--count", "many"),
        (2, &["corpus", "somewhere", "--kind", "s3"], "--seed", "first"),
        (2, &["schema"], "--json", "s3/pot"),
        (2, &["completions"], "tcsh", "sh"),
    ] {
        let args = [command, &[option, value]].concat();
        let message = fails(code, &args);
        assert!(message.starts_with("error: "), "{args:?}: {message}");
    }
}
