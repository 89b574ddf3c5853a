//! The services of one cloud, joined by the router and the triggers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use jiff::Timestamp;

use super::error::CloudError;
use super::order::PlannedOrder;
use super::router::Router;
use super::triggers::lifecycle::Midnights;
use super::triggers::mappings::Mappings;
use super::triggers::objects::{self, Disabled};
use super::triggers::runs::Schedules;
use crate::choice::{Choices, Plan};
use crate::event::{AccountId, Partition, Region};
use crate::history::{Actor, Caller, Entry, EntryId, Name, Origin, RequestInfo, What};
use crate::kernel::{Kernel, Kind, Limits};
use crate::lock::Lock;
use crate::mock::events::EventBuses;
#[cfg(feature = "aws-sdk")]
use crate::mock::http::shared_port;
use crate::mock::http::{AccessKey, Bounds, BoundsOf, Call, Done, Gateway, Listener, Pipeline, Service, ServiceFault};
use crate::mock::lambda::{self, FunctionRef, LambdaService, PayloadLimits, VersionId};
use crate::mock::s3::{Hooks, MAX_PAGE, S3Fault, S3Protocol, S3Service, Wait};
use crate::mock::sqs::{Notice, QueueId, SqsEndpoint, SqsLimits, SqsService};

/// The entries on a page of S3 under small limits.
const SMALL_PAGE: usize = 3;

/// What a Cloud is made of. Handles and clients hold it weakly.
pub(crate) struct World {
    pub kernel: Arc<Kernel>,
    pub choices: Arc<Choices>,
    pub pipeline: Arc<Pipeline>,
    pub gateway: Arc<Gateway>,
    pub s3: Arc<S3Service>,
    pub s3_protocol: Arc<S3Protocol>,
    pub sqs: Arc<SqsService>,
    pub lambda: Arc<LambdaService>,
    pub buses: Arc<EventBuses>,
    #[cfg(feature = "slack")]
    pub slack: Arc<crate::mock::slack::SlackService>,
    pub router: Arc<Router>,
    pub mappings: Arc<Mappings>,
    pub schedules: Schedules,
    pub disabled: Arc<Disabled>,
    /// The partition that all accounts belong to.
    partition: Partition,
    /// The region of the cloud's own handles.
    pub home: Region,
    accounts: Lock<BTreeMap<AccountId, Arc<Identity>>>,
    listener: OnceLock<Listener>,
}

/// An account's own access key and who it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub key: AccessKey,
    pub caller: Arc<Caller>,
    /// The key of clients in process, made for the first of them.
    #[cfg(feature = "aws-sdk")]
    client_key: OnceLock<AccessKey>,
}

/// What a world starts with.
pub(crate) struct Beginning {
    pub seed: u64,
    pub start: Timestamp,
    pub region: Region,
    pub limits: Limits,
    pub plan: Plan,
    /// Whether the services' limits are so small that a test meets them.
    pub small_limits: bool,
    /// Whether events have members that AWS has not added yet.
    pub unknown_members: bool,
    /// Whether buckets are such as S3 made before June 2020.
    pub buckets_before_2020: bool,
}

impl World {
    /// The invocation that runs the calling code, by its line, and its function.
    pub fn invoked(&self) -> Result<(EntryId, Arc<lambda::Function>), CloudError> {
        let turns = self.kernel.turns();
        let line = turns.asking().and_then(|id| turns.line_of(id)).ok_or(CloudError::NotInvoked)?;
        Ok((line, self.lambda.running(line).ok_or(CloudError::NotInvoked)?))
    }

