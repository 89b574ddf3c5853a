//! The room between state and protocol: one lock, the clock, and the publishing of changes.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::change::Change;
use super::fault::S3Fault;
use super::notification::{Destination, NotificationConfiguration, NotificationRequest};
use super::state::{
    Act, BucketInfo, Content, Contents, Deleted, Due, Found, GetObject, LifecycleRules, ListObjects, NewBucket,
    ObjectAt, ObjectLock, PutObject, S3State, Tags, WriteConditions, Written, otherwise,
};
use crate::event::{AccountId, Region};
use crate::iam::Policy;
use crate::lock::Lock;
use crate::mock::http::Call;

/// The service's clock.
type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

type Publish = dyn Fn(&Call, Vec<Change>) + Send + Sync;
type CheckDestination = dyn Fn(&BucketInfo, &Destination) -> Result<(), String> + Send + Sync;
type Later = dyn Fn(Timestamp, Wait, String, Box<dyn FnOnce() + Send>) + Send + Sync;
type Told = dyn Fn() + Send + Sync;
type Configured = dyn Fn(&Call, &BucketInfo, &NotificationConfiguration) + Send + Sync;

/// Whether somebody may be waiting for what time does, so that the cloud is not done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    Awaited,
    Housekeeping,
}

/// What the service tells, and asks, the world around it.
///
/// All are called while no lock of the state is held. `publish` must not change the same S3: changes are
/// published one after the other, in the order of their commits.
pub(crate) struct Hooks {
    /// Takes the changes that a call committed.
    pub publish: Box<Publish>,
    /// Says whether events can be delivered to a destination, or why not, in AWS's words.
    pub check_destination: Box<CheckDestination>,
    /// Learns of a new notification configuration whose destinations were checked (for `s3:TestEvent`).
    pub configured: Box<Configured>,
    /// Plans what time does, under this label.
    pub later: Box<Later>,
    /// Learns that a bucket has lifecycle rules, for which somebody has to come by at midnight.
    pub lifecycle: Box<Told>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

/// An S3 that several callers share.
pub(crate) struct S3Service {
    state: Lock<S3State>,
    now: Now,
    hooks: Hooks,
    /// Changes that are committed but not published, in order. Filled under the state's lock.
    committed: Lock<VecDeque<(Call, Vec<Change>)>>,
    /// Held by the one who publishes.
    publishing: Lock<()>,
}

impl fmt::Debug for S3Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Service").finish_non_exhaustive()
    }
}

impl S3Service {
    /// An S3 without buckets, in all regions, whose pages have at most `max_page` entries.
    pub(crate) fn new(now: Now, hooks: Hooks, max_page: usize) -> Self {
        let state = Lock::new(S3State::new(max_page));
        Self { state, now, hooks, committed: Lock::default(), publishing: Lock::default() }
    }

