//! The `aws-chunked` content encoding, in which SDKs send bodies with a checksum in the trailer.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, HeaderValue};
use http::request::Parts;

use super::header::header_text;
use super::sigv4::{AuthFault, CONTENT_SHA256, ChunkSigner};

/// Why a chunked body was not accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ChunkFault {
    /// The framing is broken or the body is shorter than it says.
    Incomplete(&'static str),
    /// The request does not say how long the body is without its chunks.
    NoLength,
    /// The trailers are not those that the request announces.
    Trailer,
    /// The request announces a trailer that S3 does not know.
    UnknownTrailer,
    /// A chunk that is not the last is too small: the number of the one behind it, and its size in bytes.
    SmallChunk(usize, usize),
    Auth(AuthFault),
}

/// All chunks but the last have as many bytes.
const MIN_CHUNK_BYTES: usize = 8192;

/// The trailers that there are.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>
const TRAILERS: [&str; 10] = [
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-md5",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-checksum-sha512",
    "x-amz-checksum-xxhash128",
    "x-amz-checksum-xxhash3",
    "x-amz-checksum-xxhash64",
];

/// Whether the body is in chunks.
pub(super) fn is_chunked(parts: &Parts) -> bool {
    content_sha256(parts).starts_with("STREAMING-")
}

fn content_sha256(parts: &Parts) -> &str {
    header_text(&parts.headers, CONTENT_SHA256).unwrap_or("")
}

/// Takes the body out of its chunks, checks the chunks' signatures if they have any, turns trailers into headers, and
/// makes the request look as if it had been sent plainly.
///
/// The chunks move together where they are: a body that nobody else holds is not copied.
pub(super) fn decode(parts: &mut Parts, body: Bytes, mut signer: Option<ChunkSigner>) -> Result<Bytes, ChunkFault> {
    let signed = content_sha256(parts).starts_with("STREAMING-AWS4-HMAC-SHA256");
    let announced = announced(parts)?;
    let mut body = body.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
    let (mut at, mut length) = (0, 0);
    let mut before = None;
    for number in 1.. {
        let line = line(&body, &mut at).ok_or(ChunkFault::Incomplete("a chunk has no header line"))?;
        let (size, extension) = line.split_once(';').unwrap_or((&line, ""));
        let size = usize::from_str_radix(size.trim(), 16)
            .map_err(|_| ChunkFault::Incomplete("a chunk's size is not hexadecimal"))?;
        if size > 0
            && let Some(small) = before.replace(size).filter(|before| *before < MIN_CHUNK_BYTES)
        {
            return Err(ChunkFault::SmallChunk(number, small));
        }
        let data = take(&body, &mut at, size).ok_or(ChunkFault::Incomplete("a chunk is shorter than its size"))?;
        if let (true, Some(signer)) = (signed, &mut signer) {
            let signature = extension.trim().strip_prefix("chunk-signature=");
            let signature = signature.ok_or(ChunkFault::Incomplete("a chunk has no signature"))?;
            signer.check_chunk(&body[data.clone()], signature).map_err(ChunkFault::Auth)?;
        }
        if size == 0 {
            break;
        }
        body.copy_within(data, length);
        length += size;
        if self::line(&body, &mut at).as_deref() != Some("") {
            return Err(ChunkFault::Incomplete("a chunk is longer than its size"));
        }
    }
    let said = parts.headers.remove("x-amz-decoded-content-length").ok_or(ChunkFault::NoLength)?;
    if said.to_str().ok().and_then(|said| said.parse().ok()) != Some(length) {
        return Err(ChunkFault::Incomplete("the body is not as long as x-amz-decoded-content-length says"));
    }
    read_trailers(parts, announced, &body[at..], if signed { signer } else { None })?;
    body.truncate(length);
    unwrap_encoding(&mut parts.headers);
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    parts.headers.remove("x-amz-trailer");
    parts.headers.insert(CONTENT_SHA256, HeaderValue::from_static("UNSIGNED-PAYLOAD"));
    Ok(body.freeze())
}

/// The names of the trailers that the request announces.
fn announced(parts: &Parts) -> Result<Vec<String>, ChunkFault> {
    let names = parts.headers.get_all("x-amz-trailer").iter().filter_map(|names| names.to_str().ok());
    let names = names.flat_map(|names| names.split(',')).map(|name| name.trim().to_ascii_lowercase());
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    let known = names.iter().all(|name| TRAILERS.contains(&name.as_str()));
    if known { Ok(names) } else { Err(ChunkFault::UnknownTrailer) }
}

fn read_trailers(
    parts: &mut Parts,
    mut announced: Vec<String>,
    input: &[u8],
    signer: Option<ChunkSigner>,
) -> Result<(), ChunkFault> {
    let mut at = 0;
    let mut canonical = String::new();
    let mut signature = None;
    loop {
        let line = line(input, &mut at).ok_or(ChunkFault::Incomplete("no empty line is at the end"))?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or(ChunkFault::Incomplete("a trailer has no colon"))?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if name == "x-amz-trailer-signature" {
            signature = Some(value.to_owned());
            continue;
        }
        let at = announced.iter().position(|known| *known == name).ok_or(ChunkFault::Trailer)?;
        announced.remove(at);
        canonical.push_str(&format!("{name}:{value}\n"));
        let name = HeaderName::try_from(name).map_err(|_| ChunkFault::Incomplete("a trailer's name is invalid"))?;
        let value = HeaderValue::try_from(value).map_err(|_| ChunkFault::Incomplete("a trailer's value is invalid"))?;
        parts.headers.insert(name, value);
    }
    if !announced.is_empty() {
        return Err(ChunkFault::Trailer);
    }
    match (signer, canonical.is_empty()) {
        (Some(mut signer), false) => {
            signer.check_trailer(&canonical, signature.as_deref().unwrap_or("")).map_err(ChunkFault::Auth)
        }
        _ => Ok(()),
    }
}

