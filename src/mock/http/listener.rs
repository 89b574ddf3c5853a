//! Loopback sockets: the process's background thread serves all clouds.
//!
//! Handlers never run on it, for one that calls back without `await` would stop all sockets: requests that may run
//! handlers are answered on threads of their own, started with the first of them. What those handlers spawn needs a
//! runtime that goes on after their request, so there is one more thread from then on.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, pending, select};
use http::header::{EXPECT, HeaderValue, SERVER};
use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};

use super::arriving::{self, NotWhole};
use super::framing;
use super::gateway::{Gateway, complete_host};
use super::reply::{Reply, ReplyBody, whole};
use crate::history::Origin;
use crate::kernel::{background, start_runtime};

/// The runtime in which handlers run that a request over a socket drives, started on first use.
///
/// It lives as long as the process, because handlers keep connections from one event to the next.
fn handlers() -> &'static Handle {
    static RUNTIME: OnceLock<Handle> = OnceLock::new();
    RUNTIME.get_or_init(|| start_runtime("lambda-testkit handlers"))
}

/// How long, in real time, to wait after the system has refused a connection.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// A bound port. Dropped, it closes with all its connections.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl Listener {
    /// Binds a free port of 127.0.0.1 and serves there the gateway that `find` names for a request.
    pub fn bind(find: impl Fn(&Parts) -> Option<Arc<Gateway>> + Send + Sync + 'static) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let runtime = background();
        let _entered = runtime.enter();
        let socket = tokio::net::TcpListener::from_std(socket)?;
        let accepting = runtime.spawn(accept(socket, Arc::new(find))).abort_handle();
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

/// Which cloud a request is for; none when it is gone.
type Find = Arc<dyn Fn(&Parts) -> Option<Arc<Gateway>> + Send + Sync>;

async fn accept(socket: tokio::net::TcpListener, find: Find) {
    // Aborting this task drops the set, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = accepted(|| socket.accept()).await;
        while connections.try_join_next().is_some() {}
        let find = Arc::clone(&find);
        connections.spawn(async move {
            let (reads, writes) = stream.into_split();
            let client = Arc::new(Client { writes: Some(writes), resets: AtomicBool::new(false) });
            let connection = TokioIo::new(Connection { reads, client: Arc::clone(&client) });
            let service = service_fn(move |request| serve(Arc::clone(&find), request, Arc::clone(&client)));
            // Whether the client has hung up is looked at where an answer takes time, not with each request.
            let _ = http1::Builder::new().half_close(true).serve_connection(connection, service).await;
        });
    }
}

/// Asks for connections until there is one.
///
/// The system refuses when it is out of file handles or memory. The connection goes on waiting in its queue, so asking
/// again at once would get the same answer: others have to end first.
async fn accepted<T, F: Future<Output = io::Result<T>>>(mut accept: impl FnMut() -> F) -> T {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    loop {
        match accept().await {
            Ok(connection) => return connection,
            // That one is gone from the queue.
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) => {}
            Err(_) => tokio::time::sleep(REFUSED_PAUSE).await,
        }
    }
}

/// The other side of a connection, which can end with a reset, as one does whose other side has crashed.
struct Client {
    /// Taken when the connection ends.
    writes: Option<OwnedWriteHalf>,
    resets: AtomicBool,
}

