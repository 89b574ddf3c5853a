//! A function as a test sees it.

use std::future::Future;
use std::ops::RangeInclusive;
use std::panic::Location;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{CloudError, expect};
use super::queue::Queue;
use super::world::World;
use crate::event::Arn;
use crate::expectation;
use crate::history::{Entry, InvocationInfo, Invoked, Origin, Outcome, RequestInfo, What};
use crate::kernel::{DriveError, Gate};
use crate::mock::http::{Call, Done};
use crate::mock::lambda::{
    self, AcceptedEvent, Attempt, Callee, FunctionRef, InvocationType, InvokeFault, LONGEST_MANAGED_TIMEOUT,
    LambdaService, RecursiveLoop, TenantId, VersionId,
};

/// A function of a [`Cloud`](crate::Cloud), or one of its [versions](Self::publish) or [aliases](Self::alias).
#[derive(Clone)]
pub struct Function {
    world: Weak<World>,
    named: FunctionRef,
    /// Without a qualifier.
    arn: Arn,
    /// For whom it invokes.
    tenant: Option<TenantId>,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Function").field("arn", &self.arn().to_string()).finish_non_exhaustive()
    }
}

impl Function {
    pub(super) fn new(world: &Arc<World>, named: FunctionRef) -> Self {
        Self { world: Arc::downgrade(world), arn: named.arn(), named, tenant: None }
    }

    /// The same function by another qualifier.
    pub(super) fn by(&self, qualifier: String) -> Self {
        Self { named: self.named.by(Some(qualifier)), ..self.clone() }
    }

    pub(super) fn named(&self) -> &FunctionRef {
        &self.named
    }

    pub(super) fn unqualified_arn(&self) -> &Arn {
        &self.arn
    }

    /// Whether it belongs to this cloud.
    pub(super) fn is_of(&self, world: &Arc<World>) -> bool {
        std::ptr::eq(self.world.as_ptr(), Arc::as_ptr(world))
    }

    pub(super) fn world(&self) -> Result<Arc<World>, CloudError> {
        self.world.upgrade().ok_or(CloudError::Dropped)
    }

    pub(super) fn registered(&self) -> Result<Arc<lambda::Function>, CloudError> {
        let world = self.world()?;
        world.lambda.find(&self.named).ok_or_else(|| {
            if world.lambda.bound(&self.named.by(None)).is_some() {
                return CloudError::NotCreated { function: self.named.name.clone() };
            }
            let known = world.lambda.all().iter().map(|function| function.name.to_string()).collect();
            CloudError::Unknown { what: "function".to_owned(), asked: self.named.name.clone(), known }
        })
    }

    /// The function, version or alias that it stands for.
    pub(super) fn callee(&self) -> Result<Callee, CloudError> {
        let function = self.registered()?;
        self.world()?.lambda.callee(&self.named).ok_or_else(|| {
            let versions = function.versions().into_iter().map(|version| version.id.to_string());
            let known = versions.chain(function.aliases().into_iter().map(|(name, _)| name)).collect();
            let what = format!("version or alias of {}", self.named.name);
            CloudError::Unknown { what, asked: self.named.qualifier().to_owned(), known }
        })
    }

    /// The function, if this handle stands for the version that can be changed.
    pub(super) fn changeable(&self) -> Result<Arc<lambda::Function>, CloudError> {
        if !self.named.is_latest() {
            let rule =
                "versions are published as they are, and aliases only point to them: set it on the function itself";
            return Err(CloudError::Setting { name: "function", value: self.arn().to_string(), rule });
        }
        self.registered()
    }

    /// Whether an invocation is one of what this handle stands for: of a version, those that ran it; of an alias, those by
    /// its name; of a function, all.
    pub(super) fn is_meant_by(&self, invocation: &InvocationInfo) -> bool {
        let context = &invocation.context;
        let by_it = || match VersionId::parse(self.named.qualifier()) {
            Some(version) => context.function_version == version.to_string(),
            None => context.invoked_function_arn == self.named.qualified_arn(),
        };
        invocation.arn == self.arn && (self.named.is_latest() || by_it())
    }

    /// The function's name, without a qualifier.
    pub fn name(&self) -> &str {
        &self.named.name
    }

    /// The version or alias that the handle stands for; none if it stands for the function itself.
    pub fn qualifier(&self) -> Option<&str> {
        self.named.qualifier.as_deref()
    }

