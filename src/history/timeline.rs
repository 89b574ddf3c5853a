//! The history as text: a tree by cause.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::{Entry, EntryId, Outcome};

/// One line of a timeline: an entry of the history in words, or how one ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// The entry that the line tells of.
    pub id: EntryId,
    /// The entry that led to it; `None` for what the test itself did.
    pub cause: Option<EntryId>,
    /// When, on the cloud's clock.
    pub at: Timestamp,
    /// What happened, in one line of text.
    pub text: String,
    /// Whether it says how its cause ended, and so stands below all that this led to.
    pub(super) ends: bool,
}

/// Everything that happened in a cloud so far, printed as a tree by cause.
///
/// The same seed gives the same bytes, so it can be a snapshot without redactions:
/// `insta::assert_snapshot!(cloud.timeline())`. It holds only values that the cloud made or that the test gave:
/// never ids, SDK headers, ports or raw bodies. The typed form of the same is [`Cloud::history`](crate::Cloud::history).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    start: Timestamp,
    /// How many entries came before the first of these and are not kept.
    dropped: u64,
    lines: Vec<Line>,
}

/// Deeper lines are not indented further: a function that triggers itself would print a triangle.
const DEEPEST_INDENT: usize = 24;

impl Timeline {
    pub(super) fn new(start: Timestamp, entries: &[Entry], dropped: u64) -> Self {
        Self { start, dropped, lines: entries.iter().flat_map(lines_of).collect() }
    }

    /// The lines in the order in which what they tell of began.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Whether any line contains `text`.
    pub fn contains(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.text.contains(text))
    }

    /// The lines as they came about and not as a tree, for messages about runs that went too far.
    pub(crate) fn flat(&self) -> String {
        let mut text = match self.dropped {
            0 => String::new(),
            dropped => format!("… {dropped} earlier entries\n"),
        };
        for line in &self.lines {
            text.push_str(&format!("{} {}\n", Elapsed(line.at.duration_since(self.start)), line.text));
        }
        text
    }
}

impl Timeline {
    /// The lines as a tree by cause, each with its depth: below each entry what it led to, and then how it ended.
    pub(super) fn tree(&self) -> Vec<(usize, &Line)> {
        let first = self.lines.first().map(|line| line.id);
        let mut children: BTreeMap<(Option<EntryId>, bool), Vec<&Line>> = BTreeMap::new();
        for line in &self.lines {
            // What was led to by an entry that is not kept stands at the root.
            let cause = line.cause.filter(|cause| Some(*cause) >= first);
            children.entry((cause, line.ends)).or_default().push(line);
        }
        let below = |of: Option<EntryId>| {
            let children = |ends| children.get(&(of, ends)).into_iter().flatten().copied();
            children(false).chain(children(true)).collect::<Vec<_>>()
        };
        let mut tree = Vec::with_capacity(self.lines.len());
        let mut stack: Vec<(usize, &Line)> = below(None).into_iter().rev().map(|line| (0, line)).collect();
        while let Some((depth, line)) = stack.pop() {
            tree.push((depth, line));
            if !line.ends {
                stack.extend(below(Some(line.id)).into_iter().rev().map(|line| (depth + 1, line)));
            }
        }
        tree
    }

    /// What stands above the lines.
    pub(super) fn heading(&self) -> String {
        let dropped = match self.dropped {
            0 => String::new(),
            dropped => format!("… {dropped} earlier entries are not kept\n"),
        };
        format!("{} start\n{dropped}", self.start)
    }

    /// A line at its depth, with its end.
    pub(super) fn printed(&self, depth: usize, line: &Line) -> String {
        let indent = depth.min(DEEPEST_INDENT) * 2;
        format!("{} {:indent$}{}\n", Elapsed(line.at.duration_since(self.start)), "", line.text)
    }
}

/// An entry's own line and those that say how it ended.
fn lines_of(entry: &Entry) -> impl Iterator<Item = Line> {
    let (id, cause, text) = (entry.id, entry.cause, one_line(entry.to_string()));
    let own = Line { id, cause, at: entry.at, text, ends: false };
    let ending = |at, text| Line { id, cause: Some(id), at, text: one_line(text), ends: true };
    let ended = match &entry.outcome {
        Outcome::Failed { error, at, .. } => {
            let kind = error.error_type.as_deref().unwrap_or("error");
            let failed = format!("failed: {kind}: {}", without_ports(&error.error_message));
            Some(ending(*at, failed))
        }
        _ => None,
    };
    std::iter::once(own).chain(ended)
}

/// A handler's error may name the address that it could not reach; the ports of loopback differ from run to run.
fn without_ports(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(|digit: char| digit.is_ascii_digit());
        text + if rest.len() == part.len() { "127.0.0.1:" } else { "127.0.0.1" } + rest
    })
}

/// One line is one line, whatever an error message contains.
fn one_line(text: String) -> String {
    if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ⏎ ") } else { text }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.heading())?;
        self.tree().into_iter().try_for_each(|(depth, line)| f.write_str(&self.printed(depth, line)))
    }
}

/// Time since the start, as `+1d 02:03:04.005`, in a column of fixed width for the first day.
struct Elapsed(SignedDuration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_millis();
        let (seconds, milliseconds) = (milliseconds / 1000, milliseconds % 1000);
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let (days, hours) = (hours / 24, hours % 24);
        match days {
            0 => write!(f, "+{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"),
            _ => write!(f, "+{days}d {hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Actor, Recorder, What};
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    #[test]
    fn lines_are_printed_under_their_cause() {
        let recorder = Recorder::new(at(0), None);
        let write = |at, cause, text: &str| recorder.write(at, cause, Actor::Test, What::Note(text.to_owned()));
        let put = write(at(0), None, "put");
        let other = write(at(5), None, "other");
        let invoke = write(at(61_001), Some(put), "invoke");
        write(at(90_000_000), Some(invoke), "two\nlines");
        write(at(6), Some(other), "end");
        assert_eq!(
            recorder.snapshot().timeline().to_string(),
            "1970-01-01T00:00:00Z start\n\
             +00:00:00.000 put\n\
             +00:01:01.001   invoke\n\
             +1d 01:00:00.000     two ⏎ lines\n\
             +00:00:00.005 other\n\
             +00:00:00.006   end\n"
        );
    }

    #[test]
    fn errors_are_shown_without_the_ports_of_loopback() {
        let text = "no answer from http://127.0.0.1:4566/a, nor 127.0.0.1:80; 127.0.0.1:x";
        assert_eq!(without_ports(text), "no answer from http://127.0.0.1/a, nor 127.0.0.1; 127.0.0.1:x");
    }

    #[test]
    fn a_long_chain_of_causes_prints_in_bounded_width() {
        let recorder = Recorder::new(at(0), None);
        let mut cause = None;
        for n in 0..10_000 {
            cause = Some(recorder.write(at(0), cause, Actor::Test, What::Note(format!("step {n}"))));
        }
        let widest = recorder.snapshot().timeline().to_string().lines().map(str::len).max();
        assert!(widest < Some(120), "{widest:?}");
        let (tail, path) = recorder.tail(3, None);
        assert_eq!(path.len(), 10_000);
        assert_eq!(tail.timeline().flat().lines().count(), 4);
    }
}