impl Client {
    fn stream(&self) -> io::Result<&TcpStream> {
        self.writes.as_ref().map(AsRef::as_ref).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// Waits until the client has hung up.
    async fn gone(&self) {
        let Ok(stream) = self.stream() else { return };
        match stream.peek(&mut [0]).await {
            Ok(0) | Err(_) => {}
            // It sends the next request already, and so waits for the answer to this one.
            Ok(_) => pending().await,
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let Some(writes) = self.writes.take() else { return };
        if self.resets.load(Ordering::Acquire) {
            // Should the system refuse, the client sees the end of the stream instead.
            let _ = writes.as_ref().set_zero_linger();
        }
        // The end of the stream is for the socket to say, when both halves are gone: here it would come before a reset.
        writes.forget();
    }
}

struct Connection {
    reads: OwnedReadHalf,
    client: Arc<Client>,
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reads).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let stream = self.client.stream()?;
        loop {
            ready!(stream.poll_write_ready(cx))?;
            match stream.try_write(data) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The socket is closed next.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Answers a request, on a thread of its own if that may run handlers. None when that thread panicked.
async fn answer(gateway: Arc<Gateway>, request: Request<Bytes>) -> Option<Reply> {
    let (parts, body) = request.into_parts();
    let service = gateway.route(&parts);
    let request = Request::from_parts(parts, body);
    if !service.as_ref().is_ok_and(|service| service.runs_handlers()) {
        return Some(gateway.answer(service, request, Origin::Socket).await);
    }
    let (mut sender, receiver) = oneshot::channel();
    // Each on a thread of its own: of two clouds neither waits for the other's handlers.
    handlers().spawn_blocking(move || {
        handlers().block_on(async move {
            let response = {
                // A client that hangs up stops driving.
                let gone = pin!(sender.closed());
                match select(pin!(gateway.answer(service, request, Origin::Socket)), gone).await {
                    Either::Left((response, _)) => response,
                    Either::Right(_) => return,
                }
            };
            // Dropped before the answer: whoever has it may expect that nothing holds the cloud any more.
            drop(gateway);
            let _ = sender.send(response);
        });
    });
    receiver.await.ok()
}

async fn serve(find: Find, request: Request<Incoming>, client: Arc<Client>) -> Result<Response<ReplyBody>, io::Error> {
    let head_only = request.method() == http::Method::HEAD;
    let (mut parts, body) = request.into_parts();
    complete_host(&mut parts);
    framing::note(&mut parts);
    let plain = |status: u16, text: &'static str| {
        let mut response = Response::new(whole(Bytes::from_static(text.as_bytes())));
        *response.status_mut() = http::StatusCode::from_u16(status).expect("a constant");
        response
    };
    if parts.headers.get(EXPECT).is_some_and(|expected| expected.as_bytes().eq_ignore_ascii_case(b"100-continue"))
        && let Some(gateway) = find(&parts)
        && let Some(refusal) = gateway.refuse_unread(&parts).await
    {
        return answered(refusal, head_only, &client);
    }
    let body = match arriving::read(body).await {
        Ok(body) => body,
        Err(NotWhole::Broken) => return Ok(plain(400, "the body did not arrive whole")),
        Err(NotWhole::TooLong) => return Ok(plain(413, "the body is longer than anything that is stored")),
    };
    let Some(gateway) = find(&parts) else { return Ok(plain(503, "the Cloud was dropped")) };
    let request = Request::from_parts(parts, body);
    match select(pin!(answer(gateway, request)), pin!(client.gone())).await {
        Either::Left((Some(reply), _)) => {
            // Requests that came together are answered together, so that a client that sleeps is woken once for all of them.
            tokio::task::yield_now().await;
            answered(reply, head_only, &client)
        }
        Either::Left((None, _)) => Ok(plain(500, "the mock panicked")),
        Either::Right(_) => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

/// A reply on its way out.
fn answered(reply: Reply, head_only: bool, client: &Client) -> Result<Response<ReplyBody>, io::Error> {
    // A cut body is not reset: some systems would take back what has already arrived.
    if matches!(reply, Reply::Reset) {
        client.resets.store(true, Ordering::Release);
    }
    let mut response = reply.into_response()?;
    response.headers_mut().entry(SERVER).or_insert(HeaderValue::from_static("lambda-testkit"));
    if head_only {
        response = response.map(|_| whole(Bytes::new()));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(test: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(test)
    }

    /// "Too many open files", as Linux numbers it.
    fn out_of_handles() -> io::Error {
        io::Error::from_raw_os_error(24)
    }

    #[test]
    fn a_refused_connection_is_asked_for_again_but_not_in_a_busy_loop() {
        let mut asked = 0;
        let refused = accepted(|| {
            asked += 1;
            std::future::ready(Err::<(), _>(out_of_handles()))
        });
        let pauses = 4;
        assert!(run(async { tokio::time::timeout(REFUSED_PAUSE * pauses, refused).await }).is_err());
        assert!((1..=pauses + 1).contains(&asked), "asked {asked} times in {pauses} pauses");
    }

    #[test]
    fn a_connection_comes_after_refused_and_broken_ones() {
        let mut answers = [Ok("it"), Err(io::ErrorKind::ConnectionAborted.into()), Err(out_of_handles())].map(Some);
        let mut left = answers.len();
        let next = || {
            left -= 1;
            std::future::ready(answers[left].take().unwrap())
        };
        assert_eq!(run(accepted(next)), "it");
    }

    #[test]
    fn a_client_is_gone_when_it_has_hung_up_and_not_while_it_is_silent_or_sends() {
        use futures::FutureExt as _;
        use tokio::io::AsyncWriteExt as _;

        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let connect = || TcpStream::connect(listener.local_addr().unwrap());
            let pair = async || {
                let (near, far) = futures::join!(listener.accept(), connect());
                let (_reads, writes) = near.unwrap().0.into_split();
                (Client { writes: Some(writes), resets: AtomicBool::new(false) }, far.unwrap())
            };

            let (client, far) = pair().await;
            assert!(client.gone().now_or_never().is_none());
            drop(far);
            client.gone().await;

            let (client, mut far) = pair().await;
            far.write_all(b"GET").await.unwrap();
            client.stream().unwrap().readable().await.unwrap();
            assert!(client.gone().now_or_never().is_none());
        });
    }
}
