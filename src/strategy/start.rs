//! Instants at which a clock may start.

use std::sync::{Arc, LazyLock};

use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::draws::Draws;
use super::tree::Generate;
use super::{choices, strategy};
use crate::event::DEFAULT_TIME;

/// A strategy for the instant at which a cloud's clock starts: just before changes of summer time, ends of years and months,
/// leap days, and where seconds outgrow 32 bits.
///
/// For `CloudBuilder::start_time`, above all where schedules have a time zone: a time of day may
/// come twice on one day of the year, and on another not at all. The start of 2026, which is the default of every cloud, is
/// the simplest instant.
///
/// # Example
///
/// ```
/// use std::time::Duration;
///
/// use lambda_testkit::prelude::*;
/// use lambda_testkit::strategy::start_time;
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(16), |(start in start_time().zones(["Europe/Berlin"]))| {
///     Cloud::builder().start_time(start).run(|cloud| async move {
///         let report = cloud.function("report", async |_: ScheduledEvent| {});
///         let nightly = cloud.schedule("nightly", "cron(30 2 * * ? *)").time_zone("Europe/Berlin").trigger(&report);
///         cloud.advance(Duration::from_secs(3 * 24 * 3600)).await.assert_ok();
///         let due = nightly.calendar().runs_after(start).take_while(|run| *run <= cloud.now()).count();
///         assert_eq!(report.invocations().len(), due);           // 3, or 2 where a night has no 2:30
///     });
/// });
/// ```
///
/// What EventBridge Scheduler does around such changes: [Daylight savings time on EventBridge
/// Scheduler](https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time).
pub fn start_time() -> StartTimes {
    StartTimes { zones: Arc::clone(&USUAL) }
}

/// The strategy of [`start_time`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct StartTimes {
    zones: Arc<Vec<Zone>>,
}

/// A time zone, and when its clocks change.
#[derive(Debug)]
struct Zone {
    zone: TimeZone,
    changes: Vec<Timestamp>,
}

/// Zones on both halves of the earth, with changes at midnight and by half an hour, and two without any.
static USUAL: LazyLock<Arc<Vec<Zone>>> = LazyLock::new(|| {
    const NAMES: [&str; 9] = [
        "America/New_York",
        "Europe/Berlin",
        "Europe/London",
        "Australia/Sydney",
        "America/Santiago",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "Asia/Tokyo",
        "Asia/Kathmandu",
    ];
    Arc::new(NAMES.iter().map(|name| zone(name).unwrap_or_else(|error| panic!("{error}"))).collect())
});

/// The years from which instants are.
const YEARS: std::ops::RangeInclusive<i16> = 2024..=2032;

fn zone(name: &str) -> Result<Zone, String> {
    let unknown = |error: jiff::Error| format!("`{name}` is no time zone of the IANA database: {error}");
    let zone = TimeZone::get(name).map_err(unknown)?;
    let first = instant(&TimeZone::UTC, date(*YEARS.start(), 1, 1).at(0, 0, 0, 0));
    let end = instant(&TimeZone::UTC, date(*YEARS.end() + 1, 1, 1).at(0, 0, 0, 0));
    let changes = zone.following(first).map(|change| change.timestamp()).take_while(|at| *at < end).collect();
    Ok(Zone { zone, changes })
}

/// The first instant at which the clocks of a zone show a time, or would have.
fn instant(zone: &TimeZone, shown: DateTime) -> Timestamp {
    zone.to_timestamp(shown).unwrap_or(DEFAULT_TIME)
}

impl StartTimes {
    /// The time zones whose changes, midnights and ends of years count. Default nine, from New York to Kathmandu.
    ///
    /// # Panics
    ///
    /// If there is none, or one is not in the IANA time zone database.
    #[track_caller]
    pub fn zones(self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let names = choices("time zones", names);
        let known = |name: &str| zone(name).unwrap_or_else(|error| panic!("{error}"));
        Self { zones: Arc::new(names.iter().map(|name| known(name.as_ref())).collect()) }
    }
}

impl Generate for StartTimes {
    type Value = Timestamp;

    fn generate(&self, source: &mut Draws<'_>) -> Timestamp {
        /// The ends of 2000's February and of the century, and of the seconds that fit 32 bits with a sign.
        const FAR: [i64; 3] = [2_147_483_648, 4_102_444_800, 951_782_400];
        /// A second, a minute, an hour, a day.
        const LEADS: [i64; 7] = [1, 60, 1800, 3600, 7200, 86_400, 0];
        let kind = source.up_to(8);
        let zone = source.pick(&self.zones);
        let year = YEARS.start() + i16::try_from(source.up_to(8)).unwrap_or(0);
        let midnight = |month, day| instant(&zone.zone, date(year, month, day).at(0, 0, 0, 0));
        let happens = match kind {
            0 => return DEFAULT_TIME,
            // About half of all; in a zone whose clocks never change, the ends of years.
            1..=4 if zone.changes.is_empty() => midnight(1, 1),
            1..=4 => *source.pick(&zone.changes),
            // The first of March, and the two days before: the leap day in every fourth year.
            5 => {
                let of_march = midnight(3, 1);
                let days = i64::try_from(source.up_to(2)).unwrap_or(0);
                of_march.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(of_march)
            }
            6 => midnight(1, 1),
            7 => midnight(1 + i8::try_from(source.up_to(11)).unwrap_or(0), 1),
            _ => Timestamp::from_second(*source.pick(&FAR)).expect("a second before 2100"),
        };
        // A little before, so that it happens in the test; at last, at that very instant.
        let lead = SignedDuration::from_secs(*source.pick(&LEADS));
        happens.saturating_sub(lead).unwrap_or(happens)
    }
}

strategy!(StartTimes);
