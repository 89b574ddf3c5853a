//! A service with a clock, asked in both protocols.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::event::{AccountId, Region};
use crate::history::{Caller, Name, Origin};
use crate::mock::http::Call;
use crate::mock::sqs::limits::SqsLimits;
use crate::mock::sqs::protocol::{Executed, Poll, parse};
use crate::mock::sqs::queue_id::QueueId;
use crate::mock::sqs::service::{Notice, SqsService};

pub const URL: &str = "http://127.0.0.1:4566/111111111111/q";

/// A service with a clock that the test moves, and the names of the queues that it reported.
pub struct Bed {
    pub service: Arc<SqsService>,
    pub clock: Arc<Mutex<Timestamp>>,
    pub observed: Arc<Mutex<Vec<String>>>,
    pub account: &'static str,
    pub calls: AtomicU32,
    pub trace_header: Option<String>,
}

/// An answer as a client reads it.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub query_error: Option<String>,
    pub body: Value,
}

impl Bed {
    pub fn new() -> Self {
        Self::with_limits(SqsLimits::default())
    }

    pub fn with_limits(limits: SqsLimits) -> Self {
        let clock = Arc::new(Mutex::new(Timestamp::constant(1_767_225_600, 0)));
        let observed = Arc::new(Mutex::new(Vec::new()));
        let slot: Arc<OnceLock<Arc<SqsService>>> = Arc::default();
        let (now, seen, inner) = (Arc::clone(&clock), Arc::clone(&observed), Arc::clone(&slot));
        let service = SqsService::new(
            Arc::new(move || *now.lock().unwrap()),
            Box::new(move |notice: &Notice| {
                let Notice::Changed(queue) = notice else { return };
                // The lock must be free again: this asks the service itself.
                inner.get().map(|service| service.next_change(queue));
                seen.lock().unwrap().push(queue.name.clone());
            }),
            limits,
        );
        let service = Arc::new(service);
        slot.set(Arc::clone(&service)).unwrap();
        Self { service, clock, observed, account: "111111111111", calls: AtomicU32::new(0), trace_header: None }
    }

    pub fn with_queue(attributes: &Value) -> Self {
        let bed = Self::new();
        bed.ok("CreateQueue", json!({ "QueueName": "q", "Attributes": attributes }));
        bed
    }

    pub fn advance(&self, seconds: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock = clock.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    pub fn call(&self) -> Call {
        let caller = Caller::user(&AccountId::new(self.account).unwrap(), "AIDAEXAMPLE");
        // Each request draws ids of its own.
        let name = Name::ROOT.under("request", "").nth(self.calls.fetch_add(1, Ordering::Relaxed));
        let region = Region::new("us-east-1").unwrap();
        let mut call = Call::new(Some(Arc::new(caller)), Origin::InProcess, region, 1, name);
        call.request_id = "b5f7c7c2-0000-4000-8000-000000000000".into();
        call.trace_header.clone_from(&self.trace_header);
        call
    }

    pub fn ask(&self, operation: &str, body: &Value) -> Answer {
        self.send(&request(operation, body.to_string()))
    }

    pub fn send(&self, request: &http::Request<Bytes>) -> Answer {
        let response = self.respond(request);
        assert_eq!(response.headers()["x-amzn-requestid"], self.call().request_id);
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.0");
        let query_error = response.headers().get("x-amzn-query-error");
        Answer {
            status: response.status().as_u16(),
            query_error: query_error.map(|value| value.to_str().unwrap().to_owned()),
            body: serde_json::from_slice(response.body()).unwrap(),
        }
    }

    pub fn respond(&self, request: &http::Request<Bytes>) -> http::Response<Bytes> {
        let request = parse(request);
        let operation = request.operation.as_ref().map_err(Clone::clone);
        let result = operation
            .and_then(|operation| self.service.execute(operation, &request.base, &self.call(), Poll::Last))
            .map(|executed| match executed {
                Executed::Done(output) => output,
                Executed::Wait { .. } => panic!("the last execution does not wait"),
            });
        request.respond(result, &self.call()).response
    }

    pub fn ok(&self, operation: &str, body: Value) -> Value {
        let answer = self.ask(operation, &body);
        assert_eq!((answer.status, &answer.query_error), (200, &None), "{:?}", answer.body);
        answer.body
    }

    /// Executes a receive without answering, to see whether it waits.
    pub fn poll(&self, body: Value, poll: Poll) -> Executed {
        let request = parse(&request("ReceiveMessage", body.to_string()));
        self.service.execute(&request.operation.unwrap(), &request.base, &self.call(), poll).unwrap()
    }
}

pub fn request(operation: &str, body: String) -> http::Request<Bytes> {
    http::Request::post("/")
        .header("host", "127.0.0.1:4566")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .body(Bytes::from(body))
        .unwrap()
}

/// The same request in the query protocol.
pub fn form(operation: &str, body: &Value) -> http::Request<Bytes> {
    let mut form = format!("Action={operation}&Version=2012-11-05");
    write(&mut form, operation, "", body);
    http::Request::post("/").header("host", "127.0.0.1:4566").body(Bytes::from(form)).unwrap()
}

fn write(form: &mut String, operation: &str, prefix: &str, members: &Value) {
    for (name, value) in members.as_object().into_iter().flatten() {
        let stem = match name.as_str() {
            "Entries" => format!("{operation}RequestEntry"),
            "tags" => "Tag".to_owned(),
            "Actions" => "ActionName".to_owned(),
            name => name.trim_end_matches('s').to_owned(),
        };
        let (key, inner) = if stem == "Tag" { ("Key", "Value") } else { ("Name", "Value") };
        match value {
            // As SDKs write an empty list.
            Value::Array(items) if items.is_empty() => pair(form, &format!("{prefix}{stem}"), &json!("")),
            Value::Array(items) => {
                for (n, item) in (1..).zip(items) {
                    match item {
                        Value::Object(_) => write(form, operation, &format!("{prefix}{stem}.{n}."), item),
                        item => pair(form, &format!("{prefix}{stem}.{n}"), item),
                    }
                }
            }
            Value::Object(map) => {
                for (n, (name, item)) in (1..).zip(map) {
                    pair(form, &format!("{prefix}{stem}.{n}.{key}"), &json!(name));
                    match item {
                        Value::Object(_) => write(form, operation, &format!("{prefix}{stem}.{n}.{inner}."), item),
                        item => pair(form, &format!("{prefix}{stem}.{n}.{inner}"), item),
                    }
                }
            }
            value => pair(form, &format!("{prefix}{name}"), value),
        }
    }
}

fn pair(form: &mut String, name: &str, value: &Value) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    write!(form, "&{name}={}", utf8_percent_encode(&text, NON_ALPHANUMERIC)).unwrap();
}

pub fn queue(name: &str) -> QueueId {
    QueueId::new(&AccountId::new("111111111111").unwrap(), &Region::new("us-east-1").unwrap(), name)
}
