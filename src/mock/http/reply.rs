//! What becomes of an answer on its way back: it arrives, arrives in part, or does not arrive.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
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

impl Reply {
    /// The answer with its body as it will arrive.
    ///
    /// # Errors
    ///
    /// When the connection breaks first.
    pub fn into_response(self) -> io::Result<Response<ReplyBody>> {
        match self {
            Self::Whole(response) => Ok(response.map(whole)),
            Self::Cut(response) => Ok(response.map(|rest| ReplyBody { rest, cut: Some(0) })),
            Self::Reset => Err(reset()),
        }
    }
}

pub(crate) fn whole(rest: Bytes) -> ReplyBody {
    ReplyBody { rest, cut: None }
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

/// So much goes out at once. The server copies it behind what it has to send, so that a small answer is one write, and a large
/// one is not held twice.
const PIECE: usize = 64 * 1024;

/// The body of an answer.
#[derive(Debug)]
pub(crate) struct ReplyBody {
    rest: Bytes,
    /// How often a body was asked for that says its whole length and breaks after half of it.
    cut: Option<u8>,
}

type Piece = Poll<Option<Result<Frame<Bytes>, io::Error>>>;

impl ReplyBody {
    fn half(&mut self, polls: u8, cx: &Context<'_>) -> Piece {
        match polls {
            0 if self.rest.len() > 1 => {
                self.cut = Some(1);
                Poll::Ready(Some(Ok(Frame::data(self.rest.slice(..self.rest.len() / 2)))))
            }
            // The server sends what it has only when there is nothing more to come just now.
            0 | 1 => {
                self.cut = Some(2);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Some(Err(cut()))),
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Piece {
        match self.cut {
            Some(polls) => self.half(polls, cx),
            None if self.rest.is_empty() => Poll::Ready(None),
            None => {
                let piece = PIECE.min(self.rest.len());
                Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.cut.is_none() && self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
