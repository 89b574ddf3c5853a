//! Why an arranging verb could not do what it was asked.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;

use crate::event::{Arn, InvalidName};
use crate::history::RefusedWith;
use crate::mock::http::Undone;
use crate::mock::lambda::InvokeFault;
use crate::mock::lambda::event_source::MappingFault;
use crate::mock::s3::S3Fault;
use crate::mock::sqs::SqsFault;
use crate::schedule::{ExpressionError, ScheduleError};

/// Why a verb of [`Cloud`](crate::Cloud) or of one of its handles failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloudError {
    /// The handle outlived its Cloud.
    Dropped,
    /// A name, id or ARN is not valid.
    InvalidName(InvalidName),
    /// A mocked AWS service refused the request, in AWS's words.
    Aws {
        /// The service, such as `s3`.
        service: &'static str,
        /// AWS's error code, such as `NoSuchKey`.
        code: String,
        /// AWS's message, and in parentheses what a person needs to know beyond it, such as the value and the rule.
        message: String,
    },
    /// A schedule expression is not valid.
    Expression(ExpressionError),
    /// A schedule's time zone or dates are not valid.
    Schedule(ScheduleError),
    /// A document is no IAM policy; the text names the member, its value and the rule.
    Policy(String),
    /// A value cannot be written as JSON.
    NotJson(String),
    /// A setting is out of its range.
    Setting {
        /// The setting's name.
        name: &'static str,
        /// The value that was given.
        value: String,
        /// What is allowed.
        rule: &'static str,
    },
    /// An invoked function failed.
    Function {
        /// The function's name.
        function: String,
        /// The error's type.
        error_type: String,
        /// The error's message.
        error_message: String,
    },
    /// An invoked function answered something else than what was asked for.
    Answer {
        /// The function's name.
        function: String,
        /// The beginning of the answer, as JSON.
        answer: String,
        /// Why it is not of the type that was asked for.
        why: String,
    },
    /// The connection broke before the answer came: a deviation of the cloud's [`Plan`](crate::Plan), or a
    /// [`Fault`](crate::Fault).
    Connection(&'static str),
    /// A [`Fault`](crate::Fault) would have a verb of a handle wait, which it cannot. Nothing was done.
    CannotWait {
        /// The fault, in words.
        fault: String,
    },
    /// There is nothing of this name.
    Unknown {
        /// What was asked for, such as `operation of s3`.
        what: String,
        /// The name.
        asked: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// A handler is [bound](crate::Cloud::bind) to this function, and it is not there: nobody has created it, or it was deleted.
    NotCreated {
        /// The function's name.
        function: String,
    },
    /// Only the task of an invocation has what was asked for: the folder of its environment, its log.
    NotInvoked,
    /// Driving the cloud reached a limit.
    Drive(crate::DriveError),
    /// The operating system refused, for example to bind a port.
    Io(String),
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped => f.write_str("the Cloud was dropped"),
            Self::InvalidName(error) => error.fmt(f),
            Self::Aws { service, code, message } => write!(f, "{service} answered {code}: {message}"),
            Self::Expression(error) => error.fmt(f),
            Self::Schedule(error) => error.fmt(f),
            Self::Policy(why) => write!(f, "not a policy: {why}"),
            Self::NotJson(why) => write!(f, "the value cannot be written as JSON: {why}"),
            Self::Setting { name, value, rule } => write!(f, "invalid {name} {value}: {rule}"),
            Self::Function { function, error_type, error_message } => {
                write!(f, "function {function} failed: {error_type}: {error_message}")
            }
            Self::Answer { function, answer, why } => {
                write!(f, "function {function} answered {answer}, which is not what was asked for: {why}")
            }
            Self::Connection(why) => write!(f, "the connection broke: {why}"),
            Self::CannotWait { fault } => write!(
                f,
                "the fault {fault} would have a verb of a handle wait, which it cannot: let an SDK client ask, or spare the \
                 handle by resource() or by()"
            ),
            Self::Unknown { what, asked, known } => {
                write!(f, "unknown {what} {asked:?}: there are {}", known.join(", "))
            }
            Self::NotCreated { function } => write!(
                f,
                "function {function} has a handler by bind, and is not there: CreateFunction of Lambda's API makes it"
            ),
            Self::NotInvoked => f.write_str("only the task of an invocation has an execution environment and a log"),
            Self::Drive(error) => error.fmt(f),
            Self::Io(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for CloudError {}

impl CloudError {
    /// The same error of AWS with what a person needs to know beyond AWS's words: the value, the rule, what to do.
    pub(super) fn because(self, note: impl fmt::Display) -> Self {
        match self {
            Self::Aws { service, code, message } => Self::Aws { service, code, message: format!("{message} ({note})") },
            other => other,
        }
    }

    /// A function or queue of another Cloud, where one of this Cloud is due.
    pub(super) fn of_another_cloud(name: &'static str, arn: &Arn) -> Self {
        let rule = "it belongs to another Cloud, and each Cloud has functions, queues and buckets of its own";
        Self::Setting { name, value: arn.to_string(), rule }
    }

    /// Why a handle's request came to nothing.
    pub(super) fn undone<E: Into<Self>>(service: &'static str, undone: Undone<E>) -> Self {
        match undone {
            Undone::Refused(RefusedWith { code, message, .. }) => Self::Aws { service, code, message },
            Undone::Failed(error) => error.into(),
            Undone::Broken(why) => Self::Connection(why),
            Undone::CannotWait(fault) => Self::CannotWait { fault },
        }
    }
}

impl From<InvokeFault> for CloudError {
    fn from(fault: InvokeFault) -> Self {
        Self::Aws { service: "lambda", code: fault.code.to_owned(), message: fault.message }
    }
}

impl From<MappingFault> for CloudError {
    fn from(fault: MappingFault) -> Self {
        let error = Self::Aws { service: "lambda", code: fault.code.to_owned(), message: fault.message };
        match fault.told {
            Some(told) => error.because(told),
            None => error,
        }
    }
}

impl From<InvalidName> for CloudError {
    fn from(error: InvalidName) -> Self {
        Self::InvalidName(error)
    }
}

impl From<S3Fault> for CloudError {
    fn from(fault: S3Fault) -> Self {
        let error = Self::Aws { service: "s3", code: fault.code.to_string(), message: fault.message.to_string() };
        match fault.told() {
            Some(told) => error.because(told),
            None => error,
        }
    }
}

impl From<SqsFault> for CloudError {
    fn from(fault: SqsFault) -> Self {
        Self::Aws { service: "sqs", code: fault.query_code.to_owned(), message: fault.message }
    }
}

impl From<ExpressionError> for CloudError {
    fn from(error: ExpressionError) -> Self {
        Self::Expression(error)
    }
}

impl From<ScheduleError> for CloudError {
    fn from(error: ScheduleError) -> Self {
        Self::Schedule(error)
    }
}

impl From<crate::DriveError> for CloudError {
    fn from(error: crate::DriveError) -> Self {
        Self::Drive(error)
    }
}

/// Takes the value, or panics at the caller's line with the error as a sentence.
#[track_caller]
pub(super) fn expect<T, E: fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => {
            REFUSED.set(Some(Refusal::Told));
            panic!("{error}")
        }
    }
}

/// With what a verb of the cloud has panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// An error of the cloud, which the test was told by a handle.
    Told,
    /// A limit of a driving call: there was always more to do.
    Endless,
}

thread_local! {
    /// With what a verb has panicked last.
    static REFUSED: Cell<Option<Refusal>> = const { Cell::new(None) };
}

/// With what a verb has panicked on this thread since this was asked last.
pub(crate) fn take_refusal() -> Option<Refusal> {
    REFUSED.take()
}

/// Panics with the error of a driving call.
pub(super) fn not_driven(error: &crate::DriveError, caller: &Location<'_>) -> ! {
    if error.is_limit() {
        REFUSED.set(Some(Refusal::Endless));
    }
    panic!("{caller}: {error}")
}
