//! Raw requests, signed by a second implementation of Signature Version 4, for what no SDK would send.

use std::net::SocketAddr;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, Response};
use jiff::Timestamp;
use lambda_testkit::{AccessKey, Cloud};
use sha2::{Digest, Sha256};

use super::socket::send;

/// A request that is yet to be signed.
#[derive(Clone)]
pub struct Raw<'a> {
    pub service: &'a str,
    /// For which region it is signed.
    pub region: &'a str,
    pub method: &'a str,
    /// The path and the query, encoded; query parameters in alphabetical order, each with its `=`.
    pub target: &'a str,
    pub headers: Vec<(&'a str, String)>,
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub response: Response<Bytes>,
    pub body: String,
}

impl<'a> Raw<'a> {
    pub fn new(service: &'a str, method: &'a str, target: &'a str) -> Self {
        Self { service, region: "us-east-1", method, target, headers: Vec::new(), body: Vec::new() }
    }

    /// A call of an SQS operation.
    pub fn sqs(operation: &str) -> Self {
        let target = format!("AmazonSQS.{operation}");
        Self::new("sqs", "POST", "/")
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
    }

    pub fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it as it is: without a signature unless it was signed before.
    pub async fn send(self, cloud: &Cloud) -> Answer {
        let mut request = Request::builder().method(self.method).uri(self.target);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        answer(cloud, request.body(Bytes::from(self.body)).unwrap()).await
    }

    /// Signs it with the cloud's own key, on the cloud's clock, and sends it.
    pub async fn signed(self, cloud: &Cloud) -> Answer {
        let key = cloud.own_account().access_key();
        self.sign(cloud, &key, cloud.now()).send(cloud).await
    }

    /// The head as it goes over a socket to `address`, with `framing`: whole lines that say where the body ends.
    pub fn head(&self, address: SocketAddr, framing: &str) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n{framing}connection: close\r\n", self.method, self.target);
        if !self.headers.iter().any(|(name, _)| *name == "host") {
            head += &format!("host: {address}\r\n");
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head + "\r\n"
    }

    /// Adds the headers of a signature, and of the host if there is none.
    pub fn sign(self, cloud: &Cloud, key: &AccessKey, now: Timestamp) -> Self {
        let host = cloud.endpoint().to_string();
        let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut headers = self.headers.clone();
        // Streamed bodies say so in place of the hash.
        let said = headers.iter().find(|(name, _)| *name == "x-amz-content-sha256").map(|(_, said)| said.clone());
        let hash = said.clone().unwrap_or_else(|| hex(&Sha256::digest(&self.body)));
        if !headers.iter().any(|(name, _)| *name == "host") {
            headers.push(("host", host));
        }
        headers.push(("x-amz-date", date.clone()));
        if said.is_none() {
            headers.push(("x-amz-content-sha256", hash.clone()));
        }
        headers.sort();

        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        // All services but S3 encode the encoded path once more; of what these tests send only `%` changes by that.
        let path = if self.service == "s3" { path.to_owned() } else { path.replace('%', "%25").replace(':', "%3A") };
        let canonical = format!("{}\n{path}\n{query}\n{lines}\n{names}\n{hash}", self.method);
        let scope = format!("{}/{}/{}/aws4_request", &date[..8], self.region, self.service);
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
        let signing_key = [&date[..8], self.region, self.service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{}", key.secret).into_bytes(), |key, part| mac(&key, part));
        let signature = hex(&mac(&signing_key, &to_sign));

        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", key.id);
        headers.push(("authorization", authorization));
        Self { headers, ..self }
    }
}

impl Answer {
    /// A response header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and error code, wherever the service puts it.
    pub fn refusal(&self) -> String {
        let in_xml = self.body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        let code = match (in_xml, self.header("x-amzn-errortype")) {
            (Some((code, _)), _) => code,
            (None, "") => "without a code",
            (None, code) => code.rsplit('#').next().unwrap_or(code),
        };
        format!("{} {code}", self.status)
    }
}

async fn answer(cloud: &Cloud, request: Request<Bytes>) -> Answer {
    let response = send(cloud.endpoint(), request).await.expect("every request is answered");
    let body = String::from_utf8_lossy(response.body()).into_owned();
    Answer { status: response.status().as_u16(), response, body }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
