//! What a cloud starts with.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::Cloud;
use super::account::Account;
use super::error::expect;
use super::world::{Beginning, World};
use crate::choice::Plan;
use crate::event::{AccountId, DEFAULT_TIME, Region, default_account, default_region};
use crate::kernel::Limits;

/// The environment variable that sets the seed of every cloud that is given none.
pub const SEED_VARIABLE: &str = "LAMBDA_TESTKIT_SEED";

const DEFAULT_SEED: u64 = 0x1a3b_dade;

/// Sets what a [`Cloud`] starts with.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until start() is called"]
pub struct CloudBuilder {
    seed: Option<u64>,
    start: Timestamp,
    region: Region,
    account: AccountId,
    limits: Limits,
    plan: Plan,
    small_limits: bool,
    unknown_members: bool,
    buckets_before_2020: bool,
    /// In place of the default limit.
    recursion: Option<usize>,
    /// What is put under this bucket and key has another content.
    put_otherwise: Option<(String, String)>,
}

impl CloudBuilder {
    pub(super) fn new() -> Self {
        Self {
            seed: None,
            start: DEFAULT_TIME,
            region: default_region(),
            account: default_account(),
            limits: Limits::default(),
            plan: Plan::new(),
            small_limits: false,
            unknown_members: false,
            buckets_before_2020: false,
            recursion: None,
            put_otherwise: None,
        }
    }

    /// The seed of all ids. Default: `LAMBDA_TESTKIT_SEED`, or a constant.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The time at which the clock starts. Default: 2026-01-01T00:00:00Z.
    pub fn start_time(mut self, time: Timestamp) -> Self {
        self.start = time;
        self
    }

    /// The region in which the cloud's own handles and configurations work; [`Cloud::region`] gives those of others.
    /// Default: `us-east-1`.
    pub fn region(mut self, region: Region) -> Self {
        self.region = region;
        self
    }

    /// The account of the cloud's own buckets, queues and functions. Default: `111111111111`.
    pub fn account(mut self, account: AccountId) -> Self {
        self.account = account;
        self
    }

    /// How many invocations one call of `settle`, `advance` or `drain` may start. Default: 50,000.
    pub fn max_invocations(mut self, invocations: usize) -> Self {
        self.limits.invocations = invocations;
        self
    }

    /// How many invocations of one function may be caused by others of the same function, in one call of `settle`,
    /// `advance` or `drain`: more are a function that triggers itself, and end the call. Default: 500; in an
    /// [exploration](crate::explore) 64, for it begins with three such runs.
    ///
    /// This is a limit of the test, which ends the call. Lambda's own [stop](crate::Function::recursive_loop), after 16 invocations
    /// in one chain of requests, comes before it and ends the chain alone. What is left for this limit is what Lambda lets run:
    /// functions that may go in circles (`RecursiveLoop::Allow`), loops that lose the trace header on their way, and chains that
    /// have many branches. A function that makes as many invocations of itself on purpose may need more here.
    pub fn max_recursion(mut self, invocations: usize) -> Self {
        self.recursion = Some(invocations);
        self
    }

    /// As [`max_recursion`](Self::max_recursion), unless that was said; and where Lambda stops a loop, the call ends too.
    pub(crate) fn recursion_by_default(mut self, invocations: usize) -> Self {
        self.recursion.get_or_insert(invocations);
        self.limits.ends_with_loops = true;
        self
    }

    /// How many requests one invocation may make while the cloud's clock stands still. Default: 100,000.
    ///
    /// One that makes more counts as a busy loop, which no answer can end, and is held until its timeout. Its sleeps of
    /// no time count too.
    pub fn max_requests(mut self, requests: usize) -> Self {
        self.limits.requests = requests;
        self
    }

    /// How much test time one call may pass beyond the time that it was told to pass. Default: 24 hours.
    pub fn max_test_time(mut self, time: Duration) -> Self {
        self.limits.test_time = time;
        self
    }

