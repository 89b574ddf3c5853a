//! The part of a plan that is drawn while a run goes on, and what it came to.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use super::draws::{Drawing, Draws};
use super::plan::Step;
use crate::lock::Lock;

/// Draws of a plan. Its copies share the record of what the runs with it met, and are equal whatever they met.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    pub draws: Draws,
    /// How many deviations of one run at most.
    pub most: Option<u32>,
    record: Arc<Lock<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    ran: bool,
    steps: Vec<Step>,
    known: HashSet<Step>,
}

impl Drawn {
    pub fn new(draws: Draws, most: Option<u32>) -> Self {
        Self { draws, most, record: Arc::default() }
    }

    /// A run with these draws begins.
    pub(super) fn begin(&self) {
        self.record.lock().ran = true;
    }

    /// A deviation that was drawn came to pass.
    ///
    /// Whether a point deviates follows from the seed and its name alone, so what several runs met can stand in one list: a
    /// run takes from it what it would have drawn.
    pub(super) fn fired(&self, step: Step) {
        let mut record = self.record.lock();
        if record.known.insert(step.clone()) {
            record.steps.push(step);
        }
    }

    /// What came to pass in the runs so far; none before the first one.
    pub(super) fn recorded(&self) -> Option<Vec<Step>> {
        let record = self.record.lock();
        record.ran.then(|| record.steps.clone())
    }

    fn key(&self) -> (&Draws, Option<u32>) {
        (&self.draws, self.most)
    }

    const KINDS: [(&'static str, Drawing); 3] = [
        ("faults drawn by ", Drawing::Faults),
        ("deliveries drawn by ", Drawing::Deliveries),
        ("history drawn by ", Drawing::History),
    ];
    const ORDER: &'static str = "order of ";
    const MOST: &'static str = ", at most ";

    /// Reads what `Display` prints; `None` unless it is that.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (text, most) = match text.split_once(Self::MOST) {
            Some((text, most)) => (text, Some(number(most)?.try_into().ok()?)),
            None => (text, None),
        };
        let simple = Self::KINDS.iter().find_map(|(words, what)| Some((*what, text.strip_prefix(words)?)));
        let order = || {
            let (steps, seed) = text.strip_prefix(Self::ORDER)?.split_once(" drawn by ")?;
            Some((Drawing::Order { steps: number(steps)?.try_into().ok()? }, seed))
        };
        let (what, seed) = simple.or_else(order)?;
        Some(Self::new(Draws { seed: number(seed)?, what }, most))
    }
}

/// Digits alone: what `parse` takes besides, such as `+7`, is nothing that a plan prints.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for Drawn {
    /// The seed, whether it ran or not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::KINDS.iter().find(|(_, what)| *what == self.draws.what) {
            Some((words, _)) => f.write_str(words)?,
            None => {
                let steps = if let Drawing::Order { steps } = self.draws.what { steps } else { 0 };
                write!(f, "{}{steps} drawn by ", Self::ORDER)?;
            }
        }
        write!(f, "{}", self.draws.seed)?;
        self.most.map_or(Ok(()), |most| write!(f, "{}{most}", Self::MOST))
    }
}

impl PartialEq for Drawn {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Drawn {}

impl PartialOrd for Drawn {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Drawn {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl std::hash::Hash for Drawn {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Deviation, Plan};
    use super::*;

    #[test]
    fn draws_parse_back_and_stay_equal_when_they_have_run() {
        let whats = [Drawing::Faults, Drawing::Deliveries, Drawing::History, Drawing::Order { steps: 40 }];
        for (what, most) in whats.into_iter().flat_map(|what| [(what, None), (what, Some(3))]) {
            let plan = Plan::drawn(Draws { seed: u64::MAX, what }, most);
            let text = plan.to_string();
            assert_eq!((text.parse(), plan.is_empty(), plan.len()), (Ok(plan.clone()), false, 0), "{text}");
            assert_eq!(format!("{plan:?}"), format!("{text:?}"));
            let both = "a #1: twice".parse::<Plan>().unwrap().and(&plan);
            assert_eq!(both.to_string().parse(), Ok(both.clone()));

            plan.draws()[0].begin();
            let step = |label: &str| Step { label: label.to_owned(), nth: 1, name: None, deviation: Deviation::Twice };
            ["b", "c", "b"].iter().for_each(|label| plan.draws()[0].fired(step(label)));
            assert_eq!((plan.to_string().as_str(), plan.len()), ("b #1: twice; c #1: twice", 2));
            assert_eq!(both.to_string(), "a #1: twice; b #1: twice; c #1: twice", "the record is shared");
            assert_eq!(text.parse(), Ok(plan), "what a run came to makes no other plan");
        }
    }

    #[test]
    fn what_looks_like_draws_is_none() {
        for text in ["faults drawn by", "faults drawn by +7", "order of x drawn by 7", "history drawn by 7, at most -1"]
        {
            assert!(text.parse::<Plan>().is_err(), "{text}");
        }
    }
}
