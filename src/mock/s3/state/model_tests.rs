//! Random operations against a model that keeps each key's versions in a list.
//!
//! A few hundred sequences without optimisation and 10,000 with it; `PROPTEST_CASES` says another number.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use proptest::prelude::*;

use super::super::checksum::Claims;
use super::*;
use crate::event::Region;

/// A condition of a write. `Tag` is that of the object with this content.
#[derive(Debug, Clone)]
enum Condition {
    Always,
    Absent,
    Present,
    Tag(String),
}

#[derive(Debug, Clone)]
enum Operation {
    Put(String, String, Condition),
    Copy(String, Option<usize>, String),
    Delete(String, Condition),
    DeleteVersion(String, usize),
    DeleteMany(Vec<String>),
    Version(bool),
    Start(String),
    Part(usize, u32, String),
    Complete(usize, Vec<u32>, Condition),
    Abort(usize),
}

#[derive(Debug, Clone, PartialEq)]
struct Kept {
    id: Option<String>,
    /// Content and entity tag; none is a delete marker.
    object: Option<(String, String)>,
}

/// The parts that were named, by number and tag, and the tag of the answer.
type Completed = (Vec<u32>, Vec<String>, String);

#[derive(Debug, Clone)]
struct Started {
    id: String,
    key: String,
    parts: BTreeMap<u32, String>,
    /// None while it is open; what it was completed with, or nothing if it was aborted.
    ended: Option<Option<Completed>>,
}

struct Model {
    state: S3State,
    ids: Ids,
    owner: AccountId,
    now: Timestamp,
    versioning: Versioning,
    keys: BTreeMap<String, Vec<Kept>>,
    uploads: Vec<Started>,
    sequencers: BTreeMap<String, String>,
}

fn e_tag(body: &str) -> String {
    Claims::default().verify(body.as_bytes()).unwrap().e_tag
}

fn at(key: &str, version_id: Option<&str>) -> ObjectAt {
    ObjectAt { bucket: "bucket".into(), key: key.into(), version_id: version_id.map(str::to_owned) }
}

impl Condition {
    fn of_write(&self) -> WriteConditions {
        let (if_match, if_none_match) = match self {
            Self::Always => (None, None),
            Self::Absent => (None, Some(TagMatch::Any)),
            Self::Present => (Some(TagMatch::Any), None),
            Self::Tag(body) => (Some(TagMatch::Is(e_tag(body))), None),
        };
        WriteConditions { if_match, if_none_match, ..WriteConditions::default() }
    }

    /// Why it does not hold for what a key holds now.
    fn refuses(&self, current: Option<&str>) -> Option<&'static str> {
        match (self, current) {
            (Self::Always, _) | (Self::Absent, None) | (Self::Present, Some(_)) => None,
            (Self::Present | Self::Tag(_), None) => Some("NoSuchKey"),
            (Self::Absent, Some(_)) => Some("PreconditionFailed"),
            (Self::Tag(body), Some(current)) => (e_tag(body) != current).then_some("PreconditionFailed"),
        }
    }
}

impl Model {
    fn new() -> Self {
        let mut state = S3State::new(MAX_PAGE);
        let owner = AccountId::new("111111111111").unwrap();
        let (mut ids, now) = (Ids::new(7), Timestamp::from_second(1_767_225_600).unwrap());
        let act = Act::new(Some(&owner), now, &mut ids);
        state.create_bucket(&act, "bucket", Region::new("us-east-1").unwrap(), &NewBucket::default()).unwrap();
        let (versioning, keys, uploads) = (Versioning::Unversioned, BTreeMap::new(), Vec::new());
        Self { state, ids, owner, now, versioning, keys, uploads, sequencers: BTreeMap::new() }
    }

