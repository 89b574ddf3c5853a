//! A FIFO queue against its promises: order within a group, one consumer per group, no duplicates.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::ReceiveRequest;
use super::tests::{bed, by, queue_id};
use crate::mock::sqs::message::OutgoingMessage;

const TIMEOUT: i64 = 30;
const WINDOW: i64 = 300;

#[derive(Debug, Clone)]
enum Step {
    Send { group: u8, id: u8 },
    Receive { most: usize, timeout: Option<i64> },
    Delete { handle: prop::sample::Index },
    ChangeVisibility { handle: prop::sample::Index, timeout: i64 },
    Advance { seconds: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0_u8..3, 0_u8..30).prop_map(|(group, id)| Step::Send { group, id }),
        4 => (1_usize..5, prop::option::of(0_i64..60))
            .prop_map(|(most, timeout)| Step::Receive { most, timeout }),
        3 => any::<prop::sample::Index>().prop_map(|handle| Step::Delete { handle }),
        2 => (any::<prop::sample::Index>(), 0_i64..60)
            .prop_map(|(handle, timeout)| Step::ChangeVisibility { handle, timeout }),
        3 => prop_oneof![4 => 0_i64..40, 1 => 200_i64..400].prop_map(|seconds| Step::Advance { seconds }),
    ]
}

/// A message of the model: its name, and the end of its invisibility.
#[derive(Debug, Clone)]
struct Known {
    name: String,
    hidden_until: i64,
    receives: u32,
}

proptest! {
    #[test]
    fn a_group_is_received_in_order_and_never_past_a_hidden_message(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let queue = queue_id("orders.fifo");
        let mut bed = bed();
        bed.create("orders.fifo", &[("FifoQueue", "true")]);
        let mut now = 0;
        let mut groups: BTreeMap<String, Vec<Known>> = BTreeMap::new();
        let mut seen: BTreeMap<u8, (i64, String)> = BTreeMap::new();
        // Handle, name of the message, its group, the receive count of that receive.
        let mut handles: Vec<(String, String, String, u32)> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Send { group, id } => {
                    let group = format!("g{group}");
                    let message = OutgoingMessage {
                        body: format!("m{number}"),
                        group_id: Some(group.clone()),
                        deduplication_id: Some(format!("d{id}")),
                        ..Default::default()
                    };
                    let sent = bed.state.send(bed.now, &mut bed.ids, &queue, by("me"), &message).unwrap();
                    let first = seen.get(&id).filter(|(end, _)| *end > now);
                    prop_assert_eq!(sent.duplicate, first.is_some());
                    if let Some((_, message_id)) = first {
                        prop_assert_eq!(&sent.message_id, message_id);
                    } else {
                        seen.insert(id, (now + WINDOW, sent.message_id));
                        let known = Known { name: message.body, hidden_until: now, receives: 0 };
                        groups.entry(group).or_default().push(known);
                    }
                }
                Step::Receive { most, timeout } => {
                    let request = ReceiveRequest { max_messages: most, visibility_timeout: timeout };
                    let received = bed.state.receive(bed.now, &queue, request, &|all| all).unwrap();
                    prop_assert!(received.len() <= most);
                    let mut by_group: BTreeMap<String, Vec<String>> = BTreeMap::new();
                    for received in &received {
                        let group = received.message.group_id.clone().unwrap();
                        by_group.entry(group).or_default().push(received.message.body.clone());
                    }
                    for (group, known) in &groups {
                        let ready = known.iter().take_while(|known| known.hidden_until <= now);
                        let ready: Vec<_> = ready.map(|known| known.name.clone()).collect();
                        let got = by_group.remove(group).unwrap_or_default();
                        prop_assert!(ready.starts_with(&got), "{group}: {got:?} of {ready:?}");
                        prop_assert!(received.len() == most || got == ready, "{group}: {got:?} of {ready:?}");
                    }
                    prop_assert!(by_group.is_empty());
                    for received in received {
                        let (body, group) = (received.message.body, received.message.group_id.unwrap());
                        let known = groups.get_mut(&group).unwrap();
                        let known = known.iter_mut().find(|known| known.name == body).unwrap();
                        known.hidden_until = now + timeout.unwrap_or(TIMEOUT);
                        known.receives += 1;
                        prop_assert_eq!(known.receives, received.message.receive_count);
                        handles.push((received.receipt_handle, body, group, known.receives));
                    }
                }
                Step::Delete { handle } if !handles.is_empty() => {
                    let (handle, name, group, receive) = &handles[handle.index(handles.len())];
                    let known = groups.get_mut(group).unwrap();
                    let place = known.iter().position(|known| known.name == *name);
                    let held = place.is_none_or(|place| {
                        known[place].hidden_until > now && known[place].receives == *receive
                    });
                    let deleted = bed.state.delete(bed.now, &queue, handle);
                    prop_assert_eq!(deleted.is_ok(), held);
                    if let (Some(place), true) = (place, held) {
                        known.remove(place);
                    }
                }
                Step::ChangeVisibility { handle, timeout } if !handles.is_empty() => {
                    let (handle, name, group, receive) = &handles[handle.index(handles.len())];
                    let known = groups.get_mut(group).unwrap().iter_mut();
                    let held = known
                        .filter(|known| known.hidden_until > now && known.receives == *receive)
                        .find(|known| known.name == *name);
                    let changed = bed.state.change_visibility(bed.now, &queue, handle, timeout);
                    prop_assert_eq!(changed.is_ok(), held.is_some());
                    if let Some(known) = held {
                        known.hidden_until = now + timeout;
                    }
                }
                Step::Delete { .. } | Step::ChangeVisibility { .. } => {}
                Step::Advance { seconds } => {
                    bed.advance(seconds);
                    now += seconds;
                }
            }
            let counts = bed.state.counts(bed.now, &queue).unwrap();
            let all: Vec<_> = groups.values().flatten().collect();
            prop_assert_eq!(counts.visible + counts.in_flight, all.len());
            prop_assert_eq!(counts.in_flight, all.iter().filter(|known| known.hidden_until > now).count());
        }
    }
}
