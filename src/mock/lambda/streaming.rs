//! Handlers of `lambda_runtime` that answer with a stream.
//!
//! The runtime puts a prelude before it, with the status, headers and cookies for whoever comes over a function URL. A part that
//! is an error it sends as a text among the others, and goes on.
//!
//! <https://docs.rs/lambda_runtime/latest/lambda_runtime/streaming/index.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>

use std::fmt::Debug;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use lambda_runtime::{Error, StreamResponse};

use super::answer::HandlerAnswer;
use super::handler::HandlerResult;
use crate::event::invoke::FunctionError;

/// What stands between the prelude and the rest.
const DELIMITER: [u8; 8] = [0; 8];

/// What the runtime makes of a response that is a stream.
pub(super) fn answer<S, D, E>(response: StreamResponse<S>) -> HandlerResult<HandlerAnswer>
where
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<Bytes> + Send,
    E: Into<Error> + Send + Debug,
{
    let StreamResponse { mut metadata_prelude, stream } = response;
    let kind = HeaderValue::from_static("application/octet-stream");
    metadata_prelude.headers.entry(CONTENT_TYPE).or_insert(kind);
    let prelude = serde_json::to_vec(&metadata_prelude).map_err(|error| {
        let message = format!("the prelude of the response cannot be written as JSON: {error}");
        FunctionError::new("Runtime.MarshalError", message)
    })?;
    let before = stream::iter([Bytes::from(prelude), Bytes::from_static(&DELIMITER)]);
    let parts = stream.map(|part| part.map_or_else(|error| trailer(&error.into()), Into::into));
    Ok(HandlerAnswer::stream(before.chain(parts)))
}

fn trailer(error: &Error) -> Bytes {
    let body = STANDARD.encode(error.to_string());
    let kind = "Lambda-Runtime-Function-Error-Type: Runtime.StreamError";
    Bytes::from(format!("{kind}\r\nLambda-Runtime-Function-Error-Body: {body}\r\n"))
}
