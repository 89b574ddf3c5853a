//! Where the end of a run differs from the ordinary one.

use std::collections::BTreeMap;
use std::fmt;

use super::view::{Place, View};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub place: Place,
    pub text: String,
    /// How often the ordinary end has it.
    pub ordinary: usize,
    /// How often this end has it.
    pub here: usize,
    /// What an object holds instead.
    pub instead: Option<String>,
}

impl Difference {
    pub fn is_lost(&self) -> bool {
        self.here < self.ordinary
    }

    /// Whether something is there more often than it should be, and not something new.
    pub fn is_repeat(&self) -> bool {
        self.here > self.ordinary && self.ordinary > 0
    }
}

/// All differences of two ends, by place.
pub(super) fn between(ordinary: &View, here: &View) -> Vec<Difference> {
    let mut differences = Vec::new();
    let none = Vec::new();
    let mut places: Vec<&Place> = ordinary.0.keys().chain(here.0.keys()).collect();
    places.sort();
    places.dedup();
    for place in places {
        let (one, two) = (ordinary.0.get(place).unwrap_or(&none), here.0.get(place).unwrap_or(&none));
        if one == two {
            continue;
        }
        if let (Place::Object { .. }, [one], [two]) = (place, &**one, &**two) {
            let (place, text) = (place.clone(), one.clone());
            differences.push(Difference { place, text, ordinary: 1, here: 0, instead: Some(two.clone()) });
            continue;
        }
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        one.iter().for_each(|text| counts.entry(text).or_default().0 += 1);
        two.iter().for_each(|text| counts.entry(text).or_default().1 += 1);
        for (text, (ordinary, here)) in counts.into_iter().filter(|(_, (one, two))| one != two) {
            let (place, text) = (place.clone(), text.to_owned());
            differences.push(Difference { place, text, ordinary, here, instead: None });
        }
    }
    differences
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, text, ordinary, here, instead } = self;
        match instead {
            Some(other) => write!(f, "{place}: {} where the ordinary end has {}", Shown(other), Shown(text)),
            None => write!(
                f,
                "{place}: {} {}, in the ordinary end {}",
                Shown(text),
                times(*here, "is missing"),
                times(*ordinary, "not at all")
            ),
        }
    }
}

fn times(count: usize, none: &str) -> String {
    match count {
        0 => none.to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

/// Enough of a text to recognise it.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 120;
        let shown: String = self.0.chars().take(SHOWN).collect();
        let more = if shown.len() < self.0.len() { "…" } else { "" };
        write!(f, "{shown:?}{more}")
    }
}
