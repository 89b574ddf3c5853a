//! Restores by the clock.

use super::*;

#[test]
fn an_archived_object_can_be_read_between_its_restore_and_the_end_of_the_copy() {
    let mut world = World::new();
    let content = Content { storage_class: Some("GLACIER".to_owned()), ..Content::default() };
    let put = PutObject { bucket: "export".into(), key: "k".into(), content, ..PutObject::default() };
    world.act(|state, act| state.put_object(act, put)).0.unwrap();
    let ask = |world: &mut World, tier| world.act(|state, act| state.restore(act, &at("k", None), 1, tier));
    let (asked, changes) = ask(&mut world, RestoreTier::Standard);
    let asked = asked.unwrap();
    assert!(asked.started);
    assert_eq!(asked.due, world.now + jiff::SignedDuration::from_hours(5));
    assert_eq!(kinds(&changes), ["ObjectRestore:Post"]);
    assert_eq!(ask(&mut world, RestoreTier::Bulk).0.unwrap_err().code, "RestoreAlreadyInProgress");
    assert_eq!(world.get(at("k", None)).unwrap_err().code, "InvalidObjectState");

    world.now = asked.due;
    let (there, changes) = world.act(|state, act| state.complete_restore(act, &asked.at));
    assert_eq!(kinds(&changes), ["ObjectRestore:Completed"]);
    // 05:00 and one day, and then midnight.
    let end = there.unwrap().due;
    assert_eq!(end.to_string(), "2026-01-03T00:00:00Z");
    world.get(at("k", None)).unwrap();

    world.now = "2026-01-02T12:00:00Z".parse().unwrap();
    let moved = ask(&mut world, RestoreTier::Standard).0.unwrap();
    assert!(!moved.started);
    world.now = end;
    assert_eq!(kinds(&world.act(|state, act| state.end_restore(act, &moved.at)).1), [""; 0], "its end was moved");
    world.now = moved.due;
    assert_eq!(kinds(&world.act(|state, act| state.end_restore(act, &moved.at)).1), ["ObjectRestore:Delete"]);
    assert_eq!(world.get(at("k", None)).unwrap_err().code, "InvalidObjectState");
}

#[test]
fn what_is_not_archived_cannot_be_restored() {
    let mut world = World::new();
    world.put("k", "v").0.unwrap();
    let refused = world.act(|state, act| state.restore(act, &at("k", None), 1, RestoreTier::Standard)).0;
    assert_eq!(refused.unwrap_err().code, "InvalidObjectState");
}