    /// How long, in real time, a handler may wait without any progress for something that the cloud does not know,
    /// such as a socket, before it is dropped and recorded as timed out. Default: 10 s. Time that it computes does not
    /// count.
    ///
    /// After a tenth of it the handler is taken to wait for another one, or for a task that waits for the clock, if there
    /// is one; then that one goes on.
    pub fn max_stall(mut self, time: Duration) -> Self {
        self.limits.stall = time;
        self
    }

    /// Lets the run deviate from its ordinary course, by a [`Plan`] or its text. Default: the plan without deviations.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::builder().plan("inbox → copy #1: twice").start();
    /// let copy = cloud.stub("copy");
    /// cloud.bucket("inbox").notify(&copy, on(ObjectCreated));
    /// cloud.bucket("inbox").put("a", "a");
    /// cloud.settle().await.assert_ok();
    /// assert_eq!(copy.invocations().len(), 2);
    /// # }
    /// ```
    ///
    /// [`Cloud::course`] says which points a run met, what else might have happened there, and which deviations of the
    /// plan came to pass.
    ///
    /// # Panics
    ///
    /// When a text is no plan; the message says which part of it, and why.
    #[track_caller]
    pub fn plan(mut self, plan: impl TryInto<Plan, Error: Display>) -> Self {
        self.plan = expect(plan.try_into());
        self
    }

    /// Makes the limits of the services so small that a test meets them: what breaks on AWS at 1,000 keys or at 1 MiB breaks
    /// here at 4 keys and at 8 KiB. Default: AWS's own limits.
    ///
    /// | what | on AWS | small |
    /// |---|---|---|
    /// | entries on a page of S3's ListObjectsV2, ListObjects, ListObjectVersions, ListParts, ListMultipartUploads | 1,000 | 3 |
    /// | queues on a page of SQS, for whoever asks for pages | 1,000 | 3 |
    /// | messages that a receive over the API gives, and messages in an event of a queue | 10; the batch size | 2 |
    /// | a message of SQS, and all messages of a SendMessageBatch together | 1 MiB | 8 KiB |
    /// | the payload of an asynchronous invocation | 1 MB | 8 KiB |
    /// | the payload of a synchronous invocation, its answer, and an event of a queue | 6 MB | 48 KiB |
    ///
    /// The first three a handler must cope with at any time: AWS may end a page early, and give fewer messages than there
    /// are. The others are real limits, scaled down by 128, and what exceeds them is refused as on AWS; events that the cloud
    /// makes itself, such as those of S3, stay below them, but for a schedule's own input. What a right client may do in full stays as it is: a batch request
    /// has up to 10 entries, a DeleteObjects up to 1,000 keys, a part of an upload at least 5 MiB.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// let cloud = Cloud::builder().small_limits().start();
    /// assert!(cloud.queue("jobs").try_send("x".repeat(8_193)).is_err());
    /// ```
    pub fn small_limits(mut self) -> Self {
        self.small_limits = true;
        self
    }

    /// Whether they are.
    pub(crate) fn has_small_limits(&self) -> bool {
        self.small_limits
    }

    /// Gives every event that the cloud makes members that AWS has not added yet, at each of its levels: those of S3, of
    /// rules and schedules without an input of their own, and of batches from queues, with their records and attributes.
    /// What the test sends or has as input stays as it is. Default: none.
    ///
    /// AWS adds members without asking: the minor version of S3's events counts
    /// [how often](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html). A handler
    /// must ignore what it does not know.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::builder().unknown_members().start();
    /// let seen = cloud.stub("seen");
    /// cloud.bucket("inbox").notify(&seen, on(ObjectCreated));
    /// cloud.bucket("inbox").put("a", "a");
    /// cloud.settle().await.assert_ok();
    /// assert_eq!(seen.events()[0]["Records"][0]["s3"]["object"]["fieldFromTheFuture"], "new");
    /// # }
    /// ```
    pub fn unknown_members(mut self) -> Self {
        self.unknown_members = true;
        self
    }

