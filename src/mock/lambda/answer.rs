//! What a handler answers: a payload at once, or parts one after the other.

use std::fmt;
use std::pin::Pin;
use std::sync::OnceLock;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};

use super::handler::HandlerResult;

type PartStream = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

/// What a handler answered: a payload, or a stream of its parts, as [`Handler`](crate::Handler)s give it.
///
/// A stream is read to its end before the invocation ends. InvokeWithResponseStream then answers all parts at once, and Invoke the
/// whole; of a function that fails nobody sees a part.
///
/// ```
/// use lambda_runtime::streaming::{Body, Response, channel};
/// use lambda_runtime::{Error, LambdaEvent};
/// use lambda_testkit::Cloud;
///
/// async fn count(event: LambdaEvent<u32>) -> Result<Response<Body>, Error> {
///     let (mut sender, body) = channel();
///     tokio::spawn(async move {
///         for number in 0..event.payload {
///             sender.send_data(format!("{number}\n").into()).await.unwrap();
///         }
///     });
///     Ok(Response::from(body))
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// cloud.function("count", count);
/// let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
/// let invoke = lambda.invoke_with_response_stream().function_name("count").payload(b"3".to_vec().into());
/// let mut stream = invoke.send().await.unwrap().event_stream;
/// let mut text = Vec::new();
/// while let Some(event) = stream.recv().await.unwrap() {
///     if let Ok(part) = event.as_payload_chunk() {
///         text.extend_from_slice(part.payload().unwrap().as_ref());
///     }
/// }
/// assert!(text.ends_with(b"\0\0\0\0\0\0\0\00\n1\n2\n"), "behind the prelude of lambda_runtime");
/// # }
/// ```
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>
pub struct HandlerAnswer(Kind);

enum Kind {
    Payload(Bytes),
    Stream(PartStream),
}

impl From<Bytes> for HandlerAnswer {
    fn from(payload: Bytes) -> Self {
        Self(Kind::Payload(payload))
    }
}

impl fmt::Debug for HandlerAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Payload(payload) => f.debug_tuple("HandlerAnswer").field(payload).finish(),
            Kind::Stream(_) => f.write_str("HandlerAnswer(stream)"),
        }
    }
}

/// An answer that has come as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collected {
    pub payload: Bytes,
    /// How long each part was, if it came in parts.
    pub parts: Option<Vec<usize>>,
}

impl HandlerAnswer {
    /// An answer that comes part by part.
    pub fn stream(parts: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self(Kind::Stream(Box::pin(parts)))
    }

    /// Waits for all of it; of a stream no part after the one with which it has more than `most` bytes.
    pub(super) async fn collected(self, most: usize) -> HandlerResult<Collected> {
        let mut stream = match self.0 {
            Kind::Payload(payload) => return Ok(Collected { payload, parts: None }),
            Kind::Stream(stream) => stream,
        };
        let (mut payload, mut parts) = (BytesMut::new(), Vec::new());
        while payload.len() <= most
            && let Some(part) = stream.next().await
        {
            payload.extend_from_slice(&part);
            parts.push(part.len());
        }
        Ok(Collected { payload: payload.freeze(), parts: Some(parts) })
    }
}

/// Takes the lengths of the parts in which a function answered.
#[derive(Debug, Default)]
pub(crate) struct AnswerParts(OnceLock<Vec<usize>>);

impl AnswerParts {
    pub(super) fn set(&self, parts: Vec<usize>) {
        let _ = self.0.set(parts); // an invocation ends once
    }

    /// The parts of a payload: those in which it came, or else those in which Lambda hands it on.
    pub(super) fn of(&self, payload: &Bytes, longest: usize) -> Vec<Bytes> {
        let came = self.0.get().filter(|parts| parts.iter().sum::<usize>() == payload.len());
        let mut from = 0;
        let mut next = |length: usize| {
            let part = payload.slice(from..from + length);
            from += length;
            part
        };
        match came {
            Some(parts) => parts.iter().filter(|length| **length > 0).map(|length| next(*length)).collect(),
            None => {
                let lengths =
                    (0..payload.len().div_ceil(longest)).map(|part| longest.min(payload.len() - part * longest));
                lengths.map(next).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(answer: HandlerAnswer, most: usize) -> Collected {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer.collected(most)).unwrap()
    }

    #[test]
    fn a_stream_keeps_its_parts_and_ends_beyond_the_limit() {
        let parts = ["ab", "", "cde", "f"].map(|part| Bytes::from_static(part.as_bytes()));
        let all = collected(HandlerAnswer::stream(futures::stream::iter(parts.clone())), 100);
        assert_eq!((&all.payload[..], all.parts.clone()), (&b"abcdef"[..], Some(vec![2, 0, 3, 1])));
        let told = AnswerParts::default();
        told.set(all.parts.unwrap());
        assert_eq!(told.of(&all.payload, 2), ["ab", "cde", "f"]);
        let cut = collected(HandlerAnswer::stream(futures::stream::iter(parts)), 4);
        assert_eq!((&cut.payload[..], cut.parts), (&b"abcde"[..], Some(vec![2, 0, 3])));
    }

    #[test]
    fn a_payload_is_handed_on_in_parts_of_the_longest_length() {
        let payload = Bytes::from_static(b"abcde");
        assert_eq!(AnswerParts::default().of(&payload, 2), ["ab", "cd", "e"]);
        assert_eq!(AnswerParts::default().of(&payload, 5), ["abcde"]);
        assert!(AnswerParts::default().of(&Bytes::new(), 5).is_empty());
        assert_eq!(collected(payload.clone().into(), 1), Collected { payload, parts: None });
    }
}
