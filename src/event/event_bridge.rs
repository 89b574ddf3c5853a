//! The envelope of everything that EventBridge delivers.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::derived::Derived;
use super::error::check_uuid;
use super::nullable::present;
use super::time::DEFAULT_TIME;
use super::{AccountId, Json, Object, Region, Time, code, default_account, default_region};

/// An EventBridge event: one envelope for all sources, with a `detail` of each source's own form.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EventBridgeEvent<D> {
    /// The version of the envelope, `0`. Some sample events lack it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The id of the event, a UUID.
    pub id: String,
    /// What kind of event this is, in the words of its source.
    pub detail_type: String,
    /// Where the event comes from: `aws.…` for AWS services.
    pub source: String,
    /// The account of the source.
    pub account: AccountId,
    /// When the event happened; AWS writes whole seconds.
    pub time: Time,
    /// The region of the source.
    pub region: Region,
    /// What the event is about, mostly ARNs.
    pub resources: Vec<String>,
    /// The event itself.
    pub detail: D,
    /// Members that the crate does not know, such as `replay-name`.
    #[serde(flatten)]
    pub unknown: Object,
}

impl<D: fmt::Debug> fmt::Debug for EventBridgeEvent<D> {
    /// The code that builds the event, if the detail is [`Json`] or one of S3's; of all others one block of JSON behind the
    /// name of the type, with the `Debug` of the detail in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = code::bridge_code(self) {
            return f.write_str(&code.render(0));
        }
        let line = |member: &str, value: &str| format!("\"{member}\": {}", Json::from(value));
        // The lines of a value go in with its member.
        let nested = |value: &dyn fmt::Debug| format!("{value:?}").replace('\n', "\n  ");
        let resources = Json::Array(self.resources.iter().map(|resource| Json::from(resource.as_str())).collect());
        let version = self.version.as_deref().map_or_else(String::new, |version| line("version", version) + ", ");
        writeln!(f, "EventBridgeEvent {{\n  {version}{},", line("id", &self.id))?;
        writeln!(f, "  {}, {},", line("detail-type", &self.detail_type), line("source", &self.source))?;
        write!(f, "  {}, ", line("account", self.account.as_str()))?;
        writeln!(f, "{}, {},", line("time", &self.time.to_string()), line("region", self.region.as_str()))?;
        write!(f, "  \"resources\": {resources:?},\n  \"detail\": ")?;
        f.write_str(&nested(&self.detail))?;
        for (name, value) in self.unknown.iter() {
            write!(f, ",\n  {}: {}", Json::from(name), nested(value))?;
        }
        f.write_str("\n}")
    }
}

impl EventBridgeEvent<Json> {
    /// An event as an application puts it with PutEvents, in account `111111111111` and `us-east-1`, at the start
    /// of 2026.
    pub fn custom(source: impl Into<String>, detail_type: impl Into<String>, detail: impl Into<Json>) -> Self {
        let (source, detail_type) = (source.into(), detail_type.into());
        Self {
            version: Some("0".to_owned()),
            id: Derived::from(&[b"custom", source.as_bytes(), detail_type.as_bytes()]).uuid(),
            detail_type,
            source,
            account: default_account(),
            time: Time::seconds(DEFAULT_TIME),
            region: default_region(),
            resources: Vec::new(),
            detail: detail.into(),
            unknown: Object::new(),
        }
    }
}

impl<D> EventBridgeEvent<D> {
    /// The same envelope around another detail.
    pub(super) fn with_detail<E>(&self, detail: E) -> EventBridgeEvent<E> {
        EventBridgeEvent {
            version: self.version.clone(),
            id: self.id.clone(),
            detail_type: self.detail_type.clone(),
            source: self.source.clone(),
            account: self.account.clone(),
            time: self.time.clone(),
            region: self.region.clone(),
            resources: self.resources.clone(),
            detail,
            unknown: self.unknown.clone(),
        }
    }

    /// The id of the event, a UUID.
    ///
    /// # Panics
    ///
    /// When the text is no UUID: EventBridge gives every event one.
    #[must_use]
    #[track_caller]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        match check_uuid("event id", &self.id) {
            Ok(()) => self,
            Err(error) => panic!("cannot build the event: {error}"),
        }
    }

    /// The time of the event, to the second.
    #[must_use]
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = Time::seconds(time);
        self
    }
}
