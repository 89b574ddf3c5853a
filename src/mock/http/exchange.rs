//! Requests of ours to another server on loopback.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::kernel::background;

/// Hands a request to the first of these addresses that takes a connection.
///
/// On the thread of the sockets: the caller's runtime may have no driver for them.
///
/// # Errors
///
/// A sentence without the port, which is another in each run.
pub(crate) async fn exchange(
    addresses: impl AsRef<[SocketAddr]> + Send + 'static,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, String> {
    let exchange = async move {
        let stream = TcpStream::connect(addresses.as_ref()).await.map_err(|error| error.kind().to_string())?;
        send(stream, request).await.map_err(|error| error.to_string())
    };
    background().spawn(exchange).await.map_err(|error| error.to_string())?
}

async fn send(stream: TcpStream, request: Request<Bytes>) -> hyper::Result<Response<Bytes>> {
    let (mut client, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().cloned();
    parts.uri = path.map_or_else(|| Uri::from_static("/"), Uri::from);
    remove_framing(&mut parts.headers);
    let response = client.send_request(Request::from_parts(parts, Full::new(body))).await?;
    let (mut parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    remove_framing(&mut parts.headers);
    Ok(Response::from_parts(parts, body))
}

/// What belongs to one connection is for each side to say again.
fn remove_framing(headers: &mut HeaderMap) {
    for name in ["connection", "content-length", "expect", "keep-alive", "te", "transfer-encoding", "upgrade"] {
        headers.remove(name);
    }
}
