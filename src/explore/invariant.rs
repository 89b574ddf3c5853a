//! What must hold at the end of every run, whatever happened on the way.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::repeats::was_killed;
use super::view::{Place, View};
use crate::choice::Plan;
use crate::cloud::CloudState;
use crate::history::{Actor, Entry, EntryId, History, LATE_ANSWER, Outcome, What};

/// The end of a run, as an [`Invariant`] sees it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct End<'a> {
    /// What the cloud holds.
    pub state: &'a CloudState,
    /// Everything that happened.
    pub history: &'a History,
    /// What the cloud holds after the ordinary course.
    pub ordinary: &'a CloudState,
    /// The deviations that came to pass.
    pub plan: &'a Plan,
}

/// Something that must hold at the end of every run of [`explore`](crate::explore), the ordinary one too.
///
/// ```
/// use lambda_testkit::Invariant;
///
/// let small = Invariant::new("at most 10 requests", |end| match end.history.requests().count() {
///     ..=10 => Ok(()),
///     count => Err(format!("{count} requests")),
/// });
/// # let _ = small;
/// ```
#[derive(Clone)]
pub struct Invariant {
    name: Arc<str>,
    #[expect(clippy::type_complexity, reason = "it is named nowhere else")]
    holds: Arc<dyn for<'a> Fn(&End<'a>) -> Result<(), String> + Send + Sync>,
}

