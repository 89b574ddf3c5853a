//! A timeline in bounded length, for what a failing test prints.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::timeline::Timeline;

/// A text of at most so many lines is printed as a whole.
const MOST: usize = 200;

/// How many lines a longer one has from its beginning, from its end, and before its last failure.
const HEAD: usize = 40;
const TAIL: usize = 70;
const BEFORE_FAILURE: usize = 30;

/// How many of the lines that led to the failure are shown, the nearest ones.
const ANCESTORS: usize = 15;

impl Timeline {
    /// The text, if it has at most 200 lines. Else its beginning, its last failure with what led to it, and its end, and how
    /// much is left out between them: in less than 200 lines.
    pub(crate) fn bounded(&self) -> String {
        let tree = self.tree();
        if tree.len() < MOST {
            return self.to_string();
        }
        let mut kept: BTreeSet<usize> = (0..HEAD).chain(tree.len() - TAIL..tree.len()).collect();
        if let Some(failed) = tree.iter().rposition(|(_, line)| line.ends) {
            kept.extend(failed.saturating_sub(BEFORE_FAILURE)..=failed);
            let mut depth = usize::MAX;
            let ancestors = (0..=failed).rev().filter(|at| {
                let above = tree[*at].0 < depth;
                depth = depth.min(tree[*at].0);
                above
            });
            kept.extend(ancestors.take(ANCESTORS));
        }
        let mut text = self.heading();
        let mut next = 0;
        for at in kept {
            if at > next {
                writeln!(text, "… {} lines are left out …", at - next).expect("a String takes everything");
            }
            let (depth, line) = tree[at];
            text.push_str(&self.printed(depth, line));
            next = at + 1;
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::{Actor, Outcome, Recorder, What};
    use crate::event::invoke::FunctionError;

    fn recorder_with(entries: usize, failing: Option<usize>) -> Recorder {
        let at = Timestamp::UNIX_EPOCH;
        let recorder = Recorder::new(at, None);
        for number in 0..entries {
            let write = |cause, text: String| recorder.write(at, cause, Actor::Test, What::Note(text));
            let put = write(None, format!("put {number}"));
            let invoke = write(Some(put), format!("invoke {number}"));
            if failing == Some(number) {
                let error = FunctionError::new("E", "it broke");
                recorder.close(invoke, Outcome::Failed { error, stuck: false, at });
            }
        }
        recorder
    }

    #[test]
    fn a_short_timeline_is_whole() {
        let timeline = recorder_with(99, None).snapshot().timeline();
        assert_eq!(timeline.bounded(), timeline.to_string());
        assert_eq!(timeline.to_string().lines().count(), 199);
    }

    #[test]
    fn a_long_one_keeps_its_head_the_failing_branch_and_its_tail() {
        let timeline = recorder_with(5_000, Some(2_500)).snapshot().timeline();
        let text = timeline.bounded();
        assert!(text.lines().count() < 200, "{text}");
        for kept in
            [" put 0\n", " put 2500\n", "   invoke 2500\n", "     failed: E: it broke\n", " invoke 4999\n", "left out"]
        {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        assert!(!text.contains(" put 1000\n"));
    }

    #[test]
    fn a_failure_far_down_a_chain_shows_the_nearest_causes() {
        let at = Timestamp::UNIX_EPOCH;
        let recorder = Recorder::new(at, None);
        let mut cause = None;
        for step in 0..3_000 {
            cause = Some(recorder.write(at, cause, Actor::Test, What::Note(format!("step {step}"))));
        }
        let error = FunctionError::new("E", "it broke");
        recorder.close(cause.unwrap(), Outcome::Failed { error, stuck: false, at });
        let text = recorder.snapshot().timeline().bounded();
        assert!(text.lines().count() < 200 && text.ends_with("failed: E: it broke\n"), "{text}");
    }
}
