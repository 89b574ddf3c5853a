//! What can be a function: async closures and functions of many shapes, all made into one.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::answer::HandlerAnswer;
use super::expected;
use super::returned::Returned;
use crate::event::invoke::{FunctionError, InvocationContext};

/// What a handler gave back, as JSON, or the error in the form in which Lambda reports it.
pub type HandlerResult<T = Bytes> = Result<T, FunctionError>;

/// The future of one invocation.
pub type HandlerFuture = Pin<Box<dyn Future<Output = HandlerResult<HandlerAnswer>> + Send>>;

/// Anything that can be the code of a function.
///
/// Implemented for `Fn(T) -> impl Future<Output = Result<R, E>> + Send`, where `T` is any serde type, `R` any
/// serialisable type and `E` anything that can be displayed, and for those that give a plain value (see [`Returned`]); with
/// feature `lambda-runtime` also for functions that take `LambdaEvent<T>`, and for `service_fn` values and other
/// `tower::Service`s of `LambdaEvent<T>`, be it that they answer with `lambda_runtime::streaming::Response`.
///
/// `Shape` only tells these apart; it is always inferred. The type of a closure's error has to be stated:
///
/// ```
/// # use lambda_testkit::Cloud;
/// let cloud = Cloud::start();
/// cloud.function("next", async |number: u32| number + 1);
/// cloud.function("half", async |number: u32| if number % 2 == 0 { Ok(number / 2) } else { Err("it is odd") });
/// cloud.function("same", async |number: u32| Ok::<_, String>(number));
/// ```
/// ```compile_fail
/// # use lambda_testkit::Cloud;
/// Cloud::start().function("same", async |number: u32| Ok(number));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the code of a Lambda function",
    label = "not a handler",
    note = "a handler is `async |event: T| answer` or a function `async fn(T) -> Result<R, E>`, where \
            `T: DeserializeOwned`, `R: Serialize` and `E: Display`; a plain answer is `Serialize` and `Default`",
    note = "with feature `lambda-runtime`, a default, it may also take `LambdaEvent<T>`, or be a `service_fn` value",
    note = "usual causes: the answer has neither a default nor is it a `Result`, or its error type is open (write \
            `Ok::<_, E>(…)`), the event's type is not stated or does not implement `Deserialize`, the future is not `Send`, or the closure borrows \
            what it should own (clone it, then `move`)"
)]
pub trait Handler<Shape>: Send + Sync + 'static {
    /// Runs the handler on one event.
    fn call(&self, payload: Bytes, context: InvocationContext) -> HandlerFuture;
}

/// The [`Handler`] shape of functions of one argument, of which `Kind` says what it is; see [`HandlerEvent`].
#[derive(Debug)]
pub struct TakesEvent<T, Kind>(PhantomData<fn(T, Kind)>);

