mod locked;
mod restored;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::checksum::ChecksumAlgorithm;
use super::list::ListedVersion;
use super::*;
use crate::event::Region;
use bytes::Bytes;

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn region() -> Region {
    Region::new("eu-central-1").unwrap()
}

/// A state with one bucket, and what is needed to act on it.
struct World {
    state: S3State,
    ids: Ids,
    owner: AccountId,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            state: S3State::new(MAX_PAGE),
            ids: Ids::new(7),
            owner: account("111111111111"),
            now: Timestamp::from_second(1_767_225_600).unwrap(),
        };
        world.act(|state, act| state.create_bucket(act, "export", region(), &NewBucket::default())).0.unwrap();
        world
    }

    fn act<T>(&mut self, operation: impl FnOnce(&mut S3State, &mut Act<'_>) -> T) -> (T, Vec<Change>) {
        let mut act = Act::new(Some(&self.owner), self.now, &mut self.ids);
        let result = operation(&mut self.state, &mut act);
        (result, act.changes)
    }

    fn put(&mut self, key: &str, body: &str) -> (Result<Written, S3Fault>, Vec<Change>) {
        let request = PutObject {
            bucket: "export".into(),
            key: key.into(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            ..PutObject::default()
        };
        self.act(|state, act| state.put_object(act, request))
    }

    fn get(&mut self, at: ObjectAt) -> Result<Bytes, S3Fault> {
        let request = GetObject { at, ..GetObject::default() };
        self.act(|state, _| state.get_object(&request)).0.map(|found| found.body)
    }

    fn delete(&mut self, at: &ObjectAt) -> (Result<Deleted, S3Fault>, Vec<Change>) {
        self.act(|state, act| state.delete_object(act, at, &WriteConditions::default()))
    }

    fn version(&mut self, enabled: bool) {
        self.act(|state, _| state.set_versioning("export", enabled)).0.unwrap();
    }
}

fn at(key: &str, version: Option<&str>) -> ObjectAt {
    ObjectAt { bucket: "export".into(), key: key.into(), version_id: version.map(str::to_owned) }
}

fn kinds(changes: &[Change]) -> Vec<&'static str> {
    changes.iter().map(|change| change.kind.event_name()).collect()
}

#[derive(Debug, Clone)]
enum Operation {
    Put(String, String),
    Delete(String),
    Copy(String, String),
    Get(String),
    List { prefix: String, delimiter: Option<String>, page: usize },
}

fn key() -> impl Strategy<Value = String> {
    // Few different keys, so that operations meet; slashes and non-ASCII, so that prefixes and order matter.
    proptest::string::string_regex("[ab/é]{1,3}").unwrap()
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        4 => (key(), "[a-z]{0,4}").prop_map(|(key, body)| Operation::Put(key, body)),
        2 => key().prop_map(Operation::Delete),
        2 => (key(), key()).prop_map(|(from, to)| Operation::Copy(from, to)),
        2 => key().prop_map(Operation::Get),
        2 => ("[ab/]{0,2}", proptest::option::of(Just("/".to_owned())), 1_usize..4)
            .prop_map(|(prefix, delimiter, page)| Operation::List { prefix, delimiter, page }),
    ]
}

/// All that a listing holds, read off the model directly.
fn listed(model: &BTreeMap<String, String>, prefix: &str, delimiter: Option<&str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for key in model.keys().filter(|key| key.starts_with(prefix)) {
        let entry = match delimiter.and_then(|d| key[prefix.len()..].find(d)) {
            Some(found) => key[..=prefix.len() + found].to_owned(),
            None => key.clone(),
        };
        if all.last() != Some(&entry) {
            all.push(entry);
        }
    }
    all
}

