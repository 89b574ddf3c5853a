//! What a run is judged by, without a thought of the user.
//!
//! After faults that pass, the drained cloud ends as it does without them. After faults that stay, whoever is concerned
//! is told: by an error or in a dead-letter queue, never by silence.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::differences::{self, Difference};
use super::invariant::End;
use super::mask::Masks;
use super::run::{Ended, Ran};
use super::settings::Settings;
use super::told::{self, is_told};
use super::view::{Place, View};
use super::{manners, quiet, repeats, set_back};
use crate::choice::{Deviation, Point};
use crate::cloud::CloudState;
use crate::history::{Answered, Entry, History, Name, Outcome, Source, What};

/// What the ordinary runs have shown.
#[derive(Debug)]
pub(super) struct Ordinary {
    pub ran: Ran,
    pub masks: Masks,
    /// The masked end.
    pub view: View,
}

/// The user's own check of an end.
pub(super) type Check<'a> = dyn Fn(&CloudState) + Sync + 'a;

/// What is wrong with a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    pub kind: Kind,
    /// Where, if it is about a place.
    pub place: Option<Place>,
    pub seen: String,
}

/// In which way a run is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// This function, without any deviation.
    Fails(String),
    /// A task that nobody waits for.
    LeftBehind,
    Panicked,
    Endless,
    Lost,
    Repeated,
    Unexpected,
    Changed,
    /// Two versions of an object in one text.
    Mixed,
    LeftOpen,
    GaveUp,
    Silent,
    Manners(&'static str),
    Invariant(String),
    Check,
    /// The deviation never came to pass.
    Inert,
}

/// How a run was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As the ordinary one, or different only where that is declared to make no difference.
    Same,
    /// Different, as it must be or may be.
    Excused(Excuse),
    Wrong(Vec<Violation>),
}

/// Why a difference is none of the handlers' faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Excuse {
    /// Somebody was told: an error, or a dead letter.
    Told,
    /// Something was done again that nobody could know was done.
    Repeated,
    /// Something was marked as done, and the end came before it was.
    Window,
    /// The next run of a schedule does what is missing.
    NextRun,
}

/// Judges the ordinary run itself.
pub(super) fn judge_ordinary(ordinary: &Ordinary, settings: &Settings, check: &Check<'_>) -> Verdict {
    let mut wrong = fails(&ordinary.ran, settings);
    for asked in ordinary.ran.left.iter().filter(|asked| !settings.ignores(asked)) {
        let seen = format!("{asked}: asked for when all invocations had ended");
        wrong.push(Violation::new(Kind::LeftBehind, None, seen));
    }
    let overdue = manners::overdue(&ordinary.ran.history);
    wrong.extend(overdue.map(|seen| Violation::new(Kind::Manners(manners::VISIBILITY), None, seen)));
    let back = manners::never_deleted(&ordinary.ran).filter(|(queue, _)| !settings.ignores(&queue.to_string()));
    wrong.extend(back.map(|(queue, seen)| Violation::new(Kind::Manners(manners::NEVER_DELETED), Some(queue), seen)));
    match judge(ordinary, &ordinary.ran, settings, check) {
        verdict if wrong.is_empty() => verdict,
        Verdict::Wrong(more) => Verdict::Wrong(wrong.into_iter().chain(more).collect()),
        _ => Verdict::Wrong(wrong),
    }
}

/// The functions that fail although they were not given something to fail on.
pub(super) fn fails(ran: &Ran, settings: &Settings) -> Vec<Violation> {
    let failed = ran.history.invocations().failed().into_iter();
    let failed = failed.filter(|invoked| !settings.may_fail(&invoked.invocation.function));
    let mut wrong: Vec<Violation> = Vec::new();
    for invoked in failed {
        let Outcome::Failed { error, .. } = &invoked.entry.outcome else { continue };
        let function = &invoked.invocation.function;
        let seen = format!("{function}: {}", error.error_message);
        if !wrong.iter().any(|violation| violation.seen == seen) {
            wrong.push(Violation::new(Kind::Fails(function.to_string()), None, seen));
        }
    }
    wrong
}

