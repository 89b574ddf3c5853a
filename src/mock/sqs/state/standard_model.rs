//! A standard queue with a dead-letter queue against a model that is a list.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::ReceiveRequest;
use super::tests::{START, bed, by, queue_id};
use crate::mock::sqs::message::{OutgoingMessage, QueueCounts};

const LIMIT: u32 = 2;
const TIMEOUT: i64 = 30;
const RETENTION: i64 = 600;

#[derive(Debug, Clone)]
enum Step {
    Send { delay: i64 },
    Receive { from: Home, most: usize, timeout: Option<i64> },
    Delete { handle: prop::sample::Index },
    ChangeVisibility { handle: prop::sample::Index, timeout: i64 },
    Advance { seconds: i64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    Source,
    DeadLetters,
}

fn step() -> impl Strategy<Value = Step> {
    let home = prop_oneof![3 => Just(Home::Source), 1 => Just(Home::DeadLetters)];
    prop_oneof![
        3 => prop_oneof![Just(0), 0_i64..60].prop_map(|delay| Step::Send { delay }),
        4 => (home, 1_usize..4, prop::option::of(0_i64..90))
            .prop_map(|(from, most, timeout)| Step::Receive { from, most, timeout }),
        2 => any::<prop::sample::Index>().prop_map(|handle| Step::Delete { handle }),
        2 => (any::<prop::sample::Index>(), 0_i64..90)
            .prop_map(|(handle, timeout)| Step::ChangeVisibility { handle, timeout }),
        3 => prop_oneof![4 => 0_i64..40, 1 => 200_i64..400].prop_map(|seconds| Step::Advance { seconds }),
    ]
}

/// A message of the model. Where it is `gone`, it was deleted or has expired.
#[derive(Debug, Clone)]
struct Known {
    body: String,
    home: Home,
    gone: bool,
    sent: i64,
    visible_from: i64,
    delayed: bool,
    receives: u32,
    receives_here: u32,
    /// The order of arrival in its present queue.
    arrival: usize,
}

#[derive(Debug, Default)]
struct Model {
    now: i64,
    messages: Vec<Known>,
    arrivals: usize,
}

impl Model {
    fn advance(&mut self, seconds: i64) {
        self.now += seconds;
        for message in &mut self.messages {
            message.gone |= message.sent + RETENTION <= self.now;
            message.delayed &= message.visible_from > self.now;
        }
    }

    fn at(&self, home: Home) -> impl Iterator<Item = &Known> {
        self.messages.iter().filter(move |message| !message.gone && message.home == home)
    }

    fn counts(&self, home: Home) -> QueueCounts {
        let count = |hidden: bool, delayed: bool| {
            self.at(home).filter(|m| (m.visible_from > self.now) == hidden && m.delayed == delayed).count()
        };
        QueueCounts { visible: count(false, false), in_flight: count(true, false), delayed: count(true, true) }
    }

    fn next_change(&self, home: Home) -> Option<i64> {
        self.at(home).map(|message| message.visible_from).filter(|&from| from > self.now).min()
    }

