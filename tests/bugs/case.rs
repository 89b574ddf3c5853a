//! A bug, its twin, and how they are tried.

use std::time::Instant;

use lambda_testkit::Explored;

/// What goes wrong, and where it is known from.
pub struct Bug {
    pub name: &'static str,
    /// A paper, a bug report or a page that describes it.
    pub from: &'static str,
    /// What the finding must say, in its first words.
    pub finding: &'static str,
    /// Whether one deviation, or none, is enough to show it.
    pub single: bool,
    pub buggy: fn() -> Explored,
    pub fixed: fn() -> Explored,
}

impl Bug {
    /// The bug is found with these words and so small a plan, and its twin passes.
    #[track_caller]
    pub fn try_it(&self) {
        let Self { name, from, finding, single, buggy, fixed } = self;
        let began = Instant::now();
        let found = buggy();
        let took = began.elapsed();
        let findings = found.findings();
        assert!(!found.is_ok(), "{name} ({from}) is not found:\n{found}");
        assert!(found.to_string().contains(finding), "{name}: is found as something else:\n{found}");
        if *single {
            assert!(
                findings.iter().all(|finding| finding.plan.len() <= 1),
                "{name}: one deviation is enough:\n{found}"
            );
        }
        println!("{name}: found in {took:?}");
        let began = Instant::now();
        let passes = fixed();
        assert!(passes.is_ok(), "{name}: its twin does not pass:\n{passes}");
        println!("{name}: twin passes in {:?}", began.elapsed());
    }
}
