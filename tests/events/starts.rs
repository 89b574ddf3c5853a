//! When clocks start.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lambda_testkit::event::DEFAULT_TIME;
use lambda_testkit::strategy::{sample, start_time};

use crate::strategies::minimal;

fn starts(zones: &[&str]) -> Vec<Timestamp> {
    let strategy = if zones.is_empty() { start_time() } else { start_time().zones(zones) };
    (0..2000).map(|index| sample(&strategy, 7, index)).collect()
}

/// Whether the clocks of a zone change within a day from an instant on, by how many hours.
fn change(zone: &TimeZone, start: Timestamp) -> Option<i32> {
    let at = zone.following(start - SignedDuration::from_secs(1)).next()?.timestamp();
    let soon = at.duration_since(start) <= SignedDuration::from_hours(24);
    let offset = |at: Timestamp| zone.to_offset(at).seconds();
    soon.then(|| (offset(at) - offset(at - SignedDuration::from_secs(1))) / 3600)
}

#[test]
fn many_clocks_start_just_before_a_change_of_summer_time() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let starts = starts(&["Europe/Berlin"]);
    let changes: Vec<i32> = starts.iter().filter_map(|start| change(&berlin, *start)).collect();
    assert!(changes.len() > starts.len() / 4, "{}", changes.len());
    assert!(changes.contains(&1) && changes.contains(&-1), "both in spring and in autumn");
}

#[test]
fn years_end_and_leap_days_come() {
    let local = |zone: &str| {
        let zone = TimeZone::get(zone).unwrap();
        starts(&[]).into_iter().map(move |start| start.to_zoned(zone.clone()).datetime())
    };
    for zone in ["Asia/Tokyo", "Asia/Kathmandu", "America/New_York"] {
        assert!(local(zone).any(|at| (at.month(), at.day(), at.hour(), at.minute()) == (12, 31, 23, 59)), "{zone}");
        assert!(local(zone).any(|at| (at.month(), at.day()) == (2, 29)), "{zone}");
        assert!(local(zone).any(|at| (at.month(), at.day()) == (2, 28) && !at.date().in_leap_year()), "{zone}");
    }
    assert!(starts(&[]).iter().any(|start| start.as_second() < 2_147_483_648 && start.as_second() > 2_147_400_000));
}

#[test]
fn a_start_shrinks_to_the_default_one() {
    assert_eq!(minimal(&start_time(), 3, |_| true), Some(DEFAULT_TIME));
    let late = |start: &Timestamp| *start > DEFAULT_TIME;
    let found = (0..60).find_map(|seed| minimal(&start_time().zones(["Europe/Berlin"]), seed, late)).unwrap();
    assert!(found.to_string().ends_with(":59Z"), "a second before something happens: {found}");
}

#[test]
fn zones_without_summer_time_have_starts_too() {
    assert!(starts(&["Asia/Tokyo"]).len() > 1);
}

#[test]
#[should_panic(expected = "`Mars/Phobos` is no time zone of the IANA database")]
fn an_unknown_zone_is_refused() {
    let _ = start_time().zones(["Mars/Phobos"]);
}