impl<F, T, Fut, Kind> Handler<TakesEvent<T, Kind>> for F
where
    F: Fn(T) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    T: HandlerEvent<Fut::Output, Kind>,
{
    fn call(&self, payload: Bytes, context: InvocationContext) -> HandlerFuture {
        match T::read(&payload, &context) {
            Ok(event) => {
                let work = self(event);
                Box::pin(async move { T::answer(work.await) })
            }
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

/// What a handler takes: an event of any serde type, or, with feature `lambda-runtime`, a `LambdaEvent<T>`, which has the
/// context too. It decides what the handler's `Answer` may be: see [`Returned`] for the former; the latter's is a
/// `Result<R, E>` with `R: Serialize` or `R = StreamResponse<S>`, and `E: Into<Diagnostic>`, as `lambda_runtime` asks for.
///
/// `Kind` only tells these apart; it is always inferred.
#[diagnostic::on_unimplemented(
    message = "a handler cannot take `{Self}` and return `{Answer}`",
    label = "not a handler",
    note = "it takes an event of a type with `Deserialize` and gives a `Result<R, E>` with `R: Serialize` and `E: Display`, or \
            a plain value with `Serialize` and `Default`",
    note = "with feature `lambda-runtime` it may also take `LambdaEvent<T>`, and give what `lambda_runtime` takes from it"
)]
pub trait HandlerEvent<Answer, Kind>: Sized {
    /// Reads it from the payload.
    ///
    /// # Errors
    ///
    /// What Lambda's runtime for Rust reports when the payload is of another type.
    fn read(payload: &[u8], context: &InvocationContext) -> HandlerResult<Self>;

    /// The answer as JSON or as a stream, or the handler's error in the form in which Lambda reports it.
    #[expect(clippy::missing_errors_doc, reason = "the error is the handler's own")]
    fn answer(answer: Answer) -> HandlerResult<HandlerAnswer>;
}

/// The kind of [`HandlerEvent`] that is the event alone; `Kind` is that of the answer.
#[derive(Debug)]
pub struct EventAlone<Kind>(PhantomData<fn(Kind)>);

impl<T: DeserializeOwned, Answer: Returned<Kind>, Kind> HandlerEvent<Answer, EventAlone<Kind>> for T {
    fn read(payload: &[u8], _: &InvocationContext) -> HandlerResult<Self> {
        parse(payload)
    }

    fn answer(answer: Answer) -> HandlerResult<HandlerAnswer> {
        answer.into_result().map(HandlerAnswer::from)
    }
}

fn parse<T: DeserializeOwned>(payload: &[u8]) -> HandlerResult<T> {
    serde_json::from_slice(payload).map_err(|error| {
        let mut message = format!("failed to deserialize the incoming data into the function's payload type: {error}");
        // What it is instead is often all that one needs to know.
        if let Some(event) = expected::instead_of::<T>(payload) {
            message.push_str(&format!(" ({event})"));
        }
        FunctionError::new("lambda_runtime::deserializer::DeserializeError", message)
    })
}

#[cfg(feature = "lambda-runtime")]
mod runtime {
    //! Handlers written for the `lambda_runtime` crate.

    use std::fmt::Debug;
    use std::sync::Arc;

    use futures::Stream;
    use lambda_runtime::{Config, Context, Diagnostic, Error, LambdaEvent, StreamResponse};
    use serde::Serialize;
    use tower::{Service, ServiceExt};

    use super::super::returned::print;
    use super::super::streaming;
    use super::*;

    /// The kind of [`HandlerEvent`] that is a `LambdaEvent<T>`.
    #[derive(Debug)]
    pub struct WithContext;

    /// The kind of [`HandlerEvent`] that is a `LambdaEvent<T>`, of handlers that answer with a stream.
    #[derive(Debug)]
    pub struct Streams;

    /// The [`Handler`] shape of `tower::Service`s of `LambdaEvent<T>`, such as `service_fn` values.
    #[derive(Debug)]
    pub struct IsService<T>(PhantomData<fn(T)>);

    /// As [`IsService`], of services that answer with a stream.
    #[derive(Debug)]
    pub struct IsStreamingService<T>(PhantomData<fn(T)>);

    impl<T, R, E> HandlerEvent<Result<R, E>, WithContext> for LambdaEvent<T>
    where
        T: DeserializeOwned,
        R: Serialize,
        E: Into<Diagnostic> + Debug,
    {
        fn read(payload: &[u8], context: &InvocationContext) -> HandlerResult<Self> {
            runtime_event(payload, context)
        }

        fn answer(answer: Result<R, E>) -> HandlerResult<HandlerAnswer> {
            answer.map_or_else(|error| Err(diagnosed(error)), print).map(HandlerAnswer::from)
        }
    }

    impl<T, S, D, F, E> HandlerEvent<Result<StreamResponse<S>, E>, Streams> for LambdaEvent<T>
    where
        T: DeserializeOwned,
        S: Stream<Item = Result<D, F>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send,
        F: Into<Error> + Send + Debug,
        E: Into<Diagnostic> + Debug,
    {
        fn read(payload: &[u8], context: &InvocationContext) -> HandlerResult<Self> {
            runtime_event(payload, context)
        }

        fn answer(answer: Result<StreamResponse<S>, E>) -> HandlerResult<HandlerAnswer> {
            answer.map_err(diagnosed).and_then(streaming::answer)
        }
    }

    impl<S, T, R> Handler<IsService<T>> for S
    where
        S: Service<LambdaEvent<T>, Response = R> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<Diagnostic> + Debug,
        T: DeserializeOwned + Send + 'static,
        R: Serialize,
    {
        fn call(&self, payload: Bytes, context: InvocationContext) -> HandlerFuture {
            let service = self.clone();
            Box::pin(async move {
                let event = runtime_event(&payload, &context)?;
                let answer = service.oneshot(event).await.map_or_else(|error| Err(diagnosed(error)), print);
                answer.map(HandlerAnswer::from)
            })
        }
    }

    impl<S, T, St, D, F> Handler<IsStreamingService<T>> for S
    where
        S: Service<LambdaEvent<T>, Response = StreamResponse<St>> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<Diagnostic> + Debug,
        T: DeserializeOwned + Send + 'static,
        St: Stream<Item = Result<D, F>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send,
        F: Into<Error> + Send + Debug,
    {
        fn call(&self, payload: Bytes, context: InvocationContext) -> HandlerFuture {
            let service = self.clone();
            Box::pin(async move {
                let event = runtime_event(&payload, &context)?;
                service.oneshot(event).await.map_err(diagnosed).and_then(streaming::answer)
            })
        }
    }

    fn diagnosed(error: impl Into<Diagnostic>) -> FunctionError {
        let Diagnostic { error_type, error_message } = error.into();
        FunctionError::new(error_type, error_message)
    }

    /// What the runtime hands over. It reads the context first, and its process ends when it cannot.
    fn runtime_event<T: DeserializeOwned>(
        payload: &[u8],
        context: &InvocationContext,
    ) -> Result<LambdaEvent<T>, FunctionError> {
        let context = runtime_context(context).map_err(|error| {
            let mut exit = FunctionError::exit_status(&context.request_id, 1);
            exit.error_message.push_str(&format!(" (lambda_runtime cannot read the client context: {error})"));
            exit
        })?;
        Ok(LambdaEvent::new(parse(payload)?, context))
    }

    fn runtime_context(context: &InvocationContext) -> serde_json::Result<Context> {
        let mut config = Config::default();
        config.function_name.clone_from(&context.function_name);
        config.version.clone_from(&context.function_version);
        config.log_group.clone_from(&context.log_group_name);
        config.log_stream.clone_from(&context.log_stream_name);
        config.memory = i32::try_from(context.memory_limit_in_mb).unwrap_or(i32::MAX);
        let mut runtime = Context::default();
        runtime.request_id.clone_from(&context.request_id);
        runtime.deadline = u64::try_from(context.deadline.timestamp().as_millisecond()).unwrap_or_default();
        runtime.invoked_function_arn = context.invoked_function_arn.to_string();
        runtime.xray_trace_id.clone_from(&context.trace_header);
        runtime.client_context = context.client_context.as_ref().map(converted).transpose()?;
        runtime.tenant_id.clone_from(&context.tenant_id);
        runtime.env_config = Arc::new(config);
        Ok(runtime)
    }

    /// The runtime's type is narrower: its `custom` holds strings alone.
    fn converted<A: Serialize, B: DeserializeOwned>(value: &A) -> serde_json::Result<B> {
        serde_json::from_value(serde_json::to_value(value)?)
    }
}

#[cfg(feature = "lambda-runtime")]
pub use runtime::{IsService, IsStreamingService, Streams, WithContext};
