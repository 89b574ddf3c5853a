//! Servers on loopback that answer for a service.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::Bytes;
use http::{Request, Response, Uri};

use crate::mock::http::exchange;

/// An endpoint on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(Vec<SocketAddr>);

impl Endpoint {
    /// Takes `http://` and an address of loopback with its port.
    ///
    /// # Errors
    ///
    /// The rule, as a sentence, for anything else: nothing that a test does leaves the machine.
    pub fn new(url: &str) -> Result<Self, &'static str> {
        let rule =
            "requests are forwarded to http:// and 127.0.0.1, [::1] or localhost, with a port and without a path";
        let uri: Uri = url.trim_end_matches('/').parse().map_err(|_| rule)?;
        let plain = uri.scheme_str() == Some("http") && uri.path() == "/" && uri.query().is_none();
        let named_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let (true, false, Some(port), Some(host)) = (plain, named_user, uri.port_u16(), uri.host()) else {
            return Err(rule);
        };
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        // Never looked up: a name server may say anything.
        let addresses = match host.trim_start_matches('[').trim_end_matches(']') {
            "localhost" => loopback.to_vec(),
            host => vec![host.parse::<IpAddr>().map_err(|_| rule)?],
        };
        if !addresses.iter().all(IpAddr::is_loopback) {
            return Err(rule);
        }
        Ok(Self(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect()))
    }

    /// What the server answers; a `ServiceUnavailable` when it does not.
    pub async fn answer(self, service: &'static str, request: Request<Bytes>) -> Response<Bytes> {
        match exchange(self.0, request).await {
            Ok(mut response) => {
                // Clients would set their clocks by it.
                response.headers_mut().remove("date");
                response
            }
            Err(why) => {
                let message = format!("the server that {service} is forwarded to does not answer: {why}");
                let error = super::ServiceError::new(503, "ServiceUnavailable", message);
                super::aws_json::write(Err(error), None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ports_of_loopback_are_endpoints() {
        for good in ["http://127.0.0.1:8000", "http://127.3.2.1:80/", "http://[::1]:8000", "http://localhost:4566"] {
            assert!(Endpoint::new(good).is_ok(), "{good}");
        }
        let bad = [
            "",
            "127.0.0.1:8000",
            "http://127.0.0.1",
            "https://127.0.0.1:8000",
            "http://10.0.0.1:8000",
            "http://localhost.example.com:80",
            "http://127.0.0.1@example.com:80",
            "http://u@127.0.0.1:80",
            "http://127.0.0.1:8000/path",
            "http://127.0.0.1:8000?a",
            "http://0.0.0.0:8000",
        ];
        for bad in bad {
            assert!(Endpoint::new(bad).is_err(), "{bad}");
        }
    }
}
