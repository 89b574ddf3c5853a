//! The query protocol, which SDKs from before 2023 speak: a form or a query string, and XML.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>,
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html>

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, header};

use super::{negotiated, xml};
use crate::mock::http::{FORM, header_text, query};
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::protocol::members::Members;
use crate::mock::sqs::protocol::operation::{Operation, check_name};
use crate::mock::sqs::protocol::output::Output;
use crate::mock::sqs::queue_id::QueueRef;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mock::sqs::protocol) enum Form {
    Xml,
    /// The same tree in JSON, for those who ask for it.
    Json,
}

impl Form {
    /// The form that a request accepts.
    pub fn of(request: &Request<Bytes>) -> Self {
        match header_text(request.headers(), "accept") {
            Some(accept) if accept.contains("application/json") => Self::Json,
            _ => Self::Xml,
        }
    }
}

/// Reads a request.
///
/// # Errors
///
/// For an action that there is not, or not at the path of a queue, and for parameters that are missing or of a wrong type.
pub(in crate::mock::sqs::protocol) fn read(request: &Request<Bytes>) -> Result<Operation, SqsFault> {
    let form = String::from_utf8_lossy(request.body());
    let in_query = query::pairs(request.uri().query().unwrap_or_default());
    let in_body = (request.method() == Method::POST).then(|| query::pairs(&form)).into_iter().flatten();
    let parameters: Vec<_> = in_query.chain(in_body).collect();
    let path = request.uri().path();
    let queue = (path != "/" && !path.is_empty()).then_some(path);
    let top = Parameters { all: &parameters, prefix: String::new(), action: "", path: queue };
    let action = top.value("Action").ok_or_else(SqsFault::no_action)?;
    // A longer name is none of an action and would only blow the answer up.
    let action: String = action.chars().filter(char::is_ascii_alphanumeric).take(80).collect();
    let is_of_no_queue = matches!(action.as_str(), "CreateQueue" | "ListQueues");
    if check_name(&action).is_err() || (queue.is_some() && is_of_no_queue) {
        return Err(SqsFault::invalid_action(&action));
    }
    if let Some(problem) = malformed(&parameters) {
        return Err(SqsFault::serialization(problem));
    }
    Operation::read(&action, &Parameters { action: &action, ..top })
}

/// What is wrong with the names of parameters as a whole, in AWS's words.
///
/// <https://github.com/rusoto/rusoto/issues/324>, <https://github.com/rusoto/rusoto/issues/586>,
/// <https://github.com/aws-controllers-k8s/code-generator/pull/442>
fn malformed(parameters: &[(Cow<'_, str>, Cow<'_, str>)]) -> Option<&'static str> {
    parameters.iter().find_map(|(name, value)| {
        let mut below = name.split('.').skip(1);
        match name.as_ref() {
            // A map without entries, as some SDKs write it.
            "Attribute" if value.is_empty() => Some("End of list found where not expected"),
            _ if below.clone().any(|label| label == "0") => Some("0 is not a valid index"),
            // Lists are flat here.
            _ if below.next() == Some("member") => Some("Start of list found where not expected"),
            _ => None,
        }
    })
}

/// The action of a request, and the queue that it is about.
pub(in crate::mock::sqs::protocol) fn asked(request: &Request<Bytes>) -> (String, String) {
    let form = String::from_utf8_lossy(request.body());
    let in_query = request.uri().query().unwrap_or_default();
    let value = |name| query::value(in_query, name).or_else(|| query::value(&form, name)).map(Cow::into_owned);
    let queue = value("QueueUrl").or_else(|| value("QueueName"));
    (value("Action").unwrap_or_default(), queue.unwrap_or_else(|| request.uri().path().to_owned()))
}

/// Whether a request without a signature is one of this protocol, and not of another service that speaks it too.
pub(in crate::mock::sqs::protocol) fn is_asked(parts: &Parts) -> bool {
    let names_action = query::value(parts.uri.query().unwrap_or_default(), "Action");
    let is_form = || {
        let content_type = header_text(&parts.headers, "content-type").unwrap_or_default();
        parts.method == Method::POST && content_type.starts_with(FORM)
    };
    let is_of_queue = QueueRef::of_path(parts.uri.path().trim_start_matches('/')).is_some();
    match names_action {
        Some(action) => check_name(&action).is_ok(),
        None => is_of_queue && is_form(),
    }
}

/// A whole answer.
pub(in crate::mock::sqs::protocol) fn respond(
    result: Result<&Output, &SqsFault>,
    operation: &str,
    form: Form,
    request_id: &str,
) -> Response<Bytes> {
    // Who names no action is answered in XML, whatever is accepted.
    let form = if result.is_err_and(SqsFault::is_no_action) { Form::Xml } else { form };
    let (content_type, body) = match (form, result) {
        (Form::Xml, Ok(output)) => ("text/xml", xml::success(operation, output, request_id)),
        (Form::Xml, Err(fault)) => ("text/xml", xml::error(fault, request_id)),
        (Form::Json, Ok(output)) => ("application/json", negotiated::success(operation, output, request_id)),
        (Form::Json, Err(fault)) => ("application/json", negotiated::error(fault, request_id)),
    };
    let mut response = Response::new(body);
    if let Err(fault) = result {
        *response.status_mut() = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
    }
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    response
}

