//! Accounts, mocks, triggers and clock in one value: [`Cloud`].

mod account;
mod batch;
mod bind;
mod bucket;
mod builder;
mod destination;
mod error;
mod event_bus;
mod event_rule;
mod folder;
mod function;
mod inject;
mod invokable;
mod lint;
mod log;
mod message;
mod network;
mod notification;
mod object;
mod object_version;
mod order;
mod permissions;
mod queue;
mod redelivery;
mod router;
mod run;
mod schedule;
mod sendable;
mod services;
mod standing;
mod state;
mod storage;
mod stored;
mod stub;
mod target;
mod trigger;
mod triggers;
mod variables;
mod version;
mod world;

use std::future::Future;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::choice::Course;
use crate::event::AccountId;
use crate::history::{Explanation, History, Origin, Timeline};
use crate::kernel::{Clock, DriveError, Gate, Goal, Report};
use crate::mock::http::{Call, Service as _};
use crate::mock::lambda::{Handler, HandlerEvent};

pub use account::Account;
pub use batch::{Batch, batch};
pub use bucket::{Bucket, ObjectEvents, Subscription, on};
pub use builder::{CloudBuilder, SEED_VARIABLE};
pub use destination::Destination;
pub use error::CloudError;
pub(crate) use error::{Refusal, take_refusal};
pub use event_bus::EventBus;
pub use event_rule::EventRule;
pub use function::Function;
pub use lint::Lint;
pub use log::{InvocationLog, LogWriter};
pub use message::{IntoMessage, NewMessage, Received};
pub use object::{ObjectContent, StoredObject};
pub use object_version::ObjectVersion;
pub use queue::Queue;
pub use redelivery::Redelivery;
pub(crate) use run::runtime;
pub use schedule::{Schedule, ScheduleBuilder};
pub use state::{
    BucketState, BusState, CloudState, Difference, FunctionState, MessageState, ObjectState, QueueState, StateDiff,
};
pub use storage::EphemeralStorage;
pub use stored::{Message, MessagePlace};
pub use stub::Stub;
pub use target::NotificationTarget;
pub use trigger::Trigger;
pub use variables::env;

use error::expect;
use world::World;

/// The environment variable that has a failing test print the whole timeline, when it is `full`, and not just 200 lines.
pub const TIMELINE_VARIABLE: &str = "LAMBDA_TESTKIT_TIMELINE";

