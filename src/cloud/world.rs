//! The services of one cloud, joined by their triggers.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use jiff::Timestamp;

use super::error::CloudError;
use super::triggers::{Decisions, Queues, Schedules, dead_letters, objects};
use crate::event::{AccountId, Region};
use crate::kernel::{Kernel, Limits, LineId};
use crate::mock::http::{AccessKey, Call, Caller, Gateway, Listener, Origin, Service};
use crate::mock::lambda::LambdaService;
use crate::mock::s3::{Hooks, S3Protocol, S3Service};
use crate::mock::sqs::{Notice, SqsService};

/// What a Cloud is made of. Handles and clients hold it weakly.
pub(crate) struct World {
    pub kernel: Arc<Kernel>,
    pub region: Region,
    pub gateway: Arc<Gateway>,
    pub s3: Arc<S3Service>,
    pub sqs: Arc<SqsService>,
    pub lambda: Arc<LambdaService>,
    pub queues: Queues,
    pub schedules: Schedules,
    pub decisions: Decisions,
    accounts: Mutex<BTreeMap<AccountId, Identity>>,
    listener: OnceLock<Listener>,
    #[cfg(feature = "slack")]
    slack: OnceLock<Arc<crate::mock::slack::SlackServer>>,
}

/// An account's own access key and principal.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub key: AccessKey,
    pub principal: String,
}

pub(crate) struct Plan {
    pub seed: u64,
    pub start: Timestamp,
    pub region: Region,
    pub limits: Limits,
}

impl World {
    pub fn new(plan: Plan) -> Arc<Self> {
        let Plan { seed, start, region, limits } = plan;
        let kernel = Kernel::new(start, seed, limits);
        Arc::new_cyclic(|world: &Weak<World>| {
            let now: Arc<dyn Fn() -> Timestamp + Send + Sync> = {
                let kernel = Arc::downgrade(&kernel);
                Arc::new(move || kernel.upgrade().map_or(Timestamp::UNIX_EPOCH, |kernel| kernel.now()))
            };
            let s3 = Arc::new(S3Service::new(now.clone(), kernel.shared_ids(), region.clone(), s3_hooks(world)));
            let sqs = {
                let world = world.clone();
                Arc::new(SqsService::new(
                    region.clone(),
                    now,
                    kernel.shared_ids(),
                    Box::new(move |notice| {
                        let Some(world) = world.upgrade() else { return };
                        match notice {
                            Notice::Changed(queue) => world.queues.changed(&world, queue),
                            Notice::DeadLettered(moved) => world.queues.dead_lettered(&world, moved),
                        }
                    }),
                ))
            };
            let lambda = {
                let world = world.clone();
                let give_up = move |exhausted: &_| {
                    if let Some(world) = world.upgrade() {
                        dead_letters::send(&world, exhausted);
                    }
                };
                LambdaService::new(Arc::clone(&kernel), region.clone(), Box::new(give_up))
            };
            let gateway = Gateway::new(
                Arc::clone(&kernel),
                region.clone(),
                Arc::new(S3Protocol::new(Arc::clone(&s3))) as Arc<dyn Service>,
                Arc::new(super::polls::SqsEndpoint::new(Arc::clone(&kernel), Arc::clone(&sqs), world.clone())),
                Arc::clone(&lambda) as Arc<dyn Service>,
            );
            Self {
                gateway: Arc::new(gateway),
                kernel,
                region,
                s3,
                sqs,
                lambda,
                queues: Queues::default(),
                schedules: Schedules::default(),
                decisions: Decisions::default(),
                accounts: Mutex::default(),
                listener: OnceLock::new(),
                #[cfg(feature = "slack")]
                slack: OnceLock::new(),
            }
        })
    }

    /// The account's identity, made on first use.
    pub fn identity(&self, account: &AccountId) -> Identity {
        let mut accounts = self.accounts.lock().expect("no panic under this lock");
        if let Some(identity) = accounts.get(account) {
            return identity.clone();
        }
        let mut ids = self.kernel.ids();
        let key = AccessKey::draw(&mut ids);
        let principal = format!("AIDA{}", ids.upper(17));
        drop(ids);
        self.gateway.credentials().add(account, principal.clone(), &key);
        let identity = Identity { key, principal };
        accounts.insert(account.clone(), identity.clone());
        identity
    }

    /// The line of the invocation that the calling code belongs to; none for a test.
    pub fn cause(&self) -> Option<LineId> {
        self.kernel.turns().current().and_then(|id| self.kernel.turns().line_of(id))
    }

    /// The call of a test that acts as `account`; `text` is its line of the timeline.
    pub fn call(&self, account: &AccountId, text: String) -> Call {
        let identity = self.identity(account);
        let (request_id, host_id) = {
            let mut ids = self.kernel.ids();
            (ids.upper(16), ids.base64(76))
        };
        let above = self.cause();
        Call { cause: Some(self.kernel.note(above, text)), ..self.quiet_call(account, identity, request_id, host_id) }
    }

    /// The call of a test that only looks, and so leaves no line.
    pub fn look(&self, account: &AccountId) -> Call {
        self.quiet_call(account, self.identity(account), String::new(), String::new())
    }

    fn quiet_call(&self, account: &AccountId, identity: Identity, request_id: String, host_id: String) -> Call {
        Call {
            caller: Some(Caller { account: account.clone(), principal: identity.principal }),
            request_id,
            host_id,
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            origin: Origin::InProcess,
            cause: None,
            trace_header: None,
        }
    }

    /// The loopback address, bound on first use.
    pub fn address(&self) -> Result<SocketAddr, CloudError> {
        if let Some(listener) = self.listener.get() {
            return Ok(listener.address());
        }
        let listener = Listener::bind(Arc::downgrade(&self.gateway))
            .map_err(|error| CloudError::Io(format!("cannot bind a port of 127.0.0.1: {error}")))?;
        Ok(self.listener.get_or_init(|| listener).address())
    }

    /// The Slack server, started on first use.
    #[cfg(feature = "slack")]
    pub fn slack(&self) -> Arc<crate::mock::slack::SlackServer> {
        Arc::clone(self.slack.get_or_init(|| crate::mock::slack::SlackServer::start(&self.kernel)))
    }
}

fn s3_hooks(world: &Weak<World>) -> Hooks {
    let (publish, check, configured) = (world.clone(), world.clone(), world.clone());
    Hooks {
        publish: Box::new(move |call, changes| {
            if let Some(world) = publish.upgrade() {
                objects::on_changes(&world, call, &changes);
            }
        }),
        check_destination: Box::new(move |bucket, destination| match check.upgrade() {
            Some(world) => objects::check_destination(&world, bucket, destination),
            None => Err("the Cloud was dropped".to_owned()),
        }),
        configured: Box::new(move |call, bucket, configuration| {
            if let Some(world) = configured.upgrade() {
                objects::send_test_events(&world, call, bucket, configuration);
            }
        }),
    }
}