    /// Runs an operation, whose changes must be as many as it says, on keys of growing sequencers.
    fn act<T>(
        &mut self,
        changes: usize,
        operation: impl FnOnce(&mut S3State, &mut Act<'_>) -> Result<T, S3Fault>,
    ) -> Result<T, String> {
        let mut act = Act::new(Some(&self.owner), self.now, &mut self.ids);
        let result = operation(&mut self.state, &mut act).map_err(|fault| fault.code.into_owned());
        assert_eq!(act.changes.len(), if result.is_ok() { changes } else { 0 });
        for change in act.changes {
            let sequencer = change.sequencer.unwrap();
            let before = self.sequencers.insert(change.key, sequencer.clone());
            assert!(before.is_none_or(|before| before < sequencer));
        }
        result
    }

    fn current(&self, key: &str) -> Option<&(String, String)> {
        self.keys.get(key)?.last()?.object.as_ref()
    }

    fn tag(&self, key: &str) -> Option<&str> {
        self.current(key).map(|(_, tag)| tag.as_str())
    }

    /// Puts a version on top, as the versioning state has it.
    fn push(&mut self, key: &str, id: Option<String>, object: Option<(String, String)>) {
        assert_eq!(id.is_some(), self.versioning == Versioning::Enabled);
        let versions = self.keys.entry(key.to_owned()).or_default();
        if id.is_none() {
            versions.retain(|version| version.id.is_some());
        }
        versions.push(Kept { id, object });
    }

    /// The id of one of the key's versions, or one that nobody has.
    fn pick(&self, key: &str, place: usize) -> String {
        let versions = self.keys.get(key).map_or(&[][..], Vec::as_slice);
        match versions.get(place) {
            Some(version) => version.id.clone().unwrap_or_else(|| "null".to_owned()),
            None => "x".repeat(32),
        }
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Version(enabled) => {
                self.act(0, |state, _| state.set_versioning("bucket", enabled)).unwrap();
                self.versioning = if enabled { Versioning::Enabled } else { Versioning::Suspended };
            }
            Operation::Put(key, body, condition) => {
                let expected = condition.refuses(self.tag(&key));
                let bytes = Bytes::copy_from_slice(body.as_bytes());
                let conditions = condition.of_write();
                let (bucket, name) = ("bucket".to_owned(), key.clone());
                let request = PutObject { bucket, key: name, body: bytes, conditions, ..PutObject::default() };
                let done = self.act(1, |state, act| state.put_object(act, request));
                if let Some(written) = expect(done, expected) {
                    assert_eq!(written.e_tag, e_tag(&body));
                    self.push(&key, written.version_id, Some((body, written.e_tag)));
                }
            }
            Operation::Copy(from, version, to) => self.copy(&from, version, &to),
            Operation::Delete(key, condition) => {
                // Nothing can be deleted on the condition that it is not there.
                if matches!(condition, Condition::Absent) {
                    return;
                }
                let (code, conditions) = (condition.refuses(self.tag(&key)), condition.of_write());
                let done = self.act(1, |state, act| state.delete_object(act, &at(&key, None), &conditions));
                if let Some(deleted) = expect(done, code) {
                    self.deleted(&key, deleted);
                }
            }
            Operation::DeleteMany(keys) => {
                for key in keys {
                    self.apply(Operation::Delete(key, Condition::Always));
                }
            }
            Operation::DeleteVersion(key, place) => {
                let id = self.pick(&key, place);
                let named = at(&key, Some(&id));
                let done = self.act(1, |state, act| state.delete_object(act, &named, &WriteConditions::default()));
                let versions = self.keys.entry(key.clone()).or_default();
                let found = versions.iter().position(|version| version.id.as_deref().unwrap_or("null") == id);
                let was_marker = found.is_some_and(|found| versions.remove(found).object.is_none());
                if versions.is_empty() {
                    self.keys.remove(&key);
                }
                assert_eq!(done.unwrap(), Deleted { delete_marker: was_marker, version_id: Some(id) });
            }
            Operation::Start(key) => {
                let request = NewUpload { bucket: "bucket".into(), key: key.clone(), ..NewUpload::default() };
                let id = self.act(0, |state, act| state.create_upload(act, request)).unwrap().upload_id;
                self.uploads.push(Started { id, key, parts: BTreeMap::new(), ended: None });
            }
            Operation::Part(upload, number, body) => self.part(upload, number, body),
            Operation::Complete(upload, numbers, condition) => self.complete(upload, &numbers, &condition),
            Operation::Abort(upload) => {
                let Some(Started { id, key, .. }) = self.uploads.get(upload).cloned() else { return };
                self.act(0, |state, _| state.abort_upload("bucket", &key, &id)).unwrap();
                self.uploads[upload].ended.get_or_insert(None);
            }
        }
        self.check();
    }

    fn deleted(&mut self, key: &str, deleted: Deleted) {
        if self.versioning == Versioning::Unversioned {
            assert_eq!(deleted, Deleted { delete_marker: false, version_id: None });
            self.keys.remove(key);
        } else {
            let id = deleted.version_id.filter(|id| id != "null");
            self.push(key, id, None);
        }
    }

