//! An account: what it owns, and its credentials.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use super::bucket::Bucket;
use super::error::{CloudError, expect};
use super::function::Function;
use super::queue::Queue;
use super::schedule::ScheduleBuilder;
use super::world::World;
use crate::event::invoke::check_function_name;
use crate::event::{AccountId, BuildError, Region, check_queue_name};
use crate::mock::http::AccessKey;
use crate::mock::lambda::{Deployed, FunctionRef, Handler, HandlerEvent, code};
use crate::mock::sqs::QueueId;
use crate::schedule::{Dialect, Expression};

/// One account of a [`Cloud`](crate::Cloud), in one region. A bucket of another account is out of reach with its keys, and
/// queues and functions of another region are other ones.
#[derive(Clone)]
pub struct Account {
    world: Weak<World>,
    id: AccountId,
    region: Region,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("region", &self.region).finish_non_exhaustive()
    }
}

impl Account {
    pub(super) fn new(world: &Arc<World>, id: AccountId, region: Region) -> Self {
        Self { world: Arc::downgrade(world), id, region }
    }

    pub(super) fn world(&self) -> Result<Arc<World>, CloudError> {
        self.world.upgrade().ok_or(CloudError::Dropped)
    }

    /// The account's id.
    pub fn id(&self) -> &AccountId {
        &self.id
    }

    /// The same account in another region: its handles and configurations work there.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// let cloud = Cloud::start();                                    // in us-east-1, unless told otherwise
    /// let ireland = cloud.region("eu-west-1");
    /// assert_ne!(cloud.queue("jobs").arn(), ireland.queue("jobs").arn());
    /// ```
    ///
    /// # Panics
    ///
    /// When `name` is not the name of a region.
    #[track_caller]
    pub fn region(&self, name: &str) -> Self {
        expect(self.try_region(name))
    }

    /// As [`region`](Self::region).
    ///
    /// # Errors
    ///
    /// [`CloudError::InvalidName`] when `name` is not the name of a region.
    pub fn try_region(&self, name: &str) -> Result<Self, CloudError> {
        Ok(Self { region: Region::new(name)?, ..self.clone() })
    }

    /// The name of the region that its handles work in.
    pub fn region_name(&self) -> &Region {
        &self.region
    }