    /// Whether they have.
    pub(crate) fn has_unknown_members(&self) -> bool {
        self.unknown_members
    }

    /// Makes buckets such as S3 made before 24 June 2020, for handlers whose buckets are that old:
    ///
    /// * access control lists count from the beginning, nothing blocks public access
    ///   ([until April 2023](https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html)), and no encryption is
    ///   set ([until January 2023](https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html));
    /// * requests and presigned URLs may be signed with
    ///   [Signature Version 2](https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html), which S3
    ///   [takes for buckets of that age](https://docs.aws.amazon.com/AmazonS3/latest/API/specify-signature-version.html#UsingAWSSDK-sig2-deprecation);
    /// * answers show the names of owners, as they did until November 2025, and a grant to an e-mail address that belongs to
    ///   nobody, as all do here, is refused for that
    ///   ([until October 2025](https://docs.aws.amazon.com/AmazonS3/latest/API/API_Grantee.html)).
    ///
    /// Default: buckets as S3 makes them now, with `BucketOwnerEnforced` and all four of block public access, and Signature
    /// Version 4 alone.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::builder().buckets_before_2020().start();
    /// cloud.bucket("photos");
    /// let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    /// let public = aws_sdk_s3::types::BucketCannedAcl::PublicRead;
    /// s3.put_bucket_acl().bucket("photos").acl(public).send().await.unwrap();
    /// # }
    /// ```
    pub fn buckets_before_2020(mut self) -> Self {
        self.buckets_before_2020 = true;
        self
    }

    /// How many entries of the history are kept, and how many points of the course: for servers that live long.
    /// Default: all.
    pub fn history_limit(mut self, entries: usize) -> Self {
        self.limits.history = Some(entries);
        self
    }

    /// Everything that is put under this key has another content from the beginning.
    pub(crate) fn put_otherwise(mut self, bucket: &str, key: &str) -> Self {
        self.put_otherwise = Some((bucket.to_owned(), key.to_owned()));
        self
    }

    /// When the driving calls of the ordinary run ended, which this one is to follow.
    pub(crate) fn aims(mut self, ends: Arc<[Timestamp]>) -> Self {
        self.limits.aims = Some(ends);
        self
    }

    /// The same, started so much later.
    pub(crate) fn later(mut self, time: Duration) -> Self {
        self.start = crate::kernel::later(self.start, time);
        self
    }

    /// The seed, given or not.
    #[track_caller]
    pub(crate) fn seeded(&self) -> u64 {
        self.seed.unwrap_or_else(|| match std::env::var(SEED_VARIABLE) {
            Ok(text) => {
                text.parse().unwrap_or_else(|_| panic!("{SEED_VARIABLE}={text:?} is not a number from 0 to 2^64 - 1"))
            }
            Err(_) => DEFAULT_SEED,
        })
    }

    /// Starts the cloud.
    ///
    /// # Panics
    ///
    /// When `LAMBDA_TESTKIT_SEED` is set and is not a number from 0 to 2⁶⁴ − 1.
    #[track_caller]
    pub fn start(self) -> Cloud {
        let seed = self.seeded();
        let Self {
            start, region, account, mut limits, plan, small_limits, unknown_members, buckets_before_2020, ..
        } = self;
        limits.recursion = self.recursion.unwrap_or(limits.recursion);
        let region_of_world = region.clone();
        let beginning = Beginning {
            seed,
            start,
            region: region_of_world,
            limits,
            plan,
            small_limits,
            unknown_members,
            buckets_before_2020,
        };
        let world = World::new(beginning);
        if let Some((bucket, key)) = self.put_otherwise {
            world.s3.put_otherwise(&bucket, &key);
        }
        let account = Account::new(&world, account, region);
        Cloud { world, account, seed, discarded: false }
    }
}
