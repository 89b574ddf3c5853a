use bytes::Bytes;

use super::*;
use crate::event::{AccountId, Region};
use crate::kernel::Ids;
use crate::mock::s3::state::{
    Act, Content, GetObject, ListUploads, ListVersions, MAX_PAGE, NewBucket, NewUpload, ObjectAt, PutObject, Tags,
    WriteConditions,
};

const DAY: i64 = 86_400;

/// A state with one bucket, whose clock stands at 10:30 of a day.
struct Bucket {
    state: S3State,
    ids: Ids,
    owner: AccountId,
    now: Timestamp,
}

impl Bucket {
    fn new(rules: Vec<LifecycleRule>) -> Self {
        let owner = AccountId::new("111111111111").unwrap();
        let now = "2026-01-15T10:30:00Z".parse().unwrap();
        let mut bucket = Self { state: S3State::new(MAX_PAGE), ids: Ids::new(7), owner, now };
        let region = Region::new("eu-central-1").unwrap();
        bucket.act(|state, act| state.create_bucket(act, "logs", region, &NewBucket::default())).unwrap();
        let rules = LifecycleRules { rules, archives_small: false };
        bucket.state.set_lifecycle("logs", rules).unwrap();
        bucket
    }

    fn act<T>(&mut self, operation: impl FnOnce(&mut S3State, &mut Act<'_>) -> T) -> T {
        operation(&mut self.state, &mut Act::new(Some(&self.owner), self.now, &mut self.ids))
    }

    fn put(&mut self, key: &str, size: usize, tags: &str) {
        let content = Content { tags: Tags::from_header(tags).unwrap(), ..Content::default() };
        let body = Bytes::from(vec![b'x'; size]);
        let request = PutObject { bucket: "logs".into(), key: key.into(), body, content, ..PutObject::default() };
        self.act(|state, act| state.put_object(act, request)).unwrap();
    }

    fn delete(&mut self, key: &str) {
        let at = ObjectAt { bucket: "logs".into(), key: key.into(), version_id: None };
        self.act(|state, act| state.delete_object(act, &at, &WriteConditions::default())).unwrap();
    }

    /// Runs the rules at a time, and says what was done: event, key, and class.
    fn run_at(&mut self, time: &str) -> Vec<String> {
        self.now = time.parse().unwrap();
        let mut act = Act::new(Some(&self.owner), self.now, &mut self.ids);
        self.state.run_lifecycle(&mut act, "logs").unwrap();
        let said = act.changes.iter().map(|change| {
            let class = change.storage_class.as_ref().map(|class| format!(" to {class}")).unwrap_or_default();
            format!("{} {}{class}", change.kind.event_name(), change.key)
        });
        said.collect()
    }

    fn versions(&self, key: &str) -> usize {
        self.state.versions_of("logs", key).unwrap().len()
    }
}

fn rule() -> LifecycleRule {
    LifecycleRule { id: "r".into(), enabled: true, ..LifecycleRule::default() }
}

fn expires(days: u32) -> LifecycleRule {
    LifecycleRule { expiration: Some(Expiration::At(When::Days(days))), ..rule() }
}

fn moves(days: u32, class: &str) -> LifecycleRule {
    LifecycleRule { transitions: vec![Transition { when: When::Days(days), class: class.into() }], ..rule() }
}

#[test]
fn days_are_rounded_up_to_the_next_midnight() {
    // The example of the user guide: 10:30 on January 15th and three days make January 19th.
    let mut bucket = Bucket::new(vec![expires(3)]);
    bucket.put("a", 1, "");
    assert!(bucket.run_at("2026-01-18T23:59:59Z").is_empty());
    assert_eq!(bucket.run_at("2026-01-19T00:00:00Z"), ["LifecycleExpiration:Delete a"]);
    assert_eq!(bucket.versions("a"), 0);
    for (time, midnight) in [
        ("2026-01-15T00:00:00Z", "2026-01-16T00:00:00Z"),
        ("2026-01-15T23:59:59.999Z", "2026-01-16T00:00:00Z"),
        ("2024-02-28T12:00:00Z", "2024-02-29T00:00:00Z"),
        ("1969-12-31T12:00:00Z", "1970-01-01T00:00:00Z"),
    ] {
        assert_eq!(midnight_after(time.parse().unwrap()), midnight.parse().unwrap(), "{time}");
    }
    assert_eq!(after_days(Timestamp::MAX, u32::MAX), Timestamp::MAX);
}

#[test]
fn a_date_expires_what_is_there_and_what_comes_later() {
    let date = "2026-02-01T00:00:00Z".parse().unwrap();
    let mut bucket = Bucket::new(vec![LifecycleRule { expiration: Some(Expiration::At(When::Date(date))), ..rule() }]);
    bucket.put("a", 1, "");
    assert!(bucket.run_at("2026-01-31T00:00:00Z").is_empty());
    assert_eq!(bucket.run_at("2026-02-01T00:00:00Z").len(), 1);
    bucket.put("b", 1, "");
    assert_eq!(bucket.run_at("2026-02-02T00:00:00Z"), ["LifecycleExpiration:Delete b"]);
}

#[test]
fn a_rule_is_for_what_has_its_prefix_tags_and_size_and_only_while_it_is_enabled() {
    let filter = LifecycleFilter {
        prefix: "in/".into(),
        tags: vec![("kind".into(), "log".into())],
        larger_than: Some(2),
        smaller_than: Some(5),
    };
    let with = LifecycleRule { filter, ..expires(1) };
    let mut bucket = Bucket::new(vec![with.clone()]);
    bucket.put("in/fits", 3, "kind=log&more=1");
    bucket.put("in/untagged", 3, "");
    bucket.put("in/other", 3, "kind=other");
    bucket.put("in/small", 2, "kind=log");
    bucket.put("in/large", 5, "kind=log");
    bucket.put("out/fits", 3, "kind=log");
    assert_eq!(bucket.run_at("2027-01-01T00:00:00Z"), ["LifecycleExpiration:Delete in/fits"]);
    let mut bucket = Bucket::new(vec![LifecycleRule { enabled: false, ..with }]);
    bucket.put("in/fits", 3, "kind=log");
    assert!(bucket.run_at("2027-01-01T00:00:00Z").is_empty());
}

#[test]
fn with_versioning_the_current_version_gets_a_marker_and_the_older_ones_go_later() {
    let noncurrent = Some(Noncurrent { days: 10, keep: 1 });
    let mut bucket = Bucket::new(vec![LifecycleRule { noncurrent_expiration: noncurrent, ..expires(1) }]);
    bucket.state.set_versioning("logs", true).unwrap();
    bucket.put("a", 1, "");
    bucket.put("a", 2, "");
    assert_eq!(bucket.run_at("2026-01-17T00:00:00Z"), ["LifecycleExpiration:DeleteMarkerCreated a"]);
    assert_eq!(bucket.versions("a"), 3);
    // A marker gets no other one, and the newest of the older versions is kept.
    assert!(bucket.run_at("2026-01-25T00:00:00Z").is_empty());
    assert_eq!(bucket.run_at("2026-01-26T00:00:00Z"), ["LifecycleExpiration:Delete a"]);
    assert!(bucket.run_at("2028-01-01T00:00:00Z").is_empty());
    assert_eq!(bucket.versions("a"), 2);
}

#[test]
fn a_marker_with_nothing_behind_it_goes() {
    let markers = LifecycleRule { expiration: Some(Expiration::DeleteMarkers), ..rule() };
    for rule in [markers, expires(1)] {
        let mut bucket = Bucket::new(vec![rule]);
        bucket.state.set_versioning("logs", true).unwrap();
        bucket.delete("gone");
        assert_eq!(bucket.run_at("2026-01-17T00:00:00Z"), ["LifecycleExpiration:Delete gone"]);
        assert_eq!(bucket.versions("gone"), 0);
    }
    let tagged = LifecycleFilter { tags: vec![("a".into(), "b".into())], ..LifecycleFilter::default() };
    let mut bucket = Bucket::new(vec![LifecycleRule { filter: tagged, ..expires(1) }]);
    bucket.state.set_versioning("logs", true).unwrap();
    bucket.delete("gone");
    assert!(bucket.run_at("2026-01-17T00:00:00Z").is_empty());
}

#[test]
fn a_suspended_bucket_gets_a_marker_of_the_null_version() {
    let mut bucket = Bucket::new(vec![expires(1)]);
    bucket.state.set_versioning("logs", false).unwrap();
    bucket.put("a", 1, "");
    assert_eq!(bucket.run_at("2026-01-17T00:00:00Z"), ["LifecycleExpiration:DeleteMarkerCreated a"]);
    let list = ListVersions { bucket: "logs".into(), max_keys: 10, ..ListVersions::default() };
    let listed = bucket.state.list_versions(&list).unwrap().versions;
    assert_eq!((listed.len(), listed[0].version_id.as_str(), listed[0].object.is_none()), (1, "null", true));
}

#[test]
fn objects_go_to_the_coldest_class_that_is_due_and_never_back() {
    let rules = vec![moves(1, "STANDARD_IA"), moves(5, "GLACIER"), moves(5, "ONEZONE_IA")];
    let mut bucket = Bucket::new(rules);
    bucket.put("a", 128 * 1024, "");
    bucket.put("small", 128 * 1024 - 1, "");
    assert_eq!(bucket.run_at("2026-01-17T00:00:00Z"), ["LifecycleTransition a to STANDARD_IA"]);
    assert!(bucket.run_at("2026-01-18T00:00:00Z").is_empty());
    assert_eq!(bucket.run_at("2026-01-21T00:00:00Z"), ["LifecycleTransition a to GLACIER"]);
    assert!(bucket.run_at("2026-02-21T00:00:00Z").is_empty());
    let at = ObjectAt { bucket: "logs".into(), key: "a".into(), version_id: None };
    let fault = bucket.state.get_object(&GetObject { at, ..GetObject::default() }).unwrap_err();
    assert_eq!(fault.code, "InvalidObjectState");
}

#[test]
fn small_objects_move_where_a_rule_knows_sizes_or_the_bucket_archives_them() {
    let mut to_archive = Bucket::new(Vec::new());
    let rules = vec![moves(1, "GLACIER"), moves(1, "STANDARD_IA")];
    to_archive.state.set_lifecycle("logs", LifecycleRules { rules, archives_small: true }).unwrap();
    to_archive.put("a", 1, "");
    assert_eq!(to_archive.run_at("2026-01-17T00:00:00Z"), ["LifecycleTransition a to GLACIER"]);
    let sized = LifecycleFilter { larger_than: Some(0), ..LifecycleFilter::default() };
    let mut by_size = Bucket::new(vec![LifecycleRule { filter: sized, ..moves(0, "STANDARD_IA") }]);
    by_size.put("a", 1, "");
    assert_eq!(by_size.run_at("2026-01-16T00:00:00Z"), ["LifecycleTransition a to STANDARD_IA"]);
}

#[test]
fn where_rules_meet_deletion_comes_first_then_the_transition_then_the_marker() {
    for (versioned, first) in [(false, "LifecycleExpiration:Delete a"), (true, "LifecycleTransition a to GLACIER")] {
        let mut bucket = Bucket::new(vec![expires(1), moves(1, "GLACIER")]);
        if versioned {
            bucket.state.set_versioning("logs", true).unwrap();
        }
        bucket.put("a", 128 * 1024, "");
        assert_eq!(bucket.run_at("2026-01-17T00:00:00Z"), [first]);
        let then: &[&str] = if versioned { &["LifecycleExpiration:DeleteMarkerCreated a"] } else { &[] };
        assert_eq!(bucket.run_at("2026-01-18T00:00:00Z"), then);
    }
}

#[test]
fn versions_that_are_not_current_are_moved_too() {
    let to = NoncurrentTransition { when: Noncurrent { days: 2, keep: 0 }, class: "DEEP_ARCHIVE".into() };
    let mut bucket = Bucket::new(vec![LifecycleRule { noncurrent_transitions: vec![to], ..rule() }]);
    bucket.state.set_versioning("logs", true).unwrap();
    bucket.put("a", 128 * 1024, "");
    bucket.put("a", 128 * 1024, "");
    assert_eq!(bucket.run_at("2026-01-18T00:00:00Z"), ["LifecycleTransition a to DEEP_ARCHIVE"]);
    let versions = bucket.state.versions_of("logs", "a").unwrap().into_iter();
    let classes: Vec<_> = versions.map(|(_, _, found)| found.unwrap()).collect();
    let classes: Vec<_> = classes.iter().map(|found| found.object.content.class().to_owned()).collect();
    assert_eq!(classes, ["STANDARD", "DEEP_ARCHIVE"]);
}

#[test]
fn uploads_are_aborted_without_an_event() {
    let mut bucket = Bucket::new(vec![LifecycleRule { abort_uploads_after: Some(7), ..rule() }]);
    let new = NewUpload { bucket: "logs".into(), key: "big".into(), ..NewUpload::default() };
    bucket.act(|state, act| state.create_upload(act, new)).unwrap();
    let list = ListUploads { bucket: "logs".into(), max_uploads: 10, ..ListUploads::default() };
    assert!(bucket.run_at("2026-01-22T00:00:00Z").is_empty());
    assert_eq!(bucket.state.list_uploads(&list).unwrap().uploads.len(), 1);
    let due = bucket.state.due_by_lifecycle("logs", "2026-01-23T00:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(due[0].to_string(), "r aborts an upload of big");
    assert!(bucket.run_at("2026-01-23T00:00:00Z").is_empty());
    assert!(bucket.state.list_uploads(&list).unwrap().uploads.is_empty());
}

#[test]
fn a_run_a_day_for_years_takes_no_days() {
    let mut bucket = Bucket::new(vec![expires(5_000)]);
    bucket.put("a", 1, "");
    let start = bucket.now.as_second();
    for day in 0..3_650 {
        bucket.now = Timestamp::from_second(start + day * DAY).unwrap();
        assert!(bucket.state.due_by_lifecycle("logs", bucket.now).unwrap().is_empty());
    }
}