    /// The function's ARN; of a version or an alias with its qualifier.
    pub fn arn(&self) -> Arn {
        self.named.qualified_arn()
    }

    /// Invokes the function and waits for its answer (`RequestResponse`), in a type of your choice. Nothing is retried.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let next = cloud.function("next", async |number: u32| number + 1);
    /// assert_eq!(next.invoke::<u32>(41).await, 42);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_invoke`](Self::try_invoke) fails: with the function's error, at the caller's line.
    #[track_caller]
    pub fn invoke<R: DeserializeOwned>(&self, payload: impl Serialize) -> impl Future<Output = R> {
        let (invoked, caller) = (self.try_invoke(payload), Location::caller());
        async move {
            match invoked.await {
                Ok(answer) => answer,
                Err(error) => panic!("{caller}: {error}"),
            }
        }
    }

    /// As [`invoke`](Self::invoke).
    ///
    /// # Errors
    ///
    /// [`CloudError::Function`] with the function's error; [`CloudError::NotJson`] when the payload is no JSON;
    /// [`CloudError::Answer`] when the answer is not of the type that was asked for; [`CloudError::Aws`] with
    /// `RequestEntityTooLargeException` when the payload is longer than 6 MB (6,291,456 bytes), with
    /// `TooManyRequestsException` when the function is as busy as its [`concurrency`](Self::concurrency) allows, with
    /// `RecursiveInvocationException` where Lambda stops a [loop](Self::recursive_loop), and with
    /// `InvalidParameterValueException` for a [tenant](Self::tenant) or for none where there must be one;
    /// [`CloudError::Drive`] when a limit was reached before the function ended.
    pub async fn try_invoke<R: DeserializeOwned>(&self, payload: impl Serialize) -> Result<R, CloudError> {
        let world = self.world()?;
        let function = self.callee()?;
        let payload = json_bytes(&payload)?;
        let info = self.request(&world, "invokes");
        let attempt = |payload, call: &Call| Attempt {
            trace_header: call.trace_header.clone(),
            tenant: self.tenant.clone(),
            ..Attempt::first(payload, call.request_id.clone(), call.entry)
        };
        let started = world.pipeline.act(&*world.lambda, info, None, |call| {
            let payload = lambda::check_payload(payload, InvocationType::RequestResponse, world.lambda.limits())?;
            function.check_tenant(self.tenant.as_deref())?;
            world.lambda.check_loop(&function, call.trace_header.as_deref(), call.entry)?;
            Ok::<_, InvokeFault>(Done::plainly(world.lambda.invoke_and_wait(&function, attempt(payload, call))?))
        });
        let reply = started.map_err(|undone| CloudError::undone("lambda", undone))?;
        let driven = world.kernel.wait(&reply.signal).await;
        match reply.take() {
            Some(lambda::Outcome::Success(answer)) => {
                serde_json::from_slice(&answer).map_err(|error| CloudError::Answer {
                    function: self.named.name.clone(),
                    answer: expectation::shown(&String::from_utf8_lossy(&answer)).into_owned(),
                    why: error.to_string(),
                })
            }
            Some(lambda::Outcome::Error(error)) => Err(CloudError::Function {
                function: self.named.name.clone(),
                error_type: error.error_type.unwrap_or_default(),
                error_message: error.error_message,
            }),
            None => Err(match driven {
                Err(error) if error != DriveError::Dropped => CloudError::Drive(error),
                _ => CloudError::Dropped,
            }),
        }
    }

