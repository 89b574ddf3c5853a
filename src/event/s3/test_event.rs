//! The message that S3 sends when a queue or topic is configured.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bucket_name::check_bucket_name;
use crate::event::code::{self, Builds, Chain, Expression, completed, field, text};
use crate::event::derived::Derived;
use crate::event::open::constant;
use crate::event::time::DEFAULT_TIME;
use crate::event::{BuildError, Object, Time};

constant! {
    /// The `Service` of a test event: `Amazon S3`.
    TestEventService = "Amazon S3"
}

constant! {
    /// The `Event` of a test event: `s3:TestEvent`.
    TestEventName = "s3:TestEvent"
}

/// `s3:TestEvent`: what a queue or topic receives when a bucket is told to notify it. Lambda gets none.
/// It has no `Records`; a consumer of the queue must skip it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TestEvent {
    /// Always `Amazon S3`.
    pub service: TestEventService,
    /// Always `s3:TestEvent`.
    pub event: TestEventName,
    /// When the configuration was put.
    pub time: Time,
    /// The name of the bucket.
    pub bucket: String,
    /// The request id.
    pub request_id: String,
    /// The extended request id.
    pub host_id: String,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl TestEvent {
    /// The test event of a bucket, at the start of 2026 and with ids that follow from the bucket's name.
    ///
    /// # Panics
    ///
    /// Where [`TestEvent::try_new`] returns an error, with its message.
    #[track_caller]
    pub fn new(bucket: impl Into<String>) -> Self {
        match Self::try_new(bucket) {
            Ok(event) => event,
            Err(error) => panic!("cannot build the S3 test event: {error}"),
        }
    }

    /// The test event of a bucket, as [`TestEvent::new`] makes it.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for a text that is no bucket name.
    pub fn try_new(bucket: impl Into<String>) -> Result<Self, BuildError> {
        let bucket = bucket.into();
        check_bucket_name(&bucket)?;
        let mut ids = Derived::from(&[b"s3:TestEvent", bucket.as_bytes()]);
        Ok(Self {
            service: TestEventService,
            event: TestEventName,
            time: Time::millis(DEFAULT_TIME),
            request_id: ids.upper("", 16),
            host_id: ids.base64(76),
            bucket,
            unknown: Object::new(),
        })
    }

    /// The time at which the configuration was put.
    #[must_use]
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = Time::millis(time);
        self
    }

    /// The ids of the request that put the configuration.
    #[must_use]
    pub fn request(mut self, request_id: impl Into<String>, host_id: impl Into<String>) -> Self {
        self.request_id = request_id.into();
        self.host_id = host_id.into();
        self
    }
}

impl Builds for TestEvent {
    type Built = Self;

    fn built(&self, _place: usize) -> Option<Self> {
        Some(self.clone())
    }
}

/// The code that makes the event.
pub(in crate::event) fn code(event: &TestEvent) -> Option<Expression> {
    let made = TestEvent::try_new(event.bucket.as_str()).ok()?;
    let mut chain = Chain::new(made, Expression::new("TestEvent::new", [text(&event.bucket)]), event, 0)?;
    field!(chain.time of TestEvent, |event| Some(event.time.timestamp()), |at| code::time(*at));
    let ids = |event: &TestEvent| Some((event.request_id.clone(), event.host_id.clone()));
    let both = |(request, host): &(String, String)| format!("{}, {}", text(request), text(host));
    chain.field("request", ids, both, |event, (request, host)| event.request(request, host));
    let (made, code) = chain.into_parts();
    completed(&made, event, code)
}

impl fmt::Debug for TestEvent {
    /// The code that makes the event; a block of JSON where none does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        code::write(f, "TestEvent", self, code(self))
    }
}
