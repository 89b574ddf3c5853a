//! The channels with their webhooks, what was posted to them, and the answers that a test has scripted.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::rules::{self, Word};
use crate::choice::ScriptedAnswer;
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

#[derive(Debug, Default)]
pub(super) struct SlackState {
    channels: BTreeMap<String, Channel>,
    /// Answers of the next requests, first come, first served.
    scripted: VecDeque<ScriptedAnswer>,
    /// Until when every request is refused.
    limited_until: Option<Timestamp>,
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

    /// Answers the next `count` requests so, whatever they say.
    pub fn script(&mut self, answer: &ScriptedAnswer, count: usize) {
        self.scripted.extend(std::iter::repeat_n(answer, count).cloned());
    }

    /// Refuses every request before `until` that no other answer was scripted for.
    pub fn limit_until(&mut self, until: Timestamp) {
        self.limited_until = Some(until);
    }

    /// What was scripted for a request that comes now.
    pub fn scripted(&mut self, now: Timestamp) -> Option<ScriptedAnswer> {
        self.scripted.pop_front().or_else(|| {
            let left = Duration::try_from(self.limited_until?.duration_since(now)).ok()?;
            (!left.is_zero()).then(|| rate_limited(left))
        })
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

/// Slack's word that there were too many posts, with the time to wait, rounded up to whole seconds.
///
/// <https://docs.slack.dev/apis/web-api/rate-limits>
pub(super) fn rate_limited(wait: Duration) -> ScriptedAnswer {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
    ScriptedAnswer { status: 429, text: "rate_limited".to_owned(), retry_after: Some(seconds) }
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

    #[test]
    fn answers_for_the_next_requests_come_before_a_limit_whose_rest_is_rounded_up() {
        let (mut state, start) = (SlackState::default(), Timestamp::UNIX_EPOCH);
        let down = ScriptedAnswer { status: 503, text: "down".to_owned(), retry_after: None };
        state.limit_until(crate::kernel::later(start, Duration::from_millis(2_500)));
        state.script(&down, 1);
        let mut at = |milliseconds| {
            let answer = state.scripted(crate::kernel::later(start, Duration::from_millis(milliseconds)));
            answer.map(|answer| (answer.status, answer.retry_after))
        };
        assert_eq!(at(0), Some((503, None)));
        assert_eq!([at(0), at(500), at(501), at(2_499)], [3, 2, 2, 1].map(|left| Some((429, Some(left)))));
        assert_eq!((at(2_500), at(9_000)), (None, None));
        assert_eq!(rate_limited(Duration::MAX).retry_after, Some(u64::MAX));
    }
}
