//! What has not been done yet, in one sentence: the usual reason of an expectation that is not met.

use jiff::{SignedDuration, Timestamp};

use super::Kernel;
use super::agenda::Kind;

impl Kernel {
    /// What waits for the cloud to be driven, and by which call: `1 invocation is waiting: settle`. None when nothing does.
    pub fn what_waits(&self) -> Option<String> {
        let now = self.now();
        let invocations = self.turns.that_go_on();
        let agenda = self.agenda();
        let planned = || agenda.iter().filter(|(_, entry)| entry.kind != Kind::Turn);
        let due = planned().take_while(|(due, _)| *due <= now).count();
        if invocations > 0 {
            return Some(format!("{} waiting: settle", counted(invocations, "invocation")));
        }
        if let (1.., Some((_, first))) = (due, planned().next()) {
            let others = if due > 1 { format!(" and {} more", due - 1) } else { String::new() };
            return Some(format!("due and not done yet: {}{others}: settle", first.label));
        }
        // Work comes before what recurs or is mere housekeeping.
        let later = planned().find(|(_, entry)| entry.kind.is_work()).or_else(|| planned().next());
        later.map(|(due, entry)| format!("{} is due in {}: advance", entry.label, until(now, due)))
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun} is") } else { format!("{count} {noun}s are") }
}

fn until(now: Timestamp, due: Timestamp) -> String {
    let left = due.duration_since(now);
    let seconds = SignedDuration::from_secs(left.as_secs());
    let milliseconds = (left - seconds).as_millis();
    if milliseconds == 0 { format!("{} s", left.as_secs()) } else { format!("{}.{milliseconds:03} s", left.as_secs()) }
}
