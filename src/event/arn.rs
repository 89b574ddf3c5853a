//! Accounts, regions, partitions and ARNs: the names that every event and every mock shares.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a name was refused. `Display` says what was wrong, with the value and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidName {
    what: &'static str,
    value: String,
    rule: &'static str,
}

impl InvalidName {
    pub(crate) fn new(what: &'static str, value: impl Into<String>, rule: &'static str) -> Self {
        Self { what, value: value.into(), rule }
    }
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid {} {:?}: {}", self.what, self.value, self.rule)
    }
}

impl std::error::Error for InvalidName {}

/// Lets a setter take both a checked name and text that it still has to check.
impl From<std::convert::Infallible> for InvalidName {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

macro_rules! validated_string {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidName;

            fn try_from(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        /// A clone, so that setters take borrowed names too.
        impl From<&$name> for $name {
            fn from(name: &$name) -> Self {
                name.clone()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.as_str().to_owned()
            }
        }
    };
}

/// A 12-digit AWS account id.
///
/// ```
/// use lambda_testkit::event::AccountId;
///
/// assert_eq!(AccountId::new("222222222222").unwrap().as_str(), "222222222222");
/// assert!(AccountId::new("22").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId([u8; 12]);

validated_string!(AccountId);

impl AccountId {
    /// Takes exactly 12 ASCII digits.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] for anything else.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidName> {
        let id = id.into();
        match id.as_bytes().try_into() {
            Ok(digits) if id.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(digits)),
            _ => Err(InvalidName::new("account id", id, "an AWS account id has exactly 12 digits")),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits are ASCII")
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AccountId").field(&self.as_str()).finish()
    }
}

/// An AWS partition: the first part of every ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Partition {
    /// `aws`, the commercial regions.
    Aws,
    /// `aws-cn`, the regions in China.
    AwsCn,
    /// `aws-us-gov`, GovCloud (US).
    AwsUsGov,
    /// `aws-iso`, the regions `us-iso-…`.
    AwsIso,
    /// `aws-iso-b`, the regions `us-isob-…`.
    AwsIsoB,
    /// `aws-iso-e`, the regions `eu-isoe-…`.
    AwsIsoE,
    /// `aws-iso-f`, the regions `us-isof-…`.
    AwsIsoF,
    /// `aws-eusc`, the European Sovereign Cloud.
    AwsEusc,
}

impl Partition {
    /// Every partition that AWS's SDKs know.
    const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsUsGov,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
        Self::AwsEusc,
    ];

    /// The partition's name as it stands in an ARN.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsIsoF => "aws-iso-f",
            Self::AwsEusc => "aws-eusc",
        }
    }

    /// The domain under which the partition's services have their names, such as `amazonaws.com`.
    pub(crate) fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
            Self::AwsCn => "amazonaws.com.cn",
            Self::AwsIso => "c2s.ic.gov",
            Self::AwsIsoB => "sc2s.sgov.gov",
            Self::AwsIsoE => "cloud.adc-e.uk",
            Self::AwsIsoF => "csp.hci.ic.gov",
            Self::AwsEusc => "amazonaws.eu",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Partition {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::ALL.into_iter().find(|partition| partition.as_str() == text).ok_or_else(|| {
            let rule =
                "known partitions are aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f and aws-eusc";
            InvalidName::new("partition", text, rule)
        })
    }
}

/// An AWS region such as `us-east-1`.
///
/// The set of regions is open (AWS adds some every year), so the form is checked, not a list:
/// lower-case words and a number, joined by `-`.
///
/// ```
/// use lambda_testkit::event::{Partition, Region};
///
/// assert_eq!(Region::new("cn-north-1").unwrap().partition(), Partition::AwsCn);
/// assert!(Region::new("US East").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

validated_string!(Region);

impl Region {
    /// Takes a region name of the usual form, `<area>-<place>-<number>`.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] for anything else.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        // `parse` alone would take `+1` and `01`.
        let is_number = |text: &str| text.parse::<u8>().is_ok() && text.starts_with(|first| matches!(first, '1'..='9'));
        let ok = name.len() <= 32
            && name
                .rsplit_once('-')
                .is_some_and(|(area, number)| is_number(number) && area.contains('-') && area.split('-').all(is_word));
        if ok {
            Ok(Self(name.into()))
        } else {
            Err(InvalidName::new("region", name, "a region looks like us-east-1: lower-case words and a number"))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition that the region belongs to.
    pub fn partition(&self) -> Partition {
        const AREAS: [(&str, Partition); 7] = [
            ("cn-", Partition::AwsCn),
            ("us-gov-", Partition::AwsUsGov),
            ("us-iso-", Partition::AwsIso),
            ("us-isob-", Partition::AwsIsoB),
            ("eu-isoe-", Partition::AwsIsoE),
            ("us-isof-", Partition::AwsIsoF),
            ("eusc-", Partition::AwsEusc),
        ];
        let area = AREAS.into_iter().find(|(area, _)| self.0.starts_with(area));
        area.map_or(Partition::Aws, |(_, partition)| partition)
    }
}

/// An Amazon Resource Name: `arn:partition:service:region:account:resource`.
///
/// ```
/// use lambda_testkit::event::Arn;
///
/// let arn: Arn = "arn:aws:sqs:us-east-1:111111111111:alarms".parse().unwrap();
/// assert_eq!((arn.service(), arn.resource()), ("sqs", "alarms"));
/// assert_eq!(arn.to_string(), "arn:aws:sqs:us-east-1:111111111111:alarms");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    partition: Partition,
    service: Cow<'static, str>,
    region: Option<Region>,
    account: Option<AccountId>,
    resource: String,
}

