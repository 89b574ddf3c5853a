//! What names a function: account, region, name and qualifier; read in one place.

use std::borrow::Cow;
use std::fmt;

use crate::event::{AccountId, Arn, Region};

/// The version of a function that was never published.
pub(crate) const LATEST: &str = "$LATEST";

/// One function of one account in one region, perhaps a certain version of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FunctionRef {
    pub account: AccountId,
    pub region: Region,
    pub name: String,
    /// The version or alias, as it was given, even if that is `$LATEST`; none if none was.
    pub qualifier: Option<String>,
}

/// Why a text names no function that can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RefError {
    Invalid(String),
    OtherRegion { named: String, here: Region },
}

impl fmt::Display for RefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(why) => f.write_str(why),
            Self::OtherRegion { named, here } => {
                write!(f, "Functions from '{named}' are not reachable in this region ('{here}')")
            }
        }
    }
}

impl FunctionRef {
    pub fn new(account: &AccountId, region: &Region, name: impl Into<String>) -> Self {
        Self { account: account.clone(), region: region.clone(), name: name.into(), qualifier: None }
    }

    /// Reads a name, a partial ARN or an ARN, each with an optional qualifier, as a caller of `account` in `region` means
    /// it; `qualifier` is what the request says beside it.
    pub fn parse(
        text: &str,
        qualifier: Option<String>,
        account: &AccountId,
        region: &Region,
    ) -> Result<Self, RefError> {
        let (account, rest) = match text.split(':').collect::<Vec<_>>().as_slice() {
            ["arn", partition, "lambda", named, account, "function", rest @ ..]
                if *partition == region.partition().as_str() =>
            {
                if *named != region.as_str() {
                    return Err(RefError::OtherRegion { named: (*named).to_owned(), here: region.clone() });
                }
                ((*account).to_owned(), rest.join(":"))
            }
            ["arn", ..] => return Err(RefError::Invalid(format!("{text:?} is not the ARN of a function in {region}"))),
            [account, "function", rest @ ..] => ((*account).to_owned(), rest.join(":")),
            rest => (account.to_string(), rest.join(":")),
        };
        let account = AccountId::new(account).map_err(|error| RefError::Invalid(error.to_string()))?;
        let (name, in_name) = match rest.split_once(':') {
            Some((name, qualifier)) => (name.to_owned(), Some(qualifier.to_owned())),
            None => (rest, None),
        };
        if let (Some(in_name), Some(beside)) = (&in_name, &qualifier)
            && in_name != beside
        {
            let message = "The derived qualifier from the function name does not match the specified qualifier.";
            return Err(RefError::Invalid(message.to_owned()));
        }
        let qualifier = in_name.or(qualifier);
        Ok(Self { qualifier, ..Self::new(&account, region, name) })
    }

    /// The function that an ARN names, with or without a qualifier.
    pub fn from_arn(arn: &Arn) -> Option<Self> {
        let named = arn.resource().strip_prefix("function:")?;
        let (name, qualifier) = named.split_once(':').map_or((named, None), |(name, q)| (name, Some(q.to_owned())));
        Some(Self { qualifier, ..Self::new(arn.account()?, arn.region()?, name) })
    }

    /// The ARN without a qualifier.
    pub fn arn(&self) -> Arn {
        Arn::regional("lambda", &self.region, &self.account, format!("function:{}", self.name))
    }

    /// The ARN with the qualifier, if there is one: what permissions are asked for.
    pub fn qualified_arn(&self) -> Arn {
        match &self.qualifier {
            Some(qualifier) => {
                Arn::regional("lambda", &self.region, &self.account, format!("function:{}:{qualifier}", self.name))
            }
            None => self.arn(),
        }
    }

    pub fn qualifier(&self) -> &str {
        self.qualifier.as_deref().unwrap_or(LATEST)
    }

    /// Whether it means no published version and no alias.
    pub fn is_latest(&self) -> bool {
        self.qualifier() == LATEST
    }

    /// The name as timelines show it: with the version or alias, if that is not `$LATEST`.
    pub fn label(&self) -> Cow<'_, str> {
        match &self.qualifier {
            Some(qualifier) if qualifier != LATEST => Cow::Owned(format!("{}:{qualifier}", self.name)),
            _ => Cow::Borrowed(&self.name),
        }
    }

    /// The same without `$LATEST`, which says nothing.
    pub fn by_version(&self) -> Self {
        self.by(self.qualifier.clone().filter(|qualifier| qualifier != LATEST))
    }

    /// The same function by another qualifier.
    pub fn by(&self, qualifier: Option<String>) -> Self {
        Self { qualifier, ..Self::new(&self.account, &self.region, self.name.as_str()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_name_is_read() {
        let (own, here) = (AccountId::new("111111111111").unwrap(), Region::new("us-east-1").unwrap());
        let parse = |text: &str, qualifier: Option<&str>| {
            FunctionRef::parse(text, qualifier.map(str::to_owned), &own, &here)
                .map(|function| format!("{} {}", function.arn(), function.qualifier()))
                .map_err(|error| error.to_string())
        };
        let plain = "arn:aws:lambda:us-east-1:111111111111:function:f $LATEST".to_owned();
        for text in ["f", "111111111111:function:f", "arn:aws:lambda:us-east-1:111111111111:function:f", "f:$LATEST"] {
            assert_eq!(parse(text, None), Ok(plain.clone()), "{text}");
        }
        let live = "arn:aws:lambda:us-east-1:222222222222:function:f live".to_owned();
        assert_eq!(parse("222222222222:function:f:live", Some("live")), Ok(live.clone()));
        assert_eq!(parse("222222222222:function:f", Some("live")), Ok(live));
        for (text, qualifier, why) in [
            ("f:1", Some("2"), "does not match"),
            ("arn:aws:lambda:eu-west-1:111111111111:function:f", None, "Functions from 'eu-west-1' are not reachable"),
            ("arn:aws:sqs:us-east-1:111111111111:f", None, "is not the ARN of a function"),
            ("1:function:f", None, "exactly 12 digits"),
        ] {
            assert!(parse(text, qualifier).unwrap_err().contains(why), "{text}");
        }
    }

    #[test]
    fn an_arn_names_a_function_with_or_without_a_qualifier() {
        let named = |text: &str| {
            let named = FunctionRef::from_arn(&text.parse().unwrap())?;
            Some(format!("{} {}", named.name, named.qualifier()))
        };
        let arn = "arn:aws:lambda:us-east-1:111111111111:function:f";
        assert_eq!(named(arn).as_deref(), Some("f $LATEST"));
        assert_eq!(named(&format!("{arn}:$LATEST")).as_deref(), Some("f $LATEST"));
        assert_eq!(named(&format!("{arn}:live")).as_deref(), Some("f live"));
        for (text, label) in [(arn, "f"), (&format!("{arn}:$LATEST"), "f"), (&format!("{arn}:live"), "f:live")] {
            let named = FunctionRef::from_arn(&text.parse().unwrap()).unwrap();
            assert_eq!((named.label().as_ref(), named.qualified_arn().to_string().as_str()), (label, text));
        }
        assert_eq!(named("arn:aws:lambda:us-east-1:111111111111:layer:f"), None);
    }
}
