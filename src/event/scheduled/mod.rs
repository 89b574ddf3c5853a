//! What EventBridge rules and EventBridge Scheduler send at the time of a schedule.

mod input;
mod path;
mod scheduler;
#[cfg(test)]
mod tests;
mod transform;

use jiff::Timestamp;

use super::derived::Derived;
use super::error::{check_uuid, checked};
use super::{
    AccountId, Arn, BuildError, DEFAULT_TIME, EventBridgeEvent, InvalidName, Json, Object, Region, Time,
    default_account, default_region,
};

pub use input::{InputError, RuleContext, TargetInput};
pub use path::EventPath;
pub use scheduler::{MAX_SCHEDULER_INPUT_BYTES, SchedulerContext};
pub use transform::InputTransformer;

/// The event of a schedule. A rule sends `detail` `{}`, Scheduler the string `"{}"`; code for either.
///
/// ```
/// use lambda_testkit::event::ScheduledEvent;
///
/// let event = ScheduledEvent::rule("nightly").build();
/// assert_eq!(event.resources, ["arn:aws:events:us-east-1:111111111111:rule/nightly"]);
/// assert_eq!(event.detail.to_string(), "{}");
/// assert_eq!(ScheduledEvent::scheduler("nightly").build().detail.to_string(), r#""{}""#);
/// ```
pub type ScheduledEvent = EventBridgeEvent<Json>;

/// The `detail-type` of every [`ScheduledEvent`].
pub const SCHEDULED_EVENT: &str = "Scheduled Event";

/// Builds a [`ScheduledEvent`].
#[derive(Debug, Clone)]
#[must_use = "nothing is built until `build` is called"]
pub struct ScheduledEventBuilder {
    origin: Origin,
    region: Option<Region>,
    account: Option<AccountId>,
    time: Timestamp,
    id: Option<String>,
    error: Option<BuildError>,
}

#[derive(Debug, Clone)]
enum Origin {
    Rule { name: String },
    Scheduler { group: String, name: String },
}

impl EventBridgeEvent<Json> {
    /// Starts the event of an EventBridge rule on the default bus.
    pub fn rule(name: impl Into<String>) -> ScheduledEventBuilder {
        ScheduledEventBuilder::new(Origin::Rule { name: name.into() })
    }

    /// Starts the event that a schedule of EventBridge Scheduler without `Input` sends.
    pub fn scheduler(name: impl Into<String>) -> ScheduledEventBuilder {
        ScheduledEventBuilder::new(Origin::Scheduler { group: "default".to_owned(), name: name.into() })
    }
}

impl ScheduledEventBuilder {
    fn new(origin: Origin) -> Self {
        Self { origin, region: None, account: None, time: DEFAULT_TIME, id: None, error: None }
    }

    fn checked<T>(&mut self, value: impl TryInto<T, Error: Into<InvalidName>>) -> Option<T> {
        match checked(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    /// The group of the schedule. Default `default`. Rules have none: setting it is an error.
    pub fn group(mut self, name: impl Into<String>) -> Self {
        match &mut self.origin {
            Origin::Scheduler { group, .. } => *group = name.into(),
            Origin::Rule { .. } => {
                let event = "EventBridge rule".to_owned();
                self.error.get_or_insert(BuildError::NotCarried { event, field: "a schedule group" });
            }
        }
        self
    }

    /// The region. Default `us-east-1`.
    pub fn region(mut self, region: impl TryInto<Region, Error: Into<InvalidName>>) -> Self {
        self.region = self.checked(region);
        self
    }

    /// The account. Default `111111111111`.
    pub fn account(mut self, account: impl TryInto<AccountId, Error: Into<InvalidName>>) -> Self {
        self.account = self.checked(account);
        self
    }

    /// The time of the event, to the second. Default the start of 2026.
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = time;
        self
    }

    /// The id of the event, a UUID. The default is a UUID that follows from name and time.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The event.
    ///
    /// # Panics
    ///
    /// Where [`ScheduledEventBuilder::try_build`] returns an error, with its message.
    #[track_caller]
    pub fn build(self) -> ScheduledEvent {
        match self.try_build() {
            Ok(event) => event,
            Err(error) => panic!("cannot build the scheduled event: {error}"),
        }
    }

    /// The event.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for a bad name, region or account, for an id that is no UUID, and for the group of a rule.
    pub fn try_build(self) -> Result<ScheduledEvent, BuildError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if let Some(id) = &self.id {
            check_uuid("event id", id)?;
        }
        let region = self.region.unwrap_or_else(default_region);
        let account = self.account.unwrap_or_else(default_account);
        let (source, service, resource, detail) = match self.origin {
            Origin::Rule { name } => {
                check_name("rule name", &name)?;
                ("aws.events", "events", format!("rule/{name}"), Json::empty_object())
            }
            Origin::Scheduler { group, name } => {
                check_name("schedule name", &name)?;
                check_name("schedule group name", &group)?;
                ("aws.scheduler", "scheduler", format!("schedule/{group}/{name}"), Json::from("{}"))
            }
        };
        let id = self.id.unwrap_or_else(|| {
            Derived::from(&[source.as_bytes(), resource.as_bytes(), &self.time.as_second().to_le_bytes()]).uuid()
        });
        Ok(EventBridgeEvent {
            version: Some("0".to_owned()),
            id,
            detail_type: SCHEDULED_EVENT.to_owned(),
            source: source.to_owned(),
            time: Time::seconds(self.time),
            resources: vec![Arn::regional(service, &region, &account, resource).to_string()],
            account,
            region,
            detail,
            unknown: Object::new(),
        })
    }
}

fn check_name(what: &'static str, name: &str) -> Result<(), BuildError> {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if (1..=64).contains(&name.len()) && letters {
        Ok(())
    } else {
        let rule = "a name has 1 to 64 letters, digits, periods, hyphens and underscores";
        Err(BuildError::Rule { what, value: name.to_owned(), rule })
    }
}