    /// Runs one operation on the state and publishes what it changed. Whether the caller may was decided before.
    ///
    /// # Errors
    ///
    /// The operation's own fault.
    pub(crate) fn act<T>(
        &self,
        call: &Call,
        operation: impl FnOnce(&mut S3State, &mut Act<'_>) -> Result<T, S3Fault>,
    ) -> Result<T, S3Fault> {
        // The clock has a lock of its own, so it is read before ours are taken.
        let now = (self.now)();
        let (result, changed) = {
            let mut state = self.state.lock();
            call.caller.iter().for_each(|caller| state.meet(&caller.account));
            let mut ids = call.ids("s3");
            let mut act = Act::new(call.caller.as_ref().map(|caller| &caller.account), now, &mut ids);
            let result = operation(&mut state, &mut act);
            let changes = act.changes;
            let changed = !changes.is_empty();
            if changed {
                self.committed.lock().push_back((call.clone(), changes));
            }
            (result, changed)
        };
        if changed {
            self.publish();
        }
        result
    }

    /// The time by the cloud's clock.
    pub(crate) fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Plans what the time that is due changes. The action must not hold this service strongly.
    pub(crate) fn later(&self, due: Timestamp, wait: Wait, label: String, action: impl FnOnce() + Send + 'static) {
        (self.hooks.later)(due, wait, label, Box::new(action));
    }

    /// Publishes what is committed. Whoever waits here finds its own changes published when it goes on.
    fn publish(&self) {
        let _publishing = self.publishing.lock();
        loop {
            let next = self.committed.lock().pop_front();
            let Some((call, changes)) = next else { break };
            (self.hooks.publish)(&call, changes);
        }
    }

    /// Refuses a bucket that `expected` does not own; any caller may ask.
    pub(crate) fn check_owner(&self, bucket: &str, expected: &str) -> Result<(), S3Fault> {
        self.state.lock().check_owner(bucket, expected)
    }

    /// Every bucket with its current objects and the keys of its open uploads.
    pub(crate) fn contents(&self) -> Vec<Contents> {
        self.state.lock().contents()
    }

    /// The notification configurations of all buckets, by bucket.
    pub(crate) fn notifications(&self) -> Vec<(BucketInfo, Arc<NotificationConfiguration>)> {
        self.state.lock().notifications()
    }

    /// The region of a bucket, whoever asks.
    pub(crate) fn region_of(&self, bucket: &str) -> Option<Region> {
        self.state.lock().region_of(bucket)
    }

    /// The account that owns a bucket, whoever asks.
    pub(crate) fn owner_of(&self, bucket: &str) -> Option<AccountId> {
        self.state.lock().owner_of(bucket)
    }

    /// What decides whether a caller, an account or a service for one, may do something; none without the bucket.
    pub(crate) fn policies(
        &self,
        caller: (Option<&AccountId>, bool),
        action: &str,
        at: &ObjectAt,
        upload: Option<&str>,
    ) -> Option<Vec<Policy>> {
        self.state.lock().policies(caller, action, at, upload)
    }

    /// An object's tags, whoever asks.
    pub(crate) fn tags(&self, at: &ObjectAt) -> Option<Tags> {
        self.state.lock().tagging(at).ok().map(|(tags, _)| tags)
    }

    /// Whether a version has annotations, whoever asks.
    pub(crate) fn has_annotations(&self, at: &ObjectAt) -> bool {
        self.state.lock().has_annotations(at)
    }

    /// A setting of a bucket, whoever asks.
    pub(crate) fn setting<T: Clone + 'static>(&self, bucket: &str, name: &str) -> Option<T> {
        self.state.lock().setting(bucket, name).ok().flatten()
    }

    /// From now on new buckets are such as S3 made before June 2020.
    pub(crate) fn act_as_before_2020(&self) {
        self.state.lock().as_before_2020 = true;
    }

    /// Whether answers name accounts as they did until November 2025.
    pub(crate) fn shows_names(&self) -> bool {
        self.is_as_before_2020()
    }

    /// The name of the account with this canonical user id, as far as it is shown.
    pub(crate) fn name_of(&self, id: &str) -> Option<String> {
        self.state.lock().name_of(id)
    }

    /// Whether new buckets are such as S3 made before June 2020.
    pub(crate) fn is_as_before_2020(&self) -> bool {
        self.state.lock().as_before_2020
    }

    /// Creates a bucket in a region.
    pub(crate) fn create_bucket(&self, call: &Call, name: &str, region: Region) -> Result<(), S3Fault> {
        self.create_bucket_with(call, name, region, &NewBucket::default())
    }

    /// Creates a bucket as the request for it says.
    pub(crate) fn create_bucket_with(
        &self,
        call: &Call,
        name: &str,
        region: Region,
        new: &NewBucket,
    ) -> Result<(), S3Fault> {
        self.act(call, |state, act| state.create_bucket(act, name, region, new))
    }

    /// Deletes an empty bucket.
    pub(crate) fn delete_bucket(&self, call: &Call, name: &str) -> Result<(), S3Fault> {
        self.act(call, |state, _| state.delete_bucket(name))
    }

