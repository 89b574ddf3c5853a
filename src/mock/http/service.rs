//! What a mocked service is to the gateway: it reads a request, and then runs it. It never decides who may ask, and it
//! never writes history.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};

use super::call::Call;
use super::refusal::{Fault, Wire};
use crate::event::Region;
use crate::history::{Caller, RefusedWith, RequestInfo};
use crate::iam::Policy;
use crate::kernel::Ids;

pub(crate) type Doing<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A verified request, on its way to be read.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub request: Request<Bytes>,
    pub caller: Option<Arc<Caller>>,
    /// The region that the signature names.
    pub region: Region,
}

/// A request that was read.
pub(crate) struct Parsed {
    pub info: RequestInfo,
    /// What else it needs permission for, such as to read the source of a copy.
    pub also: Vec<Access>,
    /// The values of the keys that policies may ask for; none if it has none.
    pub facts: Option<Facts>,
    pub dress: Option<Dress>,
    /// Whether its work asks for permission entry by entry.
    pub by_entry: bool,
    /// The work, once it may be done. What could not be read is refused by it.
    pub run: Box<dyn FnOnce(Call) -> Doing<Answer> + Send>,
}

/// What a request tells of itself and its resource when a policy asks: the values of a key, by the short name of the resource.
#[derive(Clone)]
pub(crate) struct Facts(Arc<Values>);

type Values = dyn Fn(&str, &str) -> Vec<String> + Send + Sync;

impl Facts {
    pub fn new(values: impl Fn(&str, &str) -> Vec<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(values))
    }

    /// The values of a key where permission for this resource is asked for.
    pub fn of(&self, resource: &str, key: &str) -> Vec<String> {
        (self.0)(resource, key)
    }
}

/// What permission is asked for, beside the resource.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub action: &'a str,
    /// What the request tells of itself; none for a handle's.
    pub facts: Option<&'a Facts>,
}

/// Adds to an answer, whatever it came to, what the request asked for beside it.
pub(crate) type Dress = Box<dyn FnOnce(&mut Response<Bytes>) + Send>;

/// Something that permission is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    pub action: &'static str,
    /// The resource in short, as [`RequestInfo::resource`] spells it.
    pub resource: String,
    pub arn: String,
}

impl Parsed {
    /// A request whose work is `run`.
    pub fn new<F>(info: RequestInfo, run: impl FnOnce(Call) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        Self {
            info,
            also: Vec::new(),
            facts: None,
            dress: None,
            by_entry: false,
            run: Box::new(|call| Box::pin(run(call))),
        }
    }
}

/// What a service answers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub response: Response<Bytes>,
    /// The error, when the request was refused.
    pub error: Option<RefusedWith>,
    /// What else the history is to say.
    pub remark: Option<&'static str>,
}

impl Answer {
    pub fn ok(response: Response<Bytes>) -> Self {
        Self { response, error: None, remark: None }
    }

    pub fn refused(response: Response<Bytes>, code: impl Into<String>, message: impl Into<String>) -> Self {
        let error = RefusedWith { code: code.into(), message: message.into() };
        Self { response, error: Some(error), remark: None }
    }
}

/// What a request does to the service's state, which says how it may deviate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It changes nothing, and its answer may be cut.
    Read,
    /// It changes something: its work may be done although its answer is lost.
    Write,
}

/// A mocked service behind the gateway.
pub(crate) trait Service: Send + Sync {
    /// The service's name in signatures, such as `s3`.
    fn name(&self) -> &'static str;

    /// The protocol in which the gateway's own refusals are put.
    fn wire(&self) -> Wire;

    /// Whether a request that carries no signature is for this service.
    fn claims(&self, parts: &Parts) -> bool;

    /// Whether requests without a signature are read at all.
    fn takes_anonymous(&self) -> bool {
        false
    }

    /// The path that Signature Version 2 signs, led by the bucket; none where that version is not taken.
    fn path_of_old_signature(&self, _parts: &Parts) -> Option<String> {
        None
    }

    /// Whether answering may run handlers, in the task that answers.
    fn runs_handlers(&self) -> bool {
        false
    }

    /// Whether a service of the same name may take its place.
    fn is_replaceable(&self) -> bool {
        false
    }

    /// Reads a request whose signature was verified and whose body is plain (no `aws-chunked`).
    fn parse(self: Arc<Self>, incoming: Incoming) -> Doing<Parsed>;

    /// The policies of a resource, by its short name; none when it does not exist, which the work itself says.
    fn policies(&self, info: &RequestInfo, resource: &str, asked: Asked<'_>) -> Option<Vec<Policy>>;

    /// What one must be allowed to be told that what a request is about is not there; none if anybody is told.
    fn listing(&self, _info: &RequestInfo) -> Option<(Access, Facts)> {
        None
    }

    /// Whether what a request would read is not there.
    fn is_absent(&self, _info: &RequestInfo) -> bool {
        false
    }

    /// Whether an answer comes in parts, so that its body may end in the middle.
    fn answers_in_parts(&self, operation: &str) -> bool {
        self.effect(operation) == Effect::Read
    }

    /// Whether it is reached over the internet alone.
    fn is_outside_aws(&self) -> bool {
        false
    }

    /// What an operation does.
    fn effect(&self, operation: &str) -> Effect;

    /// The operations that it has; none when it takes any.
    fn operations(&self) -> &'static [&'static str] {
        &[]
    }

    /// The errors that the service may answer to an operation although nothing is wrong with the request.
    fn faults(&self, operation: &str) -> &'static [Fault];

    /// Whether an operation reads something that is there, and that somebody else may delete first.
    fn may_vanish(&self, _operation: &str, _resource: &str) -> bool {
        false
    }

    /// Deletes a resource that [may vanish](Self::may_vanish).
    fn vanish(&self, _resource: &str, _call: &Call) {}

    /// Gives a resource that [may vanish](Self::may_vanish) another content.
    fn overwrite(&self, _resource: &str, _call: &Call) {}

    /// The ids of a response: `x-amzn-requestid` alone, unless the service says otherwise.
    fn response_ids(&self, ids: &mut Ids) -> (String, String) {
        (ids.uuid(), String::new())
    }
}

/// An error of a service, apart from any protocol.
pub(crate) trait ServiceFault {
    fn status(&self) -> u16;
    fn refused_with(&self) -> RefusedWith;
}
