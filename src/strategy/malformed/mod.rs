//! Documents with one labelled defect.

mod defect;
mod fields;
mod spoil;

use std::fmt;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde::Serialize;

pub use defect::{Defect, DefectKind, MalformedDocument};

use super::choices;
use super::draws::{Draws, Tape};

/// A strategy for documents that are events of another strategy but for one defect, which the label names.
///
/// A document always has exactly one defect. A kind of defect that an event has no room for (a bad date in an event
/// without a time) becomes another one; nothing is rejected.
///
/// # Example
///
/// ```
/// use lambda_testkit::strategy::{DefectKind, malformed, s3_event, sample};
///
/// let documents = malformed(s3_event()).defects([DefectKind::MissingMember]);
/// let document = sample(&documents, 7, 0);
/// assert_eq!(document.defect.kind, DefectKind::MissingMember);
/// assert!(document.defect.must_reject);
/// let json: serde_json::Value = serde_json::from_slice(&document.bytes).unwrap();
/// assert!(json.pointer(&document.defect.pointer).is_none());
/// ```
pub fn malformed<S>(events: S) -> Malformed<S>
where
    S: Strategy,
    S::Value: Serialize,
{
    Malformed { events, kinds: DefectKind::ALL.to_vec() }
}

/// The strategy of [`malformed`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct Malformed<S> {
    events: S,
    kinds: Vec<DefectKind>,
}

impl<S> Malformed<S> {
    /// The kinds of defects. Default all.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn defects(self, kinds: impl IntoIterator<Item = DefectKind>) -> Self {
        Self { kinds: choices("kinds of defects", kinds), ..self }
    }
}

impl<S> Strategy for Malformed<S>
where
    S: Strategy,
    S::Value: Serialize,
{
    type Tree = MalformedTree<S::Tree>;
    type Value = MalformedDocument;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let event = self.events.new_tree(runner)?;
        let mut source = Draws::random(runner.rng());
        spoil(&event, &self.kinds, &mut source);
        Ok(MalformedTree { event, kinds: self.kinds.clone(), choices: source.into_tape() })
    }
}

/// The tree of a malformed document: the event shrinks, the kind of its defect stays.
#[derive(Debug, Clone)]
pub struct MalformedTree<T> {
    event: T,
    kinds: Vec<DefectKind>,
    choices: Tape,
}

impl<T> ValueTree for MalformedTree<T>
where
    T: ValueTree,
    T::Value: Serialize + fmt::Debug,
{
    type Value = MalformedDocument;

    fn current(&self) -> MalformedDocument {
        spoil(&self.event, &self.kinds, &mut Draws::replay(&self.choices.choices))
    }

    fn simplify(&mut self) -> bool {
        self.event.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.event.complicate()
    }
}

/// # Panics
///
/// If the event has no JSON form: events of this crate have one.
fn spoil<T>(event: &T, kinds: &[DefectKind], source: &mut Draws<'_>) -> MalformedDocument
where
    T: ValueTree,
    T::Value: Serialize,
{
    let document = serde_json::to_value(event.current()).expect("events have a JSON form");
    spoil::spoil(&document, kinds, source)
}