impl Invariant {
    /// An invariant of your own; the error says what was found instead.
    pub fn new(
        name: impl Into<String>,
        holds: impl for<'a> Fn(&End<'a>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into().into(), holds: Arc::new(holds) }
    }

    /// What it says, in words.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it holds at this end.
    ///
    /// # Errors
    ///
    /// What was found instead.
    pub fn check(&self, end: &End<'_>) -> Result<(), String> {
        (self.holds)(end)
    }

    /// Nothing that the ordinary end holds is missing, unless a dead-letter queue or a given-up event stands for it.
    pub fn nothing_lost() -> Self {
        Self::new("nothing is lost", |end| {
            let (ordinary, here) = (View::of(end.ordinary), View::of(end.state));
            let missing = ordinary.0.keys().find(|place| !here.0.contains_key(*place));
            match missing {
                Some(place) if end.history.given_up().is_empty() => Err(format!("{place} is empty")),
                _ => Ok(()),
            }
        })
    }

    /// Nothing is posted, sent or written more often than in the ordinary course at the places whose name contains
    /// `place`, such as `slack #alarms`, `queue orders` or `s3://reports`; not even after a crash.
    pub fn at_most_once(place: impl Into<String>) -> Self {
        let part = place.into();
        Self::new(format!("at most once: {part}"), move |end| {
            let (ordinary, here) = (View::of(end.ordinary), View::of(end.state));
            for (place, texts) in here.0.iter().filter(|(place, _)| place.to_string().contains(&part)) {
                let count = |texts: &[String], text: &str| texts.iter().filter(|other| *other == text).count();
                let before = |text: &str| ordinary.0.get(place).map_or(0, |texts| count(texts, text)).max(1);
                if let Some(text) = texts.iter().find(|text| count(texts, text) > before(text)) {
                    return Err(format!("{place}: {text:?} {} times", count(texts, text)));
                }
            }
            Ok(())
        })
    }

    /// The texts that are posted to a Slack channel, or sent to a queue, come in the order of the ordinary course; repeats
    /// of one that has come do not count. `place` is `slack #channel` or `queue name`.
    pub fn same_order(place: impl Into<String>) -> Self {
        let part = place.into();
        Self::new(format!("the same order: {part}"), move |end| {
            for (channel, ordinary) in &end.ordinary.slack {
                let place = Place::Channel { name: channel.clone() }.to_string();
                let here = end.state.slack.get(channel).map_or(&[][..], Vec::as_slice);
                if place.contains(&part) {
                    in_order(&place, ordinary, here)?;
                }
            }
            for (arn, queue) in &end.ordinary.queues {
                let place = Place::Queue { name: queue.name.clone() }.to_string();
                let bodies = |state: &CloudState| -> Vec<String> {
                    let messages = state.queues.get(arn).map_or(&[][..], |queue| &queue.messages);
                    messages.iter().map(|message| message.body.clone()).collect()
                };
                if place.contains(&part) {
                    in_order(&place, &bodies(end.ordinary), &bodies(end.state))?;
                }
            }
            Ok(())
        })
    }

    /// Functions write objects to no other places than those that begin with one of these: `bucket` or `bucket/prefix`.
    pub fn writes_only_to<P: Into<String>>(places: impl IntoIterator<Item = P>) -> Self {
        let places: Vec<String> = places.into_iter().map(Into::into).collect();
        Self::new(format!("writes only to {}", places.join(", ")), move |end| {
            let writes = ["PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject", "DeleteObjects"];
            let requests = end.history.requests().service("s3").filter(|answered| {
                matches!(answered.entry.actor, Actor::Function(_)) && writes.contains(&&*answered.request.operation)
            });
            let elsewhere = |resource: &str| !places.iter().any(|place| resource.starts_with(place.as_str()));
            match requests.into_iter().find(|answered| elsewhere(&answered.request.resource)) {
                Some(answered) => Err(answered.request.subject()),
                None => Ok(()),
            }
        })
    }

    /// Each invocation takes at most so long on the cloud's clock, unless the cloud itself held it up.
    pub fn finishes_within(time: Duration) -> Self {
        Self::new(format!("each invocation finishes within {time:?}"), move |end| {
            let killed = |outcome: &Outcome| matches!(outcome, Outcome::Failed { error, .. } if was_killed(error));
            let held_up = |invocation: EntryId| {
                let is_late = |entry: &&Entry| matches!(&entry.what, What::Note(text) if text.starts_with(LATE_ANSWER));
                let of = |entry: &Entry| end.history.get(entry.cause?)?.cause;
                end.history.entries().iter().filter(is_late).any(|entry| of(entry) == Some(invocation))
            };
            let slow = end.history.invocations().into_iter().find(|invoked| {
                !killed(&invoked.entry.outcome)
                    && invoked.duration().is_some_and(|took| took > time)
                    && !held_up(invoked.entry.id)
            });
            slow.map_or(Ok(()), |invoked| Err(format!("{} took {:?}", invoked.invocation, invoked.duration())))
        })
    }

    /// No invocation leads to another one of the same function.
    pub fn no_recursion() -> Self {
        Self::new("no recursion", |end| {
            for invoked in end.history.invocations() {
                let path = end.history.path_to(invoked.entry.id);
                let same = |what: &What| matches!(what, What::Invocation(other) if other.arn == invoked.invocation.arn);
                if path.iter().filter(|entry| same(&entry.what)).count() > 1 {
                    return Err(format!("{} led to itself", invoked.invocation.function));
                }
            }
            Ok(())
        })
    }

    /// No event is given up and no message moved to a dead-letter queue, in the ordinary course either.
    pub fn no_dead_letters() -> Self {
        Self::new("no dead letters", |end| match end.history.given_up().first() {
            Some(entry) => Err(entry.to_string()),
            None => Ok(()),
        })
    }

    /// Nothing happens after this time.
    pub fn over_by(time: Timestamp) -> Self {
        Self::new(format!("over by {time}"), move |end| {
            let late = end.history.entries().iter().find(|entry| entry.at > time);
            late.map_or(Ok(()), |entry| Err(format!("at {}: {entry}", entry.at)))
        })
    }
}

/// Whether those texts of the ordinary end that are here come in its order, each counted where it comes first.
fn in_order(place: &str, ordinary: &[String], here: &[String]) -> Result<(), String> {
    let seen = firsts(here, ordinary);
    match firsts(ordinary, here).into_iter().zip(seen).find(|(wanted, found)| wanted != found) {
        Some((wanted, found)) => Err(format!("{place}: {found:?} before {wanted:?}")),
        None => Ok(()),
    }
}

/// The texts of one list that another has too, without repeats.
fn firsts<'a>(of: &'a [String], also_in: &[String]) -> Vec<&'a String> {
    let mut firsts = Vec::new();
    for text in of.iter().filter(|text| also_in.contains(text)) {
        if !firsts.contains(&text) {
            firsts.push(text);
        }
    }
    firsts
}

impl fmt::Debug for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Invariant").field(&self.name).finish()
    }
}
