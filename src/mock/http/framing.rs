//! How a request over a socket says where its body ends. In process a body has a length, whatever the headers say.

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;

use super::chunked;

/// What a request does not say: it stands among the extensions of one that some services refuse for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// The body came in the chunks of HTTP, and not in those of `aws-chunked`.
    Chunked,
    /// Nothing was said at all.
    Unsaid,
}

/// Notes how the body of a request over a socket is framed.
pub(super) fn note(parts: &mut Parts) {
    let framing = match (parts.headers.contains_key(TRANSFER_ENCODING), parts.headers.contains_key(CONTENT_LENGTH)) {
        (true, _) if chunked::is_chunked(parts) => return,
        (true, _) => Framing::Chunked,
        (false, true) => return,
        (false, false) => Framing::Unsaid,
    };
    parts.extensions.insert(framing);
}