proptest! {
    #[test]
    fn the_state_behaves_like_a_sorted_map(operations in prop::collection::vec(operation(), 1..60), versioned: bool) {
        let mut world = World::new();
        if versioned {
            world.version(true);
        }
        let mut model: BTreeMap<String, String> = BTreeMap::new();
        let mut sequencers: BTreeMap<String, String> = BTreeMap::new();
        for operation in operations {
            let mut changed = Vec::new();
            match operation {
                Operation::Put(key, body) => {
                    changed = world.put(&key, &body).1;
                    prop_assert_eq!(changed.len(), 1);
                    prop_assert_eq!(changed[0].size, Some(body.len() as u64));
                    model.insert(key, body);
                }
                Operation::Delete(key) => {
                    changed = world.delete(&at(&key, None)).1;
                    prop_assert_eq!(changed.len(), 1);
                    model.remove(&key);
                }
                Operation::Copy(from, to) => {
                    let request = CopyObject {
                        source: at(&from, None), bucket: "export".into(), key: to.clone(), ..CopyObject::default()
                    };
                    let (result, changes) = world.act(|state, act| state.copy_object(act, request));
                    match model.get(&from).cloned() {
                        None => prop_assert_eq!(result.unwrap_err().code, "NoSuchKey"),
                        Some(_) if from == to => prop_assert_eq!(result.unwrap_err().code, "InvalidRequest"),
                        Some(body) => {
                            prop_assert!(result.is_ok());
                            model.insert(to, body);
                            changed = changes;
                        }
                    }
                }
                Operation::Get(key) => {
                    let got = world.get(at(&key, None));
                    match model.get(&key) {
                        Some(body) => prop_assert_eq!(got.unwrap(), body.as_bytes()),
                        None => prop_assert_eq!(got.unwrap_err().code, "NoSuchKey"),
                    }
                }
                Operation::List { prefix, delimiter, page } => {
                    let mut request = ListObjects {
                        bucket: "export".into(), prefix: prefix.clone(), delimiter: delimiter.clone(),
                        after: None, max_keys: page,
                    };
                    let mut all = Vec::new();
                    loop {
                        let listing = world.act(|state, _| state.list_objects(&request)).0.unwrap();
                        let mut entries: Vec<String> = listing.objects.into_iter().map(|o| o.key).collect();
                        entries.extend(listing.prefixes);
                        entries.sort();
                        prop_assert!(entries.len() <= page);
                        prop_assert!(listing.next.is_none() || listing.next.as_ref() == entries.last());
                        all.extend(entries);
                        request.after = listing.next;
                        if request.after.is_none() { break }
                    }
                    prop_assert_eq!(all, listed(&model, &prefix, delimiter.as_deref()));
                }
            }
            for change in changed {
                let sequencer = change.sequencer.unwrap();
                let before = sequencers.insert(change.key, sequencer.clone());
                prop_assert!(before.is_none_or(|before| before < sequencer));
            }
        }
        let versions = ListVersions { bucket: "export".into(), max_keys: 1000, ..ListVersions::default() };
        let listing = world.act(|state, _| state.list_versions(&versions)).0.unwrap();
        let latest = listing.versions.iter().filter(|v| v.is_latest && v.object.is_some()).map(|v| v.key.clone());
        prop_assert_eq!(latest.collect::<Vec<_>>(), model.keys().cloned().collect::<Vec<_>>());
    }

    #[test]
    fn pages_of_versions_join_to_the_whole_list(
        keys in prop::collection::vec("[ab]/?[ab]?", 1..20),
        page in 1_usize..5,
        is_removed in any::<bool>(),
    ) {
        let mut world = World::new();
        world.version(true);
        for (number, key) in keys.iter().enumerate() {
            if number % 4 == 3 {
                world.delete(&at(key, None)).0.unwrap();
            } else {
                world.put(key, "x").0.unwrap();
            }
        }
        let mut request = ListVersions { bucket: "export".into(), max_keys: 1000, ..ListVersions::default() };
        let whole = world.act(|state, _| state.list_versions(&request)).0.unwrap().versions;
        let mut joined = Vec::new();
        request.max_keys = page;
        loop {
            let listing = world.act(|state, _| state.list_versions(&request)).0.unwrap();
            // As whoever empties a bucket does: the marker is then of a version that is gone.
            for listed in listing.versions.iter().filter(|_| is_removed) {
                world.delete(&at(&listed.key, Some(&listed.version_id))).0.unwrap();
            }
            joined.extend(listing.versions);
            let Some((key, version)) = listing.next else { break };
            (request.key_marker, request.version_id_marker) = (Some(key), version);
        }
        let ids = |list: &[ListedVersion]| list.iter().map(|v| (v.key.clone(), v.version_id.clone())).collect::<Vec<_>>();
        prop_assert_eq!(ids(&joined), ids(&whole));
    }
}