    fn copy(&mut self, from: &str, version: Option<usize>, to: &str) {
        let id = version.map(|place| self.pick(from, place));
        let source = match &id {
            None => self.current(from).cloned().ok_or("NoSuchKey"),
            Some(id) => {
                let versions = self.keys.get(from).map_or(&[][..], Vec::as_slice);
                let named = versions.iter().find(|kept| kept.id.as_deref().unwrap_or("null") == id);
                match named {
                    None => Err("NoSuchVersion"),
                    Some(kept) => kept.object.clone().ok_or("InvalidRequest"),
                }
            }
        };
        let in_place = from == to && id.is_none();
        let expected = source.clone().err().or(in_place.then_some("InvalidRequest"));
        let source_at = at(from, id.as_deref());
        let (bucket, key) = ("bucket".to_owned(), to.to_owned());
        let request = CopyObject { source: source_at, bucket, key, ..CopyObject::default() };
        let done = self.act(1, |state, act| state.copy_object(act, request));
        if let (Some((written, _)), Ok((body, _))) = (expect(done, expected), source) {
            assert_eq!(written.e_tag, e_tag(&body));
            self.push(to, written.version_id, Some((body, written.e_tag)));
        }
    }

    fn part(&mut self, upload: usize, number: u32, body: String) {
        let Some(Started { id, key, ended, .. }) = self.uploads.get(upload).cloned() else { return };
        let bytes = Bytes::copy_from_slice(body.as_bytes());
        let (bucket, upload_id, part_number) = ("bucket".to_owned(), id, number);
        let request = UploadPart {
            bucket,
            key,
            upload_id,
            part_number,
            body: bytes,
            claims: Claims::default(),
            customer_key: None,
        };
        let done = self.act(0, |state, act| state.upload_part(act, request));
        if expect(done, ended.map(|_| "NoSuchUpload")).is_some() {
            self.uploads[upload].parts.insert(number, body);
        }
    }

    fn complete(&mut self, upload: usize, numbers: &[u32], condition: &Condition) {
        let Some(Started { id, key, parts, ended }) = self.uploads.get(upload).cloned() else { return };
        let tags: Vec<String> = numbers
            .iter()
            .map(|number| parts.get(number).map_or_else(|| "none".to_owned(), |body| e_tag(body)))
            .collect();
        let named = numbers.iter().zip(&tags);
        let named = named.map(|(number, e_tag)| PartClaim { number: *number, e_tag: e_tag.clone(), checksum: None });
        let request = CompleteUpload {
            bucket: "bucket".into(),
            key: key.clone(),
            upload_id: id,
            parts: named.collect(),
            conditions: condition.of_write(),
            ..CompleteUpload::default()
        };
        let again = match &ended {
            Some(Some((with, their_tags, answer))) if with == numbers && *their_tags == tags => Some(answer.clone()),
            _ => None,
        };
        let expected = match &ended {
            Some(_) if again.is_none() => Some("NoSuchUpload"),
            Some(_) => None,
            None if numbers.is_empty() => Some("MalformedXML"),
            None if !numbers.is_sorted_by(|a, b| a < b) => Some("InvalidPartOrder"),
            None if numbers.iter().any(|number| !parts.contains_key(number)) => Some("InvalidPart"),
            // All parts here are small.
            None if numbers.len() > 1 => Some("EntityTooSmall"),
            None => condition.refuses(self.tag(&key)),
        };
        let done = self.act(usize::from(again.is_none()), |state, act| state.complete_upload(act, request));
        let Some(written) = expect(done, expected) else { return };
        if let Some(answer) = again {
            assert_eq!(written.e_tag, answer);
            return;
        }
        assert!(written.e_tag.ends_with("-1"), "{}", written.e_tag);
        self.uploads[upload].ended = Some(Some((numbers.to_vec(), tags, written.e_tag.clone())));
        self.push(&key, written.version_id, Some((parts[&numbers[0]].clone(), written.e_tag)));
    }