    /// The account's access key, for programs that are given credentials by environment variables.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn access_key(&self) -> AccessKey {
        expect(self.world().map(|world| world.identity(&self.id).key.clone()))
    }

    /// The environment of a program that is to use this account: `AWS_ENDPOINT_URL`, the credentials and the region, as
    /// all AWS SDKs and the AWS command line read them. Binds the cloud's port on first use.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped, or the operating system has no port left.
    #[track_caller]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let world = expect(self.world());
        let (address, key) = (expect(world.address()), self.access_key());
        vec![
            ("AWS_ENDPOINT_URL", format!("http://{address}")),
            ("AWS_ACCESS_KEY_ID", key.id),
            ("AWS_SECRET_ACCESS_KEY", key.secret),
            ("AWS_REGION", self.region.to_string()),
            ("AWS_DEFAULT_REGION", self.region.to_string()),
        ]
    }

    /// A configuration for the AWS SDK: its clients sign with a key of this account and call the cloud in the caller's own
    /// task, without a socket. They cannot reach any other host.
    ///
    /// What an S3 client presigns is for others to call, so it leads to a port of 127.0.0.1: one for all clouds of the
    /// process, opened when the first such client is made. If the operating system has no port left, clients work all the
    /// same, and only what they presign leads nowhere. To point an S3 client elsewhere, set the endpoint in its own
    /// `aws_sdk_s3::config::Builder`.
    ///
    /// ```
    /// use aws_sdk_s3::presigning::PresigningConfig;
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = lambda_testkit::Cloud::start();
    /// let bucket = cloud.bucket("inbox");
    /// let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    /// let for_a_minute = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    /// let upload = s3.put_object().bucket("inbox").key("a.txt").presigned(for_a_minute).await.unwrap();
    /// reqwest::Client::new().put(upload.uri()).body("hello").send().await.unwrap();
    /// assert_eq!(bucket.text("a.txt"), "hello");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[cfg(feature = "aws-sdk")]
    #[track_caller]
    pub fn sdk_config(&self) -> aws_types::SdkConfig {
        let world = expect(self.world());
        let (kernel, gateway) = (Arc::downgrade(&world.kernel), Arc::downgrade(&world.gateway));
        let later = Arc::downgrade(&world);
        let address = move || later.upgrade()?.presigned_address();
        crate::sdk::config(kernel, gateway, address, &self.region, &world.client_key(&self.id))
    }

    /// The account's bucket of this name, created if there is none.
    ///
    /// # Panics
    ///
    /// As [`try_bucket`](Self::try_bucket) fails.
    #[track_caller]
    pub fn bucket(&self, name: &str) -> Bucket {
        expect(self.try_bucket(name))
    }

    /// As [`bucket`](Self::bucket).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the name is not a bucket's name or belongs to another account; bucket names are unique
    /// over all accounts.
    pub fn try_bucket(&self, name: &str) -> Result<Bucket, CloudError> {
        let world = self.world()?;
        let call = world.look(&self.id, &self.region);
        // A bucket of somebody else is refused in S3's words.
        if world.s3.owner_of(name).as_ref() != Some(&self.id) {
            world.s3.create_bucket(&call, name, self.region.clone())?;
        }
        let region = world.s3.region_of(name).unwrap_or_else(|| self.region.clone());
        Ok(Bucket::new(&world, &self.id, region, name))
    }

    /// The account's queue of this name, created if there is none; a FIFO queue when the name ends in `.fifo`.
    ///
    /// # Panics
    ///
    /// As [`try_queue`](Self::try_queue) fails.
    #[track_caller]
    pub fn queue(&self, name: &str) -> Queue {
        expect(self.try_queue(name))
    }

    /// As [`queue`](Self::queue).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the name is not a queue's name, or when a client deleted a queue of this name less than 60 s ago.
    pub fn try_queue(&self, name: &str) -> Result<Queue, CloudError> {
        let world = self.world()?;
        let id = QueueId::new(&self.id, &self.region, name);
        if !world.sqs.exists(&id) {
            let mut attributes = BTreeMap::new();
            if id.is_fifo() {
                attributes.insert("FifoQueue".to_owned(), "true".to_owned());
            }
            world.sqs.create(&id, &attributes).map_err(|fault| match check_queue_name(name) {
                Err(broken) => CloudError::from(fault).because(broken),
                Ok(()) if fault.query_code.ends_with("QueueDeletedRecently") => CloudError::from(fault)
                    .because(format_args!("queue {name}: advance the clock of the cloud, or use another name")),
                Ok(()) => fault.into(),
            })?;
        }
        Ok(Queue::new(&world, id))
    }

    /// Registers a function of this name, or replaces the code of the one that there is.
    ///
    /// The handler is an async closure or function of any serde type: `async |event: S3Event| event.records.len()`, or one
    /// that gives a `Result`. [`function_with`](Self::function_with) is for those that capture a client.
    ///
    /// # Panics
    ///
    /// As [`try_function`](Self::try_function) fails.
    #[track_caller]
    pub fn function<Shape>(&self, name: &str, handler: impl Handler<Shape>) -> Function {
        expect(self.try_function(name, handler))
    }

    /// As [`function`](Self::function).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] when the name is not 1 to 64 letters, digits, `-` and `_`.
    pub fn try_function<Shape>(&self, name: &str, handler: impl Handler<Shape>) -> Result<Function, CloudError> {
        self.register(name, Deployed::Shared(code(handler)))
    }

    pub(super) fn register(&self, name: &str, deployed: Deployed) -> Result<Function, CloudError> {
        let (world, named) = (self.world()?, self.function_ref(name)?);
        world.lambda.register(&named, deployed);
        Ok(Function::new(&world, named))
    }

    /// What names the account's function of this name.
    pub(super) fn function_ref(&self, name: &str) -> Result<FunctionRef, CloudError> {
        if let Err(BuildError::Rule { rule, .. }) = check_function_name(name) {
            return Err(CloudError::Setting { name: "function name", value: format!("{name:?}"), rule });
        }
        Ok(FunctionRef::new(&self.id, &self.region, name))
    }

    /// As [`function`](Self::function), for a handler that needs clients or other values: it is given a clone of what is
    /// `captured` with each event, and so need not clone it itself. A function that takes both, `async fn(C, T) -> …`, is such a
    /// handler as it is.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (inbox, outbox) = (cloud.bucket("inbox"), cloud.bucket("outbox"));      // as well: SDK clients
    /// let copies = cloud.function_with("copies", (inbox.clone(), outbox.clone()), async |(from, to), event: S3Event| {
    ///     for record in event.records {
    ///         to.put(record.key().as_str(), from.bytes(record.key().as_str()));
    ///     }
    /// });
    /// inbox.notify(&copies, on(ObjectCreated));
    /// inbox.put("a.txt", "a");
    /// cloud.settle().await.assert_ok();
    /// assert_eq!(outbox.text("a.txt"), "a");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_function`](Self::try_function) fails.
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
        self.function(name, move |event: T| handler(captured.clone(), event))
    }

    /// As [`function`](Self::function), for a handler that keeps something: `maker` makes the handler anew for each cold
    /// start, so what it makes or captures lives as long as one execution environment. It stands for the `main` of a Lambda
    /// program, and what it makes for its clients, caches and counters.
    ///
    /// An environment takes one event at a time, and the next one when it has ended. It ends with a crash, a timeout, or new
    /// code for the function. A [`Plan`](crate::Plan) may have an invocation run in a fresh environment where a warm one would
    /// be taken. Statics of the test's own process are shared by all environments, for nothing can part them.
    ///
    /// A maker that panics fails its invocation, as a program does that ends before it asks for an event.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use std::sync::atomic::{AtomicU32, Ordering};
    /// # use lambda_testkit::Cloud;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let count = cloud.function_in("count", || {
    ///     let seen = Arc::new(AtomicU32::new(0));
    ///     move |()| {
    ///         let seen = Arc::clone(&seen);
    ///         async move { seen.fetch_add(1, Ordering::Relaxed) }
    ///     }
    /// });
    /// assert_eq!((count.invoke::<u32>(()).await, count.invoke::<u32>(()).await), (0, 1));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_function_in`](Self::try_function_in) fails.
    #[track_caller]
    pub fn function_in<Shape, H: Handler<Shape>>(
        &self,
        name: &str,
        maker: impl Fn() -> H + Send + Sync + 'static,
    ) -> Function {
        expect(self.try_function_in(name, maker))
    }

    /// As [`function_in`](Self::function_in).
    ///
    /// # Errors
    ///
    /// As [`try_function`](Self::try_function).
    pub fn try_function_in<Shape, H: Handler<Shape>>(
        &self,
        name: &str,
        maker: impl Fn() -> H + Send + Sync + 'static,
    ) -> Result<Function, CloudError> {
        self.register(name, Deployed::Made(Arc::new(move || code(maker()))))
    }

    /// Starts a schedule of EventBridge Scheduler: `cron(…)`, `rate(…)` or `at(…)`, in any time zone.
    ///
    /// It does nothing until [`trigger`](ScheduleBuilder::trigger) gives it a function.
    ///
    /// # Panics
    ///
    /// As [`try_schedule`](Self::try_schedule) fails.
    #[track_caller]
    pub fn schedule(&self, name: &str, expression: &str) -> ScheduleBuilder {
        expect(self.try_schedule(name, expression))
    }

    /// As [`schedule`](Self::schedule).
    ///
    /// # Errors
    ///
    /// [`CloudError::Expression`] says what is wrong with the expression and how to mend it.
    pub fn try_schedule(&self, name: &str, expression: &str) -> Result<ScheduleBuilder, CloudError> {
        self.schedule_in(Dialect::Scheduler, name, Expression::scheduler(expression)?)
    }

    /// Starts a scheduled rule of EventBridge (formerly CloudWatch Events): `cron(…)` or `rate(…)`, in UTC.
    ///
    /// It does nothing until [`trigger`](ScheduleBuilder::trigger) gives it a function.
    ///
    /// # Panics
    ///
    /// As [`try_rule`](Self::try_rule) fails.
    #[track_caller]
    pub fn rule(&self, name: &str, expression: &str) -> ScheduleBuilder {
        expect(self.try_rule(name, expression))
    }

    /// As [`rule`](Self::rule).
    ///
    /// # Errors
    ///
    /// [`CloudError::Expression`] says what is wrong with the expression and how to mend it.
    pub fn try_rule(&self, name: &str, expression: &str) -> Result<ScheduleBuilder, CloudError> {
        self.schedule_in(Dialect::Rule, name, Expression::rule(expression)?)
    }

    fn schedule_in(&self, dialect: Dialect, name: &str, expression: Expression) -> Result<ScheduleBuilder, CloudError> {
        let world = self.world()?;
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.is_empty() || name.len() > 64 || !name.bytes().all(valid) {
            let rule = "the name of a rule or schedule is 1 to 64 letters, digits, -, _ and .";
            return Err(CloudError::Setting { name: "schedule name", value: format!("{name:?}"), rule });
        }
        Ok(ScheduleBuilder::new(&world, (&self.id, &self.region), dialect, name, expression))
    }
}
