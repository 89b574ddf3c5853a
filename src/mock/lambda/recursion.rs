//! Loops of requests, which Lambda stops by the lineage in their trace header.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>

use super::function::Function;
use super::payload::InvokeFault;
use crate::event::invoke::TraceHeader;

/// How often a function is invoked in one chain of requests: Lambda stops the next invocation. AWS says "approximately".
const MOST_IN_A_CHAIN: u32 = 16;

/// What Lambda does with a function that is invoked in a loop of requests: by
/// [`Function::recursive_loop`](crate::Function::recursive_loop).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum RecursiveLoop {
    /// It stops the invocation after the 16th in one chain of requests.
    #[default]
    Terminate,
    /// Nothing: the loop is meant.
    Allow,
}

impl RecursiveLoop {
    /// As the API spells it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Terminate => "Terminate",
            Self::Allow => "Allow",
        }
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        [Self::Terminate, Self::Allow].into_iter().find(|one| one.as_str() == text)
    }
}

/// An invocation would be one too many of the same function in one chain of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoopStopped {
    /// How often the function was invoked before.
    pub invocations: u32,
}

/// In the words of the API's model.
pub(crate) const STOPPED: &str = "Lambda has detected your function being invoked in a recursive loop with other AWS \
                                  resources and stopped your function's invocation.";

/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors>
impl From<LoopStopped> for InvokeFault {
    fn from(_: LoopStopped) -> Self {
        Self { status: 400, code: "RecursiveInvocationException", message: STOPPED.to_owned(), reason: None }
    }
}

impl Function {
    /// Whether Lambda invokes it for a request or message that came with this trace header.
    pub(super) fn check_loop(&self, trace_header: Option<&str>) -> Result<(), LoopStopped> {
        let header = trace_header.and_then(|text| text.parse::<TraceHeader>().ok());
        let invocations = header.map_or(0, |header| header.invocations_of(&self.arn));
        let stops = invocations >= MOST_IN_A_CHAIN && self.settings().recursive_loop == RecursiveLoop::Terminate;
        if stops { Err(LoopStopped { invocations }) } else { Ok(()) }
    }
}
