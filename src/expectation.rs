//! The words of expectations that were not met: what is missing, what is too much, and what comes nearest.

use std::borrow::Cow;
use std::fmt::Write as _;

/// How many items of each kind are named.
const MOST_SHOWN: usize = 12;

/// How many letters of an item are shown.
const LETTERS_SHOWN: usize = 400;

/// How many pairs of letters are compared in search of what is nearest: debug builds do so many in a tenth of a second.
const MOST_COMPARED: usize = 2_000_000;

/// What a place was expected to hold and does not, or nothing if it holds just that, in any order or in `ordered` as said.
///
/// `noun` is one item, such as `key`; `hint` says what may be the reason.
pub(crate) fn unmet(
    place: &str,
    noun: &str,
    expected: &[String],
    found: &[String],
    ordered: bool,
    hint: Option<String>,
) -> Option<String> {
    let (missing, extra) = (beyond(expected, found), beyond(found, expected));
    if missing.is_empty() && extra.is_empty() && (!ordered || expected == found) {
        return None;
    }
    let mut text = format!("{place} does not hold what was expected:");
    let mut line = |line: String| write!(text, "\n  {line}").expect("a String takes everything");
    for item in missing.iter().take(MOST_SHOWN) {
        let near = nearest(item, &extra).map(|near| format!("; nearest is {:?}", shown(near))).unwrap_or_default();
        line(format!("{noun} {:?} is missing{near}", shown(item)));
    }
    for item in extra.iter().take(MOST_SHOWN) {
        line(format!("{noun} {:?} is too much", shown(item)));
    }
    let unnamed = missing.len().saturating_sub(MOST_SHOWN) + extra.len().saturating_sub(MOST_SHOWN);
    if unnamed > 0 {
        line(format!("… and {unnamed} more"));
    }
    if missing.is_empty() && extra.is_empty() {
        let order: Vec<_> = found.iter().take(MOST_SHOWN).map(|item| shown(item)).collect();
        let more = if found.len() > order.len() { ", …" } else { "" };
        line(format!("the order is another one: {order:?}{more}"));
    }
    if found.is_empty() {
        line(format!("there is no {noun} at all"));
    }
    hint.into_iter().for_each(line);
    Some(text)
}

/// Enough of a text to recognise it.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LETTERS_SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The items of `list` that `other` has less often.
fn beyond<'a>(list: &'a [String], other: &[String]) -> Vec<&'a str> {
    let mut left: Vec<&str> = other.iter().map(String::as_str).collect();
    let unmatched = list.iter().filter(|item| match left.iter().position(|other| other == item) {
        Some(place) => {
            left.swap_remove(place);
            false
        }
        None => true,
    });
    unmatched.map(String::as_str).collect()
}

/// The candidate that is most like `wanted`, if any is like it at all: half of the letters are the same.
pub(crate) fn nearest<'a>(wanted: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let letters = wanted.chars().count().max(1);
    let mut left = MOST_COMPARED;
    let near = candidates.iter().filter_map(|candidate| {
        let others = candidate.chars().count();
        let longer = letters.max(others);
        // What differs in length alone by more than half is not compared.
        if letters.abs_diff(others) * 2 > longer {
            return None;
        }
        left = left.checked_sub(letters * others)?;
        let distance = strsim::levenshtein(wanted, candidate);
        (distance * 2 <= longer).then_some((distance, *candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn the_nearest_miss_stands_beside_what_is_missing() {
        let unmet = |expected: &[&str], found: &[&str], ordered, hint: Option<&str>| {
            let hint = hint.map(str::to_owned);
            unmet("s3://b", "key", &list(expected), &list(found), ordered, hint).unwrap_or_default()
        };
        assert_eq!(unmet(&["a", "b"], &["b", "a"], false, None), "");
        assert_eq!(
            unmet(&["a b.csv", "x"], &["a+b.csv"], false, Some("settle")),
            "s3://b does not hold what was expected:\n  key \"a b.csv\" is missing; nearest is \"a+b.csv\"\n  \
             key \"x\" is missing\n  key \"a+b.csv\" is too much\n  settle"
        );
        assert!(unmet(&["a", "b"], &["b", "a"], true, None).ends_with("the order is another one: [\"b\", \"a\"]"));
        assert!(unmet(&["a", "a"], &["a"], false, None).contains("key \"a\" is missing"));
        assert!(unmet(&["a"], &[], false, None).ends_with("there is no key at all"));
    }

    #[test]
    fn the_nearest_has_half_of_its_letters_in_common() {
        assert_eq!(nearest("abc", &["xyz", "abd"]), Some("abd"));
        assert_eq!(nearest("abc", &["xyz"]), None);
        assert_eq!(nearest("kitten", &["a", "sitting", "mitten"]), Some("mitten"));
        assert_eq!(nearest("", &["ab"]), None);
    }

    #[test]
    fn long_texts_and_long_lists_are_shown_in_part_and_compared_in_bounded_time() {
        let long: Vec<String> = (0..500).map(|number| format!("{number}{}", "x".repeat(10_000))).collect();
        let text = unmet("queue q", "message", &long[..250], &long[250..], false, None).unwrap();
        assert!(text.len() < 30_000 && text.ends_with("… and 476 more"), "{} bytes", text.len());
        assert_eq!(shown(&"ü".repeat(401)), format!("{}…", "ü".repeat(400)));
    }
}
