//! EventBridge as clients meet it: PutEvents, and all else refused by name.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::buses::{EventBuses, HandedOn, NAME};
use super::put_events::{Failed, Put, PutEvents, Refused, output};
use crate::event::{AccountId, Arn, Region};
use crate::history::RequestInfo;
use crate::iam::Policy;
use crate::mock::http::{
    Access, Answer, Asked, Call, Doing, Effect, Fault, Incoming, Parsed, Service, Wire, operation,
};

const PUT_EVENTS: &str = "PutEvents";

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html#API_PutEvents_Errors> and
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html>
const FAULTS: &[Fault] = &[
    Fault::new(400, "ThrottlingException", "Rate exceeded"),
    Fault::new(500, "InternalException", "This exception occurs due to unexpected causes."),
];

/// What an entry is answered that fails although nothing is wrong with it.
const FAILED: Failed = ("InternalFailure", "The request processing has failed because of an unknown error.");

/// What is said of an event for which there is no bus, as EventBridge answers success:
/// <https://github.com/aws/aws-cli/issues/9186>
const NO_BUS: &str = "lost: there is no such bus, and PutEvents does not say so";

impl EventBuses {
    /// Puts the entries that may be put.
    fn put_all(&self, entries: Vec<Result<Put, Failed>>, call: &Call) -> Value {
        let failing = call.failing(entries.len());
        let mut ids = call.ids("event");
        let put: Vec<Result<String, Failed>> = entries
            .into_iter()
            .enumerate()
            .map(|(number, entry)| {
                let Put { bus, event, trace_header } = entry?;
                let event = event.id(ids.uuid());
                if failing.contains(&number) {
                    return Err(FAILED);
                }
                match self.put(&bus, &event) {
                    Err(_) => call.say(NO_BUS),
                    Ok(outcomes) => self.handed_on(&HandedOn {
                        bus: &bus,
                        event: &event,
                        outcomes,
                        cause: call.entry,
                        trace_header: trace_header.or_else(|| call.trace_header.clone()),
                    }),
                }
                Ok(event.id)
            })
            .collect();
        output(&put)
    }

    /// Reads a PutEvents, which needs the permission for each bus that it names.
    fn put_events(
        self: Arc<Self>,
        info: RequestInfo,
        request: &Request<Bytes>,
        by: &AccountId,
        region: &Region,
    ) -> Parsed {
        let input = match PutEvents::read(request.body()) {
            Ok(input) => input,
            Err(refused) => return refuse(info, refused),
        };
        let mut buses = input.buses(by, region).into_iter();
        let first = buses.next().expect("there are entries");
        let name = Self::name_in(&first).unwrap_or_default().to_owned();
        let access = |bus: Arn| Access { action: "events:PutEvents", resource: bus.to_string(), arn: bus.to_string() };
        let also = buses.map(access).collect();
        let info = info.on(&name, Some(first)).action("events:PutEvents");
        let entries = input.entries(by, region, self.kernel.now());
        let parsed =
            Parsed::new(info, move |call: Call| async move { Answer::ok(written(200, &self.put_all(entries, &call))) });
        Parsed { also, ..parsed }
    }
}

fn refuse(info: RequestInfo, (code, message): Refused) -> Parsed {
    Parsed::new(info, move |_| async move {
        let mut response = written(400, &json!({ "__type": code, "message": message }));
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(code));
        Answer::refused(response, code, message)
    })
}

fn written(status: u16, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).expect("a constant");
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/x-amz-json-1.1"));
    response
}

impl Service for EventBuses {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wire(&self) -> Wire {
        Wire::Json
    }

    /// Only a signature says that EventBridge is meant.
    fn claims(&self, _: &Parts) -> bool {
        false
    }

    /// There is more of EventBridge than this, and a test may answer for it.
    fn is_replaceable(&self) -> bool {
        true
    }

    fn parse(self: Arc<Self>, incoming: Incoming) -> Doing<Parsed> {
        let Incoming { request, caller, region } = incoming;
        let operation = operation(&request);
        let info = RequestInfo::new(NAME, operation.clone(), &region);
        let info = RequestInfo { size: request.body().len(), caller: caller.clone(), ..info };
        let parsed = match caller {
            Some(caller) if operation == PUT_EVENTS => self.put_events(info, &request, &caller.account, &region),
            _ => {
                let message = format!(
                    "{operation} is not supported by lambda-testkit: make rules with Cloud::event_bus, or answer for EventBridge by \
                     Cloud::json_service"
                );
                refuse(info, ("NotImplemented", message))
            }
        };
        Box::pin(std::future::ready(parsed))
    }

    /// The ARN alone says whose bus it is, whether there is one or not.
    fn policies(&self, info: &RequestInfo, resource: &str, _: Asked<'_>) -> Option<Vec<Policy>> {
        let further: Option<Arn> = resource.parse().ok();
        let account = further.as_ref().or(info.arn.as_ref())?.account()?;
        Some(vec![Policy::Owner(account.clone())])
    }

    fn effect(&self, _: &str) -> Effect {
        Effect::Write
    }

    fn operations(&self) -> &'static [&'static str] {
        &[PUT_EVENTS]
    }

    fn faults(&self, operation: &str) -> &'static [Fault] {
        if operation == PUT_EVENTS { FAULTS } else { &[] }
    }
}