    /// A gate before the function's handler, closed: from now on invocations wait at it before the handler is run.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let slow = cloud.stub("slow").returns("done");
    /// let gate = slow.gate();
    /// slow.invoke_later(());
    /// cloud.settle().await.assert_ok();
    /// assert_eq!((slow.invocations().len(), slow.responses().len(), gate.waiting()), (1, 0, 1));
    /// gate.open();
    /// cloud.settle().await.assert_ok();
    /// assert_eq!(slow.responses(), ["done"]);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn gate(&self) -> Gate {
        let world = expect(self.world());
        let gate = expect(self.registered()).gate_or(|| Gate::new(&world.kernel));
        gate.close();
        gate
    }

    /// Queues an event for the function (`Event`): it runs when the cloud is driven, and is retried as AWS does.
    ///
    /// # Panics
    ///
    /// As [`try_invoke_later`](Self::try_invoke_later) fails.
    #[track_caller]
    pub fn invoke_later(&self, payload: impl Serialize) {
        expect(self.try_invoke_later(payload));
    }

    /// As [`invoke_later`](Self::invoke_later).
    ///
    /// # Errors
    ///
    /// [`CloudError::NotJson`] when the payload cannot be written as JSON; [`CloudError::Aws`] with
    /// `RequestEntityTooLargeException` when it is longer than 1 MB (1,048,576 bytes).
    pub fn try_invoke_later(&self, payload: impl Serialize) -> Result<(), CloudError> {
        let world = self.world()?;
        let function = self.callee()?;
        let payload = json_bytes(&payload)?;
        let info = self.request(&world, "queues an event for");
        let queued = world.pipeline.act(&*world.lambda, info, None, |call| {
            let payload = lambda::check_payload(payload, InvocationType::Event, world.lambda.limits())?;
            function.check_tenant(self.tenant.as_deref())?;
            let (request_id, cause) = (call.request_id.clone(), call.entry);
            let (trace_header, tenant) = (call.trace_header.clone(), self.tenant.clone());
            world.lambda.accept(AcceptedEvent { function, payload, request_id, cause, trace_header, tenant });
            Ok::<_, InvokeFault>(Done::plainly(()))
        });
        queued.map_err(|undone| CloudError::undone("lambda", undone))
    }

    /// An Invoke by this handle, in whose words the timeline tells it.
    fn request(&self, world: &World, verb: &str) -> RequestInfo {
        let who = if world.kernel.inside_invocation() { "handler" } else { "test" };
        let info = LambdaService::request(&self.named).detail(format!("{who} {verb}"));
        RequestInfo { caller: Some(world.caller(&self.named.account)), origin: Origin::Handle, ..info }
    }

    /// The invocations of the function so far, one for each attempt, in the order in which they began.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let check = cloud.stub("check").fails("Busy", "try later").then_returns("ok");
    /// check.invoke_later("ada");
    /// let _ = cloud.drain().await;                               // its first attempt fails
    /// let invocations = check.invocations();
    /// assert_eq!(invocations[0].error().unwrap().error_message, "try later");
    /// assert_eq!((invocations[1].attempt(), invocations[1].event::<String>()), (2, "ada".to_owned()));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn invocations(&self) -> Vec<Invoked> {
        let world = expect(self.world());
        world.kernel.look(Some(&self.arn));
        let own = |entry: &&Entry| matches!(&entry.what, What::Invocation(invocation) if self.is_meant_by(invocation));
        world.kernel.recorder().look(|entries| entries.filter(own).filter_map(Invoked::of).collect())
    }

    /// The answers of the invocations that succeeded, in the order in which they ended.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn responses(&self) -> Vec<Value> {
        let world = expect(self.world());
        let mut responses = Vec::new();
        world.kernel.recorder().look_at_ended(0, |_, entry, _| {
            if let (What::Invocation(invocation), Outcome::Succeeded { response, .. }) = (&entry.what, &entry.outcome)
                && self.is_meant_by(invocation)
            {
                responses.push(serde_json::from_slice(response).unwrap_or(Value::Null));
            }
        });
        responses
    }

    /// The events that the function was given, one for each attempt, in order.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        let world = expect(self.world());
        world.kernel.recorder().look(|entries| {
            let invocations = entries.filter_map(|entry| match &entry.what {
                What::Invocation(invocation) if self.is_meant_by(invocation) => Some(&invocation.event),
                _ => None,
            });
            invocations.map(|event| serde_json::from_slice(event).unwrap_or(Value::Null)).collect()
        })
    }

    /// Sets how long an invocation may take on the cloud's clock: whole seconds, 1 s to 15 minutes. Default 30 s. On
    /// [Managed Instances](Self::managed_instances) up to 90 minutes, but for whoever waits for the answer.
    ///
    /// # Panics
    ///
    /// As [`try_timeout`](Self::try_timeout) fails.
    #[track_caller]
    pub fn timeout(&self, timeout: Duration) -> Self {
        expect(self.try_timeout(timeout));
        self.clone()
    }

    /// As [`timeout`](Self::timeout).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lambda_testkit::prelude::*;
    /// let cloud = Cloud::start();
    /// let echo = cloud.function("echo", async |event: String| Ok::<_, String>(event));
    /// let error = echo.try_timeout(Duration::from_millis(1500)).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid timeout 1.5s: a function's timeout is whole seconds, 1 s to 15 minutes");
    /// ```
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] when the timeout has parts of a second or is out of range, as `Timeout` of
    /// [CreateFunction](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html) cannot say it.
    pub fn try_timeout(&self, timeout: Duration) -> Result<(), CloudError> {
        let longest = self.registered()?.settings().longest_timeout();
        let rule = if longest == LONGEST_MANAGED_TIMEOUT {
            "a function's timeout is whole seconds, on Managed Instances 1 s to 90 minutes"
        } else {
            "a function's timeout is whole seconds, 1 s to 15 minutes"
        };
        check_seconds("timeout", timeout, 1..=longest.as_secs(), rule)?;
        self.configure(|settings| settings.timeout = timeout)
    }

    /// Has the function run on [Lambda Managed
    /// Instances](https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html): events and batches may take up to 90
    /// minutes there, by [`timeout`](Self::timeout), and an environment [several at
    /// once](Self::per_execution_environment_max_concurrency). Whoever waits for an answer waits 15 minutes at most.
    ///
    /// Capacity, scaling and the lack of cold starts are not modelled.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// const HOUR: Duration = Duration::from_secs(60 * 60);
    /// let cloud = Cloud::start();
    /// let clock = cloud.clock();
    /// let report = cloud.function_with("report", clock, async |clock, _: u32| clock.sleep(HOUR).await);
    /// report.managed_instances().timeout(Duration::from_secs(90 * 60));
    /// report.invoke_later(1);
    /// cloud.drain().await.assert_ok();
    /// assert_eq!(report.invocations()[0].duration(), Some(HOUR));
    /// assert!(report.try_invoke::<()>(1).await.unwrap_err().to_string().contains("timed out after 900.00 seconds"));
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn managed_instances(&self) -> Self {
        expect(self.change(|settings| settings.managed = true));
        self.clone()
    }

    /// Says what Lambda does when the function is invoked in a loop of requests. Default:
    /// [`Terminate`](RecursiveLoop::Terminate), as on AWS.
    ///
    /// Each invocation is told, in its trace header, how often each function was invoked before in its chain of requests; what it
    /// asks SQS, S3 and Lambda for carries that on. After the 16th invocation of a function in one chain Lambda does not invoke it
    /// again: who waits gets `RecursiveInvocationException`, an event goes to the function's destination for failures and its
    /// [dead-letter queue](Self::dead_letter), and messages stay in their queue, until that moves them to its own dead-letter queue.
    /// Reports have it as a failure, and [`explain`](crate::Cloud::explain) says which trigger it was.
    ///
    /// ```
    /// # use lambda_testkit::{RecursiveLoop, prelude::*};
    /// # use serde_json::Value;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let queue = cloud.queue("work").dead_letter(&cloud.queue("dead"), 3);
    /// let forward = cloud.function_with("forward", queue.clone(), async |queue, _: Value| queue.send("once more"));
    /// queue.trigger(&forward, batch(1));
    /// queue.send("first");
    /// let report = cloud.drain().await;
    /// assert_eq!((forward.invocations().len(), cloud.queue("dead").messages().len()), (16, 1));
    /// assert!(report.to_string().contains("Lambda stops a recursive loop"));
    ///
    /// forward.recursive_loop(RecursiveLoop::Allow);
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn recursive_loop(&self, recursive_loop: RecursiveLoop) -> Self {
        expect(self.change(|settings| settings.recursive_loop = recursive_loop));
        self.clone()
    }

    /// Gives each tenant environments of its own: whoever invokes the function has to say for which [tenant](Self::tenant), and
    /// nothing that a handler keeps is seen by another. On AWS this is said when the function is created. Triggers know no tenants,
    /// so what they hand on is lost, with the reason.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # use lambda_runtime::{Error, LambdaEvent};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let who = cloud.function("who", async |event: LambdaEvent<()>| Ok::<_, Error>(event.context.tenant_id));
    /// who.tenant_isolation();
    /// let answer: String = who.tenant("blue").invoke(()).await;
    /// assert_eq!(answer, "blue");
    /// who.tenant("green").invoke::<String>(()).await;
    /// let environments: Vec<_> = who.invocations().iter().map(|run| run.info().environment).collect();
    /// assert_eq!(environments, [1, 2]);
    /// assert!(who.try_invoke::<()>(()).await.unwrap_err().to_string().contains("Add a valid tenant ID"));
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html>
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn tenant_isolation(&self) -> Self {
        expect(self.configure(|settings| settings.per_tenant = true));
        self.clone()
    }

    /// This function, invoked for a tenant: by a handle that is otherwise the same. See
    /// [`tenant_isolation`](Self::tenant_isolation).
    ///
    /// # Panics
    ///
    /// When the id is none of 1 to 256 letters, digits, spaces and `. _ : / = + - @`.
    #[track_caller]
    pub fn tenant(&self, id: &str) -> Self {
        let rule = "a tenant's id has 1 to 256 letters, digits, spaces and . _ : / = + - @";
        expect(match lambda::broken_rule(id) {
            Some(_) => Err(CloudError::Setting { name: "tenant", value: format!("{id:?}"), rule }),
            None => Ok(()),
        });
        Self { tenant: Some(id.into()), ..self.clone() }
    }

    /// Sets how often a failed asynchronous invocation is tried again: 0 to 2. Default 2.
    ///
    /// # Panics
    ///
    /// When the number is out of range.
    #[track_caller]
    pub fn retry_attempts(&self, attempts: u32) -> Self {
        expect(if attempts <= 2 {
            self.change_event_invoke(|config| config.retry_attempts = Some(attempts))
        } else {
            let rule = "a function retries 0, 1 or 2 times";
            Err(CloudError::Setting { name: "retry attempts", value: attempts.to_string(), rule })
        });
        self.clone()
    }

    /// Sets how old an asynchronous event may become before it is given up: whole seconds, 1 minute to 6 hours. Default
    /// 6 hours.
    ///
    /// # Panics
    ///
    /// As [`try_maximum_event_age`](Self::try_maximum_event_age) fails.
    #[track_caller]
    pub fn maximum_event_age(&self, age: Duration) -> Self {
        expect(self.try_maximum_event_age(age));
        self.clone()
    }

    /// As [`maximum_event_age`](Self::maximum_event_age).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] when the age has parts of a second or is out of range, as `MaximumEventAgeInSeconds` of
    /// [PutFunctionEventInvokeConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html)
    /// cannot say it.
    pub fn try_maximum_event_age(&self, age: Duration) -> Result<(), CloudError> {
        let rule = "the maximum age of an event is whole seconds, 1 minute to 6 hours";
        check_seconds("maximum event age", age, 60..=21_600, rule)?;
        self.change_event_invoke(|config| config.maximum_event_age = Some(age))
    }

    /// Sends asynchronous events that were given up to this queue, verbatim, with attributes `RequestID`, `ErrorCode` (200, or
    /// 429 for an event that never ran) and `ErrorMessage` (its first 1,024 bytes).
    ///
    /// # Panics
    ///
    /// When the queue is a FIFO queue, which AWS does not allow, or belongs to another account or another Cloud.
    #[track_caller]
    pub fn dead_letter(&self, queue: &Queue) -> Self {
        let refused =
            |rule| Err(CloudError::Setting { name: "dead-letter queue", value: queue.arn().to_string(), rule });
        expect(if queue.name().ends_with(".fifo") {
            refused("the dead-letter queue of a function must be a standard queue")
        } else if self.world.upgrade().is_some_and(|world| !queue.is_of(&world)) {
            Err(CloudError::of_another_cloud("dead-letter queue", &queue.arn()))
        } else if queue.arn().account() != Some(&self.named.account) {
            refused("a function writes to queues of its own account only: permissions are not supported yet")
        } else {
            self.configure(|settings| settings.dead_letter = Some(queue.arn()))
        });
        self.clone()
    }

    /// Reserves so much concurrency for the function: it runs at most so many events at once, each in an environment of its
    /// own. Default: as many as there are.
    ///
    /// What comes beyond is throttled as AWS does it: a synchronous invocation is refused with 429
    /// `TooManyRequestsException`, an event waits in Lambda's own queue (1 s, then twice as long each time, up to 5 minutes),
    /// and a batch comes back to its queue when the visibility timeout ends. With 0 nothing runs, and events are given up at
    /// once.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let clock = cloud.clock();
    /// let import = cloud.function_with("import", clock, async |clock, _: u32| clock.sleep(Duration::from_secs(5)).await);
    /// import.concurrency(1);
    /// (1..=3).for_each(|number| import.invoke_later(number));
    /// cloud.drain().await.assert_ok();
    /// let environments: Vec<_> = import.invocations().iter().map(|run| run.info().environment).collect();
    /// assert_eq!(environments, [1, 1, 1]);
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
    ///
    /// # Panics
    ///
    /// When it is more than 1,000, the most that an account has by default.
    #[track_caller]
    pub fn concurrency(&self, most: u32) -> Self {
        expect(if most <= 1_000 {
            self.changeable().map(|function| function.reserve(Some(most)))
        } else {
            let rule = "the reserved concurrency of a function is 0 to 1,000, all that an account has by default";
            Err(CloudError::Setting { name: "concurrency", value: most.to_string(), rule })
        });
        self.clone()
    }

    /// Lets each environment run so many events at once, as those of [Lambda Managed
    /// Instances](https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-rust.html) do: 1 to 1,600. Default 1. So it is
    /// one of [them](Self::managed_instances).
    ///
    /// All that a handler keeps between invocations, and its ephemeral storage, is then shared by events that are in the works at
    /// the same time: see [`function_in`](super::Account::function_in). An environment takes events until it has as many; only
    /// then another one is used. One that runs into its timeout ends alone. After a crash the environment takes no more, and those
    /// that are in it go on: on AWS the other workers do.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let clock = cloud.clock();
    /// let import = cloud.function_with("import", clock, async |clock, _: u32| clock.sleep(Duration::from_secs(5)).await);
    /// import.per_execution_environment_max_concurrency(2);
    /// (1..=3).for_each(|number| import.invoke_later(number));
    /// cloud.drain().await.assert_ok();
    /// let environments: Vec<_> = import.invocations().iter().map(|run| run.info().environment).collect();
    /// assert_eq!(environments, [1, 1, 2]);
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_LambdaManagedInstancesCapacityProviderConfig.html>,
    /// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html>
    ///
    /// # Panics
    ///
    /// When the number is out of range.
    #[track_caller]
    pub fn per_execution_environment_max_concurrency(&self, most: u32) -> Self {
        expect(if (1..=1_600).contains(&most) {
            self.change(|settings| (settings.per_environment, settings.managed) = (most, true))
        } else {
            let rule = "an environment runs 1 to 1,600 events at once";
            let name = "per execution environment max concurrency";
            Err(CloudError::Setting { name, value: most.to_string(), rule })
        });
        self.clone()
    }

    /// Changes what PutFunctionEventInvokeConfig sets.
    pub(super) fn change_event_invoke(
        &self,
        change: impl FnOnce(&mut lambda::EventInvokeConfig),
    ) -> Result<(), CloudError> {
        let now = self.world()?.kernel.now();
        let function = self.callee()?;
        let mut config = (*function.event_invoke()).clone();
        change(&mut config);
        config.last_modified = now;
        function.set_event_invoke(self.named.qualifier(), Some(config));
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut lambda::Settings)) -> Result<(), CloudError> {
        self.changeable()?.change(change);
        Ok(())
    }

    /// Changes what UpdateFunctionConfiguration sets.
    pub(super) fn configure(&self, change: impl FnOnce(&mut lambda::Settings)) -> Result<(), CloudError> {
        let now = self.world()?.kernel.now();
        self.changeable()?.configure(now, change);
        Ok(())
    }
}

/// Refuses what an API that counts in whole seconds cannot be told.
pub(super) fn check_seconds(
    name: &'static str,
    value: Duration,
    allowed: RangeInclusive<u64>,
    rule: &'static str,
) -> Result<(), CloudError> {
    if value.subsec_nanos() == 0 && allowed.contains(&value.as_secs()) {
        return Ok(());
    }
    Err(CloudError::Setting { name, value: format!("{value:?}"), rule })
}

pub(super) fn json_bytes(payload: &impl Serialize) -> Result<Bytes, CloudError> {
    serde_json::to_vec(payload).map(Bytes::from).map_err(|error| CloudError::NotJson(error.to_string()))
}
