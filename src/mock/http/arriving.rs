//! The body of a request over a socket, as one piece. It is held once: no list of what arrived stands beside the whole.

use bytes::{Buf as _, BufMut as _, Bytes};
use http_body_util::BodyExt as _;
use hyper::body::Body;

/// The longest body that anybody takes: 5 GiB in a single PutObject, and room for the chunks that it may come in.
const LONGEST: u64 = 5 * 1024 * 1024 * 1024 + 256 * 1024 * 1024;

/// Nobody gets memory for a promise: so much has to be there before the rest of what was promised is made room for.
const TRUSTED: usize = 1024 * 1024;

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotWhole {
    /// It ended before it was as long as it said, or its framing is broken.
    Broken,
    /// Longer than anything that is stored, or than there is memory for.
    TooLong,
}

/// Reads a body to its end.
///
/// # Errors
///
/// [`NotWhole`].
pub(super) async fn read<B: Body<Data = Bytes> + Unpin>(mut body: B) -> Result<Bytes, NotWhole> {
    let promised = body.size_hint().exact();
    if promised.is_some_and(|promised| promised > LONGEST) {
        return Err(NotWhole::TooLong);
    }
    let mut first = Bytes::new();
    let mut whole: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| NotWhole::Broken)?;
        // What follows the chunks of HTTP means nothing to any service.
        let Ok(data) = frame.into_data() else { continue };
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        let there = whole.len() + first.len() + data.len();
        if there as u64 > LONGEST {
            return Err(NotWhole::TooLong);
        }
        if whole.capacity() < there {
            let promised = promised.and_then(|promised| usize::try_from(promised).ok()).filter(|_| there >= TRUSTED);
            let wanted = promised.unwrap_or(whole.capacity() * 2).max(there);
            whole.try_reserve_exact(wanted - whole.len()).map_err(|_| NotWhole::TooLong)?;
        }
        whole.put(std::mem::take(&mut first));
        whole.extend_from_slice(data.chunk());
    }
    Ok(if whole.is_empty() { first } else { Bytes::from(whole) })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::{Frame, SizeHint};

    use super::*;

    /// A body that promises a length, and comes in these frames.
    struct Promising(u64, Vec<Bytes>);

    impl Body for Promising {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.1.pop().map(|data| Ok(Frame::data(data))))
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(self.0)
        }
    }

    fn run(promised: u64, frames: &[&'static [u8]]) -> Result<Bytes, NotWhole> {
        let frames = frames.iter().rev().map(|frame| Bytes::from_static(frame)).collect();
        futures::executor::block_on(read(Promising(promised, frames)))
    }

    #[test]
    fn frames_become_one_body_and_a_single_one_is_not_copied() {
        static ONE: &[u8] = b"one";
        let body = run(3, &[ONE]).unwrap();
        assert_eq!((body.as_ptr(), body.len()), (ONE.as_ptr(), 3));
        assert_eq!(run(0, &[]).unwrap(), Bytes::new());
        assert_eq!(run(0, &[b"", b""]).unwrap(), Bytes::new());
        assert_eq!(run(9, &[b"a", b"", b"bc", b"def"]).unwrap(), Bytes::from_static(b"abcdef"));
        let large: &'static [u8] = vec![7; TRUSTED].leak();
        let body = run(2 * TRUSTED as u64 + 1, &[large, large, b"!"]).unwrap();
        assert_eq!((body.len(), body[2 * TRUSTED]), (2 * TRUSTED + 1, b'!'));
    }

    #[test]
    fn a_promise_costs_nothing() {
        assert_eq!(run(LONGEST + 1, &[b"a"]), Err(NotWhole::TooLong));
        // Were it believed, there would be no memory for it.
        assert_eq!(run(LONGEST, &[b"a", b"b"]).unwrap(), Bytes::from_static(b"ab"));
    }
}
