//! What a handler may return: a `Result`, or a plain value.

use std::any::type_name;
use std::fmt::Display;

use bytes::Bytes;
use serde::Serialize;

use super::handler::HandlerResult;
use crate::event::invoke::FunctionError;

/// What a handler may return: a `Result<R, E>` with `R: Serialize` and `E: Display`, or a plain value, which cannot fail.
///
/// A plain value is anything serialisable that has a default, such as `()`, a number, a `String`, a `Vec`, an `Option`, a
/// [`Value`](serde_json::Value), or a struct that derives `Serialize` and `Default`. The default is never used: `Result` has
/// none, and that tells the two apart.
///
/// `Kind` is the one or the other, and is always inferred.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "not an answer",
    note = "it returns a `Result<R, E>` with `R: Serialize` and `E: Display`, or a plain value with `Serialize` and `Default`",
    note = "wrap what has no default: `Ok::<_, String>(answer)`"
)]
pub trait Returned<Kind> {
    /// The answer as JSON, or the error in the form in which Lambda reports it.
    #[expect(clippy::missing_errors_doc, reason = "the error is the handler's own")]
    fn into_result(self) -> HandlerResult;
}

/// The kind of [`Returned`] that is a `Result`.
#[derive(Debug)]
pub struct Fallible;

/// The kind of [`Returned`] that is a plain value.
#[derive(Debug)]
pub struct Plain;

impl<R: Serialize, E: Display> Returned<Fallible> for Result<R, E> {
    fn into_result(self) -> HandlerResult {
        // The Rust runtime reports an error by the name of its type.
        self.map_or_else(|error| Err(FunctionError::new(type_name::<E>(), error.to_string())), print)
    }
}

impl<R: Serialize + Default> Returned<Plain> for R {
    fn into_result(self) -> HandlerResult {
        print(self)
    }
}

/// An answer as JSON.
pub(super) fn print<R: Serialize>(response: R) -> HandlerResult {
    serde_json::to_vec(&response).map(Bytes::from).map_err(|error| {
        let message = format!("the function's response cannot be written as JSON: {error}");
        FunctionError::new("Runtime.MarshalError", message)
    })
}