#[test]
fn the_versioned_flow_gives_the_events_that_aws_recorded() {
    let mut world = World::new();
    world.version(true);
    let (first, changes) = world.put("test-key", "v1");
    let first = first.unwrap().version_id.unwrap();
    assert_eq!((kinds(&changes), changes[0].version_id.as_deref()), (vec!["ObjectCreated:Put"], Some(&*first)));
    world.put("test-key", "v2").0.unwrap();

    let (deleted, changes) = world.delete(&at("test-key", None));
    let deleted = deleted.unwrap();
    let marker = deleted.version_id.unwrap();
    assert!(deleted.delete_marker);
    assert_eq!(kinds(&changes), ["ObjectRemoved:DeleteMarkerCreated"]);
    assert_eq!(changes[0].e_tag.as_deref(), Some("d41d8cd98f00b204e9800998ecf8427e"));
    assert_eq!((changes[0].size, changes[0].version_id.as_deref()), (None, Some(&*marker)));

    let (deleted, changes) = world.delete(&at("test-key", Some(&first)));
    assert_eq!(deleted.unwrap(), Deleted { delete_marker: false, version_id: Some(first.clone()) });
    assert_eq!(kinds(&changes), ["ObjectRemoved:Delete"]);
    assert_eq!((changes[0].e_tag.as_deref(), changes[0].version_id.as_deref()), (None, Some(&*first)));

    world.version(false);
    let (put, changes) = world.put("test-key", "null version");
    assert_eq!((put.unwrap().version_id, changes[0].version_id.clone()), (None, None));
    let (deleted, changes) = world.delete(&at("test-key", Some(&marker)));
    assert_eq!(deleted.unwrap(), Deleted { delete_marker: true, version_id: Some(marker.clone()) });
    assert_eq!((kinds(&changes), changes[0].version_id.as_deref()), (vec!["ObjectRemoved:Delete"], Some(&*marker)));
    assert_eq!(world.get(at("test-key", Some("null"))).unwrap(), "null version");
}

#[test]
fn delete_markers_hide_the_key_and_name_themselves() {
    let mut world = World::new();
    world.version(true);
    world.put("k", "v").0.unwrap();
    let marker = world.delete(&at("k", None)).0.unwrap().version_id.unwrap();
    let fault = world.get(at("k", None)).unwrap_err();
    assert_eq!((fault.status, fault.code.as_ref()), (404, "NoSuchKey"));
    assert!(fault.headers.contains(&("x-amz-delete-marker", "true".into())));
    let fault = world.get(at("k", Some(&marker))).unwrap_err();
    assert_eq!((fault.status, fault.code.as_ref()), (405, "MethodNotAllowed"));
    assert_eq!(world.get(at("k", Some("bad"))).unwrap_err().code, "InvalidArgument");
    assert_eq!(world.get(at("k", Some(&"0".repeat(32)))).unwrap_err().code, "NoSuchVersion");
}

#[test]
fn sequencers_grow_even_when_the_clock_steps_back() {
    let mut world = World::new();
    let mut last = String::new();
    for seconds in [10, 10, 20, 5, -3, 5] {
        world.now = Timestamp::from_second(seconds).unwrap();
        let sequencer = world.put("k", "").1.remove(0).sequencer.unwrap();
        assert_eq!(sequencer.len(), 18);
        assert!(sequencer > last, "{sequencer} after {last}");
        last = sequencer;
    }
}

