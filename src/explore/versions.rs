//! An object that is overwritten between its event and the reading: whoever mixes what the event says with what it reads
//! now has two versions in one.
//!
//! What the other writing leads to is no failure: another event, another content. So the end is not compared with the ordinary
//! one alone, but also with two more in which the same writing mixes with nothing: it comes when all is done, or the object had
//! that content from the beginning. What is missing or comes again is let pass, but each text must be in one of the three.

use std::collections::BTreeMap;
use std::ops::AsyncFn;

use tokio::runtime::Runtime;

use super::oracle::{Kind, Ordinary, Violation};
use super::phases::Exploration;
use super::run::{Ended, Ran, run, run_then};
use super::view::{Place, View};
use crate::choice::{Deviation, Plan};
use crate::cloud::Cloud;

impl<S: AsyncFn(&Cloud) + Sync> Exploration<'_, S> {
    /// What is at the end of a run that belongs to no version of the object that was overwritten.
    pub fn mixed(&self, runtime: &Runtime, ordinary: &Ordinary, ran: &Ran) -> Vec<Violation> {
        let Some((bucket, key)) = overwritten(ran) else { return Vec::new() };
        let builder = || self.builder(ordinary, &Plan::new());
        let later = async |cloud: &Cloud| cloud.overwrite(bucket, key);
        let versions = version_ids(&ordinary.ran);
        let here = self.texts(ordinary, ran, &versions);
        let mut strange: BTreeMap<Text, Place> =
            here.into_iter().filter(|(_, place)| self.is_compared(ran, place)).collect();
        let mut keep_others = |other: &Ran| {
            let known = self.texts(ordinary, other, &versions);
            strange.retain(|text, _| !known.contains_key(text));
            strange.is_empty()
        };
        if keep_others(&ordinary.ran)
            || keep_others(&run_then(runtime, self.scenario, builder(), later))
            || keep_others(&run(runtime, self.scenario, builder().put_otherwise(bucket, key)))
        {
            return Vec::new();
        }
        let told = |(text, place): (Text, Place)| {
            let seen = format!("{place}: {:?} is of no single version of s3://{bucket}/{key}", text.text);
            Violation::new(Kind::Mixed, Some(place), seen)
        };
        strange.into_iter().map(told).collect()
    }

    /// The texts at the end of a run.
    fn texts(&self, ordinary: &Ordinary, ran: &Ran, versions: &[String]) -> BTreeMap<Text, Place> {
        let mut all = BTreeMap::new();
        for (place, texts) in View::of(&ran.state).0 {
            let masked = ordinary.masks.place(&place);
            for text in texts {
                let named = |id: &&String| text.contains(*id) || place.to_string().contains(*id);
                let versions = versions.iter().filter(named).cloned().collect();
                let text = ordinary.masks.text(&masked, &text);
                all.insert(Text { place: masked.to_string(), text, versions }, masked.clone());
            }
        }
        all
    }

    fn is_compared(&self, ran: &Ran, place: &Place) -> bool {
        let by_itself = match place {
            Place::Object { .. } | Place::Channel { .. } => true,
            // What is given up is another event.
            Place::Queue { .. } | Place::Bus { .. } => ran.history.given_up().is_empty(),
            Place::Uploads { .. } | Place::GivenUp { .. } => false,
        };
        by_itself && !self.settings.ignores(&place.to_string())
    }
}

/// A text without what is volatile in it and in its place, but with the versions that are named there: their ids are volatile
/// too, and say what the text is about.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Text {
    place: String,
    text: String,
    versions: Vec<String>,
}

/// The ids of versions that the events of a run name, however deep they are wrapped.
fn version_ids(ran: &Ran) -> Vec<String> {
    let mut ids = Vec::new();
    for invoked in ran.history.invocations() {
        let event = String::from_utf8_lossy(&invoked.invocation.event).into_owned();
        for behind in event.split("versionId").skip(1) {
            let id = behind.trim_start_matches(['\\', '"', ':', ' ']);
            let end = id.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).unwrap_or(id.len());
            // Shorter ones are no ids, but words such as null.
            if end > 4 && !ids.iter().any(|known| *known == id[..end]) {
                ids.push(id[..end].to_owned());
            }
        }
    }
    ids
}

/// The bucket and the key of the object whose overwriting is all that was not ordinary in a run.
fn overwritten(ran: &Ran) -> Option<(&str, &str)> {
    let mut taken = ran.course.points().iter().filter(|point| point.taken.is_some());
    let (first, second) = (taken.next()?, taken.next());
    let is_it = ran.ended == Ended::Drained && second.is_none() && first.taken == Some(Deviation::OverwrittenSince);
    first.label.split_once(' ').filter(|_| is_it)?.1.split_once('/')
}
