//! Plans that failed once are stored beside the test, and tried first from then on.
//!
//! As `proptest` does with its seeds: `tests/orders.rs` has `tests/orders.plans`, which belongs into version control. A
//! plan whose points are gone is harmless: it deviates nowhere.

use std::fs;
use std::io::Write as _;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::thread;

use super::answer::Finding;
use crate::choice::Plan;

const HEADING: &str = "# Plans with which explorations have failed, each behind the name of its test. They are tried first.\n\
                       # Keep this file in version control.\n";

/// The stored plans of one exploration.
#[derive(Debug)]
pub(super) struct Regressions {
    file: Option<PathBuf>,
    /// The test's name, as the test harness calls its thread.
    test: String,
    lines: Vec<String>,
}

impl Regressions {
    /// Those of the test that calls from here.
    pub fn of(caller: &Location<'_>) -> Self {
        let test = thread::current().name().filter(|name| *name != "main").unwrap_or_default().to_owned();
        let file = source(Path::new(caller.file())).map(|source| source.with_extension("plans"));
        let text = file.as_ref().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        Self { file, test, lines: text.lines().map(str::to_owned).collect() }
    }

    pub fn plans(&self) -> Vec<Plan> {
        let own = self.lines.iter().filter_map(|line| line.strip_prefix(&self.test)?.strip_prefix(": "));
        own.filter_map(|plan| plan.parse().ok()).collect()
    }

    /// Stores what is new, and answers where.
    pub fn store(&self, failures: &[Finding]) -> Option<&Path> {
        let known = self.plans();
        let new: Vec<&Plan> = failures.iter().map(|failure| &failure.plan).collect();
        let new: Vec<&Plan> = new.into_iter().filter(|plan| !plan.is_empty() && !known.contains(plan)).collect();
        let file = self.file.as_deref().filter(|_| !new.is_empty() && !self.test.is_empty())?;
        let mut text = if self.lines.is_empty() { HEADING.to_owned() } else { String::new() };
        for plan in new {
            text.push_str(&format!("{}: {plan}\n", self.test));
        }
        let written = fs::OpenOptions::new().create(true).append(true).open(file);
        written.and_then(|mut open| open.write_all(text.as_bytes())).ok().map(|()| file)
    }
}

/// The source file of a test: its name is relative to the workspace, in which tests of a member do not run.
fn source(name: &Path) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join(name)).find(|path| path.is_file())
}
