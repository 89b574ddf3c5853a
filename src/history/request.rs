//! A request to a service, read once: what every step of its way knows of it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::event::{AccountId, Arn, Partition, Region};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Caller {
    /// The account that the access key belongs to.
    pub account: AccountId,
    /// The principal's id, such as `AIDA…`, or a service's, such as `s3.amazonaws.com`.
    pub principal: String,
    /// The principal's ARN, such as `arn:aws:iam::111111111111:user/AIDA…`; a service has none but its principal.
    pub arn: String,
}

impl Caller {
    /// The user of `account` that its access key stands for, in the commercial regions.
    #[cfg(test)]
    pub(crate) fn user(account: &AccountId, principal: impl Into<String>) -> Self {
        Self::user_in(Partition::Aws, account, principal)
    }

    /// The user of `account` that its access key stands for.
    pub(crate) fn user_in(partition: Partition, account: &AccountId, principal: impl Into<String>) -> Self {
        let principal = principal.into();
        let arn = format!("arn:{partition}:iam::{account}:user/{principal}");
        Self { account: account.clone(), principal, arn }
    }

    /// An AWS service that acts for `account`, such as `s3.amazonaws.com`.
    pub(crate) fn service(principal: &str, account: &AccountId) -> Self {
        Self { account: account.clone(), principal: principal.to_owned(), arn: principal.to_owned() }
    }

    /// Whether an AWS service asks, and not a user.
    pub fn is_service(&self) -> bool {
        self.principal.ends_with(".amazonaws.com")
    }
}

/// The way by which a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// From an SDK client in this process, in the caller's own task.
    InProcess,
    /// Over a loopback socket.
    Socket,
    /// From a handle such as [`Bucket`](crate::Bucket).
    Handle,
    /// From a service of the cloud itself, such as S3 that writes to a queue.
    Service,
}

/// What a request asks for: read once, before anything is decided or done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestInfo {
    /// The service, by the name that signatures use: `s3`, `sqs`, `lambda`, or one that the test answers for; `slack` for
    /// webhooks.
    pub service: &'static str,
    /// The operation's name in the service's API, such as `PutObject`.
    pub operation: Cow<'static, str>,
    /// What it is about, in short: `bucket/key`, the name of a queue or a function, a channel.
    pub resource: String,
    /// The resource as permissions name it; none for requests about no resource, such as ListBuckets.
    pub arn: Option<Arn>,
    /// The action that permissions name, such as `s3:PutObject`.
    pub action: Cow<'static, str>,
    /// What it needs beside its action on its resource: actions and ARNs; of a copy, reading its source.
    pub also: Vec<(&'static str, String)>,
    /// What a timeline adds: the source of a copy, the type of an invocation, the text of a message to Slack.
    pub detail: String,
    /// The length of the body that is sent, in bytes.
    pub size: usize,
    /// Who asks; `None` for an anonymous request.
    pub caller: Option<Arc<Caller>>,
    /// The resource for which a service asks, such as the bucket of a notification: `aws:SourceArn`.
    pub source: Option<Arn>,
    /// The way by which it came in.
    pub origin: Origin,
    /// The region that it is for.
    pub region: Region,
}

impl RequestInfo {
    /// A request about nothing yet; the service that reads it says more.
    pub(crate) fn new(service: &'static str, operation: impl Into<Cow<'static, str>>, region: &Region) -> Self {
        let operation = operation.into();
        Self {
            service,
            action: Cow::Borrowed(""),
            operation,
            resource: String::new(),
            arn: None,
            also: Vec::new(),
            detail: String::new(),
            size: 0,
            caller: None,
            source: None,
            origin: Origin::InProcess,
            region: region.clone(),
        }
    }

    /// Says what it is about.
    pub(crate) fn on(mut self, resource: impl Into<String>, arn: Option<Arn>) -> Self {
        self.resource = resource.into();
        self.arn = arn;
        self
    }

    /// Says which action permissions are asked for.
    pub(crate) fn action(mut self, action: impl Into<Cow<'static, str>>) -> Self {
        self.action = action.into();
        self
    }

    /// Adds what a timeline shows beside the resource.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// What the request is about, as names and plans spell it: `s3.PutObject private-csv/a.csv`.
    pub fn subject(&self) -> String {
        let Self { service, operation, resource, .. } = self;
        let mut subject = String::with_capacity(service.len() + operation.len() + resource.len() + 2);
        subject.push_str(service);
        subject.push('.');
        subject.push_str(operation);
        if !resource.is_empty() {
            subject.push(' ');
            subject.push_str(resource);
        }
        subject
    }

    /// The resource as a timeline shows it.
    fn shown(&self) -> Cow<'_, str> {
        match self.service {
            "s3" if !self.resource.is_empty() => Cow::Owned(format!("s3://{}", self.resource)),
            _ => Cow::Borrowed(&self.resource),
        }
    }
}

/// In the words of a timeline, without what came of it.
impl fmt::Display for RequestInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, operation, detail, size, .. } = self;
        let shown = self.shown();
        match (self.origin, &**operation) {
            (_, "PostMessage") => write!(f, "{service} {shown}"),
            (Origin::Handle | Origin::Service, "SendMessage") => write!(f, "message to {shown}"),
            (Origin::Handle, "PutObject") => write!(f, "put {shown} ({size} bytes)"),
            (Origin::Handle, "DeleteObject") => write!(f, "delete {shown}"),
            (Origin::Handle, "PutBucketNotificationConfiguration") => write!(f, "configure {shown} {detail}"),
            (Origin::Handle, "Invoke") => write!(f, "{detail} {shown}"),
            _ => {
                let gap = if service.is_empty() { "" } else { " " };
                write!(f, "{service}{gap}{operation}")?;
                for part in [&*shown, detail.as_str()].iter().filter(|part| !part.is_empty()) {
                    write!(f, " {part}")?;
                }
                Ok(())
            }
        }
    }
}