/// What the query protocol calls a list or a map: one entry of it, without its number.
fn stem<'n>(name: &'n str, action: &str) -> Cow<'n, str> {
    match name {
        "Entries" => Cow::Owned(format!("{action}RequestEntry")),
        "tags" => Cow::Borrowed("Tag"),
        "Actions" => Cow::Borrowed("ActionName"),
        _ => Cow::Borrowed(name.strip_suffix('s').unwrap_or(name)),
    }
}

/// The parameters whose names begin with a prefix.
#[derive(Debug, Clone)]
struct Parameters<'a> {
    all: &'a [(Cow<'a, str>, Cow<'a, str>)],
    prefix: String,
    action: &'a str,
    /// The path of the queue that the request was sent to.
    path: Option<&'a str>,
}

impl<'a> Parameters<'a> {
    fn value(&self, name: &str) -> Option<&'a str> {
        let found = self.all.iter().find(|(key, _)| key.strip_prefix(&*self.prefix) == Some(name));
        found.map(|(_, value)| &**value)
    }

    fn below(&self, place: &str) -> Self {
        Self { prefix: format!("{}{place}.", self.prefix), ..self.clone() }
    }

    /// The numbered entries of a list or a map, in the order of their numbers.
    fn entries(&self, name: &str) -> Vec<Self> {
        let stem = stem(name, self.action);
        // Lists are named in the singular, and AWS takes the plural too.
        for stem in [&*stem, name] {
            let under = self.below(stem);
            let keys = self.all.iter().filter_map(|(key, _)| key.strip_prefix(&*under.prefix));
            let numbers: BTreeSet<u32> = keys.filter_map(|key| key.split('.').next()?.parse().ok()).collect();
            if !numbers.is_empty() {
                return numbers.iter().map(|number| under.below(&number.to_string())).collect();
            }
            // One alone may go without a number.
            if self.all.iter().any(|(key, _)| key.starts_with(&*under.prefix)) {
                return vec![under];
            }
        }
        Vec::new()
    }

    /// The value of an entry that is a text itself.
    fn own(&self) -> Option<&'a str> {
        let name = self.prefix.strip_suffix('.')?;
        self.all.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// The names and values of the entries of a map; an entry without a name has an empty one.
    fn named(&self, name: &str) -> Vec<(String, Self)> {
        let (key, _) = names_of_entries(name);
        let entries = self.entries(name).into_iter();
        entries.map(|entry| (entry.value(key).unwrap_or_default().to_owned(), entry)).collect()
    }
}

/// What the entries of a map call their key and their value.
fn names_of_entries(name: &str) -> (&'static str, &'static str) {
    if name.eq_ignore_ascii_case("tags") { ("Key", "Value") } else { ("Name", "Value") }
}

impl Members for Parameters<'_> {
    fn string(&self, name: &str) -> Result<Option<String>, SqsFault> {
        let said = self.value(name).map(str::to_owned);
        // What the request says of the queue wins over the path.
        Ok(match self.path {
            Some(path) if name == "QueueUrl" && self.prefix.is_empty() => {
                Some(said.unwrap_or_else(|| format!("http://queue{path}")))
            }
            _ => said,
        })
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, SqsFault> {
        let read = |text: &str| {
            let broken = || SqsFault::invalid_value(text, name, "Must be an integer.");
            text.parse().map_err(|_| broken())
        };
        self.value(name).filter(|text| !text.is_empty()).map(read).transpose()
    }

    fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, SqsFault> {
        let broken = || SqsFault::invalid_parameter(format!("{}{name} is not valid Base64.", self.prefix));
        self.value(name).map(|text| STANDARD.decode(text).map_err(|_| broken())).transpose()
    }

    fn strings(&self, name: &str) -> Result<Vec<String>, SqsFault> {
        // Recorded: of the two names of one list the older one counts here, where the JSON protocol takes both.
        if name == "MessageSystemAttributeNames" && !self.strings("AttributeNames")?.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.entries(name);
        if entries.is_empty() {
            // A list that is empty is written without a number, too.
            let only = self.value(&stem(name, self.action)).filter(|text| !text.is_empty());
            return Ok(only.map(str::to_owned).into_iter().collect());
        }
        Ok(entries.iter().filter_map(|entry| entry.own().map(str::to_owned)).collect())
    }

    fn has_list(&self, name: &str) -> bool {
        self.value(&stem(name, self.action)).is_some() || !self.entries(name).is_empty()
    }

    fn structures(&self, name: &str) -> Result<Vec<Self>, SqsFault> {
        Ok(self.entries(name))
    }

    fn named_structures(&self, name: &str) -> Result<Vec<(String, Self)>, SqsFault> {
        let (_, value) = names_of_entries(name);
        Ok(self.named(name).into_iter().map(|(key, entry)| (key, entry.below(value))).collect())
    }

    fn string_map(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, SqsFault> {
        let (_, value) = names_of_entries(name);
        let entries = self.named(name);
        let map = entries.into_iter().map(|(key, entry)| (key, entry.value(value).unwrap_or_default().to_owned()));
        Ok(Some(map.collect()).filter(|map: &BTreeMap<_, _>| !map.is_empty()))
    }
}
