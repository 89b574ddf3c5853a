//! Bodies of messages.

use std::fmt;
use std::sync::Arc;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::draws::Draws;
use super::tree::Generate;
use super::{S3Events, s3_event, s3_test_event, text};
use crate::event::Document;

/// Which bodies are generated.
#[derive(Clone)]
pub(super) enum Bodies {
    Any,
    OneOf(Vec<String>),
    /// Notifications of S3.
    OfS3(Box<S3Events>),
    /// Draws from somebody else's strategy.
    Drawn(Arc<dyn Fn(&mut TestRunner) -> String + Send + Sync>),
}

impl fmt::Debug for Bodies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("Any"),
            Self::OneOf(bodies) => f.debug_tuple("OneOf").field(bodies).finish(),
            Self::OfS3(events) => f.debug_tuple("OfS3").field(events).finish(),
            Self::Drawn(_) => f.write_str("Drawn"),
        }
    }
}

impl Bodies {
    /// A body of at most `limit` bytes. `room` is what is left for the whole batch, and is reduced.
    pub(super) fn generate(&self, source: &mut Draws<'_>, limit: usize, room: &mut usize) -> String {
        let body = match self {
            Self::Any => any(source, limit, *room),
            Self::OneOf(bodies) => source.pick(bodies).clone(),
            Self::OfS3(events) => of_s3(source, events, limit.min(*room)),
            Self::Drawn(draw) => drawn(source, &**draw),
        };
        let body = if body.len() <= limit { body } else { "a".to_owned() };
        *room = room.saturating_sub(body.len());
        body
    }
}

fn any(source: &mut Draws<'_>, limit: usize, room: usize) -> String {
    if source.one_in(1024) && room >= limit {
        return "a".repeat(limit);
    }
    let body = match source.up_to(7) {
        0 => source.pick::<&str>(text::PLAIN).to_string(),
        1 => text::nasty(source),
        2 => serde_json::json!({ "message": text::nasty(source), "n": source.up_to(u64::MAX) }).to_string(),
        // JSON that holds JSON as text, as after SNS and a careless producer.
        3 => {
            let inner = serde_json::json!({ "log": text::nasty(source) }).to_string();
            serde_json::json!({ "Type": "Notification", "Message": inner }).to_string()
        }
        4 => {
            let event = s3_event().records(1..=1).generate(source);
            serde_json::to_string(&event).expect("events print as JSON")
        }
        5 => source.list(1..=4, 2, |source, _| text::word(source)).join(*source.pick::<&str>(&["\n", "\r\n", "\r"])),
        6 => source.pick::<&str>(&[" ", "null", "0", "\"\"", "{}", "[]", "\r\n", "{\"a\":", "\u{feff}{}"]).to_string(),
        _ => format!("  {}\t", text::nasty(source)),
    };
    if body.len() <= limit { body } else { "a".to_owned() }
}

/// An event, or once in a while the test event. What is too long for a message loses records.
fn of_s3(source: &mut Draws<'_>, events: &S3Events, limit: usize) -> String {
    if source.one_in(8) {
        return s3_test_event().with_unknown(events.unknown()).generate(source).to_text();
    }
    let mut event = events.generate(source);
    let mut text = event.to_text();
    while text.len() > limit && event.records.len() > 1 {
        event.records.truncate(event.records.len() / 2);
        text = event.to_text();
    }
    text
}

impl Bodies {
    /// Bodies of somebody else's strategy.
    pub(super) fn from_strategy(bodies: impl Strategy<Value = String> + Send + Sync + 'static) -> Self {
        Self::Drawn(Arc::new(move |runner| match bodies.new_tree(runner) {
            Ok(tree) => tree.current(),
            Err(reason) => panic!("the strategy of the bodies rejected: {reason}"),
        }))
    }
}

/// One choice is the whole seed of the other strategy.
fn drawn(source: &mut Draws<'_>, draw: &dyn Fn(&mut TestRunner) -> String) -> String {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&source.up_to(u64::MAX).to_le_bytes());
    let config = Config { failure_persistence: None, ..Config::default() };
    let body = draw(&mut TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed)));
    if crate::event::check_message_body(&body).is_ok() { body } else { "a".to_owned() }
}
