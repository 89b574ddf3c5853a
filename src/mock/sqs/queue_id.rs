//! What names a queue: account, region and name; its ARN and its URLs.

use std::borrow::Cow;

use crate::event::{AccountId, Arn, Region, check_queue_name};

use super::fault::SqsFault;

/// One queue of one account in one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QueueId {
    /// The account that owns the queue.
    pub account: AccountId,
    /// The queue's region.
    pub region: Region,
    /// The queue's name, with `.fifo` for a FIFO queue.
    pub name: String,
}

/// How the `QueueUrl` of a request names a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QueueRef {
    /// A URL, which names the account too, and in its longer form the region.
    Url { region: Option<Region>, account: AccountId, name: String },
    /// A bare name: a queue of the caller's own account. AWS accepts it.
    Name(String),
}

impl QueueId {
    /// A queue by its parts; the name is checked where the queue is created.
    pub(crate) fn new(account: &AccountId, region: &Region, name: impl Into<String>) -> Self {
        Self { account: account.clone(), region: region.clone(), name: name.into() }
    }

    /// The queue that an ARN names; `None` unless it is an ARN of SQS with region and account.
    pub(crate) fn from_arn(arn: &Arn) -> Option<Self> {
        if arn.service() != "sqs" {
            return None;
        }
        Some(Self::new(arn.account()?, arn.region()?, arn.resource()))
    }

    /// `arn:aws:sqs:<region>:<account>:<name>`.
    pub(crate) fn arn(&self) -> Arn {
        Arn::regional("sqs", &self.region, &self.account, self.name.clone())
    }

    /// `<base>/<account>/<name>`, where `base` is such as `http://127.0.0.1` or what [`base_of_region`] makes of it.
    pub(crate) fn url(&self, base: &str) -> String {
        format!("{base}/{}/{}", self.account, self.name)
    }

    /// Whether the name is one of a FIFO queue.
    pub(crate) fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }
}

impl QueueRef {
    /// Reads a `QueueUrl`. The host does not matter: tests use loopback, programs may use AWS's, in the present form or in
    /// those of before 2010. The path is `/<account>/<name>`, or `/queue/<region>/<account>/<name>`, as some servers on loopback
    /// have it.
    ///
    /// # Errors
    ///
    /// `QueueDoesNotExist` for a URL with another path, as AWS answers.
    pub(crate) fn parse(url: &str) -> Result<Self, SqsFault> {
        let Some((_, rest)) = url.split_once("://") else {
            return match url {
                "" => Err(SqsFault::missing_parameter("QueueUrl")),
                _ if url.contains('/') => Err(SqsFault::queue_does_not_exist()),
                _ => Ok(Self::Name(url.to_owned())),
            };
        };
        let (_, path) = rest.split_once('/').unwrap_or_default();
        Self::of_path(path).ok_or_else(SqsFault::queue_does_not_exist)
    }

    /// The queue that the path of a URL names, without the first `/`.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        let (region, account, name) = match parts[..] {
            [account, name] => (None, account, name),
            ["queue", region, account, name] => (Some(Region::new(region).ok()?), account, name),
            _ => return None,
        };
        let account = AccountId::new(account).ok()?;
        (!name.is_empty()).then(|| Self::Url { region, account, name: name.to_owned() })
    }

    /// The queue, for a caller of `account` in `region`.
    pub(crate) fn resolve(&self, account: &AccountId, region: &Region) -> QueueId {
        match self {
            Self::Url { region: own, account, name } => {
                QueueId::new(account, own.as_ref().unwrap_or(region), name.clone())
            }
            Self::Name(name) => QueueId::new(account, region, name.clone()),
        }
    }
}

/// What URLs of a region's queues begin with, as seen by who came to `base`, such as `http://127.0.0.1:4566`. A queue's URL names its
/// region, on AWS in the host; where the host does not, the path does, but for the `home` of a cloud.
pub(crate) fn base_of_region<'b>(base: &'b str, region: &Region, home: &Region) -> Cow<'b, str> {
    let names_it = || base.split(['/', '.', ':']).any(|label| label == region.as_str());
    if region == home || names_it() { Cow::Borrowed(base) } else { Cow::Owned(format!("{base}/queue/{region}")) }
}