    pub fn new(beginning: Beginning) -> Arc<Self> {
        let Beginning { seed, start, region, limits, plan, small_limits, unknown_members, buckets_before_2020 } =
            beginning;
        let choices = Arc::new(Choices::new(plan, limits.history));
        let kernel = Kernel::with_order(start, seed, limits, Arc::new(PlannedOrder(Arc::clone(&choices))));
        let pipeline = Arc::new(Pipeline::new(Arc::clone(&kernel), Arc::clone(&choices)));
        let partition = region.partition();
        let (now, home) = (clock(&kernel), region.clone());

        let (payloads, queues, page) = if small_limits {
            (PayloadLimits::SMALL, SqsLimits::SMALL, SMALL_PAGE)
        } else {
            (PayloadLimits::default(), SqsLimits::default(), MAX_PAGE)
        };
        let lambda = Arc::new(LambdaService::new(Arc::clone(&kernel), payloads));
        let mappings: Arc<OnceLock<Weak<Mappings>>> = Arc::default();
        let sqs = Arc::new(SqsService::new(now.clone(), tell(&kernel, &mappings), queues));
        let endpoint = Arc::new(SqsEndpoint::new(Arc::clone(&kernel), Arc::clone(&sqs), region.clone()));
        let router = Router::new(
            Arc::clone(&kernel),
            Arc::clone(&choices),
            Arc::clone(&pipeline),
            Arc::clone(&sqs),
            Arc::clone(&endpoint),
            Arc::clone(&lambda),
            unknown_members,
        );
        let buses = Arc::clone(router.buses());
        let hands_on = Arc::downgrade(&router);
        buses.join(Box::new(move |handed_on| {
            if let Some(router) = hands_on.upgrade() {
                router.hand_on(handed_on);
            }
        }));
        pipeline.join(bounds_of(&kernel, &lambda));
        let joined = Mappings::new(Arc::clone(&router));
        let _ = mappings.set(Arc::downgrade(&joined));
        let disabled = Arc::new(Disabled::default());
        let midnights = Midnights::new(&router);
        let s3 = Arc::new(S3Service::new(now, s3_hooks(&router, &disabled, &midnights), page));
        midnights.join(&s3);
        if buckets_before_2020 {
            s3.act_as_before_2020();
        }
        let s3_protocol = Arc::new(S3Protocol::new(Arc::clone(&s3)));
        router.join(&s3, &s3_protocol);
        lambda.join(lambda_hooks(&router, &joined, &sqs, &s3, &buses));
        #[cfg(feature = "slack")]
        let slack = Arc::new(crate::mock::slack::SlackService::new(Arc::clone(&kernel)));

        // The registry: S3 comes last, for it takes whatever carries no mark of another.
        let services: Vec<Arc<dyn Service>> = vec![
            endpoint,
            Arc::clone(&lambda) as _,
            Arc::clone(&buses) as _,
            #[cfg(feature = "slack")]
            {
                Arc::clone(&slack) as _
            },
            Arc::clone(&s3_protocol) as _,
        ];
        let gateway = Arc::new(Gateway::new(Arc::clone(&kernel), region, Arc::clone(&pipeline), services));
        Arc::new(Self {
            schedules: Schedules::new(Arc::clone(&router)),
            kernel,
            choices,
            pipeline,
            gateway,
            s3,
            s3_protocol,
            sqs,
            lambda,
            buses,
            #[cfg(feature = "slack")]
            slack,
            router,
            mappings: joined,
            disabled,
            partition,
            home,
            accounts: Lock::default(),
            listener: OnceLock::new(),
        })
    }

    /// The account's identity, made on first use; it follows from the seed and the account alone.
    pub fn identity(&self, account: &AccountId) -> Arc<Identity> {
        let mut accounts = self.accounts.lock();
        if let Some(identity) = accounts.get(account) {
            return Arc::clone(identity);
        }
        let name = Name::ROOT.under("account", account.as_str());
        let key = AccessKey::draw(&mut self.kernel.ids(name, "access key"));
        let principal = format!("AIDA{}", self.kernel.ids(name, "principal").upper(17));
        let caller = Arc::new(Caller::user_in(self.partition, account, principal));
        self.gateway.credentials().add(&caller, &key);
        let identity = Arc::new(Identity {
            key,
            caller,
            #[cfg(feature = "aws-sdk")]
            client_key: OnceLock::new(),
        });
        accounts.insert(account.clone(), Arc::clone(&identity));
        identity
    }

    /// The key that clients in process sign with, which no other cloud of the process has. It stands for the same as the
    /// account's own.
    #[cfg(feature = "aws-sdk")]
    pub fn client_key(&self, account: &AccountId) -> AccessKey {
        let identity = self.identity(account);
        let new = || {
            let key = shared_port::new_key(&identity.key.secret, Arc::downgrade(&self.gateway));
            self.gateway.credentials().add(&identity.caller, &key);
            key
        };
        identity.client_key.get_or_init(new).clone()
    }

