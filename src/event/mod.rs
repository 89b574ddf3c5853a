//! What a function receives: typed events, builders for them, and what is around them.
//!
//! Pure data: this module depends on no other part of the crate.
//!
//! - [`S3Event`], [`SqsEvent`], [`ScheduledEvent`] and [`invoke`] are the four families.
//! - [`EventBridgeEvent`] and the SNS types are envelopes around them.
//!
//! Every type is lossless: members that the crate does not know stay in order in a field `unknown`, and
//! printing what was read gives an equal document. There are two exceptions:
//!
//! - The prefix `s3:` of an `eventName`, which AWS's records do not have, is dropped ([`S3EventName`]).
//! - Fractions are those that `serde_json` reads: very small, very large and very long ones may change in the last
//!   place ([`Json`]).
//!
//! Every type is strict: what AWS always sends is not an
//! `Option`, and `null` is not the same as absent.

mod arn;
mod code;
mod derived;
mod describe;
mod detect;
mod edit;
mod envelope;
mod error;
mod event_bridge;
pub(crate) mod hex;
pub(crate) mod ids;
pub mod invoke;
mod json;
mod key;
pub(crate) mod look;
mod members;
mod nullable;
mod open;
mod principal;
mod readable;
mod records;
mod s3;
mod scheduled;
mod sequencer;
mod sqs;
mod strict;
mod time;
mod version;

pub use arn::{AccountId, Arn, InvalidName, Partition, Region};
#[cfg(feature = "proptest")]
pub(crate) use code::byte_string as code_of_bytes;
pub use describe::{DocumentDescription, describe_document};
pub use detect::{Event, EventError, Family, NotAnEvent};
pub use envelope::*;
pub use error::BuildError;
pub use event_bridge::EventBridgeEvent;
#[cfg(feature = "schema")]
pub(crate) use json::NUMBER_TOKEN;
pub use json::{Json, Object};
pub use key::{EncodedKey, ObjectKey};
pub use members::Members;
pub use nullable::Nullable;
pub use principal::PrincipalId;
#[cfg(feature = "proptest")]
pub(crate) use s3::check_bucket_name;
#[cfg(feature = "cloud")]
pub(crate) use s3::check_new_bucket_name;
pub use s3::*;
use s3::{s3_bridge_code, s3_code, s3_test_code};
pub use scheduled::*;
pub use sequencer::Sequencer;
#[cfg(feature = "proptest")]
pub(crate) use sqs::receipt_handle;
pub use sqs::*;
#[cfg(feature = "schema")]
pub(crate) use strict::BYTE_ORDER_MARK;
#[cfg(any(feature = "schema", feature = "proptest"))]
pub(crate) use strict::pointer_step;
pub use strict::{Loss, LossKind, ReadError, from_slice, losses};
pub use time::{DEFAULT_TIME, Time};
pub use version::{EventVersion, VersionPolicy};

/// The region of every builder that is told no other.
pub(crate) fn default_region() -> Region {
    match Region::new("us-east-1") {
        Ok(region) => region,
        Err(error) => unreachable!("{error}"),
    }
}

/// The account of every builder that is told no other.
pub(crate) fn default_account() -> AccountId {
    match AccountId::new("111111111111") {
        Ok(account) => account,
        Err(error) => unreachable!("{error}"),
    }
}