    /// Writes an object.
    pub(crate) fn put(
        &self,
        call: &Call,
        bucket: &str,
        key: &str,
        body: Bytes,
        content: Content,
    ) -> Result<Written, S3Fault> {
        let request =
            PutObject { bucket: bucket.to_owned(), key: key.to_owned(), body, content, ..PutObject::default() };
        self.act(call, |state, act| state.put_object(act, request))
    }

    /// Writes an [`otherwise`] content over an object; its headers and tags stay.
    pub(crate) fn overwrite(&self, call: &Call, bucket: &str, key: &str) -> Result<Written, S3Fault> {
        let found = self.get(call, bucket, key)?;
        let content = Content { lock: ObjectLock::default(), restore: None, ..found.object.content.clone() };
        self.put(call, bucket, key, otherwise(&found.object.body), content)
    }

    /// From now on what is put under this key has an [`otherwise`] content.
    pub(crate) fn put_otherwise(&self, bucket: &str, key: &str) {
        self.state.lock().put_otherwise(bucket, key);
    }

    /// Reads a whole object.
    pub(crate) fn get(&self, call: &Call, bucket: &str, key: &str) -> Result<Found, S3Fault> {
        let at = ObjectAt { bucket: bucket.to_owned(), key: key.to_owned(), version_id: None };
        self.act(call, |state, _| {
            // A test sees what clients need their key for.
            let customer_key = state.customer_key(&at);
            state.get_object(&GetObject { at, customer_key, ..GetObject::default() })
        })
    }

    /// Whether a key's newest version is an object, whoever asks.
    pub(crate) fn exists(&self, bucket: &str, key: &str) -> bool {
        self.state.lock().exists(bucket, key)
    }

    /// Whether only who may bypass governance may delete this version now, or end its retention, whoever asks.
    pub(crate) fn is_governed(&self, at: &ObjectAt) -> bool {
        let now = (self.now)();
        self.state.lock().is_governed(at, now)
    }

    /// All keys of a bucket that start with `prefix`, in byte order.
    pub(crate) fn keys(&self, call: &Call, bucket: &str, prefix: &str) -> Result<Vec<String>, S3Fault> {
        self.act(call, |state, _| {
            let mut request = ListObjects {
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
                max_keys: usize::MAX,
                ..ListObjects::default()
            };
            let mut keys = Vec::new();
            loop {
                let page = state.list_objects(&request)?;
                keys.extend(page.objects.into_iter().map(|listed| listed.key));
                if page.next.is_none() {
                    return Ok(keys);
                }
                request.after = page.next;
            }
        })
    }

    /// A key's versions, the newest first; a delete marker has no object.
    pub(crate) fn versions(
        &self,
        call: &Call,
        bucket: &str,
        key: &str,
    ) -> Result<Vec<(String, Timestamp, Option<Found>)>, S3Fault> {
        self.act(call, |state, _| state.versions_of(bucket, key))
    }

    /// Turns versioning on, or suspends it.
    pub(crate) fn set_versioning(&self, call: &Call, bucket: &str, enabled: bool) -> Result<(), S3Fault> {
        self.act(call, |state, _| state.set_versioning(bucket, enabled))
    }

    /// Deletes a key.
    pub(crate) fn delete(&self, call: &Call, bucket: &str, key: &str) -> Result<Deleted, S3Fault> {
        let at = ObjectAt { bucket: bucket.to_owned(), key: key.to_owned(), version_id: None };
        self.act(call, |state, act| state.delete_object(act, &at, &WriteConditions::default()))
    }

