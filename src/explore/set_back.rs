//! A time that an older event has set back.
//!
//! Times are other ones in every run, so they count as equal. But what an event wrote, such as "the last run was at 10:03", must not
//! be overwritten by the late retry of an older one: whoever reads it then goes back.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>: a retry comes after a minute, and by then the
//! next event may have been worked on.

use jiff::Timestamp;

use super::oracle::{Kind, Ordinary, Violation};
use super::repeats::{self, is_done};
use super::run::Ran;
use super::view::{Place, View};
use crate::history::History;

/// The objects that hold an earlier time than in the ordinary end, and were last written because of an older event than once before.
pub(super) fn set_back(ordinary: &Ordinary, ran: &Ran) -> Vec<Violation> {
    let usual = View::of(&ordinary.ran.state).0;
    let mut wrong = Vec::new();
    for (place, texts) in View::of(&ran.state).0 {
        let is_object = matches!(place, Place::Object { .. });
        if !is_object || usual.get(&place).is_none_or(|other| *other == texts) {
            continue;
        }
        let pairs = usual[&place].iter().zip(&texts);
        let mut earlier = pairs.filter(|(then, here)| {
            let is_same = ordinary.masks.text(&place, then) == ordinary.masks.text(&place, here);
            is_same && times(here).iter().zip(times(then)).any(|(here, then)| *here < then)
        });
        if let Some((then, here)) = earlier.next()
            && is_by_older(&ran.history, &place, here)
        {
            let seen = format!("{place}: {here:?} where the ordinary end has {then:?}: an older event has set it back");
            wrong.push(Violation::new(Kind::Changed, Some(place), seen));
        }
    }
    wrong
}

/// Whether the last write came of something older than a write before it.
fn is_by_older(history: &History, place: &Place, text: &str) -> bool {
    let began = |write: &crate::history::Answered<'_>| history.path_to(write.entry.id).first().map(|root| root.at);
    let writes = repeats::commits(history, place, text);
    let mut began = writes.iter().filter(|write| is_done(&write.entry.outcome)).map(began);
    let last = began.next_back();
    began.max() > last
}

/// The times in a text: those of RFC 3339, to the second, and seconds and milliseconds since 1970.
fn times(text: &str) -> Vec<Timestamp> {
    /// `2026-01-01T00:00:00`
    const LENGTH: usize = 19;
    let mut times = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let time = rest.get(..LENGTH).and_then(|time| format!("{time}Z").parse::<Timestamp>().ok());
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = || rest[..digits].parse::<i64>().ok();
        let since_1970 = match digits {
            10 => number().and_then(|seconds| Timestamp::from_second(seconds).ok()),
            13 => number().and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok()),
            _ => None,
        };
        times.extend(time.or(since_1970));
        at += if time.is_some() { LENGTH } else { digits.max(1) };
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_in_texts() {
        let seconds = |text: &str| times(text).into_iter().map(Timestamp::as_second).collect::<Vec<_>>();
        assert_eq!(seconds("2026-01-01T00:00:01Z"), [1_767_225_601]);
        assert_eq!(seconds(r#"{"at":"2026-01-01T00:00:01.5Z","n":5}"#), [1_767_225_601]);
        assert_eq!(seconds("run 1767225601, 1767225602000 ü 12345678901"), [1_767_225_601, 1_767_225_602]);
        assert_eq!(seconds("2026-13-01T00:00:01Z ä"), [0_i64; 0]);
    }
}
