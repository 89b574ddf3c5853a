//! The end of an invocation's log, as `LogType: Tail` of Invoke answers it.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-request-LogType>

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::version::VersionId;
use crate::event::invoke::FunctionError;
use crate::lock::Lock;

/// How many bytes a caller is answered.
const LONGEST: usize = 4_096;

/// The last lines of one invocation.
#[derive(Debug, Default)]
pub(crate) struct LogTail(Lock<String>);

/// What the last line tells of an invocation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    /// How long it took on the cloud's clock.
    pub duration: Duration,
    /// In MB.
    pub memory: u32,
    /// Whether it was the first in its environment.
    pub cold: bool,
}

impl LogTail {
    pub fn line(&self, line: &str) {
        let mut text = self.0.lock();
        text.push_str(line);
        text.push('\n');
        // Not each time: moving the rest costs as much as it is long.
        if text.len() > 2 * LONGEST {
            cut(&mut text);
        }
    }

    pub(super) fn started(&self, request_id: &str, version: VersionId) {
        self.line(&format!("START RequestId: {request_id} Version: {version}"));
    }

    /// The line of a failed function, such as the runtimes of Lambda write it.
    pub(super) fn failed(&self, request_id: &str, at: Timestamp, error: &FunctionError) {
        let FunctionError { error_type, error_message, .. } = error;
        let kind = error_type.as_deref().unwrap_or("Error");
        match error_message.find("Task timed out") {
            Some(words) if kind == "Sandbox.Timedout" => {
                // An empty line comes after it.
                self.line(&format!("{at:.3} {request_id} {}\n", &error_message[words..]));
            }
            _ => self.line(&format!("[ERROR] {kind}: {error_message}")),
        }
    }

    /// The lines of Lambda itself at the end. Nothing measures the memory that a handler in this process uses: it is 0.
    pub(super) fn ended(&self, request_id: &str, usage: Usage) {
        let Usage { duration, memory, cold } = usage;
        let took = duration.as_secs_f64() * 1000.0;
        // Whole milliseconds, and at least one.
        let billed = duration.as_nanos().div_ceil(1_000_000).max(1);
        // On the cloud's clock a cold start takes no time.
        let init = if cold { "Init Duration: 0.00 ms\t" } else { "" };
        self.line(&format!("END RequestId: {request_id}"));
        self.line(&format!(
            "REPORT RequestId: {request_id}\tDuration: {took:.2} ms\tBilled Duration: {billed} ms\tMemory Size: {memory} MB\t\
             Max Memory Used: 0 MB\t{init}"
        ));
    }

    /// The last 4 KB, as the header carries them. A character that does not fit is left out.
    pub(super) fn to_base64(&self) -> String {
        let mut text = self.0.lock();
        cut(&mut text);
        STANDARD.encode(&*text)
    }
}

fn cut(text: &mut String) {
    let over = text.len().saturating_sub(LONGEST);
    let from = text.ceil_char_boundary(over);
    text.drain(..from);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tail: &LogTail) -> String {
        String::from_utf8(STANDARD.decode(tail.to_base64()).unwrap()).unwrap()
    }

    #[test]
    fn the_last_4_kb_are_kept_in_whole_characters() {
        let tail = LogTail::default();
        for number in 0..1_000 {
            tail.line(&format!("line {number}"));
        }
        let kept = text(&tail);
        assert_eq!((kept.len(), kept.ends_with("\nline 999\n")), (LONGEST, true));
        tail.line(&"é".repeat(LONGEST));
        let kept = text(&tail);
        // The newline takes half of a character's place.
        assert_eq!((kept.len(), kept.chars().filter(|c| *c == 'é').count()), (LONGEST - 1, LONGEST / 2 - 1));
    }

    #[test]
    fn what_is_billed_is_whole_milliseconds() {
        for (nanos, duration, billed) in
            [(0, "0.00", "1"), (1_000_000, "1.00", "1"), (1_000_001, "1.00", "2"), (29_018_000, "29.02", "30")]
        {
            let tail = LogTail::default();
            tail.ended("id", Usage { duration: Duration::from_nanos(nanos), memory: 256, cold: false });
            let report = format!(
                "END RequestId: id\nREPORT RequestId: id\tDuration: {duration} ms\tBilled Duration: {billed} ms\t\
                 Memory Size: 256 MB\tMax Memory Used: 0 MB\t\n"
            );
            assert_eq!(text(&tail), report);
        }
    }
}
