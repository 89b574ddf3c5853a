//! Where two states differ, in words.

use std::collections::BTreeMap;
use std::fmt;

use super::{BucketState, CloudState, MessageState, ObjectState, QueueState};

/// One place in which two states differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// What differs: `s3://bucket/key`, `queue NAME`, `event bus NAME`, `slack #channel`, `function NAME`.
    pub place: String,
    /// How.
    pub how: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.how)
    }
}

/// All differences of two states, printed one a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateDiff(Vec<Difference>);

impl StateDiff {
    /// Whether the states are equal.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The differences: of objects, then of queues, event buses, functions and channels.
    pub fn differences(&self) -> &[Difference] {
        &self.0
    }

    pub(super) fn between(first: &CloudState, second: &CloudState) -> Self {
        let mut diff = Self::default();
        diff.maps(&first.buckets, &second.buckets, |name| format!("s3://{name}"), |_| "a bucket".to_owned(), buckets);
        diff.maps(&first.queues, &second.queues, queue_name, |_| "a queue".to_owned(), queues);
        let events = |bus: &super::BusState| format!("{} events", bus.events.len());
        diff.maps(&first.buses, &second.buses, bus_name, events, |diff, arn, one, two| {
            diff.lists(&bus_name(arn), &one.events, &two.events, "event", |text| shown(text.as_bytes()));
        });
        let given_up = |diff: &mut Self, arn: &str, first: &super::FunctionState, second: &super::FunctionState| {
            let how = format!("{} of its events given up ≠ {}", first.given_up, second.given_up);
            diff.note(format!("function {}", arn.rsplit(':').next().unwrap_or(arn)), how);
        };
        let name = |arn: &str| format!("function {}", arn.rsplit(':').next().unwrap_or(arn));
        diff.maps(&first.functions, &second.functions, name, |_| "a function".to_owned(), given_up);
        let texts = |texts: &Vec<String>| format!("{} messages", texts.len());
        diff.maps(
            &first.slack,
            &second.slack,
            |channel| format!("slack {channel}"),
            texts,
            |diff, channel, one, two| {
                diff.lists(&format!("slack {channel}"), one, two, "post", |text| shown(text.as_bytes()));
            },
        );
        diff
    }

    fn note(&mut self, place: impl Into<String>, how: impl Into<String>) {
        self.0.push(Difference { place: place.into(), how: how.into() });
    }

    /// Compares two maps: what only one has, and what both have and is not the same.
    fn maps<V: PartialEq>(
        &mut self,
        first: &BTreeMap<String, V>,
        second: &BTreeMap<String, V>,
        place: impl Fn(&str) -> String,
        describe: impl Fn(&V) -> String,
        differ: impl Fn(&mut Self, &str, &V, &V),
    ) {
        let mut keys: Vec<&String> = first.keys().chain(second.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            match (first.get(key), second.get(key)) {
                (Some(one), Some(two)) if one != two => differ(self, key, one, two),
                (Some(one), None) => self.note(place(key), format!("only in the first: {}", describe(one))),
                (None, Some(two)) => self.note(place(key), format!("only in the second: {}", describe(two))),
                _ => {}
            }
        }
    }

    /// Compares two lists: what one has more often than the other, or else in another order.
    fn lists<T: PartialEq>(&mut self, place: &str, one: &[T], two: &[T], noun: &str, show: impl Fn(&T) -> String) {
        let before = self.0.len();
        let count = |list: &[T], item: &T| list.iter().filter(|other| *other == item).count();
        let mut seen: Vec<&T> = Vec::new();
        for item in one.iter().chain(two) {
            let (here, there) = (count(one, item), count(two, item));
            if here != there && !seen.contains(&item) {
                seen.push(item);
                self.note(
                    place,
                    format!("{noun} {}: {} in the first, {} in the second", show(item), times(here), times(there)),
                );
            }
        }
        if self.0.len() == before {
            self.note(place, format!("the same {noun}s in another order"));
        }
    }
}

impl fmt::Display for StateDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|difference| writeln!(f, "{difference}"))
    }
}

fn buckets(diff: &mut StateDiff, name: &str, one: &BucketState, two: &BucketState) {
    let place = |key: &str| format!("s3://{name}/{key}");
    if (&one.owner, &one.region) != (&two.owner, &two.region) {
        let how = format!("of {} in {} ≠ of {} in {}", one.owner, one.region, two.owner, two.region);
        diff.note(format!("s3://{name}"), how);
    }
    diff.maps(
        &one.objects,
        &two.objects,
        place,
        |object| described(&object.bytes),
        |diff, key, one, two| {
            diff.note(place(key), object(one, two));
        },
    );
    if one.open_uploads != two.open_uploads {
        let how = format!("open uploads {:?} ≠ {:?}", one.open_uploads, two.open_uploads);
        diff.note(format!("s3://{name}"), how);
    }
}

fn object(one: &ObjectState, two: &ObjectState) -> String {
    if one.bytes != two.bytes {
        let at = one.bytes.iter().zip(&two.bytes).take_while(|(a, b)| a == b).count();
        let from = at.saturating_sub(8);
        let (a, b) = (&one.bytes[from.min(one.bytes.len())..], &two.bytes[from.min(two.bytes.len())..]);
        return format!("the content differs from byte {at} on: …{} ≠ …{}", shown(a), shown(b));
    }
    if one.content_type != two.content_type {
        return format!("content type {:?} ≠ {:?}", one.content_type, two.content_type);
    }
    if one.metadata != two.metadata {
        return format!("metadata {:?} ≠ {:?}", one.metadata, two.metadata);
    }
    format!("tags {:?} ≠ {:?}", one.tags, two.tags)
}

fn queue_name(arn: &str) -> String {
    format!("queue {}", arn.rsplit(':').next().unwrap_or(arn))
}

fn bus_name(arn: &str) -> String {
    format!("event bus {}", arn.rsplit('/').next().unwrap_or(arn))
}

fn queues(diff: &mut StateDiff, arn: &str, one: &QueueState, two: &QueueState) {
    diff.lists(&queue_name(arn), &one.messages, &two.messages, "message", |message: &MessageState| {
        let attributes =
            if message.attributes.is_empty() { String::new() } else { format!(" {:?}", message.attributes) };
        format!("{}{attributes}", shown(message.body.as_bytes()))
    });
}

fn times(count: usize) -> String {
    match count {
        0 => "missing".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

fn described(bytes: &[u8]) -> String {
    let plural = if bytes.len() == 1 { "" } else { "s" };
    format!("{} byte{plural}, {}", bytes.len(), shown(bytes))
}

/// Enough of the content to recognise it.
fn shown(bytes: &[u8]) -> String {
    const SHOWN: usize = 60;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
    let more = if bytes.len() > SHOWN { "…" } else { "" };
    format!("{text:?}{more}")
}
