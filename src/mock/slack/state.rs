//! The channels with their webhooks, what was posted to them, and the answers that a test has scripted.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde_json::Value;

use super::rules::{self, Word};
use crate::kernel::Ids;

/// A message that was posted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SlackMessage {
    /// The text; empty when the message has only blocks or attachments.
    pub text: String,
    /// The whole payload, as it was sent.
    pub payload: Value,
    /// When it was posted, on the cloud's clock.
    pub at: Timestamp,
}

/// An answer that the next request gets, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scripted {
    pub status: u16,
    pub body: String,
    pub retry_after: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct SlackState {
    channels: BTreeMap<String, Channel>,
    /// Answers that are given before anything else, first come, first served.
    pub scripted: VecDeque<Scripted>,
}

#[derive(Debug, Default)]
struct Channel {
    path: String,
    messages: Vec<SlackMessage>,
}

impl SlackState {
    /// The path of the channel's webhook, made from `ids` on first use.
    pub fn webhook(&mut self, channel: &str, ids: &mut Ids) -> String {
        let channel = self.channels.entry(channel.to_owned()).or_default();
        if channel.path.is_empty() {
            channel.path = format!("/services/T{}/B{}/{}", ids.upper(8), ids.upper(10), ids.lower(24));
        }
        channel.path.clone()
    }

    /// What was posted to the channel; the error names the channels that have a webhook.
    pub fn messages(&self, channel: &str) -> Result<&[SlackMessage], Vec<String>> {
        match self.channels.get(channel) {
            Some(channel) => Ok(&channel.messages),
            None => Err(self.channels.keys().cloned().collect()),
        }
    }

    /// The channels that have a webhook, with what was posted to them.
    pub fn channels(&self) -> impl Iterator<Item = (&str, &[SlackMessage])> {
        self.channels.iter().map(|(name, channel)| (name.as_str(), channel.messages.as_slice()))
    }

    pub fn post(&mut self, channel: &str, message: SlackMessage) {
        self.channels.entry(channel.to_owned()).or_default().messages.push(message);
    }

    /// The channel that a path is the webhook of, or what Slack says to a wrong one.
    pub fn find(&self, path: &str) -> Result<String, Word> {
        let parts: Vec<&str> = path.split('/').collect();
        let ["", "services", team, service, token] = parts.as_slice() else { return Err(rules::NO_TEAM) };
        let known = |parts: &[&str]| {
            let prefix = format!("/services/{}", parts.join("/"));
            self.channels.values().any(|channel| channel.path.starts_with(&format!("{prefix}/")))
        };
        if let Some((name, _)) = self.channels.iter().find(|(_, channel)| channel.path == path) {
            return Ok(name.clone());
        }
        match (known(&[team]), known(&[team, service]), token.is_empty()) {
            (false, ..) => Err(rules::NO_TEAM),
            (true, false, _) => Err(rules::NO_SERVICE),
            (true, true, _) => Err(rules::INVALID_TOKEN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_url_is_refused_by_its_first_wrong_part() {
        let mut state = SlackState::default();
        let path = state.webhook("#general", &mut Ids::new(1));
        assert_eq!(state.webhook("#general", &mut Ids::new(2)), path, "made once");
        assert_eq!(state.find(&path), Ok("#general".to_owned()));
        let parts: Vec<&str> = path.split('/').collect();
        assert_eq!(state.find(&format!("/services/{}/{}/wrong", parts[2], parts[3])), Err(rules::INVALID_TOKEN));
        assert_eq!(state.find(&format!("/services/{}/B0/x", parts[2])), Err(rules::NO_SERVICE));
        assert_eq!(state.find("/services/T0/B0/x"), Err(rules::NO_TEAM));
        assert_eq!(state.messages("#random"), Err(vec!["#general".to_owned()]));
    }
}