pub(super) fn judge(ordinary: &Ordinary, ran: &Ran, settings: &Settings, check: &Check<'_>) -> Verdict {
    let plan = ran.fired();
    let mut wrong: Vec<Violation> = Vec::new();
    let lasts = plan.lasts();
    match &ran.ended {
        Ended::Drained => {}
        Ended::Told(_) => return Verdict::Excused(Excuse::Told),
        Ended::Panicked(text) => return Verdict::Wrong(vec![Violation::new(Kind::Panicked, None, text.clone())]),
        Ended::Endless(_) if lasts && is_told(&ran.history) => return Verdict::Excused(Excuse::Told),
        Ended::Endless(text) => {
            let first = text.lines().take(14).collect::<Vec<_>>().join("\n");
            return Verdict::Wrong(vec![Violation::new(Kind::Endless, None, first)]);
        }
    }
    let end = End { state: &ran.state, history: &ran.history, ordinary: &ordinary.ran.state, plan: &plan };
    wrong.extend(
        manners::broken(&ran.history).into_iter().map(|(rule, seen)| Violation::new(Kind::Manners(rule), None, seen)),
    );
    // A version that fails is no better for a retry that finds the other one.
    let taken = || ran.course.points().iter().filter_map(|point| point.taken.as_ref());
    if taken().next().is_some() && taken().all(|taken| *taken == Deviation::AdditionalVersion) {
        wrong.extend(fails(ran, settings));
    }
    for invariant in &settings.invariants {
        if let Err(seen) = invariant.check(&end) {
            wrong.push(Violation::new(Kind::Invariant(invariant.name().to_owned()), None, seen));
        }
    }
    let differences = differences(ordinary, ran, settings);
    let is_deed = |point: &Point| point.taken.as_ref().is_some_and(Deviation::is_anothers_deed);
    let (excuse, more) = if ran.course.points().iter().any(is_deed) {
        // What somebody else has done ends as it ends.
        (Some(Excuse::Told), Vec::new())
    } else if lasts {
        after_lasting(ordinary, ran, &differences)
    } else {
        after_passing(ordinary, ran, &differences, settings, plan.len())
    };
    wrong.extend(more);
    if excuse.is_none() && !lasts {
        let is_asked =
            |violation: &Violation| violation.place.as_ref().is_none_or(|place| !settings.ignores(&place.to_string()));
        wrong.extend(set_back::set_back(ordinary, ran).into_iter().filter(is_asked));
    }
    if excuse.is_none() && wrong.is_empty() {
        let (checked, panicked) = quiet::listen(|| catch_unwind(AssertUnwindSafe(|| check(&ran.state))));
        if checked.is_err() {
            wrong.push(Violation::new(Kind::Check, None, panicked));
        }
    }
    match (wrong.is_empty(), excuse) {
        (false, _) => Verdict::Wrong(wrong),
        (true, Some(excuse)) => Verdict::Excused(excuse),
        (true, None) => Verdict::Same,
    }
}

fn differences(ordinary: &Ordinary, ran: &Ran, settings: &Settings) -> Vec<Difference> {
    if ran.state == ordinary.ran.state {
        return Vec::new();
    }
    let mut differences = differences::between(&ordinary.view, &ordinary.masks.apply(&View::of(&ran.state)));
    differences.retain(|difference| !settings.ignores(&difference.place.to_string()));
    differences
}

/// After faults that stay, a difference must be told to somebody.
fn after_lasting(ordinary: &Ordinary, ran: &Ran, differences: &[Difference]) -> (Option<Excuse>, Vec<Violation>) {
    if differences.is_empty() {
        return (None, Vec::new());
    }
    let lost: Vec<&Difference> = differences.iter().filter(|difference| difference.is_lost()).collect();
    if lost.is_empty() || is_told(&ran.history) || is_given_up_more(ordinary, ran) {
        return (Some(Excuse::Told), Vec::new());
    }
    // An alarm, or the report of an error, tells somebody too.
    if differences.iter().any(|difference| told::is_new(difference) || is_report(ordinary, difference)) {
        return (Some(Excuse::Told), Vec::new());
    }
    if lost.iter().all(|difference| is_window(ran, difference)) {
        return (Some(Excuse::Window), Vec::new());
    }
    let violation =
        |difference: &&Difference| Violation::new(Kind::Silent, Some(difference.place.clone()), difference.to_string());
    (None, lost.iter().map(violation).collect())
}

