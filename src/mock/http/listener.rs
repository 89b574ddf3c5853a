//! Loopback sockets: one background thread per process serves all clouds.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{OnceLock, Weak};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinSet};

use super::call::Origin;
use super::gateway::Gateway;

/// The runtime of the background thread, started on first use.
pub(crate) fn background() -> &'static Handle {
    static RUNTIME: OnceLock<Handle> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("the operating system gives one event queue");
        let handle = runtime.handle().clone();
        std::thread::Builder::new()
            .name("lambda-testkit sockets".to_owned())
            .spawn(move || runtime.block_on(std::future::pending::<()>()))
            .expect("the operating system starts one thread");
        handle
    })
}

/// A bound port. Dropped, it closes with all its connections.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl Listener {
    /// Binds a free port of 127.0.0.1 and serves `gateway` on it.
    pub fn bind(gateway: Weak<Gateway>) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let runtime = background();
        let _entered = runtime.enter();
        let socket = tokio::net::TcpListener::from_std(socket)?;
        let accepting = runtime.spawn(accept(socket, gateway)).abort_handle();
        Ok(Self { address, accepting })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(socket: tokio::net::TcpListener, gateway: Weak<Gateway>) {
    // Aborting this task drops the set, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = socket.accept().await else {
            // Out of file handles, most likely: let others run, then try again.
            tokio::task::yield_now().await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let gateway = gateway.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| serve(gateway.clone(), request));
            // A client that hangs up in the middle is its own affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn serve(gateway: Weak<Gateway>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let head_only = request.method() == http::Method::HEAD;
    let (parts, body) = request.into_parts();
    let plain = |status: u16, text: &'static str| {
        let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
        *response.status_mut() = http::StatusCode::from_u16(status).expect("a constant");
        response
    };
    let Ok(body) = body.collect().await else { return Ok(plain(400, "the body did not arrive whole")) };
    let Some(gateway) = gateway.upgrade() else { return Ok(plain(503, "the Cloud was dropped")) };
    let mut response = gateway.handle(Request::from_parts(parts, body.to_bytes()), Origin::Socket).await;
    let server = HeaderName::from_static("server");
    response.headers_mut().entry(server).or_insert(HeaderValue::from_static("lambda-testkit"));
    let (parts, body) = response.into_parts();
    let body = if head_only { Bytes::new() } else { body };
    Ok(Response::from_parts(parts, Full::new(body)))
}