#[test]
fn buckets_belong_to_the_account_that_made_them() {
    let mut world = World::new();
    world.owner = account("222222222222");
    let (again, _) = world.act(|state, act| state.create_bucket(act, "export", region(), &NewBucket::default()));
    assert_eq!(again.unwrap_err().code, "BucketAlreadyExists");
    assert!(world.act(|state, act| state.list_buckets(act)).0.is_empty());
    world.owner = account("111111111111");
    let (again, _) = world.act(|state, act| state.create_bucket(act, "export", region(), &NewBucket::default()));
    assert_eq!(again.unwrap_err().code, "BucketAlreadyOwnedByYou");
    let (virginia, _) = world.act(|state, act| {
        let region = Region::new("us-east-1").unwrap();
        state
            .create_bucket(act, "legacy", region.clone(), &NewBucket::default())
            .and_then(|()| state.create_bucket(act, "legacy", region, &NewBucket::default()))
    });
    assert_eq!(virginia, Ok(()));
    for name in ["ab", "Upper", "a..b", "192.168.1.1", "-edge", "xn--puny", "under_score", &"x".repeat(64)] {
        let (result, _) = world.act(|state, act| state.create_bucket(act, name, region(), &NewBucket::default()));
        assert_eq!(result.unwrap_err().code, "InvalidBucketName", "{name}");
    }
}

#[test]
fn a_bucket_is_deleted_only_when_it_is_empty() {
    let mut world = World::new();
    world.put("k", "v").0.unwrap();
    assert_eq!(world.act(|state, _| state.delete_bucket("export")).0.unwrap_err().code, "BucketNotEmpty");
    world.delete(&at("k", None)).0.unwrap();
    world.act(|state, _| state.delete_bucket("export")).0.unwrap();
    assert_eq!(world.get(at("k", None)).unwrap_err().code, "NoSuchBucket");
}

#[test]
fn a_write_that_is_refused_changes_nothing() {
    let mut world = World::new();
    world.put("k", "old").0.unwrap();
    let mut request =
        PutObject { bucket: "export".into(), key: "k".into(), body: "new".into(), ..PutObject::default() };
    request.conditions.if_none_match = Some(TagMatch::Any);
    let (result, changes) = world.act(|state, act| state.put_object(act, request.clone()));
    assert_eq!((result.unwrap_err().status, changes.len()), (412, 0));
    request.conditions = WriteConditions { if_match: Some(TagMatch::Is("0".into())), ..WriteConditions::default() };
    assert_eq!(world.act(|state, act| state.put_object(act, request.clone())).0.unwrap_err().status, 412);
    request.conditions = WriteConditions::default();
    request.content.storage_class = Some("ICE".into());
    let fault = world.act(|state, act| state.put_object(act, request)).0.unwrap_err();
    assert_eq!((fault.code.as_ref(), fault.extra[0].1.as_str()), ("InvalidStorageClass", "ICE"));
    assert_eq!(world.put(&"k".repeat(1025), "").0.unwrap_err().code, "KeyTooLongError");
    assert_eq!(world.get(at("k", None)).unwrap(), "old");
}

#[test]
fn ranges_are_cut_without_copying_and_bad_ones_name_the_size() {
    let mut world = World::new();
    world.put("k", "0123456789").0.unwrap();
    let mut get = |header: &str| {
        let range = ByteRange::parse(header);
        let request = GetObject { at: at("k", None), range, ..GetObject::default() };
        world.act(|state, _| state.get_object(&request)).0.map(|found| (found.body, found.range))
    };
    assert_eq!(get("bytes=2-4").unwrap(), (Bytes::from("234"), Some((2, 5))));
    assert_eq!(get("bytes=7-").unwrap(), (Bytes::from("789"), Some((7, 10))));
    assert_eq!(get("bytes=-3").unwrap(), (Bytes::from("789"), Some((7, 10))));
    assert_eq!(get("bytes=5-100").unwrap().0, "56789");
    assert_eq!(get("lines=1-2").unwrap().1, None);
    assert_eq!(get("bytes=4-2").unwrap().1, None);
    let fault = get("bytes=10-").unwrap_err();
    assert_eq!(fault.status, 416);
    assert_eq!(fault.extra[1], ("ActualObjectSize".into(), "10".into()));
}