fn is_given_up_more(ordinary: &Ordinary, ran: &Ran) -> bool {
    ran.history.given_up().len() > ordinary.ran.history.given_up().len()
}

/// Whether it is an object that the ordinary run does not have, in a folder of its own.
fn is_report(ordinary: &Ordinary, difference: &Difference) -> bool {
    let is_object = matches!(difference.place, Place::Object { .. });
    is_object && difference.ordinary == 0 && !is_left(ordinary, difference)
}

/// After faults that pass, the end is the ordinary one.
fn after_passing(
    ordinary: &Ordinary,
    ran: &Ran,
    differences: &[Difference],
    settings: &Settings,
    deviations: usize,
) -> (Option<Excuse>, Vec<Violation>) {
    let mut wrong = Vec::new();
    // What is given up in the ordinary run too is no news, however often it comes.
    let usual = ordinary.ran.history.given_up().into_iter().map(|entry| origin(&ordinary.ran.history, entry));
    let usual: Vec<_> = usual.collect();
    let unusual = ran.history.given_up().into_iter().filter(|entry| !usual.contains(&origin(&ran.history, entry)));
    let unusual: Vec<&Entry> = unusual.collect();
    // Who is given up after as many attempts as there were faults had no better chance.
    match unusual.iter().find(|entry| attempts(&ran.history, entry) > deviations) {
        None if unusual.is_empty() => {}
        None => return (Some(Excuse::Told), wrong),
        Some(entry) => wrong.push(Violation::new(Kind::GaveUp, None, entry.to_string())),
    }
    let is_last_resort = |difference: &&Difference| {
        let mut texts = texts(ordinary, ran, difference).into_iter();
        told::is_new(difference)
            && texts.any(|(place, text)| told::is_last_resort(&ran.history, &place, &text, deviations))
    };
    if deviations > 1 && differences.iter().any(|difference| is_last_resort(&difference)) {
        return (Some(Excuse::Told), wrong);
    }
    let mut excuse = None;
    let dead_letters = dead_letter_queues(&ran.history);
    let any_waits = differences.iter().any(|difference| waits(ran, difference));
    for difference in differences {
        let place = difference.place.to_string();
        match kind(difference) {
            Kind::Lost | Kind::Changed if any_waits => excuse = excuse.max(Some(Excuse::Told)),
            _ if waits(ran, difference) => excuse = excuse.max(Some(Excuse::Told)),
            Kind::Repeated if settings.may_repeat(&place) => {}
            Kind::Repeated | Kind::GaveUp if difference.is_repeat() && holds_dead(&dead_letters, &difference.place) => {
                excuse = excuse.max(Some(Excuse::Repeated));
            }
            Kind::Repeated | Kind::LeftOpen | Kind::Unexpected if is_excused(ordinary, ran, difference) => {
                excuse = excuse.max(Some(Excuse::Repeated));
            }
            Kind::Lost if is_window(ran, difference) => excuse = excuse.max(Some(Excuse::Window)),
            kind => wrong.push(Violation::new(kind, Some(difference.place.clone()), difference.to_string())),
        }
    }
    (excuse, wrong)
}

/// Whether messages wait in a queue for the next poll of a function that polls it itself: whoever received them did not succeed,
/// or did not get them. Who succeeded, and left them there, has no excuse.
fn waits(ran: &Ran, difference: &Difference) -> bool {
    let Place::Queue { name } = &difference.place else { return false };
    let receives = ran.history.requests().service("sqs").operation("ReceiveMessage").resource(name);
    let undone = receives.filter(|receive| {
        let by = receive.entry.cause.and_then(|cause| ran.history.get(cause));
        let succeeded = by.is_some_and(|by| matches!(by.outcome, Outcome::Succeeded { .. }));
        let is_whole = matches!(receive.entry.outcome, Outcome::Answered { remark: None, .. });
        by.is_some() && !(succeeded && is_whole)
    });
    difference.here > difference.ordinary && undone.count() > 0
}

/// The queues to which messages were moved, or events that were given up.
fn dead_letter_queues(history: &History) -> Vec<String> {
    let named = history.entries().iter().filter_map(|entry| match &entry.what {
        What::Moved { to } => Some(to.clone()),
        What::Request(request) if entry.cause.and_then(|cause| history.get(cause)).is_some_and(is_given_up) => {
            Some(request.resource.clone())
        }
        _ => None,
    });
    named.collect()
}

