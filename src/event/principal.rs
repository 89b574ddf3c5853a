//! Who caused an S3 event.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A `principalId` of an S3 record. Every text is one of these forms and prints as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum PrincipalId {
    /// An IAM user by its unique id: `AWS:AIDA…`.
    User(String),
    /// An assumed role by its unique id and session name: `AWS:AROA…:session`.
    AssumedRole {
        /// The unique id of the role.
        role_id: String,
        /// The name of the session.
        session: String,
    },
    /// The customer id of an account: bucket owners and root users.
    Customer(String),
    /// The owner's customer id behind `AmazonCustomer:`, as `ObjectRestore:Completed` carries it.
    AmazonCustomer(String),
    /// S3 itself, `s3.amazonaws.com`: lifecycle, replication, intelligent tiering.
    S3,
    /// A request without credentials, `Anonymous`.
    Anonymous,
    /// A form that this version of the crate does not know.
    Other(String),
}

impl From<&str> for PrincipalId {
    fn from(text: &str) -> Self {
        match text {
            "s3.amazonaws.com" => return Self::S3,
            "Anonymous" => return Self::Anonymous,
            _ => {}
        }
        if let Some(rest) = text.strip_prefix("AWS:") {
            return match rest.split_once(':') {
                Some((role_id, session)) => {
                    Self::AssumedRole { role_id: role_id.to_owned(), session: session.to_owned() }
                }
                None => Self::User(rest.to_owned()),
            };
        }
        if let Some(rest) = text.strip_prefix("AmazonCustomer:") {
            return Self::AmazonCustomer(rest.to_owned());
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Self::Customer(text.to_owned())
        } else {
            Self::Other(text.to_owned())
        }
    }
}

impl From<String> for PrincipalId {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "AWS:{id}"),
            Self::AssumedRole { role_id, session } => write!(f, "AWS:{role_id}:{session}"),
            Self::Customer(id) | Self::Other(id) => f.write_str(id),
            Self::AmazonCustomer(id) => write!(f, "AmazonCustomer:{id}"),
            Self::S3 => f.write_str("s3.amazonaws.com"),
            Self::Anonymous => f.write_str("Anonymous"),
        }
    }
}

impl From<PrincipalId> for String {
    fn from(principal: PrincipalId) -> String {
        principal.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_told_apart_and_prints_as_it_was_read() {
        for (text, principal) in [
            ("AWS:AIDAJDPLRKLG7UEXAMPLE", PrincipalId::User("AIDAJDPLRKLG7UEXAMPLE".into())),
            ("AWS:AROAEXAMPLE:a:b", PrincipalId::AssumedRole { role_id: "AROAEXAMPLE".into(), session: "a:b".into() }),
            ("A1YQ72UWCM96UF", PrincipalId::Customer("A1YQ72UWCM96UF".into())),
            ("AmazonCustomer:A3NL1KOZZKExample", PrincipalId::AmazonCustomer("A3NL1KOZZKExample".into())),
            ("s3.amazonaws.com", PrincipalId::S3),
            ("Anonymous", PrincipalId::Anonymous),
            ("", PrincipalId::Other(String::new())),
            ("a b", PrincipalId::Other("a b".into())),
        ] {
            assert_eq!(PrincipalId::from(text), principal);
            assert_eq!(principal.to_string(), text);
        }
    }
}