    /// Where what these clients presign leads to, bound on first use; nowhere, when there is no port left.
    #[cfg(feature = "aws-sdk")]
    pub fn presigned_address(&self) -> Option<SocketAddr> {
        let address = shared_port::address()?;
        self.kernel.add_address(address);
        Some(address)
    }

    /// Who the account's key stands for.
    pub fn caller(&self, account: &AccountId) -> Arc<Caller> {
        Arc::clone(&self.identity(account).caller)
    }

    /// What a handle of `account` asks S3 for.
    pub fn s3_request(
        &self,
        account: &AccountId,
        region: &Region,
        operation: &'static str,
        bucket: &str,
        key: &str,
    ) -> RequestInfo {
        let info = self.s3_protocol.request(operation, bucket, key, region);
        RequestInfo { caller: Some(self.caller(account)), origin: Origin::Handle, ..info }
    }

    /// Sends a handle's request to S3 through the pipeline.
    pub fn act_on_s3<T, E>(
        &self,
        info: RequestInfo,
        work: impl FnOnce(&S3Service, &Call) -> Result<T, E>,
    ) -> Result<T, CloudError>
    where
        E: ServiceFault + Into<CloudError>,
    {
        let done = self.pipeline.act(&*self.s3_protocol, info, None, |call| work(&self.s3, call).map(Done::plainly));
        done.map_err(|undone| CloudError::undone("s3", undone))
    }

    /// The call of a test that only looks, and so leaves no entry.
    pub fn look(&self, account: &AccountId, region: &Region) -> Call {
        let caller = Some(self.caller(account));
        Call::new(caller, Origin::Handle, region.clone(), self.kernel.seed(), Name::ROOT)
    }

    /// The loopback address, bound on first use.
    pub fn address(&self) -> Result<SocketAddr, CloudError> {
        if let Some(listener) = self.listener.get() {
            return Ok(listener.address());
        }
        let gateway = Arc::downgrade(&self.gateway);
        let listener = Listener::bind(move |_| gateway.upgrade())
            .map_err(|error| CloudError::Io(format!("cannot bind a port of 127.0.0.1: {error}")))?;
        let address = self.listener.get_or_init(|| listener).address();
        self.kernel.add_address(address);
        Ok(address)
    }
}

type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

fn clock(kernel: &Arc<Kernel>) -> Now {
    let kernel = Arc::downgrade(kernel);
    Arc::new(move || kernel.upgrade().map_or(Timestamp::UNIX_EPOCH, |kernel| kernel.now()))
}

/// What SQS tells: mappings look at changed queues, and the history learns of dead letters.
fn tell(kernel: &Arc<Kernel>, mappings: &Arc<OnceLock<Weak<Mappings>>>) -> Box<dyn Fn(&Notice) + Send + Sync> {
    let (kernel, mappings) = (Arc::downgrade(kernel), Arc::clone(mappings));
    Box::new(move |notice| match notice {
        Notice::Changed(queue) => {
            if let Some(mappings) = mappings.get().and_then(Weak::upgrade) {
                mappings.changed(queue);
            }
        }
        Notice::DeadLettered(moved) => {
            if let Some(kernel) = kernel.upgrade() {
                let what = What::Moved { to: moved.to.name.clone() };
                kernel.record(moved.sent_by, Actor::Service, what);
            }
        }
    })
}

/// Tells what bounds the function that the invocation with a line runs.
fn bounds_of(kernel: &Arc<Kernel>, lambda: &Arc<LambdaService>) -> BoundsOf {
    let (kernel, lambda) = (Arc::downgrade(kernel), Arc::downgrade(lambda));
    Box::new(move |line| {
        let (kernel, lambda) = (kernel.upgrade()?, lambda.upgrade()?);
        let ran = |entry: &Entry| match &entry.what {
            What::Invocation(ran) => Some((ran.arn.clone(), VersionId::parse(&ran.context.function_version)?)),
            _ => None,
        };
        let (arn, version) = kernel.recorder().with(line, ran)??;
        let settings = lambda.find(&FunctionRef::from_arn(&arn)?)?.settings_of(version)?;
        Some(Bounds { role: settings.role.clone(), in_vpc: settings.in_vpc })
    })
}

