//! The words of expectations that were not met: what is missing, what is too much, and what comes nearest.

use std::fmt::Write as _;

/// How many items of each kind are named.
const MOST_SHOWN: usize = 12;

/// Longer texts are not compared letter by letter.
const MOST_COMPARED: usize = 400;

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
        match nearest(item, &extra) {
            Some(near) => line(format!("{noun} {item:?} is missing; nearest is {near:?}")),
            None => line(format!("{noun} {item:?} is missing")),
        }
    }
    for item in extra.iter().take(MOST_SHOWN) {
        line(format!("{noun} {item:?} is too much"));
    }
    let unnamed = missing.len().saturating_sub(MOST_SHOWN) + extra.len().saturating_sub(MOST_SHOWN);
    if unnamed > 0 {
        line(format!("… and {unnamed} more"));
    }
    if missing.is_empty() && extra.is_empty() {
        line(format!("the order is another one: {found:?}"));
    }
    if found.is_empty() {
        line(format!("there is no {noun} at all"));
    }
    hint.into_iter().for_each(line);
    Some(text)
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
    let near = candidates.iter().map(|candidate| (distance(wanted, candidate), *candidate));
    let (distance, candidate) = near.min_by_key(|(distance, _)| *distance)?;
    (distance * 2 <= wanted.chars().count().max(candidate.chars().count())).then_some(candidate)
}

fn distance(one: &str, other: &str) -> usize {
    let beginning = |text: &str| text.chars().take(MOST_COMPARED).collect::<String>();
    strsim::levenshtein(&beginning(one), &beginning(other))
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
    fn distances_count_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(nearest("abc", &["xyz", "abd"]), Some("abd"));
        assert_eq!(nearest("abc", &["xyz"]), None);
    }
}
