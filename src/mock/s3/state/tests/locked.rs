//! Object Lock by the clock.

use super::*;

fn locked() -> World {
    let mut world = World::new();
    let new = NewBucket { locked: true, ..NewBucket::default() };
    world.act(|state, _| state.delete_bucket("export")).0.unwrap();
    world.act(|state, act| state.create_bucket(act, "export", region(), &new)).0.unwrap();
    world
}

fn until(world: &World, hours: i64) -> Timestamp {
    world.now + jiff::SignedDuration::from_hours(hours)
}

fn retain(world: &mut World, mode: RetentionMode, hours: i64, bypass: bool) -> Result<(), S3Fault> {
    let until = until(world, hours);
    let retention = Some(Retention { mode, until });
    world.act(|state, act| state.set_retention(act, &at("k", None), retention, bypass)).0
}

fn delete(world: &mut World, id: &str, bypass_governance: bool) -> Result<Deleted, S3Fault> {
    let conditions = WriteConditions { bypass_governance, ..WriteConditions::default() };
    world.act(|state, act| state.delete_object(act, &at("k", Some(id)), &conditions)).0
}

#[test]
fn a_version_is_kept_until_its_time_has_come() {
    use RetentionMode::{Compliance, Governance};
    let mut world = locked();
    let id = world.put("k", "v").0.unwrap().version_id.unwrap();
    retain(&mut world, Governance, 2, false).unwrap();
    assert_eq!(delete(&mut world, &id, false).unwrap_err().code, "AccessDenied");
    assert_eq!(retain(&mut world, Governance, 1, false).unwrap_err().code, "AccessDenied");
    retain(&mut world, Governance, 3, false).expect("longer is always allowed");
    retain(&mut world, Compliance, 1, true).expect("who may bypass may do all");
    assert_eq!(delete(&mut world, &id, true).unwrap_err().code, "AccessDenied");
    assert_eq!(retain(&mut world, Governance, 9, true).unwrap_err().code, "AccessDenied");
    let marker = world.delete(&at("k", None)).0.unwrap();
    assert!(marker.delete_marker, "a marker hides it, and can be removed");
    delete(&mut world, &marker.version_id.unwrap(), false).unwrap();
    world.now = until(&world, 1);
    delete(&mut world, &id, false).unwrap();
}

#[test]
fn a_hold_needs_no_time_and_a_default_is_for_those_that_say_nothing() {
    let mut world = locked();
    let days = LockConfiguration { default: Some((RetentionMode::Governance, Period::Days(1))) };
    world.act(|state, _| state.set_lock_configuration("export", days)).0.unwrap();
    let id = world.put("k", "v").0.unwrap().version_id.unwrap();
    let found = world.act(|state, _| state.retention(&at("k", None))).0.unwrap();
    assert_eq!(found, Retention { mode: RetentionMode::Governance, until: until(&world, 24) });
    world.act(|state, _| state.set_legal_hold(&at("k", None), true)).0.unwrap();
    world.now = until(&world, 25);
    assert_eq!(delete(&mut world, &id, true).unwrap_err().code, "AccessDenied");
    world.act(|state, _| state.set_legal_hold(&at("k", None), false)).0.unwrap();
    delete(&mut world, &id, false).unwrap();
}

#[test]
fn without_object_lock_nothing_is_locked_and_with_it_versioning_stays() {
    let mut world = World::new();
    world.put("k", "v").0.unwrap();
    assert_eq!(retain(&mut world, RetentionMode::Governance, 1, false).unwrap_err().code, "InvalidRequest");
    let none = LockConfiguration::default();
    let refused = world.act(|state, _| state.set_lock_configuration("export", none)).0.unwrap_err();
    assert_eq!(refused.code, "InvalidBucketState");
    world.version(true);
    world.act(|state, _| state.set_lock_configuration("export", none)).0.unwrap();
    assert_eq!(world.act(|state, _| state.set_versioning("export", false)).0.unwrap_err().code, "InvalidBucketState");
    assert_eq!(retain(&mut world, RetentionMode::Governance, -1, false).unwrap_err().code, "InvalidArgument");
    let absent = world.act(|state, _| state.retention(&at("k", None))).0.unwrap_err();
    assert_eq!(absent.code, "NoSuchObjectLockConfiguration");
}