    /// All that can be read is as the model has it.
    fn check(&self) {
        let mut listed = Vec::new();
        let mut request = ListVersions { bucket: "bucket".into(), max_keys: 3, ..ListVersions::default() };
        loop {
            let page = self.state.list_versions(&request).unwrap();
            listed.extend(page.versions.into_iter().map(|version| {
                let object = version.object.map(|object| (object.body.clone(), object.e_tag.clone()));
                (version.key, version.version_id, version.is_latest, object)
            }));
            let Some((key, id)) = page.next else { break };
            (request.key_marker, request.version_id_marker) = (Some(key), id);
        }
        let expected = self.keys.iter().flat_map(|(key, versions)| {
            versions.iter().rev().enumerate().map(|(age, kept)| {
                let id = kept.id.clone().unwrap_or_else(|| "null".to_owned());
                let object = kept.object.clone().map(|(body, tag)| (Bytes::from(body), tag));
                (key.clone(), id, age == 0, object)
            })
        });
        assert_eq!(listed, expected.collect::<Vec<_>>());
        for (key, versions) in &self.keys {
            for kept in versions {
                let request = GetObject { at: at(key, kept.id.as_deref().or(Some("null"))), ..GetObject::default() };
                let found = self.state.get_object(&request).map(|found| found.body).map_err(|fault| fault.status);
                let expected = kept.object.as_ref().map(|(body, _)| Bytes::from(body.clone())).ok_or(405);
                assert_eq!(found, expected);
            }
        }
        let list = ListObjects { bucket: "bucket".into(), max_keys: 1000, ..ListObjects::default() };
        let seen: Vec<_> =
            self.state.list_objects(&list).unwrap().objects.into_iter().map(|listed| listed.key).collect();
        let there = self.keys.keys().filter(|key| self.current(key).is_some());
        assert_eq!(seen, there.cloned().collect::<Vec<_>>());
        let uploads = ListUploads { bucket: "bucket".into(), max_uploads: 1000, ..ListUploads::default() };
        let open = self.state.list_uploads(&uploads).unwrap().uploads;
        let open: BTreeSet<String> = open.into_iter().map(|upload| upload.upload_id).collect();
        let ours = self.uploads.iter().filter(|upload| upload.ended.is_none());
        assert_eq!(open, ours.map(|upload| upload.id.clone()).collect());
    }
}

/// What was done, or nothing where it was refused as expected.
fn expect<T>(done: Result<T, String>, refused: Option<&str>) -> Option<T> {
    match (done, refused) {
        (Ok(done), None) => Some(done),
        (Err(code), Some(refused)) if code == refused => None,
        (Ok(_), Some(refused)) => panic!("{refused} was expected"),
        (Err(code), refused) => panic!("{code}, and {refused:?} was expected"),
    }
}

fn key() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["a", "a/b", "é"]).prop_map(str::to_owned)
}

fn body() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["", "one", "two"]).prop_map(str::to_owned)
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        4 => Just(Condition::Always),
        1 => Just(Condition::Absent),
        1 => Just(Condition::Present),
        2 => body().prop_map(Condition::Tag),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let numbers = prop_oneof![4 => Just(vec![1]), 1 => prop::collection::vec(1_u32..3, 0..3)];
    prop_oneof![
        5 => (key(), body(), condition()).prop_map(|(key, body, condition)| Operation::Put(key, body, condition)),
        2 => (key(), prop::option::of(0_usize..3), key()).prop_map(|(from, id, to)| Operation::Copy(from, id, to)),
        3 => (key(), condition()).prop_map(|(key, condition)| Operation::Delete(key, condition)),
        3 => (key(), 0_usize..4).prop_map(|(key, place)| Operation::DeleteVersion(key, place)),
        1 => prop::collection::vec(key(), 1..4).prop_map(Operation::DeleteMany),
        2 => any::<bool>().prop_map(Operation::Version),
        2 => key().prop_map(Operation::Start),
        3 => (0_usize..3, 1_u32..3, body()).prop_map(|(upload, number, body)| Operation::Part(upload, number, body)),
        3 => (0_usize..3, numbers, condition())
            .prop_map(|(upload, numbers, condition)| Operation::Complete(upload, numbers, condition)),
        1 => (0_usize..3).prop_map(Operation::Abort),
    ]
}

/// The number of sequences, which a release build can pay for.
fn settings() -> ProptestConfig {
    let cases = if cfg!(debug_assertions) { 300 } else { 10_000 };
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn versions_uploads_and_conditions_are_as_a_list_has_them(operations in prop::collection::vec(operation(), 1..40)) {
        let mut model = Model::new();
        for operation in operations {
            model.apply(operation);
        }
    }
}
