//! Values that are other ones in every run: random ids, times of the wall clock, and what follows from the start time.
//!
//! They are learnt by comparing ordinary runs, and count as equal from then on.

use std::collections::BTreeMap;

use super::view::{Place, View};

/// What stands for a volatile part of a text.
const VOLATILE: &str = "‹volatile›";

/// What was learnt.
#[derive(Debug, Clone, Default)]
pub(super) struct Masks {
    /// Keys of objects, by bucket.
    keys: Vec<(String, Pattern)>,
    /// Texts, by what holds them.
    texts: Vec<(String, Pattern)>,
}

/// A text of which some parts are volatile.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// As many tokens, of which some are volatile.
    Tokens(Vec<Option<String>>),
    /// Volatile in the middle.
    Middle { before: String, after: String },
}

impl Masks {
    /// Learns from two ordinary runs.
    pub fn learn(&mut self, one: &View, two: &View) {
        let (one, two) = (self.apply(one), self.apply(two));
        // Objects that only one of them has: their keys are volatile, if there are as many.
        let mut only: BTreeMap<&str, [Vec<(&Place, &str)>; 2]> = BTreeMap::new();
        for (side, (here, there)) in [(&one, &two), (&two, &one)].into_iter().enumerate() {
            for place in here.0.keys().filter(|place| !there.0.contains_key(*place)) {
                if let Place::Object { bucket, key } = place {
                    only.entry(bucket).or_default()[side].push((place, key));
                }
            }
        }
        let mut pairs = Vec::new();
        for (bucket, [firsts, seconds]) in only {
            for ((first, key), (second, other)) in firsts.iter().zip(&seconds) {
                let pattern = Pattern::between(key, other);
                if !self.keys.contains(&(bucket.to_owned(), pattern.clone())) {
                    self.keys.push((bucket.to_owned(), pattern));
                }
                pairs.push((one.0[*first].clone(), two.0[*second].clone(), scope(first)));
            }
        }
        for (place, texts) in &one.0 {
            if let Some(others) = two.0.get(place) {
                pairs.push((texts.clone(), others.clone(), scope(place)));
            }
        }
        for (texts, others, scope) in pairs {
            let left = |texts: &[String], others: &[String]| -> Vec<String> {
                texts.iter().filter(|text| !others.contains(text)).cloned().collect()
            };
            for (text, other) in left(&texts, &others).iter().zip(&left(&others, &texts)) {
                let pattern = Pattern::between(text, other);
                if !self.texts.contains(&(scope.clone(), pattern.clone())) {
                    self.texts.push((scope.clone(), pattern));
                }
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.texts.is_empty()
    }

    /// The view with a sign in the place of what is volatile.
    pub fn apply(&self, view: &View) -> View {
        if self.is_empty() {
            return view.clone();
        }
        let mut masked: BTreeMap<Place, Vec<String>> = BTreeMap::new();
        for (place, texts) in &view.0 {
            let place = self.place(place);
            let scope = scope(&place);
            let texts = texts.iter().map(|text| mask(&self.texts, &scope, text));
            masked.entry(place).or_default().extend(texts);
        }
        masked.values_mut().for_each(|texts| texts.sort());
        View(masked)
    }

    /// A place, masked.
    pub fn place(&self, place: &Place) -> Place {
        match place {
            Place::Object { bucket, key } => {
                Place::Object { bucket: bucket.clone(), key: mask(&self.keys, bucket, key) }
            }
            other => other.clone(),
        }
    }

    /// A text of this place, masked.
    pub fn text(&self, place: &Place, text: &str) -> String {
        mask(&self.texts, &scope(place), text)
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.keys.len() + self.texts.len()
    }
}

/// Texts of one bucket, queue or channel are alike.
fn scope(place: &Place) -> String {
    match place {
        Place::Object { bucket, .. } => format!("s3://{bucket}"),
        other => other.to_string(),
    }
}

fn mask(patterns: &[(String, Pattern)], scope: &str, text: &str) -> String {
    let pattern = patterns.iter().find(|(of, pattern)| of == scope && pattern.matches(text));
    pattern.map_or_else(|| text.to_owned(), |(_, pattern)| pattern.to_string())
}

/// Words and numbers, and what stands between them.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut begin = 0;
    let mut last: Option<bool> = None;
    for (at, c) in text.char_indices() {
        let word = c.is_alphanumeric();
        if last.is_some_and(|last| last != word || !word) {
            tokens.push(&text[begin..at]);
            begin = at;
        }
        last = Some(word);
    }
    if begin < text.len() {
        tokens.push(&text[begin..]);
    }
    tokens
}

fn is_number(token: &str) -> bool {
    token.contains(|c: char| c.is_ascii_digit())
}

/// Numbers that one sign of times joins to a volatile number are parts of the same time: the hour is the same by chance. What
/// stands beside a time, such as a count or a hash, is none of its parts.
fn spread(parts: &mut [Option<String>], tokens: &[&str]) {
    let joins = |at: usize, other: usize, parts: &[Option<String>]| {
        let volatile = parts[at].is_none() && parts[other].is_some();
        volatile && is_of_time(tokens[at]) && is_of_time(tokens[other]) && is_inside_time(tokens, at.min(other) + 1)
    };
    for at in 2..parts.len() {
        if joins(at - 2, at, parts) {
            parts[at] = None;
        }
    }
    for at in (2..parts.len()).rev() {
        if joins(at, at - 2, parts) {
            parts[at - 2] = None;
        }
    }
}

/// The longest that has no signs inside, `20260101T000000Z`.
const LONGEST_TIME: usize = 16;

fn is_of_time(token: &str) -> bool {
    is_number(token) && token.len() <= LONGEST_TIME
}

/// Whether the sign at this place stands inside a time; a space does between a date and its hour.
fn is_inside_time(tokens: &[&str], at: usize) -> bool {
    match tokens[at] {
        "-" | ":" | "." | "/" | "+" | "_" => true,
        " " => at > 1 && matches!(tokens[at - 2], "-" | "/") && tokens.get(at + 2) == Some(&":"),
        _ => false,
    }
}

impl Pattern {
    fn between(one: &str, two: &str) -> Self {
        let (first, second) = (tokens(one), tokens(two));
        if first.len() == second.len() {
            let pairs = first.iter().zip(&second);
            let mut parts: Vec<Option<String>> = pairs.map(|(a, b)| (a == b).then(|| (*a).to_owned())).collect();
            spread(&mut parts, &first);
            return Self::Tokens(parts);
        }
        let mut before = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
        let most = first.len().min(second.len()) - before;
        let mut after = first.iter().rev().zip(second.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        // A number next to what differs is a part of it: 5 and 1.5.
        while before > 0 && is_number(first[before - 1]) {
            before -= 1;
        }
        while after > 0 && is_number(first[first.len() - after]) {
            after -= 1;
        }
        Self::Middle { before: first[..before].concat(), after: first[first.len() - after..].concat() }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Tokens(parts) => {
                let tokens = tokens(text);
                tokens.len() == parts.len()
                    && parts.iter().zip(tokens).all(|(part, token)| part.as_ref().is_none_or(|part| part == token))
            }
            Self::Middle { before, after } => {
                text.len() >= before.len() + after.len()
                    && text.starts_with(before.as_str())
                    && text.ends_with(after.as_str())
            }
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tokens(parts) => {
                // The parts of an id or a time are one.
                let joins = |at: usize| {
                    let sign = parts[at].as_deref().is_some_and(|sign| ["-", ":", "."].contains(&sign));
                    sign && at > 0 && parts[at - 1].is_none() && parts.get(at + 1) == Some(&None)
                };
                let is_told = |at: usize| !joins(at) && (at == 0 || parts[at].is_some() || !joins(at - 1));
                let mut told = (0..parts.len()).filter(|at| is_told(*at));
                told.try_for_each(|at| f.write_str(parts[at].as_deref().unwrap_or(VOLATILE)))
            }
            Self::Middle { before, after } => write!(f, "{before}{VOLATILE}{after}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(entries: &[(&str, &str)]) -> View {
        let place = |key: &str| Place::Object { bucket: "b".to_owned(), key: key.to_owned() };
        View(entries.iter().map(|(key, text)| (place(key), vec![(*text).to_owned()])).collect())
    }

    #[test]
    fn what_differs_between_ordinary_runs_counts_as_equal_and_nothing_else() {
        let one = view(&[("at-00-00-01", r#"{"id":"ab1","n":1}"#), ("fixed", "x")]);
        let two = view(&[("at-00-17-14", r#"{"id":"9c7","n":1}"#), ("fixed", "x")]);
        let mut masks = Masks::default();
        masks.learn(&one, &two);
        assert_eq!(masks.apply(&one), masks.apply(&two));
        let later = view(&[("at-05-59-03", r#"{"id":"zzz","n":1}"#), ("fixed", "x")]);
        assert_eq!(masks.apply(&one), masks.apply(&later));
        for other in [
            view(&[("at-05-59-03", r#"{"id":"zzz","n":2}"#), ("fixed", "x")]),
            view(&[("at-05-59", r#"{"id":"zzz","n":1}"#), ("fixed", "x")]),
            view(&[("at-05-59-03", r#"{"id":"zzz","n":1}"#), ("fixed", "y")]),
        ] {
            assert_ne!(masks.apply(&one), masks.apply(&other));
        }
    }

    #[test]
    fn what_stands_beside_a_time_is_no_part_of_it() {
        for (one, two, masked) in [
            ("2026-01-01 00:00:01", "2026-01-01 00:17:14", "‹volatile› ‹volatile›"),
            ("1767225600,5", "1767226613,5", "‹volatile›,5"),
            ("00:00:01 5 rows", "00:17:14 5 rows", "‹volatile› 5 rows"),
            (
                "006955B900 0cc175b9c0f1b6a831c399e269772661",
                "006955BCF5 0cc175b9c0f1b6a831c399e269772661",
                "‹volatile› 0cc175b9c0f1b6a831c399e269772661",
            ),
        ] {
            assert_eq!(Pattern::between(one, two).to_string(), masked, "{one}");
        }
    }

    #[test]
    fn values_of_other_lengths_are_masked_in_the_middle() {
        let pattern = Pattern::between("took 5 ms, ok", "took 1.5 ms, ok");
        assert!(pattern.matches("took 12.75 ms, ok") && !pattern.matches("took 12.75 ms, failed"));
        assert_eq!(pattern.to_string(), format!("took {VOLATILE} ms, ok"));
    }
}
