//! Configurations for the AWS SDK for Rust whose clients call the mocks in the caller's own task, without a socket.
//!
//! What is set, and why:
//! * the time source is the cloud's clock, so requests are signed with the cloud's date;
//! * back-off sleeps on the cloud's clock and without jitter, so retries take no real time and are the same each run;
//! * answers carry no date, so that the clients correct no clock;
//! * timeouts, stalled-stream protection and the identity cache are off: they sleep although nothing waits;
//! * the retry budget, which the SDK keeps for the whole process, is filled up before each attempt: a test must not end
//!   differently because another one has used it up;
//! * the endpoint is an IP address, for which the S3 client uses path style by itself;
//! * only clients of S3, whose presigned URLs others call, are told a port: the process's own, opened with the first of them;
//! * the connector refuses every other host, so that nothing leaves the machine.

use std::fmt;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime::client::retries::TokenBucket;
use aws_smithy_runtime::client::retries::strategy::StandardRetryStrategy;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, ResolveIdentity, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::context::{Input, InterceptorContext};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::RetryStrategy;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use http_body_util::BodyExt;

use crate::event::Region;
use crate::kernel::Kernel;
use crate::mock::http::{AccessKey, Gateway, Reply};

/// A host that no real service has; requests for it never leave the process.
pub(crate) const HOST: &str = "127.0.0.1";

/// The configuration of clients that sign with `key` and call `gateway` without a socket. What they presign leads to
/// `address`, or nowhere if there is none.
pub(crate) fn config(
    kernel: Weak<Kernel>,
    gateway: Weak<Gateway>,
    address: impl Fn() -> Option<SocketAddr> + Send + Sync + 'static,
    region: &Region,
    key: &AccessKey,
) -> SdkConfig {
    let credentials = Credentials::new(&key.id, &key.secret, None, None, "lambda-testkit");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(aws_types::region::Region::new(region.as_str().to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("http://{HOST}"))
        .service_config(OwnAddress(address))
        .http_client(InProcess { gateway })
        .time_source(CloudTime { kernel: kernel.clone() })
        .sleep_impl(SharedAsyncSleep::new(CloudSleep { kernel }))
        .retry_config(RetryConfig::standard().with_use_static_exponential_base(true))
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .identity_cache(NoCache)
        .build()
}

/// Asked by each client of the SDK when it is made, as the shared configuration file would be: an answer for its service
/// goes before the endpoint of all services.
struct OwnAddress<F>(F);

impl<F> fmt::Debug for OwnAddress<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnAddress")
    }
}

impl<F: Fn() -> Option<SocketAddr> + Send + Sync> LoadServiceConfig for OwnAddress<F> {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let presigns = key.service_id() == "S3" && key.profile() == "endpoint_url";
        presigns.then(&self.0).flatten().map(|address| format!("http://{address}"))
    }
}

/// Calls the gateway in the task of the SDK client.
#[derive(Clone)]
struct InProcess {
    gateway: Weak<Gateway>,
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let gateway = self.gateway.clone();
        HttpConnectorFuture::new(async move { call(&gateway, request).await })
    }
}

async fn call(gateway: &Weak<Gateway>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let host = request.uri().host().unwrap_or("");
    // A client may put the bucket's name in front of the host.
    if host != HOST && !host.ends_with(&format!(".{HOST}")) {
        let message = format!("a client of lambda-testkit asked for {host:?}: only the mocks can be reached");
        return Err(ConnectorError::user(message.into()));
    }
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
    let gateway = gateway.upgrade().ok_or_else(|| ConnectorError::user("the Cloud was dropped".into()))?;
    let reply = gateway.handle(http::Request::from_parts(parts, body)).await;
    drop(gateway);
    let Some(reply) = reply else { return pending().await };
    let worked = matches!(&reply, Reply::Whole(response) if response.status().is_success());
    if !worked {
        ANY_FAILURE.store(true, Ordering::Relaxed);
    }
    let response = match reply {
        Reply::Whole(response) => response.map(SdkBody::from),
        // The one kind of failure that clients take for a broken connection, and try again.
        broken => broken.into_response().map_err(|error| ConnectorError::io(error.into()))?.map(SdkBody::from_body_1_x),
    };
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

#[derive(Debug)]
struct CloudTime {
    kernel: Weak<Kernel>,
}

impl TimeSource for CloudTime {
    fn now(&self) -> SystemTime {
        // After the Cloud was dropped no request succeeds, whatever its date.
        self.kernel.upgrade().map_or(SystemTime::UNIX_EPOCH, |kernel| kernel.now().into())
    }
}

#[derive(Debug)]
struct CloudSleep {
    kernel: Weak<Kernel>,
}

impl AsyncSleep for CloudSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        let kernel = self.kernel.clone();
        Sleep::new(async move {
            let Some(awake) = kernel.upgrade() else { return };
            if let Err(error) = awake.sleep_unless_frozen(duration).await
                && let Some(kernel) = kernel.upgrade()
            {
                // The SDK cannot be told; its next request will show what state the cloud is in.
                kernel.note(None, format!("back-off of an SDK client ended early: {error}"));
            }
        })
    }
}

/// Resolves the identity on each attempt: static credentials need no cache, and the cache would sleep.
#[derive(Debug)]
struct NoCache;

/// Fills the retry budget up.
///
/// The SDK keeps one budget for each service and region, static for the process: calls that exhaust their retries drain
/// it, and then later ones, of whatever test, are not retried any more. There is no setting for it in an `SdkConfig`. But
/// the standard strategy gives a token back for each success that it is told of, and that can be told by anybody.
fn fill_retry_budget(components: &RuntimeComponents, config: &ConfigBag) {
    // Looking the budget up costs more than the rest of this function, and where nothing has failed, nothing is spent.
    if !ANY_FAILURE.load(Ordering::Relaxed) {
        return;
    }
    let Some(budget) = config.load::<TokenBucket>() else { return };
    if budget.is_full() {
        return;
    }
    let success = InterceptorContext::new(Input::erase(()));
    for _ in 0..MOST_TOKENS {
        if budget.is_full() {
            return;
        }
        // Told of a success it never asks for another attempt.
        let _ = StandardRetryStrategy::new().should_attempt_retry(&success, components, config);
    }
}

/// Whether any client of this process was ever given a reason to try again.
static ANY_FAILURE: AtomicBool = AtomicBool::new(false);

/// More than one attempt can have taken, and enough to catch up with clients that were not made here.
const MOST_TOKENS: usize = 500;

impl ResolveCachedIdentity for NoCache {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        components: &'a RuntimeComponents,
        config: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        fill_retry_budget(components, config);
        IdentityFuture::new(async move { resolver.resolve_identity(components, config).await })
    }
}