fn lambda_hooks(
    router: &Arc<Router>,
    mappings: &Arc<Mappings>,
    sqs: &Arc<SqsService>,
    s3: &Arc<S3Service>,
    buses: &Arc<EventBuses>,
) -> lambda::Hooks {
    let mappings = Arc::downgrade(mappings);
    let (accept, wants_fresh, wants_additional) =
        (Arc::downgrade(router), Arc::downgrade(router), Arc::downgrade(router));
    let (sqs, code, buses) = (Arc::downgrade(sqs), Arc::downgrade(s3), Arc::downgrade(buses));
    let s3 = Arc::downgrade(s3);
    lambda::Hooks {
        accept: Box::new(move |event| {
            if let Some(router) = accept.upgrade() {
                router.accept(event);
            }
        }),
        wants_fresh: Box::new(move |cause, function| {
            wants_fresh.upgrade().is_some_and(|router| router.wants_fresh(cause, function))
        }),
        wants_additional: Box::new(move |cause, function, additional| {
            wants_additional.upgrade().is_some_and(|router| router.wants_additional(cause, function, additional))
        }),
        owner_of: Box::new(move |arn| match arn.service() {
            "sqs" => {
                let queue = QueueId::from_arn(arn).filter(|queue| sqs.upgrade().is_some_and(|sqs| sqs.exists(queue)));
                queue.map(|queue| queue.account)
            }
            "s3" => s3.upgrade()?.owner_of(arn.resource()),
            "events" => arn.account().filter(|_| buses.upgrade().is_some_and(|buses| buses.exists(arn))).cloned(),
            _ => None,
        }),
        read_object: Box::new(move |call, bucket, key| {
            let s3 = code.upgrade().ok_or_else(|| "the Cloud was dropped".to_owned())?;
            read_object(&s3, call, bucket, key).map_err(|fault| {
                let S3Fault { code, message, .. } = fault;
                format!("S3 Error Code: {code}. S3 Error Message: {message}")
            })
        }),
        mappings,
    }
}

/// An object that Lambda reads for a caller: in its own account, for buckets have no policies yet, and region.
fn read_object(s3: &S3Service, call: &Call, bucket: &str, key: &str) -> Result<Bytes, S3Fault> {
    let caller = call.caller.as_ref().map(|caller| &caller.account);
    if s3.owner_of(bucket).is_some_and(|owner| Some(&owner) != caller) {
        return Err(S3Fault::access_denied());
    }
    if let Some(region) = s3.region_of(bucket).filter(|region| *region != call.region) {
        let message = format!("The bucket is in this region: {region}. Please use this region to retry the request");
        return Err(S3Fault::new(301, "PermanentRedirect", message));
    }
    Ok(s3.get(call, bucket, key)?.body)
}

fn s3_hooks(router: &Arc<Router>, disabled: &Arc<Disabled>, midnights: &Arc<Midnights>) -> Hooks {
    let (publish, check, configured) = (Arc::downgrade(router), Arc::downgrade(router), Arc::downgrade(router));
    let kernel = Arc::downgrade(router.kernel());
    let (disabled, midnights) = (Arc::clone(disabled), Arc::clone(midnights));
    Hooks {
        publish: Box::new(move |call, changes| {
            if let Some(router) = publish.upgrade() {
                objects::on_changes(&router, &disabled, call, &changes);
            }
        }),
        check_destination: Box::new(move |bucket, destination| match check.upgrade() {
            Some(router) => objects::check_destination(&router, bucket, destination),
            None => Err("the Cloud was dropped".to_owned()),
        }),
        configured: Box::new(move |call, bucket, configuration| {
            if let Some(router) = configured.upgrade() {
                objects::send_test_events(&router, call, bucket, configuration);
            }
        }),
        later: Box::new(move |due, wait, label, action| {
            let kind = if wait == Wait::Awaited { Kind::Change } else { Kind::Background };
            if let Some(kernel) = kernel.upgrade() {
                kernel.plan(due, kind, label, action);
            }
        }),
        lifecycle: Box::new(move || midnights.wake()),
    }
}
