//! Who can be told what becomes of a function's asynchronous invocations.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use std::fmt;

use super::function::Function;
use super::function_ref::FunctionRef;
use super::service::LambdaService;
use crate::event::Arn;

/// What a destination is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Success,
    Failure,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Success, Self::Failure];

    /// The member of the API's documents, as errors spell it.
    pub fn member(self) -> &'static str {
        match self {
            Self::Success => "onSuccess",
            Self::Failure => "onFailure",
        }
    }
}

/// Why something is no destination of a function. `Display` is AWS's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DestinationError {
    Itself,
    /// There is none, or it cannot be reached; `why` in words of ours.
    Missing {
        arn: Arn,
        why: &'static str,
    },
    /// AWS sends no such records there.
    Unfit {
        arn: Arn,
        side: Side,
        rule: &'static str,
    },
    /// AWS does, and this crate does not.
    NotMocked {
        arn: Arn,
        what: &'static str,
    },
}

impl DestinationError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotMocked { .. } => "NotImplemented",
            _ => "InvalidParameterValueException",
        }
    }

    /// What a person needs to know beyond AWS's words.
    pub fn note(&self) -> Option<&'static str> {
        match self {
            Self::Missing { why, .. } => Some(why),
            Self::Unfit { rule, .. } => Some(rule),
            Self::Itself | Self::NotMocked { .. } => None,
        }
    }
}

impl fmt::Display for DestinationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself => f.write_str("You can't specify the function as a destination for itself."),
            Self::Missing { arn, .. } => write!(f, "The destination ARN {arn} is invalid."),
            Self::Unfit { arn, side: Side::Success, .. } => {
                let config = format!("DestinationConfig(onSuccess=OnSuccess(destination={arn}), onFailure=null)");
                write!(f, "The provided destination config {config} is invalid.")
            }
            Self::Unfit { arn, side: Side::Failure, .. } => {
                let config = format!("DestinationConfig(onSuccess=null, onFailure=OnFailure(destination={arn}))");
                write!(f, "The provided destination config {config} is invalid.")
            }
            Self::NotMocked { arn, what } => {
                write!(f, "lambda-testkit does not support {what} as destinations of functions: {arn}")
            }
        }
    }
}

impl LambdaService {
    /// Whether a function may have this destination.
    ///
    /// # Errors
    ///
    /// [`DestinationError`], when it may not.
    pub fn check_destination(&self, function: &Function, side: Side, arn: &Arn) -> Result<(), DestinationError> {
        let missing = |why| Err(DestinationError::Missing { arn: arn.clone(), why });
        let unfit = |rule| Err(DestinationError::Unfit { arn: arn.clone(), side, rule });
        let not_mocked = |what| Err(DestinationError::NotMocked { arn: arn.clone(), what });
        match arn.service() {
            "lambda" => match FunctionRef::from_arn(arn) {
                Some(named) if named.arn() == function.arn => Err(DestinationError::Itself),
                Some(named) if self.callee(&named).is_none() => missing("there is no such function"),
                Some(named) if named.account != function.named.account => missing(OWN_ACCOUNT),
                Some(_) => Ok(()),
                None => missing("it names no function"),
            },
            "sqs" if arn.resource().ends_with(".fifo") => unfit("a destination must be a standard queue"),
            "s3" if side == Side::Success => unfit("a bucket is told of failures only"),
            "sqs" | "s3" | "events" => match self.owner_of(arn) {
                Some(owner) if owner != function.named.account => missing(OWN_ACCOUNT),
                Some(_) => Ok(()),
                None => missing("there is no such queue, bucket or event bus"),
            },
            "sns" => not_mocked("topics"),
            _ => unfit("a destination is a queue, a function, an event bus or a bucket"),
        }
    }
}

const OWN_ACCOUNT: &str = "a function has destinations in its own account only: permissions are not supported yet";
