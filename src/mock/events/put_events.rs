//! PutEvents: what a client asks for, entry by entry, and what it is answered.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::buses::{DEFAULT, EventBuses};
use crate::event::{AccountId, Arn, EventBridgeEvent, Json, Region, Time};

/// The most entries of a request.
const MOST_ENTRIES: usize = 10;
/// The most bytes of all entries, as EventBridge counts them: 256 KB until January 2026, and since then 1 MB.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>
const MOST_BYTES: usize = 1_048_576;
/// What a time counts for.
const TIME_BYTES: usize = 14;

/// The input of the operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutEvents {
    #[serde(default)]
    entries: Vec<Entry>,
    endpoint_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry {
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    /// Seconds since 1970.
    time: Option<f64>,
    resources: Option<Vec<String>>,
    event_bus_name: Option<String>,
    trace_header: Option<String>,
}

/// Why a whole request is refused: code and message.
pub(super) type Refused = (&'static str, String);

/// Why one entry is: code and message.
pub(super) type Failed = (&'static str, &'static str);

/// An entry that may be put.
#[derive(Debug)]
pub(super) struct Put {
    pub bus: Arn,
    /// Without an id.
    pub event: EventBridgeEvent<Json>,
    pub trace_header: Option<String>,
}

impl PutEvents {
    /// Reads an input.
    ///
    /// # Errors
    ///
    /// `SerializationException` for what is no such input, `ValidationException` for too few and too many entries, or too much.
    pub fn read(body: &[u8]) -> Result<Self, Refused> {
        let input: Self =
            serde_json::from_slice(body).map_err(|error| ("SerializationException", error.to_string()))?;
        if input.endpoint_id.is_some() {
            return Err(("NotImplemented", "lambda-testkit does not support EndpointId: global endpoints".to_owned()));
        }
        let constraint = match input.entries.len() {
            0 => "greater than or equal to 1".to_owned(),
            count if count > MOST_ENTRIES => format!("less than or equal to {MOST_ENTRIES}"),
            _ => String::new(),
        };
        if !constraint.is_empty() {
            let message = format!(
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length \
                 {constraint}"
            );
            return Err(("ValidationException", message));
        }
        if input.entries.iter().map(Entry::size).sum::<usize>() > MOST_BYTES {
            return Err((
                "ValidationException",
                "Total size of the entries in the request is over the limit.".to_owned(),
            ));
        }
        Ok(input)
    }

    /// The buses that the entries name, each once.
    pub fn buses(&self, account: &AccountId, region: &Region) -> Vec<Arn> {
        let mut buses: Vec<Arn> = Vec::new();
        for bus in self.entries.iter().map(|entry| entry.bus(account, region)) {
            if !buses.contains(&bus) {
                buses.push(bus);
            }
        }
        buses
    }

    /// The entries, in order: what may be put, or why not.
    pub fn entries(self, account: &AccountId, region: &Region, now: Timestamp) -> Vec<Result<Put, Failed>> {
        self.entries.into_iter().map(|entry| entry.checked(account, region, now)).collect()
    }
}

impl Entry {
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>
    fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail].into_iter().flatten().map(String::len);
        let resources = self.resources.iter().flatten().map(String::len);
        texts.chain(resources).sum::<usize>() + self.time.map_or(0, |_| TIME_BYTES)
    }

    /// By its name or its ARN.
    fn bus(&self, account: &AccountId, region: &Region) -> Arn {
        let named = self.event_bus_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(DEFAULT);
        let arn = named.parse::<Arn>().ok().filter(|arn| EventBuses::name_in(arn).is_some());
        arn.unwrap_or_else(|| EventBuses::arn(account, region, named))
    }

    /// The words are those that users quote: localstack/localstack#10675, baselime/lambda-node-opentelemetry#1.
    fn checked(self, account: &AccountId, region: &Region, now: Timestamp) -> Result<Put, Failed> {
        let bus = self.bus(account, region);
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let source = given(self.source)
            .ok_or(("InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."))?;
        let detail_type = given(self.detail_type).ok_or((
            "InvalidArgument",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
        ))?;
        let detail = given(self.detail)
            .ok_or(("InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."))?;
        if source.starts_with("aws.") {
            return Err(("NotAuthorizedForSourceException", "Not authorized for the source."));
        }
        let detail: Json = serde_json::from_str(&detail).map_err(|_| MALFORMED)?;
        if !matches!(detail, Json::Object(_)) {
            return Err(MALFORMED);
        }
        let seconds = |time: f64| Timestamp::from_second(time as i64).ok();
        let time = Time::seconds(self.time.and_then(seconds).unwrap_or(now));
        let event = EventBridgeEvent::custom(source, detail_type, detail);
        let (account, region) = (bus.account().unwrap_or(account).clone(), bus.region().unwrap_or(region).clone());
        let resources = self.resources.unwrap_or_default();
        Ok(Put {
            bus,
            event: EventBridgeEvent { account, region, time, resources, ..event },
            trace_header: self.trace_header,
        })
    }
}

const MALFORMED: Failed = ("MalformedDetail", "Detail is malformed.");

/// The output: the ids of what was put, and why the rest was not.
pub(super) fn output(entries: &[Result<String, Failed>]) -> Value {
    let failed = entries.iter().filter(|entry| entry.is_err()).count();
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| match entry {
            Ok(id) => json!({ "EventId": id }),
            Err((code, message)) => json!({ "ErrorCode": code, "ErrorMessage": message }),
        })
        .collect();
    json!({ "FailedEntryCount": failed, "Entries": entries })
}
