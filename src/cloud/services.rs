//! Services that are not mocked: a test answers for them with a double, or has a server answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use super::Cloud;
use super::error::{CloudError, expect};
use crate::mock::other::{Answers, Endpoint, OtherService, ServiceError, answer_json};

impl Cloud {
    /// Lets a closure answer for a service that is not mocked, by its name in signatures, such as `secretsmanager`, `ssm` or
    /// `events`. The closure, async or not, takes the HTTP request and gives the response;
    /// [`json_service`](Self::json_service) is shorter for most services.
    ///
    /// Requests come as to the mocks: signatures are checked, whoever has signed may ask, the history has them, and a
    /// [`Plan`](crate::Plan) may have them fail. The request's extensions hold the [`Caller`](crate::history::Caller), as
    /// `Arc<Caller>`, and the [`Region`](crate::event::Region). A second double for the same service replaces the first. Only a
    /// signature says which service is meant: a request without one, such as some of Cognito's, comes to no double. When a
    /// double panics, so does whoever asked.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use http::Response;
    /// # use lambda_testkit::Cloud;
    /// let cloud = Cloud::start();
    /// cloud.service("execute-api", |request| Response::new(Bytes::from(request.uri().path().to_owned())));
    /// cloud.service("appconfig", async |_| Response::new(Bytes::from_static(b"{}")));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_service`](Self::try_service) fails.
    #[track_caller]
    pub fn service<R, When>(&self, name: &str, double: impl Fn(Request<Bytes>) -> R + Send + Sync + 'static)
    where
        R: Answers<Response<Bytes>, When>,
    {
        expect(self.try_service(name, double));
    }

    /// As [`service`](Self::service).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] when the name is not 1 to 63 lower-case letters, digits and `-`, or that of a mocked service.
    pub fn try_service<R, When>(
        &self,
        name: &str,
        double: impl Fn(Request<Bytes>) -> R + Send + Sync + 'static,
    ) -> Result<(), CloudError>
    where
        R: Answers<Response<Bytes>, When>,
    {
        self.serve(name, || OtherService::double(name, Box::new(move |request| double(request).answers())))
    }

    /// Lets a closure answer for a service that speaks AWS JSON: Secrets Manager, Systems Manager, DynamoDB, Step Functions,
    /// EventBridge, KMS, Kinesis and many more. The closure, async or not, takes the operation's name and its input, and
    /// gives the output or a [`ServiceError`].
    ///
    /// All else is as with [`service`](Self::service).
    ///
    /// ```
    /// # use lambda_testkit::{Cloud, ServiceError};
    /// # use serde_json::json;
    /// let cloud = Cloud::start();
    /// cloud.json_service("secretsmanager", |operation, input| match operation.as_str() {
    ///     "GetSecretValue" => Ok(json!({ "Name": input["SecretId"], "SecretString": "hunter2" })),
    ///     other => Err(ServiceError::new(400, "UnknownOperationException", format!("no {other} here"))),
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_service`](Self::try_service) fails.
    #[track_caller]
    pub fn json_service<R, When>(&self, name: &str, double: impl Fn(String, Value) -> R + Send + Sync + 'static)
    where
        R: Answers<Result<Value, ServiceError>, When>,
    {
        let double = Arc::new(double);
        let double = move |request| {
            let double = Arc::clone(&double);
            answer_json(request, move |operation, input| double(operation, input).answers())
        };
        expect(self.try_service(name, double));
    }

    /// Hands the requests for a service that is not mocked to a server on loopback: DynamoDB Local, LocalStack, moto, a
    /// `wiremock` server. Their signatures are checked before, with the keys of this cloud's accounts.
    ///
    /// All else is as with [`service`](Self::service), but for time: while a handler waits for the server, the cloud's clock
    /// stands still. What the server keeps is not the cloud's: give each test a server, or tables, of its own.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// let cloud = Cloud::start();
    /// cloud.forward("dynamodb", "http://127.0.0.1:8000");
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_forward`](Self::try_forward) fails.
    #[track_caller]
    pub fn forward(&self, name: &str, endpoint: impl AsRef<str>) {
        expect(self.try_forward(name, endpoint));
    }

    /// As [`forward`](Self::forward).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] as with [`try_service`](Self::try_service), or when the endpoint is not `http://` and
    /// `127.0.0.1`, `[::1]` or `localhost` with a port: nothing that a test does leaves the machine.
    pub fn try_forward(&self, name: &str, endpoint: impl AsRef<str>) -> Result<(), CloudError> {
        let value = endpoint.as_ref();
        let endpoint = Endpoint::new(value).map_err(|rule| CloudError::Setting {
            name: "endpoint",
            value: format!("{value:?}"),
            rule,
        })?;
        self.serve(name, || OtherService::forward(name, endpoint))
    }

    fn serve(&self, name: &str, service: impl FnOnce() -> OtherService) -> Result<(), CloudError> {
        let setting = |rule| CloudError::Setting { name: "service", value: format!("{name:?}"), rule };
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=63).contains(&name.len()) || !name.bytes().all(valid) {
            return Err(setting("a service's name in signatures is 1 to 63 lower-case letters, digits and -"));
        }
        let served = self.world.gateway.serve(Arc::new(service()));
        served.map_err(|_| setting("this service is mocked: a test cannot answer for it"))
    }
}