fn is_given_up(entry: &Entry) -> bool {
    matches!(entry.what, What::GivenUp { .. })
}

/// Whether what is here failed anyway: an event that comes twice fails twice.
fn holds_dead(dead_letters: &[String], place: &Place) -> bool {
    match place {
        Place::Queue { name } => dead_letters.contains(name),
        Place::GivenUp { .. } => true,
        _ => false,
    }
}

fn kind(difference: &Difference) -> Kind {
    match &difference.place {
        Place::Uploads { .. } if !difference.is_lost() => Kind::LeftOpen,
        Place::GivenUp { .. } => Kind::GaveUp,
        _ if difference.instead.is_some() => Kind::Changed,
        _ if difference.is_lost() => Kind::Lost,
        _ if difference.is_repeat() => Kind::Repeated,
        _ => Kind::Unexpected,
    }
}

/// Whether those who did it could not say that they had.
fn is_excused(ordinary: &Ordinary, ran: &Ran, difference: &Difference) -> bool {
    let too_often = difference.here - difference.ordinary;
    let texts = texts(ordinary, ran, difference);
    let excused = if is_left(ordinary, difference) { repeats::left } else { repeats::excused };
    let excused: usize = texts.iter().map(|(found, text)| excused(&ran.history, found, text)).sum();
    excused + repeats::undone_twice(&ran.history) >= too_often
}

/// The texts of a difference, each once, as they were before they were masked, with their places.
fn texts(ordinary: &Ordinary, ran: &Ran, difference: &Difference) -> Vec<(Place, String)> {
    let place = &difference.place;
    let is_here = |(found, _): &(Place, Vec<String>)| ordinary.masks.place(found) == *place;
    let texts = View::of(&ran.state).0.into_iter().filter(is_here).flat_map(|(found, mut texts)| {
        texts.dedup();
        texts.into_iter().map(move |text| (found.clone(), text))
    });
    texts.filter(|(found, text)| ordinary.masks.text(found, text) == difference.text).collect()
}

/// Whether it is something that its maker should have taken away again: an upload, or an object among those of the ordinary
/// end. What lies in a folder of its own, such as the report of an error, is in nobody's way.
fn is_left(ordinary: &Ordinary, difference: &Difference) -> bool {
    let folder = |place: &Place| match place {
        Place::Object { bucket, key } => {
            Some((bucket.clone(), key.rsplit_once('/').map(|(folder, _)| folder.to_owned())))
        }
        _ => None,
    };
    match folder(&difference.place) {
        Some(own) if difference.ordinary == 0 => {
            ordinary.view.0.keys().any(|other| folder(other).as_ref() == Some(&own))
        }
        Some(_) => false,
        None => matches!(difference.place, Place::Uploads { .. }),
    }
}

/// Whether something that cannot be done twice was marked as done, and the end came before it was: the environment ended, the
/// mark could not be taken away again, or its answer was lost, the client asked again by itself, and was refused for its own
/// work.
fn is_window(ran: &Ran, difference: &Difference) -> bool {
    let history = &ran.history;
    let any = |is_it: fn(&History, &Answered<'_>) -> bool| {
        let marks = history.requests().filter(|write| is_mark(write) && is_it(history, write));
        marks.count() > 0
    };
    let taken = |point: &Point| match point.taken {
        Some(Deviation::Crash | Deviation::TooLate | Deviation::Hangs | Deviation::AnsweredLate) => {
            any(is_by_one_who_died)
        }
        Some(Deviation::AnswerLost) => any(is_refused_after_it_was_done),
        Some(Deviation::Error { .. } | Deviation::Reset(_)) => any(repeats::is_undo_refused),
        _ => false,
    };
    matches!(difference.place, Place::Channel { .. } | Place::Queue { .. }) && ran.course.points().iter().any(taken)
}

/// Whether it is a write that was done, be it that nobody was told.
fn is_mark(write: &Answered<'_>) -> bool {
    let writes = ["Put", "Create", "Complete", "Update", "Write"];
    writes.iter().any(|verb| write.request.operation.starts_with(verb)) && repeats::is_done(&write.entry.outcome)
}