/// A whole AWS of S3, SQS, Lambda and schedules, and a Slack, inside the test process.
///
/// It opens no socket and starts no thread until asked for one ([`endpoint`](Self::endpoint), `slack`), costs
/// microseconds to start, and is gone when dropped: every test has its own.
///
/// Arranging and asserting is synchronous. Only [`settle`](Self::settle), [`advance`](Self::advance),
/// [`drain`](Self::drain) and [`Function::invoke`] are async, because only they run handlers. Verbs that arrange check at
/// once and panic with the caller's line; the twin with `try_` in its name returns a [`CloudError`].
///
/// When a test fails, the drop prints the seed and the timeline to standard error: at most 200 lines of it, unless
/// `LAMBDA_TESTKIT_TIMELINE=full` asks for all.
///
/// The drop panics when a test has forgotten something: work is due and nobody ever drove the cloud, or an invocation failed
/// and nobody has looked. Whoever has its report, or asks for [`Function::invocations`], [`history`](Self::history) or
/// [`timeline`](Self::timeline) after the failure, has looked. So it does when an [injected](Self::inject) fault was never
/// hit. [`discard`](Self::discard) drops it without a word.
///
/// # What a cloud cannot see
///
/// * A handler's own `tokio::time::sleep`, and the timeouts of its HTTP client, are real time; [`clock`](Self::clock) is
///   the cloud's.
/// * A handler that ends its process (`std::process::exit`, an abort, a stack that overflows) ends that of the test: a closure has
///   no process of its own. A crash of an environment is a [`Fault`](crate::Fault) or a deviation.
/// * `std::env::var` is the process's: [`env::var`](crate::env::var) is the function's.
/// * A handler that blocks its thread cannot be ended: there is no safe way to stop a thread. One that blocks it on a call
///   of this very cloud, as with `block_on`, gets an error after [`max_stall`](CloudBuilder::max_stall).
/// * A handler that waits for a socket and for the cloud's clock at once is ambiguous: the clock may move first. The same
///   holds for a handler that is silent on a socket for more than a tenth of [`max_stall`](CloudBuilder::max_stall) while
///   another handler sleeps or long-polls, which may hold a lock that the first one waits for, or while a task outside any
///   invocation waits for the clock.
/// * Who has spawned a task: where one thread runs all (`#[tokio::test]`, [`explore`](crate::explore)), a task that asks for
///   something while one handler waits is taken to be that handler's. Elsewhere, as on a multi-thread runtime or in
///   `spawn_blocking`, its requests stand outside any invocation, and its sleeps on the cloud's clock hold the cloud up in real time.
/// * A future of [`Function::invoke`] or of a driving call that is polled once and then left alone keeps others waiting.
/// * Presigned URLs: the SDK dates them by the system clock unless told
///   `PresigningConfig::builder().start_time(cloud.now().into())`; they expire by the clock that they were dated on.
///
/// ```
/// use lambda_testkit::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let export = cloud.bucket("export");
/// let seen = cloud.function("seen", |event: S3Event| async move {
///     event.records[0].key().to_string()
/// });
/// export.notify(&seen, on(ObjectCreated).suffix(".csv"));
///
/// export.put("a b.csv", "1,2");
/// cloud.settle().await.assert_ok();
///
/// assert_eq!(seen.responses(), ["a b.csv"]);
/// # }
/// ```
pub struct Cloud {
    world: Arc<World>,
    account: Account,
    seed: u64,
    discarded: bool,
}

impl Cloud {
    /// Starts a cloud with the defaults of [`builder`](Self::builder).
    #[track_caller]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Starts setting up a cloud.
    pub fn builder() -> CloudBuilder {
        CloudBuilder::new()
    }

    /// Another account of the same cloud, with credentials of its own.
    ///
    /// # Panics
    ///
    /// When `id` is not 12 digits.
    #[track_caller]
    pub fn account(&self, id: &str) -> Account {
        expect(self.try_account(id))
    }

    /// As [`account`](Self::account).
    ///
    /// # Errors
    ///
    /// [`CloudError::InvalidName`] when `id` is not 12 digits.
    pub fn try_account(&self, id: &str) -> Result<Account, CloudError> {
        Ok(Account::new(&self.world, AccountId::new(id)?, self.account.region_name().clone()))
    }

    /// The cloud's own account, in which [`bucket`](Self::bucket) and its like work.
    pub fn own_account(&self) -> &Account {
        &self.account
    }

    /// The cloud's own account in another region. See [`Account::region`].
    #[track_caller]
    pub fn region(&self, name: &str) -> Account {
        self.account.region(name)
    }

    /// The bucket of this name, created if there is none. See [`Account::bucket`].
    #[track_caller]
    pub fn bucket(&self, name: &str) -> Bucket {
        self.account.bucket(name)
    }

    /// The queue of this name, created if there is none. See [`Account::queue`].
    #[track_caller]
    pub fn queue(&self, name: &str) -> Queue {
        self.account.queue(name)
    }

    /// Registers a function. See [`Account::function`].
    #[track_caller]
    pub fn function<Shape>(&self, name: &str, handler: impl Handler<Shape>) -> Function {
        self.account.function(name, handler)
    }