    /// The bodies and receive counts that a receive returns.
    fn receive(&mut self, from: Home, most: usize, timeout: i64) -> Vec<(String, u32)> {
        let now = self.now;
        let mut received = Vec::new();
        let mut order: Vec<usize> = (0..self.messages.len()).collect();
        order.sort_by_key(|&index| self.messages[index].arrival);
        for index in order {
            let message = &mut self.messages[index];
            if message.gone || message.home != from || message.visible_from > now {
                continue;
            }
            if received.len() == most {
                break;
            }
            if from == Home::Source && message.receives_here >= LIMIT {
                message.home = Home::DeadLetters;
                message.receives_here = 0;
                message.arrival = self.arrivals;
                self.arrivals += 1;
                continue;
            }
            message.receives += 1;
            message.receives_here += 1;
            message.visible_from = now + timeout;
            received.push((message.body.clone(), message.receives));
        }
        received
    }
}

proptest! {
    #[test]
    fn every_message_is_visible_in_flight_delayed_dead_lettered_deleted_or_expired(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let (source, dead) = (queue_id("source"), queue_id("dead"));
        let retention = ("MessageRetentionPeriod", RETENTION.to_string());
        let policy = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{LIMIT}}}"#, dead.arn());
        let mut bed = bed();
        bed.create("dead", &[(retention.0, &retention.1)]);
        bed.create("source", &[(retention.0, &retention.1), ("RedrivePolicy", &policy)]);
        let mut model = Model::default();
        // Handle, index of the message in the model, queue of the handle.
        let mut handles: Vec<(String, usize, Home)> = Vec::new();
        for step in steps {
            match step {
                Step::Send { delay } => {
                    let body = format!("m{}", model.messages.len());
                    let message =
                        OutgoingMessage { body: body.clone(), delay_seconds: Some(delay), ..Default::default() };
                    bed.state.send(bed.now, &mut bed.ids, &source, by("me"), &message).unwrap();
                    model.messages.push(Known {
                        body, home: Home::Source, gone: false, sent: model.now, visible_from: model.now + delay,
                        delayed: delay > 0, receives: 0, receives_here: 0, arrival: model.arrivals,
                    });
                    model.arrivals += 1;
                }
                Step::Receive { from, most, timeout } => {
                    let queue = if from == Home::Source { &source } else { &dead };
                    let request = ReceiveRequest { max_messages: most, visibility_timeout: timeout };
                    let received = bed.state.receive(bed.now, queue, request, &|all| all).unwrap();
                    let expected = model.receive(from, most, timeout.unwrap_or(TIMEOUT));
                    let seen: Vec<_> =
                        received.iter().map(|r| (r.message.body.clone(), r.message.receive_count)).collect();
                    prop_assert_eq!(seen, expected);
                    for received in received {
                        let index = received.message.body[1..].parse().unwrap();
                        handles.push((received.receipt_handle, index, from));
                    }
                }
                Step::Delete { handle } if !handles.is_empty() => {
                    let (handle, index, home) = &handles[handle.index(handles.len())];
                    let queue = if *home == Home::Source { &source } else { &dead };
                    prop_assert_eq!(bed.state.delete(bed.now, queue, handle), Ok(()));
                    let message = &mut model.messages[*index];
                    message.gone |= message.home == *home;
                }
                Step::ChangeVisibility { handle, timeout } if !handles.is_empty() => {
                    let (handle, index, home) = &handles[handle.index(handles.len())];
                    let queue = if *home == Home::Source { &source } else { &dead };
                    let done = bed.state.change_visibility(bed.now, queue, handle, timeout);
                    let message = &mut model.messages[*index];
                    prop_assert_eq!(done.is_ok(), !message.gone && message.home == *home);
                    if done.is_ok() {
                        message.visible_from = model.now + timeout;
                    }
                }
                Step::Delete { .. } | Step::ChangeVisibility { .. } => {}
                Step::Advance { seconds } => {
                    bed.advance(seconds);
                    model.advance(seconds);
                }
            }
            for (home, queue) in [(Home::Source, &source), (Home::DeadLetters, &dead)] {
                prop_assert_eq!(bed.state.counts(bed.now, queue).unwrap(), model.counts(home));
                let next = model.next_change(home).map(at);
                prop_assert_eq!(bed.state.next_change(bed.now, queue), next);
                let mut stored: Vec<_> =
                    bed.state.messages(bed.now, queue).unwrap().into_iter().map(|s| s.message.body).collect();
                let mut expected: Vec<_> = model.at(home).map(|message| message.body.clone()).collect();
                stored.sort();
                expected.sort();
                prop_assert_eq!(stored, expected);
            }
        }
    }
}

fn at(seconds: i64) -> Timestamp {
    START.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}