fn is_by_one_who_died(history: &History, write: &Answered<'_>) -> bool {
    write.entry.cause.and_then(|cause| history.get(cause)).is_some_and(repeats::has_died)
}

/// Whether the answer of a conditional write was lost, and the same invocation was then refused for its own work.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
fn is_refused_after_it_was_done(history: &History, write: &Answered<'_>) -> bool {
    let again = history.requests().filter(|other| {
        other.entry.cause == write.entry.cause
            && other.entry.id > write.entry.id
            && other.request.subject() == write.request.subject()
            && other.status() == Some(412)
    });
    matches!(write.entry.outcome, Outcome::Unanswered { .. }) && again.count() > 0
}

/// What was given up, and what it came from: the words alone are the same for all messages of a queue.
fn origin(history: &History, given_up: &Entry) -> (Option<Name>, String) {
    let root = history.path_to(given_up.id).first().map(|entry| entry.name);
    (root, given_up.to_string())
}

/// How many attempts were made at what was given up.
fn attempts(history: &History, given_up: &Entry) -> usize {
    let is_one = |entry: &&Entry| match (&given_up.what, &entry.what) {
        (What::GivenUp { arn, .. }, What::Invocation(invocation)) => invocation.arn.to_string() == *arn,
        (What::Moved { .. }, What::Joined { .. }) => true,
        (What::Moved { .. }, What::Delivery(delivery)) => matches!(delivery.from, Source::Messages { .. }),
        _ => false,
    };
    history.entries().iter().filter(|entry| entry.cause == given_up.cause).filter(is_one).count()
}

impl Violation {
    pub fn new(kind: Kind, place: Option<Place>, seen: String) -> Self {
        Self { kind, place, seen }
    }

    /// What tells one cause from another: the way in which it is wrong, and where.
    pub fn key(&self) -> (Kind, String) {
        let place = self.place.as_ref().map(|place| super::reduce::shape(&place.to_string()));
        (self.kind.clone(), place.unwrap_or_default())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fails(_) => "a function fails",
            Self::LeftBehind => "nobody waits for a task",
            Self::Panicked => "the scenario panicked",
            Self::Endless => "the run does not end",
            Self::Lost => "something is lost",
            Self::Repeated => "not idempotent",
            Self::Unexpected => "something is there that should not be",
            Self::Changed => "something else is there",
            Self::Mixed => "two versions are mixed",
            Self::LeftOpen => "an upload is left open",
            Self::GaveUp => "given up, although the fault passed",
            Self::Silent => "a failure that nobody is told of",
            Self::Manners(rule) => rule,
            Self::Invariant(name) => return write!(f, "an invariant does not hold: {name}"),
            Self::Check => "the check failed",
            Self::Inert => "a fault that did not fire",
        })
    }
}

impl Kind {
    /// What the user may do about it.
    pub fn advice(&self, place: Option<&Place>) -> Option<String> {
        let place = || place.map(ToString::to_string).unwrap_or_default();
        Some(match self {
            Self::Fails(function) => format!("if the scenario means it to fail, say .failing({function:?})"),
            Self::LeftBehind => {
                "await what is spawned: Lambda freezes it when the handler has answered; what the test does is .ignoring(…)"
                    .to_owned()
            }
            Self::Panicked => "a scenario asserts nothing: what must hold at the end belongs into check()".to_owned(),
            Self::Repeated => format!(
                "AWS delivers at least once: either recognise what was done before, or say .at_least_once({:?})",
                place()
            ),
            Self::Lost | Self::Unexpected | Self::Changed => {
                format!("if this difference is meant, say .ignoring({:?})", place())
            }
            Self::Mixed => format!(
                "an event is about one version of its object: read that one (versionId), or take all that you use from the \
                 object as it is now, or refuse another one (If-Match with the event's eTag); if this is meant, say \
                 .ignoring({:?})",
                place()
            ),
            Self::LeftOpen => {
                "abort an upload that fails: its parts are stored, and paid for, until somebody does".to_owned()
            }
            Self::Manners(manners::NEVER_DELETED) => {
                format!("delete what is done, by its receipt handle; if it is to stay, say .ignoring({:?})", place())
            }
            Self::Silent => "let the function fail, or tell somebody: what is swallowed here is lost".to_owned(),
            _ => return None,
        })
    }
}
