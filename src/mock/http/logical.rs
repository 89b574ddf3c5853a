//! Calls as their callers see them: an SDK client that tries again makes several requests of one call.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use http::request::Parts;

use super::header::header_text;
use crate::choice::Deviation;
use crate::history::Name;
use crate::kernel::InvocationId;

/// How many calls are remembered. A client that gives up never says so.
const MOST_CALLS: usize = 10_000;

/// What the attempts of one call share: the id that the SDK client gave it, what it asks for, and who asks. The id alone
/// is not enough, for clients may be told which ids to give.
pub(super) type CallKey = (String, Arc<str>, Option<InvocationId>);

/// What an SDK client says of the attempt that a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SdkAttempt {
    /// The id that all attempts of one call share.
    pub call: String,
    /// Whether the client says that it is the first: then it is, whatever else is known of the id.
    pub first: bool,
}

impl SdkAttempt {
    /// Reads the headers of an SDK client, such as `amz-sdk-request: attempt=1; max=3`.
    pub fn of(parts: &Parts) -> Option<Self> {
        let call = header_text(&parts.headers, "amz-sdk-invocation-id")?.to_owned();
        let request = header_text(&parts.headers, "amz-sdk-request").unwrap_or_default();
        let first = request.split(';').any(|part| part.trim() == "attempt=1");
        Some(Self { call, first })
    }
}

/// A call: one or more attempts.
#[derive(Debug, Clone)]
pub(super) struct Logical {
    pub name: Name,
    pub attempts: u32,
    /// What every attempt of it meets.
    pub spoilt: Option<Deviation>,
    /// Whether an attempt of it has worked, so that what becomes of the answer was asked.
    pub worked: bool,
    /// Whether an attempt of it was asked how much of its work is done.
    pub divided: Arc<AtomicBool>,
}

impl Logical {
    /// A call whose first attempt begins.
    pub fn new(name: Name) -> Self {
        Self { name, attempts: 1, spoilt: None, worked: false, divided: Arc::default() }
    }
}

/// The calls that may be tried again.
#[derive(Debug, Default)]
pub(super) struct LogicalCalls {
    calls: HashMap<CallKey, Logical>,
    /// In the order in which they began, also those that have ended: the oldest are forgotten first.
    begun: VecDeque<(CallKey, Name)>,
}

impl LogicalCalls {
    pub fn get_mut(&mut self, key: &CallKey) -> Option<&mut Logical> {
        self.calls.get_mut(key)
    }

    /// Remembers a call whose first attempt begins.
    pub fn begin(&mut self, key: &CallKey, logical: &Logical) {
        self.calls.insert(key.clone(), logical.clone());
        self.begun.push_back((key.clone(), logical.name));
        if self.begun.len() > MOST_CALLS
            && let Some((oldest, name)) = self.begun.pop_front()
            && self.calls.get(&oldest).is_some_and(|call| call.name == name)
        {
            self.calls.remove(&oldest);
        }
    }

    /// The call has succeeded: nobody tries it again.
    pub fn end(&mut self, key: &CallKey) {
        self.calls.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: usize) -> CallKey {
        (id.to_string(), "s3.GetObject b/a".into(), None)
    }

    fn call(id: u32) -> Logical {
        Logical::new(Name::ROOT.under("request", "").nth(id))
    }

    #[test]
    fn however_many_calls_fail_the_newest_are_remembered_and_the_oldest_are_not() {
        let mut calls = LogicalCalls::default();
        for id in 0..MOST_CALLS + 10 {
            calls.begin(&key(id), &call(u32::try_from(id).unwrap()));
        }
        assert!(calls.get_mut(&key(9)).is_none() && calls.get_mut(&key(10)).is_some());
        assert!(calls.get_mut(&key(MOST_CALLS + 9)).is_some());
        assert_eq!((calls.calls.len(), calls.begun.len()), (MOST_CALLS, MOST_CALLS));
    }

    #[test]
    fn a_call_that_began_anew_under_an_old_id_is_not_forgotten_with_the_old_one() {
        let mut calls = LogicalCalls::default();
        calls.begin(&key(0), &call(0));
        (1..MOST_CALLS).for_each(|id| calls.begin(&key(id), &call(1)));
        calls.begin(&key(0), &call(2));
        assert_eq!(calls.get_mut(&key(0)).map(|call| call.name), Some(call(2).name));
    }
}
