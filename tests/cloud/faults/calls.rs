//! One call of each service, by SDK clients, and how it failed.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use lambda_testkit::{Cloud, Course};

use crate::common::over_socket;

/// What came of a call: an error as `503 SlowDown`, `reset`, or `broken in its body`.
pub type Came = Result<(), String>;

/// A call that tests make.
#[derive(Clone, Copy)]
pub struct Call {
    pub service: &'static str,
    /// As points name it.
    pub label: &'static str,
    /// The errors that may come of it, and whether clients try again after them.
    pub errors: &'static [(&'static str, &'static str, bool)],
    pub make: fn(SdkConfig) -> Pin<Box<dyn Future<Output = Came> + Send>>,
}

const S3: &[(&str, &str, bool)] = &[
    ("SlowDown", "503 SlowDown", true),
    ("InternalError", "500 InternalError", true),
    ("ServiceUnavailable", "503 ServiceUnavailable", true),
    ("AccessDenied", "403 AccessDenied", false),
];
const SQS: &[(&str, &str, bool)] = &[
    ("RequestThrottled", "403 RequestThrottled", true),
    ("InternalFailure", "500 InternalFailure", true),
    ("ServiceUnavailable", "503 ServiceUnavailable", true),
    ("AccessDenied", "403 AccessDenied", false),
];
const LAMBDA: &[(&str, &str, bool)] = &[
    ("TooManyRequestsException", "429 TooManyRequestsException", true),
    ("ServiceException", "500 ServiceException", true),
    ("AccessDeniedException", "403 AccessDeniedException", false),
];

/// Calls of all services that change something.
pub const WRITES: [Call; 3] = [
    Call {
        service: "s3",
        label: "s3.PutObject box/new",
        errors: S3,
        make: |config| {
            Box::pin(async move {
                let body = b"whole".to_vec().into();
                came(s3(&config).put_object().bucket("box").key("new").body(body).send().await)
            })
        },
    },
    Call {
        service: "sqs",
        label: "sqs.SendMessage line",
        errors: SQS,
        make: |config| {
            Box::pin(async move {
                let url = "http://127.0.0.1/111111111111/line";
                came(sqs(&config).send_message().queue_url(url).message_body("hello").send().await)
            })
        },
    },
    Call {
        service: "lambda",
        label: "lambda.Invoke works",
        errors: LAMBDA,
        make: |config| {
            Box::pin(async move {
                let call = lambda(&config).invoke().function_name("works").invocation_type(InvocationType::Event);
                came(call.payload(Blob::new("1")).send().await)
            })
        },
    },
];

/// A call whose answer has a body that is read as it comes.
pub const READ: Call = Call {
    service: "s3",
    label: "s3.GetObject box/old",
    errors: S3,
    make: |config| {
        Box::pin(async move {
            let object =
                s3(&config).get_object().bucket("box").key("old").send().await.map_err(|error| failed(&error))?;
            let body = object.body.collect().await.map_err(|_| "broken in its body".to_owned())?;
            if body.into_bytes() == "there already" { Ok(()) } else { Err("another body".to_owned()) }
        })
    },
};

/// A call whose answer is read as a whole before the client sees it.
pub const LIST: Call = Call {
    service: "s3",
    label: "s3.ListObjectsV2 box",
    errors: S3,
    make: |config| Box::pin(async move { came(s3(&config).list_objects_v2().bucket("box").send().await) }),
};

/// What the calls are about.
pub fn arrange(cloud: &Cloud) {
    cloud.bucket("box").put("old", "there already");
    cloud.queue("line");
    cloud.function("works", async |number: u32| Ok::<_, String>(number));
}

/// Configures clients of one cloud.
pub type Entrance = fn(&Cloud) -> SdkConfig;

/// Both ways by which an SDK client comes in.
pub const ENTRANCES: [(&str, Entrance); 2] =
    [("in process", Cloud::sdk_config), ("over a socket", |cloud| over_socket(cloud, &cloud.sdk_config()))];

pub fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::new(config)
}

pub fn sqs(config: &SdkConfig) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(config)
}

pub fn lambda(config: &SdkConfig) -> aws_sdk_lambda::Client {
    aws_sdk_lambda::Client::new(config)
}

fn came<T, E: ProvideErrorMetadata + std::fmt::Debug>(result: Result<T, SdkError<E, HttpResponse>>) -> Came
where
    SdkError<E, HttpResponse>: Error + 'static,
{
    result.map(drop).map_err(|error| failed(&error))
}

/// How a call failed, by what a handler can learn of it.
pub fn failed<E: ProvideErrorMetadata + std::fmt::Debug>(error: &SdkError<E, HttpResponse>) -> String
where
    SdkError<E, HttpResponse>: Error + 'static,
{
    match error {
        SdkError::DispatchFailure(failure) if failure.is_io() && is_reset(error) => "reset".to_owned(),
        SdkError::ServiceError(service) => {
            format!("{} {}", service.raw().status().as_u16(), error.code().unwrap_or("without a code"))
        }
        SdkError::ResponseError(_) => "broken in its body".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Whether the operating system, or what stands for it in process, said that the other side reset the connection.
pub fn is_reset(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset) {
            return true;
        }
        next = error.source();
    }
    false
}

/// The course of this call alone, in which nothing deviates.
pub async fn ordinary(call: Call) -> Course {
    let cloud = Cloud::start();
    arrange(&cloud);
    assert_eq!((call.make)(cloud.sdk_config()).await, Ok(()));
    let course = cloud.course();
    cloud.discard();
    course
}
