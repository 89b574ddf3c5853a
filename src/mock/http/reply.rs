//! What becomes of an answer on its way back: it arrives, arrives in part, or does not arrive.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, SizeHint};

/// What the one who asked gets.
#[derive(Debug)]
pub(crate) enum Reply {
    Whole(Response<Bytes>),
    /// The body ends in its middle, and the connection with it.
    Cut(Response<Bytes>),
    /// The connection breaks before any answer.
    Reset,
}

pub(crate) type ReplyBody = BoxBody<Bytes, io::Error>;

impl Reply {
    /// The answer with its body as it will arrive.
    ///
    /// # Errors
    ///
    /// When the connection breaks first.
    pub fn into_response(self) -> io::Result<Response<ReplyBody>> {
        match self {
            Self::Whole(response) => Ok(response.map(whole)),
            Self::Cut(response) => Ok(response.map(|body| BoxBody::new(HalfBody { body, polls: 0 }))),
            Self::Reset => Err(reset()),
        }
    }
}

pub(crate) fn whole(body: Bytes) -> ReplyBody {
    BoxBody::new(Full::new(body).map_err(|never| match never {}))
}

/// The error of a connection that the other side gave up.
fn reset() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer (a deviation of the plan)")
}

/// The error of a body that ends before its length.
fn cut() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the connection ended in the middle of the body (a deviation of the plan)",
    )
}

/// A body that says its whole length and breaks after half of it.
struct HalfBody {
    body: Bytes,
    polls: u8,
}

impl Body for HalfBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.polls += 1;
        match self.polls {
            1 if self.body.len() > 1 => Poll::Ready(Some(Ok(Frame::data(self.body.slice(..self.body.len() / 2))))),
            // The server sends what it has only when there is nothing more to come just now.
            1 | 2 => {
                self.polls = 2;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Some(Err(cut()))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.body.len() as u64)
    }
}