#[test]
fn a_multipart_object_has_the_tag_and_the_parts_of_its_upload() {
    let mut world = World::new();
    let new = NewUpload { bucket: "export".into(), key: "big".into(), ..NewUpload::default() };
    let (started, changes) = world.act(|state, act| state.create_upload(act, new));
    let upload_id = started.unwrap().upload_id;
    assert!(changes.is_empty());
    let bodies = [Bytes::from(vec![b'a'; 5 * 1024 * 1024]), Bytes::from("tail")];
    let mut parts = Vec::new();
    for (part_number, body) in (1..).zip(bodies) {
        let request = UploadPart {
            bucket: "export".into(),
            key: "big".into(),
            upload_id: upload_id.clone(),
            part_number,
            body,
            ..UploadPart::default()
        };
        let written = world.act(|state, act| state.upload_part(act, request)).0.unwrap();
        parts.push(PartClaim { number: part_number, e_tag: written.e_tag, checksum: None });
    }
    let complete = |parts: Vec<PartClaim>| CompleteUpload {
        bucket: "export".into(),
        key: "big".into(),
        upload_id: upload_id.clone(),
        parts,
        ..CompleteUpload::default()
    };
    let reversed = complete(parts.iter().rev().cloned().collect());
    assert_eq!(world.act(|s, act| s.complete_upload(act, reversed)).0.unwrap_err().code, "InvalidPartOrder");
    let mut wrong = parts.clone();
    wrong[1].e_tag = "0".repeat(32);
    let fault = world.act(|s, act| s.complete_upload(act, complete(wrong))).0.unwrap_err();
    assert_eq!((fault.code.as_ref(), fault.extra[1].1.as_str()), ("InvalidPart", "2"));

    let (written, changes) = world.act(|s, act| s.complete_upload(act, complete(parts.clone())));
    let e_tag = written.unwrap().e_tag;
    assert!(e_tag.ends_with("-2"));
    assert_eq!(kinds(&changes), ["ObjectCreated:CompleteMultipartUpload"]);
    assert_eq!(changes[0].size, Some(5 * 1024 * 1024 + 4));
    let request = GetObject { at: at("big", None), part_number: Some(2), ..GetObject::default() };
    assert_eq!(world.act(|state, _| state.get_object(&request)).0.unwrap().body, "tail");
    let request = GetObject { part_number: Some(3), ..request };
    assert_eq!(world.act(|state, _| state.get_object(&request)).0.unwrap_err().code, "InvalidPartNumber");

    // Sent again, the request gets the same answer, even when the object has gone since; another one does not.
    world.act(|s, act| s.delete_object(act, &at("big", None), &WriteConditions::default())).0.unwrap();
    let (again, changes) = world.act(|s, act| s.complete_upload(act, complete(parts.clone())));
    assert_eq!((again.unwrap().e_tag, changes.len()), (e_tag, 0));
    let fewer = complete(parts[..1].to_vec());
    assert_eq!(world.act(|s, act| s.complete_upload(act, fewer)).0.unwrap_err().code, "NoSuchUpload");
    let upload_id = complete(Vec::new()).upload_id;
    assert_eq!(world.act(|s, _| s.abort_upload("export", "big", &upload_id)).0, Ok(()));
    let other = world.act(|s, _| s.abort_upload("export", "other", &upload_id));
    assert_eq!(other.0.unwrap_err().code, "NoSuchUpload");
}

