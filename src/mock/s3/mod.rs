//! The mock S3.
//!
//! Three rooms: [`state`] holds buckets and objects and knows no HTTP; [`service`] puts one lock, the clock and
//! the ids around it and publishes what was committed; [`protocol`] speaks S3's HTTP on the crate `s3s`. Test
//! handles call the service, programs come in through the protocol; both run the same functions of the state.

mod change;
mod checksum;
mod encode;
mod fault;
mod notification;
mod owner;
mod protocol;
mod service;
mod state;

pub(crate) use self::change::{Change, ChangeKind, Extra};
pub(crate) use self::fault::S3Fault;
pub(crate) use self::notification::{
    Destination, DestinationKind, NotificationConfiguration, NotificationRequest, NotificationRule, Outcome,
    RuleRequest,
};
pub(crate) use self::protocol::S3Protocol;
pub(crate) use self::service::{Hooks, S3Service, Wait};
pub(crate) use self::state::{BucketInfo, Content, Found, MAX_PAGE, Tags, midnight_after};
#[cfg(test)]
pub(crate) use self::state::{Expiration, LifecycleRule, LifecycleRules, Transition, When};