    /// Registers a function whose handler is given a clone of what is `captured` with each event. See
    /// [`Account::function_with`].
    #[track_caller]
    pub fn function_with<C, T, Fut, Kind>(
        &self,
        name: &str,
        captured: C,
        handler: impl Fn(C, T) -> Fut + Send + Sync + 'static,
    ) -> Function
    where
        C: Clone + Send + Sync + 'static,
        T: HandlerEvent<Fut::Output, Kind> + 'static,
        Fut: Future + Send + 'static,
        Kind: 'static,
    {
        self.account.function_with(name, captured, handler)
    }

    /// Registers a function whose handler is made anew for each cold start, with all that it keeps between invocations. See
    /// [`Account::function_in`].
    #[track_caller]
    pub fn function_in<Shape, H: Handler<Shape>>(
        &self,
        name: &str,
        maker: impl Fn() -> H + Send + Sync + 'static,
    ) -> Function {
        self.account.function_in(name, maker)
    }

    /// A closed gate, at which handlers wait until the test opens it. See [`Gate`].
    pub fn gate(&self) -> Gate {
        Gate::new(&self.world.kernel)
    }

    /// The environment of a program that is to use this cloud: `AWS_ENDPOINT_URL`, the credentials and the region. See
    /// [`Account::environment`].
    #[track_caller]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        self.account.environment()
    }

    /// Starts a schedule of EventBridge Scheduler. See [`Account::schedule`].
    #[track_caller]
    pub fn schedule(&self, name: &str, expression: &str) -> ScheduleBuilder {
        self.account.schedule(name, expression)
    }

    /// Starts a scheduled rule of EventBridge. See [`Account::rule`].
    #[track_caller]
    pub fn rule(&self, name: &str, expression: &str) -> ScheduleBuilder {
        self.account.rule(name, expression)
    }

    /// A configuration for the AWS SDK whose clients call this cloud without a socket. See [`Account::sdk_config`].
    ///
    /// # Panics
    ///
    /// As [`Account::sdk_config`].
    #[cfg(feature = "aws-sdk")]
    #[track_caller]
    pub fn sdk_config(&self) -> aws_types::SdkConfig {
        self.account.sdk_config()
    }

    /// The Slack of this cloud, started on first use.
    ///
    /// # Panics
    ///
    /// When the operating system has no port left.
    #[cfg(feature = "slack")]
    #[track_caller]
    pub fn slack(&self) -> crate::mock::slack::Slack {
        let address = expect(self.world.address());
        crate::mock::slack::Slack::new(&self.world.slack, &self.world.choices, format!("http://{address}"))
    }

    /// The loopback address of all AWS services, bound on first use. One port serves them all:
    /// `AWS_ENDPOINT_URL=http://<address>`.
    ///
    /// # Panics
    ///
    /// When the operating system has no port left.
    #[track_caller]
    pub fn endpoint(&self) -> SocketAddr {
        expect(self.try_endpoint())
    }

    /// As [`endpoint`](Self::endpoint).
    ///
    /// # Errors
    ///
    /// [`CloudError::Io`] when the operating system has no port left.
    pub fn try_endpoint(&self) -> Result<SocketAddr, CloudError> {
        self.world.address()
    }

    /// The clock that handlers read and sleep by.
    pub fn clock(&self) -> Clock {
        Clock::new(&self.world.kernel)
    }

    /// The time on the cloud's clock.
    pub fn now(&self) -> Timestamp {
        self.world.kernel.now()
    }

    /// The seed of all ids.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Everything that happened so far.
    pub fn timeline(&self) -> Timeline {
        self.history().timeline()
    }

    /// Everything that happened so far, in types.
    pub fn history(&self) -> History {
        self.world.kernel.look(None);
        self.world.kernel.history()
    }

    /// What the cloud holds now, as one value that can be compared with that of another run.
    pub fn state(&self) -> CloudState {
        state::take(&self.world)
    }

    /// The points of the run at which the world might have gone another way, and what its plan came to.
    pub fn course(&self) -> Course {
        self.world.choices.course()
    }

    /// Why each trigger did or did not fire, what became of what it handed on, and how triggers stand now.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # use std::time::Duration;
    /// # let cloud = Cloud::start();
    /// let jobs = cloud.queue("jobs");
    /// jobs.trigger(&cloud.stub("work"), batch(10)).disable();
    /// jobs.send("a");
    /// assert_eq!(cloud.explain().standings()[0].to_string(), "now jobs → work: disabled; in jobs: 1 visible");
    /// ```
    pub fn explain(&self) -> Explanation {
        let explanation = self.world.kernel.recorder().look(|entries| Explanation::of(entries));
        explanation.with_standings(standing::standings(&self.world))
    }

    /// Runs what is due, and all that follows from it at once, until no invocation is in flight.
    ///
    /// The clock moves only to finish invocations that sleep or wait. What becomes due only because it moved, such as a
    /// retry in a minute, a poll or the next run of a schedule, is not started: it stays for
    /// [`advance`](Self::advance), [`drain`](Self::drain) or the next `settle`, and the report names it.
    ///
    /// # Panics
    ///
    /// As [`drain`](Self::drain).
    #[track_caller]
    pub fn settle(&self) -> impl Future<Output = Report> + '_ {
        self.drive(Goal::Settle, Location::caller())
    }

    /// As [`settle`](Self::settle).
    ///
    /// # Errors
    ///
    /// As [`try_drain`](Self::try_drain).
    pub async fn try_settle(&self) -> Result<Report, DriveError> {
        self.world.kernel.drive(Goal::Settle).await
    }

    /// Lets `time` pass on the cloud's clock, runs all that becomes due in it, in order, and then finishes what is in
    /// flight as [`settle`](Self::settle) does.
    ///
    /// So the clock may end up later than `time` from now: when a handler was still asleep. Two calls at once take the time
    /// of both, one after the other.
    ///
    /// # Panics
    ///
    /// As [`drain`](Self::drain).
    #[track_caller]
    pub fn advance(&self, time: Duration) -> impl Future<Output = Report> + '_ {
        self.drive(Goal::For(time), Location::caller())
    }

    /// As [`advance`](Self::advance).
    ///
    /// # Errors
    ///
    /// As [`try_drain`](Self::try_drain).
    pub async fn try_advance(&self, time: Duration) -> Result<Report, DriveError> {
        self.world.kernel.drive(Goal::For(time)).await
    }

    /// Lets time pass until `time`, as [`advance`](Self::advance) does.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let check = cloud.stub("check");
    /// let nightly = cloud.rule("nightly", "cron(0 3 * * ? *)").trigger(&check);
    /// let run = nightly.next_runs(1)[0];
    /// cloud.advance_to(run).await.assert_ok();
    /// assert_eq!((cloud.now(), check.invocations().len()), (run, 1));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When `time` has passed, for clocks do not run backwards. Also as [`drain`](Self::drain).
    #[track_caller]
    pub fn advance_to(&self, time: Timestamp) -> impl Future<Output = Report> + '_ {
        self.drive(Goal::Until(time), Location::caller())
    }

    /// As [`advance_to`](Self::advance_to).
    ///
    /// # Errors
    ///
    /// [`DriveError::Passed`] when `time` has passed. Also as [`try_drain`](Self::try_drain).
    pub async fn try_advance_to(&self, time: Timestamp) -> Result<Report, DriveError> {
        self.world.kernel.drive(Goal::Until(time)).await
    }

    /// Runs, moving the clock as needed, until no work is left: all retries, delayed messages and redeliveries.
    ///
    /// Messages that can be received are no work where no trigger receives them, and stay in their queue. But `drain` waits
    /// until all of them can be: for the end of a delay, and of the visibility timeout of one that was received and not
    /// deleted, whether the queue has a trigger or not.
    ///
    /// Recurring schedules are not work, but fire when they become due on the way. So a function that always fails, or
    /// sleeps, and that a schedule starts more often than it ends, keeps `drain` going until its limit: `advance` past such
    /// a schedule instead.
    ///
    /// # Panics
    ///
    /// When called by a handler of this cloud, or when a limit is reached: 50,000 invocations, 500 of a function that
    /// triggers itself, or 24 h of test time in one call, unless set otherwise. The message shows how the last invocation
    /// came about, which recurring rules fired meanwhile, and the end of the timeline.
    #[track_caller]
    pub fn drain(&self) -> impl Future<Output = Report> + '_ {
        self.drive(Goal::Drain, Location::caller())
    }

    /// As [`drain`](Self::drain).
    ///
    /// # Errors
    ///
    /// [`DriveError`] where `drain` panics. What was not done stays planned.
    pub async fn try_drain(&self) -> Result<Report, DriveError> {
        self.world.kernel.drive(Goal::Drain).await
    }

    /// Runs until no work is left, without letting recurring rules begin anything more.
    pub(crate) async fn end(&self) -> Result<Report, DriveError> {
        self.world.kernel.drive(Goal::End).await
    }

    /// Gives an object another content, as somebody else might; nothing happens if it is not there.
    pub(crate) fn overwrite(&self, bucket: &str, key: &str) {
        let (s3, protocol) = (&self.world.s3, &self.world.s3_protocol);
        if let (Some(owner), Some(region)) = (s3.owner_of(bucket), s3.region_of(bucket)) {
            let name = self.world.kernel.recorder().name(None, "overwritten", &format!("{bucket}/{key}"));
            let (by, seed) = (Some(self.world.caller(&owner)), self.world.kernel.seed());
            let mut call = Call::new(by, Origin::Service, region, seed, name);
            (call.request_id, call.host_id) = protocol.response_ids(&mut call.ids("overwritten"));
            let _ = s3.overwrite(&call, bucket, key);
        }
    }

    /// Lets time pass until the next run of a rule or schedule, if there is one.
    pub(crate) async fn next_run(&self) {
        if let Some(due) = self.world.kernel.next_recurring() {
            // What goes wrong is seen at the end.
            let _ = self.world.kernel.drive(Goal::Until(due.max(self.now()))).await;
        }
    }

    /// The messages that are still in a queue, and no dead letters, although they were received more than once: the queue,
    /// the body, and how often.
    pub(crate) fn received_again(&self) -> Vec<(String, String, u32)> {
        let queues = self.world.sqs.contents().into_iter();
        let again = queues.flat_map(|(queue, messages)| {
            let messages = messages.into_iter().map(|stored| stored.message);
            let again = messages.filter(|message| message.receive_count > 1 && message.dead_letter_source.is_none());
            again.map(move |message| (queue.name.clone(), message.body, message.receive_count)).collect::<Vec<_>>()
        });
        again.collect()
    }

    /// When each driving call ended.
    pub(crate) fn ends(&self) -> Vec<Timestamp> {
        self.world.kernel.ends()
    }

    /// Drops the cloud without a word about what failed in it unreported, or was never done.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// let cloud = Cloud::start();
    /// cloud.stub("work").invoke_later(());
    /// cloud.discard();                            // a plain drop panics: the cloud was never driven
    /// ```
    pub fn discard(mut self) {
        self.discarded = true;
    }

    async fn drive(&self, goal: Goal<'_>, caller: &'static Location<'static>) -> Report {
        match self.world.kernel.drive(goal).await {
            Ok(report) => report,
            Err(error) => error::not_driven(&error, caller),
        }
    }
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cloud").field("seed", &self.seed).field("now", &self.now()).finish_non_exhaustive()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let kernel = Arc::clone(&self.world.kernel);
        let panicking = std::thread::panicking();
        let forgotten = || kernel.unheeded().or_else(|| inject::never_hit(&self.world));
        let unheeded = if self.discarded || panicking { None } else { forgotten() };
        let left = run::Left { unheeded, seed: self.seed, kernel };
        if panicking {
            run::say(left.told());
        }
        left.kernel.shut_down();
        if !panicking {
            left.judge();
        }
    }
}