#[test]
fn the_type_of_the_checksum_is_the_one_that_the_upload_was_started_with() {
    let mut world = World::new();
    let algorithm = Some(ChecksumAlgorithm::Crc32);
    let new = NewUpload { bucket: "export".into(), key: "k".into(), algorithm, ..NewUpload::default() };
    let upload_id = world.act(|state, act| state.create_upload(act, new)).0.unwrap().upload_id;
    let request = CompleteUpload {
        bucket: "export".into(),
        key: "k".into(),
        upload_id,
        checksum_type: Some(ChecksumType::FullObject),
        ..CompleteUpload::default()
    };
    let fault = world.act(|s, act| s.complete_upload(act, request)).0.unwrap_err();
    assert!(fault.message.starts_with("The upload was created using the COMPOSITE checksum mode."), "{fault}");
}

#[test]
fn a_delete_in_a_suspended_bucket_makes_a_marker_of_the_null_version_and_draws_no_id() {
    let mut world = World::new();
    world.act(|state, _| state.set_versioning("export", true)).0.unwrap();
    world.act(|state, _| state.set_versioning("export", false)).0.unwrap();
    for _ in 0..2 {
        let (deleted, changes) = world.act(|s, act| s.delete_object(act, &at("k", None), &WriteConditions::default()));
        assert_eq!(deleted.unwrap(), Deleted { delete_marker: true, version_id: Some("null".into()) });
        assert_eq!(kinds(&changes), ["ObjectRemoved:DeleteMarkerCreated"]);
        assert_eq!(changes[0].version_id, None);
    }
    let (deleted, changes) =
        world.act(|s, act| s.delete_object(act, &at("k", Some("null")), &WriteConditions::default()));
    assert_eq!(deleted.unwrap(), Deleted { delete_marker: true, version_id: Some("null".into()) });
    assert_eq!((kinds(&changes), &changes[0].version_id), (vec!["ObjectRemoved:Delete"], &None));
}

#[test]
fn small_parts_before_the_last_are_refused() {
    let mut world = World::new();
    let new = NewUpload { bucket: "export".into(), key: "big".into(), ..NewUpload::default() };
    let upload_id = world.act(|state, act| state.create_upload(act, new)).0.unwrap().upload_id;
    let mut parts = Vec::new();
    for part_number in 1..=2 {
        let request = UploadPart {
            bucket: "export".into(),
            key: "big".into(),
            upload_id: upload_id.clone(),
            part_number,
            body: "x".into(),
            ..UploadPart::default()
        };
        let e_tag = world.act(|state, act| state.upload_part(act, request)).0.unwrap().e_tag;
        parts.push(PartClaim { number: part_number, e_tag, checksum: None });
    }
    let request =
        CompleteUpload { bucket: "export".into(), key: "big".into(), upload_id, parts, ..CompleteUpload::default() };
    let fault = world.act(|state, act| state.complete_upload(act, request)).0.unwrap_err();
    assert_eq!(fault.code, "EntityTooSmall");
    assert!(fault.extra.contains(&("MinSizeAllowed".into(), "5242880".into())));
}

#[test]
fn tagging_records_have_a_tag_but_no_size_and_no_sequencer() {
    let mut world = World::new();
    world.put("k", "v").0.unwrap();
    let tags = Tags::from_header("team=data+eng&x=%C3%A9").unwrap();
    let (_, changes) = world.act(|state, act| state.set_tagging(act, &at("k", None), Some(tags)).unwrap());
    assert_eq!(kinds(&changes), ["ObjectTagging:Put"]);
    assert_eq!((changes[0].size, &changes[0].sequencer), (None, &None));
    assert!(changes[0].e_tag.is_some());
    let (tags, _) = world.act(|state, _| state.tagging(&at("k", None)).unwrap());
    let tags: Vec<_> = tags.0.iter().cloned().collect();
    assert_eq!(tags, [("team".to_owned(), "data eng".to_owned()), ("x".to_owned(), "é".to_owned())]);
    assert_eq!(Tags::from_header("a=1&a=2").unwrap_err().code, "InvalidArgument");
}
