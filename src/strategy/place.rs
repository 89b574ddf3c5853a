//! Where and when: regions, accounts, times, and members that AWS may add one day.

use std::sync::LazyLock;

use jiff::Timestamp;

use super::draws::Draws;
use super::text;
use crate::event::{AccountId, DEFAULT_TIME, Json, Object, Region};

/// Regions of every partition, the default of the builders first.
pub(super) static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    ["us-east-1", "ap-northeast-1", "eu-central-1", "ap-southeast-3", "cn-north-1", "us-gov-west-1"]
        .into_iter()
        .map(|name| Region::new(name).expect("a name of a region"))
        .collect()
});

/// Accounts, the default of the builders first; one starts with a zero, which numbers would lose.
pub(super) static ACCOUNTS: LazyLock<Vec<AccountId>> = LazyLock::new(|| {
    ["111111111111", "222222222222", "012345678901", "999999999999"]
        .into_iter()
        .map(|id| AccountId::new(id).expect("12 digits"))
        .collect()
});

/// A time: within a minute of the builders' default, rarely at the edges of what programs expect.
pub(super) fn time(source: &mut Draws<'_>) -> Timestamp {
    const EDGES: [i64; 6] = [0, 951_782_400, 1_709_164_799, 2_147_483_647, 2_147_483_648, 4_102_444_799];
    if source.one_in(16) {
        let second = *source.pick(&EDGES);
        return Timestamp::from_second(second).expect("a second between 1970 and 2099");
    }
    let millisecond = i64::try_from(source.up_to(59_999)).unwrap_or(0);
    DEFAULT_TIME.checked_add(jiff::SignedDuration::from_millis(millisecond)).expect("a minute after 2026 began")
}

/// How often what AWS sends carries members that nobody knows yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnknownMembers {
    /// So many of 10,000.
    share: u64,
}

/// The grain of a share.
const WHOLE: u64 = 10_000;

impl Default for UnknownMembers {
    fn default() -> Self {
        Self { share: WHOLE / 50 }
    }
}

impl UnknownMembers {
    /// This share of all.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[track_caller]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number is 0 to 10,000")]
    pub(super) fn share(share: f64) -> Self {
        assert!((0.0..=1.0).contains(&share), "a share is a number from 0 to 1, not {share}");
        Self { share: (share * WHOLE as f64).ceil() as u64 }
    }

    /// Decides for one place where AWS may add members. No is the simpler decision.
    pub(super) fn decide(self, source: &mut Draws<'_>) -> bool {
        self.share > 0 && source.up_to(WHOLE - 1) >= WHOLE - self.share
    }

    /// Adds some once in a while.
    pub(super) fn add(self, source: &mut Draws<'_>, members: &mut Object) {
        if self.decide(source) {
            add_unknown(source, members);
        }
    }
}

/// The method of a strategy whose parameters have a field `unknown`.
macro_rules! unknown_members {
    () => {
        /// The share of what AWS sends (an event, a record, a message) that carries members which nobody knows yet, as AWS adds
        /// them at any time. A handler must ignore them. Default 0.02; 0 turns them off.
        ///
        /// # Panics
        ///
        /// If it is not a number from 0 to 1.
        #[track_caller]
        pub fn unknown_members(self, share: f64) -> Self {
            let unknown = $crate::strategy::place::UnknownMembers::share(share);
            self.with_unknown(unknown)
        }
    };
}
pub(super) use unknown_members;

/// Adds members that no version of AWS's documentation knows.
pub(super) fn add_unknown(source: &mut Draws<'_>, members: &mut Object) {
    source.list(1..=3, 1, |source, at| {
        let value = match source.up_to(4) {
            0 => Json::Null,
            1 => Json::String(text::nasty(source)),
            2 => Json::Number(source.up_to(u64::MAX).into()),
            3 => Json::Array(vec![Json::Bool(true), Json::Null]),
            _ => Json::Object([("nested", Json::String(text::nasty(source)))].into_iter().collect()),
        };
        members.insert(format!("fieldFromTheFuture{}", at + 1), value);
    });
}
