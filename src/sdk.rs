//! Configurations for the AWS SDK for Rust whose clients call the mocks in the caller's own task, without a socket.
//!
//! What is set, and why:
//! * the time source is the cloud's clock, so requests are signed with the cloud's date;
//! * back-off sleeps on the cloud's clock and without jitter, so retries take no real time and are the same each run;
//! * answers carry no date, so that the clients correct no clock;
//! * timeouts, stalled-stream protection and the identity cache are off: they sleep although nothing waits;
//! * the endpoint is an IP address, for which the S3 client uses path style by itself;
//! * the connector refuses every other host, so that nothing leaves the machine;
//! * retries are paid back to the SDK's budget, which all clients of the process share: what one test does must not take
//!   another test's retries away.

use std::sync::Weak;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, ResolveIdentity, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::context::{Input, InterceptorContext, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::{RequestAttempts, RetryStrategy};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::{RetryConfig, RetryMode};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use http_body_util::BodyExt;

use crate::event::Region;
use crate::history::Origin;
use crate::kernel::Kernel;
use crate::mock::http::{AccessKey, Gateway, reset};

/// A host that no real service has; requests for it never leave the process.
pub(crate) const HOST: &str = "127.0.0.1";

/// The configuration of clients that sign with `key` and call `gateway` without a socket.
pub(crate) fn config(kernel: Weak<Kernel>, gateway: Weak<Gateway>, region: &Region, key: &AccessKey) -> SdkConfig {
    let credentials = Credentials::new(&key.id, &key.secret, None, None, "lambda-testkit");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(aws_types::region::Region::new(region.as_str().to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("http://{HOST}"))
        .http_client(InProcess { gateway })
        .time_source(CloudTime { kernel: kernel.clone() })
        .sleep_impl(SharedAsyncSleep::new(CloudSleep { kernel }))
        .retry_config(RetryConfig::standard().with_use_static_exponential_base(true))
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .identity_cache(NoCache)
        .build()
}

/// Calls the gateway in the task of the SDK client.
#[derive(Clone)]
struct InProcess {
    gateway: Weak<Gateway>,
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
    let reply = gateway.handle(http::Request::from_parts(parts, body), Origin::InProcess).await;
    // The one kind of failure that clients take for a broken connection, and try again.
    let response = reply.into_response().ok_or_else(|| ConnectorError::io(reset().into()))?;
    HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
        .map_err(|error| ConnectorError::other(error.into(), None))
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
            let Some(kernel) = kernel.upgrade() else { return };
            if let Err(error) = kernel.sleep(duration).await {
                // The SDK cannot be told; its next request will show what state the cloud is in.
                kernel.note(None, format!("back-off of an SDK client ended early: {error}"));
            }
        })
    }
}

/// Resolves the identity on each request: static credentials need no cache, and the cache would sleep.
///
/// It is asked in each attempt with the state of the call, and so is where retries are paid back.
#[derive(Debug)]
struct NoCache;

/// More than a retry costs.
const RETRY_COST: u32 = 16;

/// Pays the SDK's budget back what the attempt that begins has cost. A call that fails in the end, or two at once of one
/// client, would lose it: after some 50 of them no client of the process would try again, whatever its test.
fn pay_back(components: &RuntimeComponents, config: &ConfigBag) {
    let is_standard = config.load::<RetryConfig>().is_some_and(|retries| retries.mode() == RetryMode::Standard);
    let Some(attempts) = config.load::<RequestAttempts>().filter(|_| is_standard) else { return };
    // Each success gives back what the client's last retry has cost, or else a little.
    let mut success = InterceptorContext::new(Input::erase(()));
    success.set_output_or_error(Ok(Output::erase(())));
    for _ in 0..if attempts.attempts() > 1 { RETRY_COST } else { 1 } {
        let _ = components.retry_strategy().should_attempt_retry(&success, components, config);
    }
}

impl ResolveCachedIdentity for NoCache {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        components: &'a RuntimeComponents,
        config: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        pay_back(components, config);
        IdentityFuture::new(async move { resolver.resolve_identity(components, config).await })
    }
}