/// The service namespace, without memory of its own if it is one of those that every test is about.
fn namespace(service: &str) -> Cow<'static, str> {
    const COMMON: [&str; 8] = ["s3", "sqs", "lambda", "events", "iam", "sts", "sns", "scheduler"];
    let common = COMMON.into_iter().find(|common| *common == service);
    common.map_or_else(|| Cow::Owned(service.to_owned()), Cow::Borrowed)
}

impl Arn {
    /// An ARN with a region and an account, as for a queue or a function.
    pub fn regional(service: &str, region: &Region, account: &AccountId, resource: impl Into<String>) -> Self {
        Self {
            partition: region.partition(),
            service: namespace(service),
            region: Some(region.clone()),
            account: Some(account.clone()),
            resource: resource.into(),
        }
    }

    /// An ARN without region and account, as for a bucket.
    pub fn global(partition: Partition, service: &str, resource: impl Into<String>) -> Self {
        Self { partition, service: namespace(service), region: None, account: None, resource: resource.into() }
    }

    /// The partition.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The service namespace, such as `s3`.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The region; none for global resources such as buckets.
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// The account; none for resources whose name is unique in the partition, such as buckets.
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// All that stands behind the fifth colon, such as `function:check_users:live`.
    pub fn resource(&self) -> &str {
        &self.resource
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.region.as_ref().map_or("", Region::as_str);
        let account = self.account.as_ref().map_or("", AccountId::as_str);
        let parts =
            ["arn:", self.partition.as_str(), ":", &self.service, ":", region, ":", account, ":", &self.resource];
        parts.into_iter().try_for_each(|part| f.write_str(part))
    }
}

impl FromStr for Arn {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let invalid = |rule| InvalidName::new("ARN", text, rule);
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().unwrap_or("");
        let (prefix, partition, service, region, account, resource) = (next(), next(), next(), next(), next(), next());
        if prefix != "arn" || service.is_empty() || resource.is_empty() {
            return Err(invalid("an ARN is arn:partition:service:region:account:resource"));
        }
        Ok(Self {
            partition: partition.parse()?,
            service: namespace(service),
            region: if region.is_empty() { None } else { Some(Region::new(region)?) },
            account: if account.is_empty() { None } else { Some(AccountId::new(account)?) },
            resource: resource.to_owned(),
        })
    }
}

impl TryFrom<String> for Arn {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl TryFrom<&str> for Arn {
    type Error = InvalidName;

    fn try_from(text: &str) -> Result<Self, InvalidName> {
        text.parse()
    }
}

/// A clone, so that setters take borrowed names too.
impl From<&Arn> for Arn {
    fn from(arn: &Arn) -> Self {
        arn.clone()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> String {
        arn.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_print_as_they_were_read() {
        for text in [
            "arn:aws:s3:::export",
            "arn:aws-cn:s3:::export",
            "arn:aws:lambda:ap-northeast-1:600552000000:function:check_users:live",
        ] {
            assert_eq!(text.parse::<Arn>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn every_partition_is_that_of_its_regions() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("cn-northwest-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(Region::new(region).unwrap().partition().as_str(), partition);
            let arn = format!("arn:{partition}:sqs:{region}:111111111111:q");
            assert_eq!(arn.parse::<Arn>().unwrap().to_string(), arn);
        }
        let error = "aws-mars".parse::<Partition>().unwrap_err().to_string();
        assert!(error.starts_with("invalid partition \"aws-mars\": known partitions are aws, aws-cn"), "{error}");
    }

    #[test]
    fn a_region_ends_in_a_plain_number() {
        for region in ["us-east-+1", "us-east-01", "us-east-0", "us-east-", "us-east-256", "us-east"] {
            assert!(Region::new(region).is_err(), "{region}");
        }
    }

    #[test]
    fn broken_arns_are_refused_with_the_value() {
        for text in ["", "arn", "arn:aws:s3", "arn:aws::::x", "arn:mars:s3:::x", "arn:aws:sqs:us-east-1:12:q"] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
        let error = AccountId::new("12").unwrap_err().to_string();
        assert_eq!(error, "invalid account id \"12\": an AWS account id has exactly 12 digits");
    }
}