/// Checks the name of a queue about to be created: 1 to 80 letters, digits, `-` and `_`; the
/// `.fifo` of a FIFO queue counts.
pub(super) fn check_name(name: &str, fifo: bool) -> Result<(), SqsFault> {
    let ok = check_queue_name(name).is_ok() && fifo == name.ends_with(".fifo");
    match (ok, fifo) {
        (true, _) => Ok(()),
        (false, true) => Err(SqsFault::invalid_parameter(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, \
             must end with .fifo suffix and be 1 to 80 in length.",
        )),
        (false, false) => Err(SqsFault::invalid_parameter(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_any_host_and_bare_names_are_read() {
        let account = AccountId::new("111111111111").unwrap();
        for url in [
            "http://127.0.0.1/111111111111/alarms",
            "http://127.0.0.1:4566/111111111111/alarms",
            "https://sqs.us-east-1.amazonaws.com/111111111111/alarms",
            "https://queue.amazonaws.com/111111111111/alarms",
            "https://eu-west-1.queue.amazonaws.com/111111111111/alarms",
        ] {
            let named = QueueRef::Url { region: None, account: account.clone(), name: "alarms".into() };
            assert_eq!(QueueRef::parse(url), Ok(named), "{url}");
        }
        let longer = QueueRef::parse("http://127.0.0.1:4566/queue/eu-west-1/111111111111/alarms").unwrap();
        let resolved = longer.resolve(&account, &Region::new("us-east-1").unwrap());
        assert_eq!(resolved.arn().to_string(), "arn:aws:sqs:eu-west-1:111111111111:alarms");
        assert_eq!(QueueRef::parse("alarms"), Ok(QueueRef::Name("alarms".into())));
        for url in [
            "http://h",
            "http://h/alarms",
            "http://h/12/q",
            "http://h/111111111111/q/x",
            "a/b",
            "http://h/queue/x/111111111111/q",
        ] {
            assert_eq!(QueueRef::parse(url), Err(SqsFault::queue_does_not_exist()), "{url}");
        }
        assert_eq!(QueueRef::parse("").unwrap_err().query_code, "MissingParameter");
    }

    #[test]
    fn a_url_names_the_region_where_the_host_does_not() {
        let (home, far) = (Region::new("us-east-1").unwrap(), Region::new("eu-west-1").unwrap());
        for (base, region, expected) in [
            ("http://127.0.0.1:4566", &home, "http://127.0.0.1:4566"),
            ("http://127.0.0.1:4566", &far, "http://127.0.0.1:4566/queue/eu-west-1"),
            ("http://sqs.eu-west-1.amazonaws.com", &far, "http://sqs.eu-west-1.amazonaws.com"),
            ("http://eu-west-1.queue.amazonaws.com", &far, "http://eu-west-1.queue.amazonaws.com"),
            ("http://queue.amazonaws.com", &far, "http://queue.amazonaws.com/queue/eu-west-1"),
        ] {
            let base = base_of_region(base, region, &home);
            assert_eq!(base, expected);
            let queue = QueueId::new(&AccountId::new("111111111111").unwrap(), region, "alarms");
            let read = QueueRef::parse(&queue.url(&base)).unwrap();
            assert_eq!(read.resolve(&queue.account, region), queue);
        }
    }

    #[test]
    fn names_are_checked_with_the_suffix_counted() {
        let longest = "a".repeat(75) + ".fifo";
        assert!(check_name(&longest, true).is_ok());
        assert!(check_name(&("a".to_owned() + &longest), true).is_err());
        assert!(check_name("alarms", true).is_err());
        assert!(check_name(".fifo", true).is_err());
        assert!(check_name(&"a".repeat(80), false).is_ok());
        for name in ["", "a.fifo", "a/b", "a b", "é", &"a".repeat(81)] {
            assert!(check_name(name, false).is_err(), "{name}");
        }
    }
}
