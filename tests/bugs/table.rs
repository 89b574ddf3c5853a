//! The table of `docs/BUGS.md`: what finds which bug, after how many runs. It is checked, and written when that is asked for.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{env, fs};

use lambda_testkit::Explored;

use crate::case::Bug;

/// A line of the table.
pub struct Row {
    name: &'static str,
    from: String,
    what: String,
    phase: &'static str,
    plan: String,
    run: usize,
    took: Duration,
}

/// As in ETNA's figures: how many bugs are found in less.
const BUCKETS: [(Duration, &str); 4] = [
    (Duration::from_millis(10), "10 ms"),
    (Duration::from_millis(100), "100 ms"),
    (Duration::from_secs(1), "1 s"),
    (Duration::from_secs(10), "10 s"),
];

const START: &str = "<!-- the table is written by tests/bugs -->\n";
const HEADING: &str = "| bug | found as | by | with | after runs | in less than |\n|---|---|---|---|---|---|\n";

impl Row {
    pub fn of(bug: &Bug, found: &Explored, took: Duration) -> Self {
        // The ordinary course that fails is no finding among others.
        let first = found.findings().iter().min_by_key(|finding| finding.run);
        let (what, phase, run) = first.map_or(("fails, or does not end", "ordinary course", 1), |finding| {
            (&*finding.what, finding.phase, finding.run)
        });
        let plan = match first {
            Some(first) if first.plan.is_empty() => String::new(),
            Some(first) => format!("`{}`", without_name(&first.plan.to_string())),
            None => String::new(),
        };
        Self { name: bug.name, from: source(bug.from), what: what.to_owned(), phase, plan, run, took }
    }

    /// All but how long it took, which no two machines agree on.
    fn steady(&self) -> String {
        let Self { name, from, what, phase, plan, run, .. } = self;
        format!("| {name}{from} | {what} | {phase} | {plan} | {run} |")
    }
}

/// The name of an entry says where exactly it happened, which a reader of the table does not ask.
fn without_name(plan: &str) -> String {
    let mut text = String::new();
    for word in plan.split(' ') {
        match word.strip_prefix('@') {
            Some(name) => text.push_str(if name.ends_with(':') { ":" } else { "" }),
            None if text.is_empty() => text.push_str(word),
            None => text.extend([" ", word]),
        }
    }
    text.replace('|', "\\|")
}

fn source(from: &str) -> String {
    match from.find("https://") {
        Some(at) => {
            let end = from[at..].find([' ', ')', ';']).map_or(from.len(), |end| at + end);
            format!(" ([source]({}))", from[at..end].trim_end_matches(':'))
        }
        None => format!(" ({})", from.split(':').next().unwrap_or(from)),
    }
}

fn bucket(took: Duration) -> &'static str {
    BUCKETS.iter().find(|(most, _)| took < *most).map_or("more", |(_, word)| word)
}

/// Checks that the table has this row, or writes it there.
#[track_caller]
pub fn table(row: &Row) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/BUGS.md");
    let text = fs::read_to_string(&file).expect("the table is there");
    let (head, rows) = text.split_once(START).expect("the page says where the table starts");
    let mut rows: Vec<&str> = rows.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let steady = row.steady();
    if env::var_os("LAMBDA_TESTKIT_TABLE").is_none() {
        let is_there = rows.iter().any(|line| line.starts_with(&steady));
        assert!(is_there, "docs/BUGS.md has another row for this bug; LAMBDA_TESTKIT_TABLE=1 writes it:\n{steady}");
        return;
    }
    let own = format!("| {}{} |", row.name, row.from);
    let line = format!("{steady} {} |", bucket(row.took));
    rows.retain(|other| !other.starts_with(&own));
    rows.push(&line);
    rows.sort_unstable();
    let written = format!("{head}{START}{HEADING}{}\n", rows.join("\n"));
    fs::write(&file, written).expect("the table can be written");
}

/// A row of a bug that is no longer in the catalogue would stay.
#[test]
fn the_table_has_no_other_bugs() {
    let page = include_str!("../../docs/BUGS.md");
    let sources: String = fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bugs"))
        .expect("the catalogue is there")
        .map(|file| fs::read_to_string(file.expect("it can be listed").path()).expect("it is text"))
        .collect();
    let (_, rows) = page.split_once(START).expect("the page says where the table starts");
    let rows: Vec<&str> = rows.lines().filter_map(|line| line.strip_prefix("| ")).skip(1).collect();
    for row in &rows {
        let name = row.split(" (").next().unwrap_or_default();
        assert!(sources.contains(&format!("name: \"{name}")), "there is no such bug: {name}");
    }
    assert_eq!(rows.len(), sources.matches("        finding: \"").count(), "one row for each bug");
}
