//! Members that AWS has not added yet, in the events that the cloud makes.
//!
//! The minor version of S3's events grows whenever S3 adds members to them, and old readers go on
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>).

use bytes::Bytes;
use serde::Serialize;

use super::Router;
use crate::event::{Json, Object, S3Event, ScheduledEvent, SqsEvent, TestEvent};

/// What they are called.
const NAME: &str = "fieldFromTheFuture";

/// Something into which AWS may put another member.
pub(in crate::cloud) trait Growing: Serialize {
    /// Adds a member at each level. It is a string, for some levels are maps of strings to many a reader.
    fn grow(&mut self);
}

impl Router {
    /// The text of an event that the cloud has made.
    pub fn printed(&self, mut event: impl Growing) -> Bytes {
        if self.unknown_members {
            event.grow();
        }
        Bytes::from(serde_json::to_vec(&event).expect("events have string keys"))
    }
}

fn add(members: &mut Object) {
    members.insert(NAME, Json::from("new"));
}

impl Growing for S3Event {
    fn grow(&mut self) {
        add(&mut self.unknown);
        for record in &mut self.records {
            let s3 = &mut record.s3;
            for members in [
                &mut record.unknown,
                &mut record.user_identity.unknown,
                &mut record.request_parameters.unknown,
                &mut record.response_elements.unknown,
                &mut s3.unknown,
                &mut s3.bucket.unknown,
                &mut s3.bucket.owner_identity.unknown,
                &mut s3.object.unknown,
            ] {
                add(members);
            }
        }
    }
}

impl Growing for TestEvent {
    fn grow(&mut self) {
        add(&mut self.unknown);
    }
}

impl Growing for SqsEvent {
    fn grow(&mut self) {
        add(&mut self.unknown);
        for record in &mut self.records {
            add(&mut record.unknown);
            add(&mut record.attributes.unknown);
        }
    }
}

impl Growing for ScheduledEvent {
    fn grow(&mut self) {
        add(&mut self.unknown);
        if let Json::Object(detail) = &mut self.detail {
            add(detail);
        }
    }
}