    /// Replaces a bucket's notification configuration.
    ///
    /// The destinations are asked for while the state is unlocked, so that they may look at S3 themselves.
    pub(crate) fn set_notification(
        &self,
        call: &Call,
        bucket: &str,
        request: NotificationRequest,
        skip_destination_validation: bool,
    ) -> Result<(), S3Fault> {
        let (configuration, info) = self.act(call, |state, act| {
            Ok((state.check_notification(act, bucket, request)?, state.head_bucket(bucket)?))
        })?;
        if !skip_destination_validation {
            configuration.check_destinations(|destination| (self.hooks.check_destination)(&info, destination))?;
        }
        let configuration = Arc::new(configuration);
        let stored = configuration.clone();
        let info = self.act(call, |state, _| state.set_notification(bucket, stored))?;
        if !skip_destination_validation {
            (self.hooks.configured)(call, &info, &configuration);
        }
        Ok(())
    }

    /// Replaces a bucket's lifecycle rules. They are run by [`run_lifecycle`](Self::run_lifecycle), from the next midnight on.
    pub(crate) fn set_lifecycle(&self, call: &Call, bucket: &str, rules: LifecycleRules) -> Result<(), S3Fault> {
        self.act(call, |state, _| state.set_lifecycle(bucket, rules))?;
        (self.hooks.lifecycle)();
        Ok(())
    }

    /// The buckets that have lifecycle rules.
    pub(crate) fn with_lifecycle(&self) -> Vec<BucketInfo> {
        self.state.lock().with_lifecycle()
    }

    /// What a bucket's lifecycle rules ask for by now.
    pub(crate) fn due_by_lifecycle(&self, bucket: &str) -> Vec<Due> {
        let now = (self.now)();
        self.state.lock().due_by_lifecycle(bucket, now).unwrap_or_default()
    }

    /// Does what a bucket's lifecycle rules ask for by now.
    pub(crate) fn run_lifecycle(&self, call: &Call, bucket: &str) -> Result<Vec<Due>, S3Fault> {
        self.act(call, |state, act| state.run_lifecycle(act, bucket))
    }

    /// A bucket's notification configuration.
    pub(crate) fn notification(&self, call: &Call, bucket: &str) -> Result<Arc<NotificationConfiguration>, S3Fault> {
        self.act(call, |state, _| state.notification(bucket))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Caller, Name, Origin};

    #[test]
    fn changes_of_many_threads_are_published_once_and_in_the_order_of_their_commits() {
        let published = Arc::new(Lock::new(Vec::new()));
        let into = published.clone();
        let hooks = Hooks {
            publish: Box::new(move |_, changes| into.lock().extend(changes)),
            check_destination: Box::new(|_, _| Ok(())),
            configured: Box::new(|_, _, _| {}),
            later: Box::new(|_, _, _, _| {}),
            lifecycle: Box::new(|| {}),
        };
        let region = Region::new("us-east-1").unwrap();
        let service = S3Service::new(Arc::new(|| Timestamp::UNIX_EPOCH), hooks, 1);
        let caller = Caller::user(&AccountId::new("111111111111").unwrap(), "A");
        let call = Call::new(Some(Arc::new(caller)), Origin::InProcess, region.clone(), 1, Name::ROOT);
        service.create_bucket(&call, "export", region).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4_u8 {
                let (service, call, published) = (&service, &call, &published);
                scope.spawn(move || {
                    for number in 0..50_u8 {
                        let body = Bytes::from(vec![thread, number]);
                        let e_tag = service.put(call, "export", "log", body, Content::default()).unwrap().e_tag;
                        // What a call changed is published when the call returns.
                        assert!(published.lock().iter().any(|change| change.e_tag.as_ref() == Some(&e_tag)));
                    }
                });
            }
        });
        let sequencers: Vec<_> = published.lock().iter().map(|change| change.sequencer.clone().unwrap()).collect();
        assert_eq!(sequencers.len(), 200);
        assert!(sequencers.is_sorted_by(|a, b| a < b));
        service.put(&call, "export", "other", Bytes::new(), Content::default()).unwrap();
        assert_eq!(published.lock().last().unwrap().sequencer.as_deref(), Some("000000000000000001"));
        assert_eq!(service.keys(&call, "export", "o").unwrap(), ["other"]);
    }
}
