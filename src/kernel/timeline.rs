//! What happened, in order, each line with its cause.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

/// Names one line of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(u64);

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// The line's own name.
    pub id: LineId,
    /// The line that led to this one; `None` for what the test itself did.
    pub cause: Option<LineId>,
    /// When, on the cloud's clock.
    pub at: Timestamp,
    /// What happened, in one line of text.
    pub text: String,
}

/// Everything that happened in a cloud so far, printed as a tree by cause.
///
/// The same seed gives the same bytes, so it can be a snapshot without redactions:
/// `insta::assert_snapshot!(cloud.timeline())`. It holds only values that the cloud made or that the test gave:
/// never SDK headers, ports or raw bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    start: Timestamp,
    lines: Vec<Line>,
}

/// Deeper lines are not indented further: a function that triggers itself would print a triangle.
const DEEPEST_INDENT: usize = 24;

impl Timeline {
    /// The lines in the order in which they were written.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Whether any line contains `text`.
    pub fn contains(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.text.contains(text))
    }

    /// The last `count` lines as they would be printed, for messages about runs that went too far.
    pub(crate) fn tail(&self, count: usize) -> String {
        let from = self.lines.len().saturating_sub(count);
        let mut text = String::new();
        if from > 0 {
            text.push_str(&format!("… {from} earlier lines\n"));
        }
        for line in &self.lines[from..] {
            text.push_str(&format!("{} {}\n", Elapsed(line.at.duration_since(self.start)), line.text));
        }
        text
    }

    /// The lines from the root to `id`.
    pub(crate) fn path_to(&self, id: LineId) -> Vec<&Line> {
        let mut path = Vec::new();
        let mut next = Some(id);
        while let Some(line) = next.and_then(|id| self.lines.get(id.0 as usize)) {
            path.push(line);
            next = line.cause;
        }
        path.reverse();
        path
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut children: BTreeMap<Option<LineId>, Vec<&Line>> = BTreeMap::new();
        for line in &self.lines {
            children.entry(line.cause).or_default().push(line);
        }
        writeln!(f, "{} start", self.start)?;
        let mut stack: Vec<(usize, &Line)> =
            children.get(&None).into_iter().flatten().rev().map(|line| (0, *line)).collect();
        while let Some((depth, line)) = stack.pop() {
            let elapsed = Elapsed(line.at.duration_since(self.start));
            let indent = depth.min(DEEPEST_INDENT) * 2;
            writeln!(f, "{elapsed} {:indent$}{}", "", line.text)?;
            let below = children.get(&Some(line.id)).into_iter().flatten();
            stack.extend(below.rev().map(|line| (depth + 1, *line)));
        }
        Ok(())
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

/// The timeline while it grows.
pub(crate) struct Recorder {
    start: Timestamp,
    lines: Mutex<Vec<Line>>,
}

impl Recorder {
    pub fn new(start: Timestamp) -> Self {
        Self { start, lines: Mutex::default() }
    }

    pub fn write(&self, at: Timestamp, cause: Option<LineId>, text: String) -> LineId {
        let mut lines = self.lines.lock().expect("no panic under this lock");
        let id = LineId(lines.len() as u64);
        // One line is one line, whatever an error message contains.
        let text = if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ⏎ ") } else { text };
        lines.push(Line { id, cause, at, text });
        id
    }

    /// Adds to a line what was not known when it was written.
    pub fn amend(&self, id: LineId, text: &str) {
        if let Some(line) = self.lines.lock().expect("no panic under this lock").get_mut(id.0 as usize) {
            line.text.push_str(text);
        }
    }

    pub fn snapshot(&self) -> Timeline {
        Timeline { start: self.start, lines: self.lines.lock().expect("no panic under this lock").clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    #[test]
    fn lines_are_printed_under_their_cause() {
        let recorder = Recorder::new(at(0));
        let put = recorder.write(at(0), None, "put".to_owned());
        let other = recorder.write(at(5), None, "other".to_owned());
        let invoke = recorder.write(at(61_001), Some(put), "invoke".to_owned());
        recorder.write(at(90_000_000), Some(invoke), "two\nlines".to_owned());
        recorder.write(at(6), Some(other), "end".to_owned());
        assert_eq!(
            recorder.snapshot().to_string(),
            "1970-01-01T00:00:00Z start\n\
             +00:00:00.000 put\n\
             +00:01:01.001   invoke\n\
             +1d 01:00:00.000     two ⏎ lines\n\
             +00:00:00.005 other\n\
             +00:00:00.006   end\n"
        );
    }

    #[test]
    fn a_long_chain_of_causes_prints_in_bounded_width() {
        let recorder = Recorder::new(at(0));
        let mut cause = None;
        for n in 0..10_000 {
            cause = Some(recorder.write(at(0), cause, format!("step {n}")));
        }
        let widest = recorder.snapshot().to_string().lines().map(str::len).max();
        assert!(widest < Some(120), "{widest:?}");
        assert_eq!(recorder.snapshot().path_to(cause.unwrap()).len(), 10_000);
    }
}
