//! Midnight → what the lifecycle rules of buckets ask for. S3 runs them once a day, at midnight UTC.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html>

use std::sync::{Arc, OnceLock, Weak};

use jiff::Timestamp;

use super::objects::s3 as by_s3;
use crate::cloud::router::Router;
use crate::history::{Name, Origin};
use crate::kernel::{Kind, PlannedId};
use crate::lock::Lock;
use crate::mock::http::Call;
use crate::mock::s3::{BucketInfo, S3Service, midnight_after};

/// How much of what a run does is said in the timeline.
const MOST_SHOWN: usize = 20;

/// The midnights at which there is something to look at.
pub(in crate::cloud) struct Midnights {
    router: Weak<Router>,
    s3: OnceLock<Weak<S3Service>>,
    next: Lock<Option<PlannedId>>,
}

impl Midnights {
    pub fn new(router: &Arc<Router>) -> Arc<Self> {
        Arc::new(Self { router: Arc::downgrade(router), s3: OnceLock::new(), next: Lock::default() })
    }

    /// Says whose rules they are.
    pub fn join(&self, s3: &Arc<S3Service>) {
        let _ = self.s3.set(Arc::downgrade(s3));
    }

    fn s3(&self) -> Option<Arc<S3Service>> {
        self.s3.get().and_then(Weak::upgrade)
    }

    /// Plans the next midnight, unless it is planned.
    pub fn wake(self: &Arc<Self>) {
        let Some(router) = self.router.upgrade() else { return };
        let mut next = self.next.lock();
        if next.is_none() {
            let (midnight, me) = (midnight_after(router.kernel().now()), Arc::downgrade(self));
            *next = Some(router.kernel().plan(midnight, Kind::Background, "lifecycle rules of buckets", move || {
                if let Some(me) = me.upgrade() {
                    me.come(midnight);
                }
            }));
        }
    }

    /// Runs the rules of all buckets, and comes back while any has some.
    fn come(self: &Arc<Self>, midnight: Timestamp) {
        *self.next.lock() = None;
        let (Some(router), Some(s3)) = (self.router.upgrade(), self.s3()) else { return };
        let buckets = s3.with_lifecycle();
        if buckets.is_empty() {
            return;
        }
        for bucket in buckets {
            run(&router, &s3, &bucket, midnight);
        }
        self.wake();
    }
}

fn run(router: &Router, s3: &S3Service, bucket: &BucketInfo, midnight: Timestamp) {
    let due = s3.due_by_lifecycle(&bucket.name);
    if due.is_empty() {
        return;
    }
    let mut said: Vec<String> = due.iter().take(MOST_SHOWN).map(ToString::to_string).collect();
    if due.len() > MOST_SHOWN {
        said.push(format!("and {} more", due.len() - MOST_SHOWN));
    }
    let kernel = router.kernel();
    let line = kernel.note(None, format!("lifecycle of s3://{}: {}", bucket.name, said.join(", ")));
    let name = Name::ROOT.under("lifecycle", &bucket.name).under("midnight", &midnight.to_string());
    let (caller, region) = (Arc::new(by_s3(&bucket.owner)), bucket.region.clone());
    let mut call = Call::new(Some(caller), Origin::Service, region, kernel.seed(), name);
    call.entry = Some(line);
    let mut ids = kernel.ids(name, "request");
    (call.request_id, call.host_id) = (ids.upper(16), ids.base64(76));
    // Nobody could have deleted the bucket in between: what is planned runs by itself.
    if let Err(fault) = s3.run_lifecycle(&call, &bucket.name) {
        kernel.note(Some(line), format!("lifecycle of s3://{} stops: {fault}", bucket.name));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::event::S3EventName;
    use crate::mock::s3::{Expiration, LifecycleRule, LifecycleRules, Transition, When};
    use crate::{Cloud, ObjectEvents, on};

    const DAY: Duration = Duration::from_secs(86_400);

    fn rules(rules: Vec<LifecycleRule>) -> LifecycleRules {
        LifecycleRules { rules, archives_small: true }
    }

    fn expires(days: u32) -> LifecycleRule {
        let expiration = Some(Expiration::At(When::Days(days)));
        LifecycleRule { id: "old".into(), enabled: true, expiration, ..LifecycleRule::default() }
    }

    fn records(queue: &crate::Queue) -> Vec<Value> {
        let bodies = queue.bodies().into_iter().map(|body| serde_json::from_str::<Value>(&body).unwrap());
        bodies.filter_map(|body| body["Records"].get(0).cloned()).collect()
    }

    #[tokio::test]
    async fn midnight_runs_the_rules_and_tells_whoever_wants_to_know() {
        let cloud = Cloud::builder().start_time("2026-01-15T10:30:00Z".parse().unwrap()).start();
        let (logs, queue) = (cloud.bucket("logs"), cloud.queue("expired"));
        let events = on(S3EventName::LifecycleExpirationDelete)
            .and(S3EventName::LifecycleExpirationDeleteMarkerCreated)
            .and(S3EventName::LifecycleTransition);
        logs.notify(&queue, events.and(ObjectEvents::ObjectRemoved));
        logs.put("a", "1");
        let moves = Transition { when: When::Days(0), class: "GLACIER".into() };
        let all = rules(vec![expires(1), LifecycleRule { transitions: vec![moves], ..expires(9) }]);
        let look = logs.look(&cloud.world);
        cloud.world.s3.set_lifecycle(&look, "logs", all.clone()).unwrap();
        cloud.advance(DAY).await.assert_ok();
        cloud.advance(DAY).await.assert_ok();
        assert!(logs.keys().is_empty());

        logs.enable_versioning();
        logs.put("b", "1");
        cloud.advance(2 * DAY).await.assert_ok();
        assert!(logs.versions("b")[0].is_delete_marker());

        let records = records(&queue);
        let seen: Vec<_> = records
            .iter()
            .map(|record| {
                assert_eq!(record["userIdentity"]["principalId"], json!("s3.amazonaws.com"));
                assert_eq!(record["requestParameters"]["sourceIPAddress"], json!("s3.amazonaws.com"));
                let time = record["eventTime"].as_str().unwrap().to_owned();
                (record["eventName"].as_str().unwrap().to_owned(), time)
            })
            .collect();
        let at = |name: &str, day: &str| (name.to_owned(), format!("2026-01-{day}T00:00:00.000Z"));
        let expected = [
            at("LifecycleTransition", "16"),
            at("LifecycleExpiration:Delete", "17"),
            at("LifecycleTransition", "18"),
            at("LifecycleExpiration:DeleteMarkerCreated", "19"),
        ];
        assert_eq!(seen, expected);
        let class = &records[0]["lifecycleEventData"]["transitionEventData"]["destinationStorageClass"];
        assert_eq!(class, &json!("GLACIER"));
        let timeline = cloud.timeline().to_string();
        assert!(timeline.contains("lifecycle of s3://logs: old deletes a"), "{timeline}");

        // Nothing comes by at midnight once the rules are gone.
        cloud.world.s3.set_lifecycle(&look, "logs", rules(Vec::new())).unwrap();
        logs.put("c", "1");
        cloud.advance(9 * DAY).await.assert_ok();
        assert_eq!(logs.text("c"), "1");
    }
}