/// Takes `aws-chunked` out of `Content-Encoding`: it describes the transfer; what else is there belongs to the object.
pub(crate) fn unwrap_encoding(headers: &mut HeaderMap) {
    let Some(encoding) = header_text(headers, CONTENT_ENCODING) else { return };
    let names = encoding.split(',');
    let rest: Vec<&str> = names.filter(|name| !name.trim().eq_ignore_ascii_case("aws-chunked")).collect();
    match HeaderValue::try_from(rest.join(",").trim()) {
        Ok(rest) if !rest.is_empty() => drop(headers.insert(CONTENT_ENCODING, rest)),
        _ => drop(headers.remove(CONTENT_ENCODING)),
    }
}

/// The line that begins there, behind which the reading goes on.
fn line(input: &[u8], at: &mut usize) -> Option<String> {
    let rest = &input[*at..];
    let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
    *at += end + 2;
    String::from_utf8(rest[..end].to_vec()).ok()
}

/// Where the next `size` bytes are, behind which the reading goes on.
fn take(input: &[u8], at: &mut usize, size: usize) -> Option<Range<usize>> {
    let start = *at;
    *at = start.checked_add(size).filter(|end| *end <= input.len())?;
    Some(start..*at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(length: usize) -> Parts {
        http::Request::put("/b/k")
            .header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
            .header("content-encoding", "gzip,aws-chunked")
            .header("x-amz-decoded-content-length", length)
            .header("x-amz-trailer", "x-amz-checksum-crc32")
            .body(())
            .unwrap()
            .into_parts()
            .0
    }

    /// A body of one large and one small chunk, and what it is without them.
    fn two_chunks() -> (String, String) {
        let large = "a".repeat(MIN_CHUNK_BYTES);
        (format!("2000\r\n{large}\r\n3\r\nefg\r\n0\r\nx-amz-checksum-crc32:MWZYrQ==\r\n\r\n"), large + "efg")
    }

    #[test]
    fn the_body_comes_out_of_its_chunks_and_trailers_become_headers() {
        let (body, plain) = two_chunks();
        let mut parts = parts(plain.len());
        assert!(is_chunked(&parts));
        assert_eq!(decode(&mut parts, Bytes::from(body), None).unwrap(), plain);
        assert_eq!(parts.headers["x-amz-checksum-crc32"], "MWZYrQ==");
        assert_eq!(parts.headers["content-encoding"], "gzip");
        assert_eq!(parts.headers["content-length"], "8195");
        assert!(!parts.headers.contains_key("x-amz-decoded-content-length"));
    }

    #[test]
    fn a_body_that_nobody_else_holds_is_not_copied() {
        let (body, expected) = two_chunks();
        let body = Bytes::from(body);
        let at = body.as_ptr();
        let plain = decode(&mut parts(expected.len()), body, None).unwrap();
        assert_eq!((plain.as_ptr(), &plain[..]), (at, expected.as_bytes()));
    }

    #[test]
    fn broken_framing_is_refused() {
        for body in [
            "",
            "4\r\nabc",
            "x\r\n",
            "4\r\nabcde\r\n0\r\n\r\n",
            "4\r\nabcd\r\n",
            "3\r\nabc\r\n0\r\n\r\n",
            "0\r\nx\r\n",
            "4\r\nabcd\r\n0\r\nx-amz-checksum-crc32:7YLNEQ==\r\n",
        ] {
            let result = decode(&mut parts(4), Bytes::from(body), None);
            assert!(matches!(result, Err(ChunkFault::Incomplete(_))), "{body:?}: {result:?}");
        }
    }

    #[test]
    fn a_body_has_the_length_and_the_trailers_that_were_announced() {
        let decoded = |body: &'static str, name: Option<&str>| {
            let mut parts = parts(1);
            name.map(|name| parts.headers.remove(name));
            decode(&mut parts, Bytes::from(body), None)
        };
        let with = "1\r\na\r\n0\r\nx-amz-checksum-crc32:6Le+Qw==\r\n\r\n";
        assert_eq!(decoded(with, None).unwrap(), "a");
        assert_eq!(decoded(with, Some("x-amz-decoded-content-length")), Err(ChunkFault::NoLength));
        assert_eq!(decoded(with, Some("x-amz-trailer")), Err(ChunkFault::Trailer));
        assert_eq!(decoded("1\r\na\r\n0\r\n\r\n", None), Err(ChunkFault::Trailer));
        let mut parts = parts(1);
        parts.headers.insert("x-amz-trailer", HeaderValue::from_static("x-amz-checksum-sha10"));
        assert_eq!(decode(&mut parts, Bytes::from(with), None), Err(ChunkFault::UnknownTrailer));
    }

    #[test]
    fn only_the_last_chunk_may_be_small() {
        let body = Bytes::from_static(b"1\r\na\r\n1\r\nb\r\n0\r\nx-amz-checksum-crc32:MWZYrQ==\r\n\r\n");
        assert_eq!(decode(&mut parts(2), body, None), Err(ChunkFault::SmallChunk(2, 1)));
    }
}
