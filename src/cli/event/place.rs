//! Where and when an event happens: options of every family.

use clap::Args;
use jiff::Timestamp;
use lambda_testkit::event::{AccountId, Region};

#[derive(Debug, Args)]
pub(super) struct Place {
    /// The region [default: us-east-1]
    #[arg(long)]
    pub(super) region: Option<Region>,
    /// The account, 12 digits [default: 111111111111]
    #[arg(long)]
    pub(super) account: Option<AccountId>,
    /// The time of the event, RFC 3339 [default: 2026-01-01T00:00:00Z]
    #[arg(long, conflicts_with = "random")]
    pub(super) time: Option<Timestamp>,
}

/// Calls a builder's setter for an option that was given.
macro_rules! set {
    ($builder:ident, $($setter:ident($value:expr)),* $(,)?) => {
        $(if let Some(value) = $value {
            $builder = $builder.$setter(value);
        })*
    };
}
pub(super) use set;
