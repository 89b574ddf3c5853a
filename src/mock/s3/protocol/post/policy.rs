//! The policy of a form: until when it is good, and what each field has to be.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::super::fault::S3Fault;
use crate::mock::http::PostForm;

/// A policy that was read.
#[derive(Debug)]
pub(super) struct PostPolicy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
}

#[derive(Debug, PartialEq, Eq)]
enum Condition {
    /// The field, in lower case, and its value.
    Is(String, String),
    StartsWith(String, String),
    /// Of the file, both included, in bytes.
    Length(u64, u64),
}

/// Fields that no condition has to name.
///
/// `AWSAccessKeyId` and `signature` are those of Signature Version 2.
const FREE: [&str; 5] = ["awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"];

fn invalid(why: impl std::fmt::Display) -> S3Fault {
    S3Fault::new(400, "InvalidPolicyDocument", format!("Invalid Policy: {why}"))
}

fn refused(why: impl std::fmt::Display) -> S3Fault {
    S3Fault::new(403, "AccessDenied", format!("Invalid according to Policy: {why}"))
}

impl PostPolicy {
    /// Reads a policy from its field.
    ///
    /// # Errors
    ///
    /// `InvalidPolicyDocument`.
    pub(super) fn parse(field: &str) -> Result<Self, S3Fault> {
        // Some browsers break lines of Base64.
        let text: String = field.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
        let document = STANDARD.decode(text).map_err(|_| invalid("Invalid Base64 encoding."))?;
        let document: Value = serde_json::from_slice(&document).map_err(|_| invalid("Invalid JSON."))?;
        let members = document.as_object().ok_or_else(|| invalid("Invalid JSON: it is no object."))?;
        if let Some(name) = members.keys().find(|name| !matches!(name.as_str(), "expiration" | "conditions")) {
            return Err(invalid(format!("Unexpected: '{name}'")));
        }
        let expiration = match members.get("expiration") {
            None => return Err(invalid("Policy missing expiration.")),
            Some(value) => {
                let text = value.as_str().filter(|text| text.contains('T') && text.ends_with('Z'));
                let time = text.and_then(|text| text.parse().ok());
                time.ok_or_else(|| invalid(format!("Invalid 'expiration' value: {value}")))?
            }
        };
        let conditions = match members.get("conditions") {
            None => return Err(invalid("Policy missing conditions.")),
            Some(value) => value.as_array().ok_or_else(|| invalid("Invalid 'conditions' value: must be a List."))?,
        };
        let conditions = conditions.iter().map(Condition::parse).collect::<Result<_, _>>()?;
        Ok(Self { expiration, conditions })
    }

    /// Until when it is good.
    pub(super) fn expiration(&self) -> Timestamp {
        self.expiration
    }

    /// Checks a form for this bucket and key, whose file has this many bytes.
    ///
    /// # Errors
    ///
    /// `AccessDenied` with the condition that does not hold or the field that none names, `EntityTooSmall` and
    /// `EntityTooLarge`.
    pub(super) fn check(
        &self,
        form: &PostForm,
        (bucket, key): (&str, &str),
        size: u64,
        now: Timestamp,
    ) -> Result<(), S3Fault> {
        if now >= self.expiration {
            return Err(refused("Policy expired."));
        }
        let value = |field: &str| match field {
            "bucket" => Some(bucket),
            "key" => Some(key),
            field => form.field(field),
        };
        for condition in &self.conditions {
            let (field, operator, wanted) = match condition {
                Condition::Is(field, wanted) if value(field) != Some(wanted) => (field, "eq", wanted),
                Condition::StartsWith(field, wanted) if !value(field).is_some_and(|v| v.starts_with(&**wanted)) => {
                    (field, "starts-with", wanted)
                }
                _ => continue,
            };
            let shown =
                serde_json::json!([operator, format!("${field}"), wanted]).to_string().replace("\",\"", "\", \"");
            return Err(refused(format!("Policy Condition failed: {shown}")));
        }
        let is_named = |wanted: &str| {
            let mut conditions = self.conditions.iter();
            conditions.any(|condition| match condition {
                Condition::Is(field, _) | Condition::StartsWith(field, _) => field == wanted,
                Condition::Length(..) => false,
            })
        };
        let names = form.fields.iter().map(|(name, _)| name.to_ascii_lowercase());
        let mut names = std::iter::once("bucket".to_owned()).chain(names);
        let is_extra =
            |name: &String| !FREE.contains(&name.as_str()) && !name.starts_with("x-ignore-") && !is_named(name);
        if let Some(name) = names.find(is_extra) {
            return Err(refused(format!("Extra input fields: {name}")));
        }
        for condition in &self.conditions {
            match condition {
                Condition::Length(min, _) if size < *min => {
                    let message = "Your proposed upload is smaller than the minimum allowed size";
                    return Err(S3Fault::new(400, "EntityTooSmall", message)
                        .with("ProposedSize", size.to_string())
                        .with("MinSizeAllowed", min.to_string()));
                }
                Condition::Length(_, max) if size > *max => {
                    let message = "Your proposed upload exceeds the maximum allowed size";
                    return Err(S3Fault::new(400, "EntityTooLarge", message)
                        .with("ProposedSize", size.to_string())
                        .with("MaxSizeAllowed", max.to_string()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Condition {
    fn parse(value: &Value) -> Result<Self, S3Fault> {
        match value {
            Value::Object(members) => Self::of_object(members),
            Value::Array(list) => Self::of_list(list),
            other => Err(invalid(format!("Invalid condition: {other}"))),
        }
    }

    fn of_object(members: &Map<String, Value>) -> Result<Self, S3Fault> {
        let mut members = members.iter();
        match (members.next(), members.next()) {
            (Some((field, Value::String(wanted))), None) => Ok(Self::Is(field.to_ascii_lowercase(), wanted.clone())),
            (Some(_), None) => Err(invalid("Invalid Simple-Condition: value must be a string.")),
            _ => Err(invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")),
        }
    }

    fn of_list(list: &[Value]) -> Result<Self, S3Fault> {
        let operator = list.first().and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let wrong = |what: &str| invalid(format!("Invalid {operator}: {what}."));
        let [_, first, second] = list else { return Err(wrong("wrong number of arguments")) };
        match operator.as_str() {
            "content-length-range" => {
                let number = |value: &Value| {
                    let text = value.as_str().and_then(|text| text.parse().ok());
                    value.as_u64().or(text).ok_or_else(|| wrong("its arguments are numbers of bytes"))
                };
                Ok(Self::Length(number(first)?, number(second)?))
            }
            "eq" | "starts-with" => {
                let field = first.as_str().and_then(|field| field.strip_prefix('$'));
                let field = field.ok_or_else(|| wrong("the first argument is a field, as in $key"))?;
                let wanted = second.as_str().ok_or_else(|| wrong("the second argument is a string"))?.to_owned();
                let field = field.to_ascii_lowercase();
                Ok(if operator == "eq" { Self::Is(field, wanted) } else { Self::StartsWith(field, wanted) })
            }
            _ => Err(invalid(format!("Invalid operator: '{operator}'"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Result<PostPolicy, S3Fault> {
        PostPolicy::parse(&STANDARD.encode(text))
    }

    #[test]
    fn what_is_no_policy_is_said() {
        for (text, why) in [
            ("{", "Invalid JSON."),
            (r#"{"conditions":[]}"#, "Policy missing expiration."),
            (r#"{"expiration":"2030-01-01T00:00:00Z"}"#, "Policy missing conditions."),
            (r#"{"Expiration":"2030-01-01T00:00:00Z","conditions":[]}"#, "Unexpected: 'Expiration'"),
            (r#"{"expiration":"soon","conditions":[]}"#, "Invalid 'expiration' value: \"soon\""),
            (r#"{"expiration":"2030-01-01 00:00:00Z","conditions":[]}"#, "Invalid 'expiration' value: "),
            (r#"{"expiration":"2030-01-01T00:00:00Z","conditions":[["eq","$key"]]}"#, "Invalid eq: wrong number of"),
            (
                r#"{"expiration":"2030-01-01T00:00:00Z","conditions":[["content-length-range",-1,0]]}"#,
                "Invalid content",
            ),
            (r#"{"expiration":"2030-01-01T00:00:00Z","conditions":[{}]}"#, "Invalid Simple-Condition: Simple"),
        ] {
            let fault = policy(text).unwrap_err();
            assert_eq!(fault.code, "InvalidPolicyDocument");
            assert!(fault.message.starts_with(&format!("Invalid Policy: {why}")), "{text}: {}", fault.message);
        }
    }

    #[test]
    fn every_condition_holds_and_every_field_is_named() {
        let policy = policy(
            r#"{"expiration":"2030-01-01T00:00:00Z","conditions":[{"bucket":"b"},["starts-with","$key","in/"],
                {"ACL":"private"},["content-length-range",2,4]]}"#,
        )
        .unwrap();
        let form = |fields: &[(&str, &str)]| PostForm {
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            file: None,
        };
        let now = "2029-12-31T23:59:59Z".parse().unwrap();
        let said = |form: &PostForm, place, size, now| {
            let checked = policy.check(form, place, size, now);
            checked.map_err(|fault| (fault.code.into_owned(), fault.message.into_owned()))
        };
        let fine = form(&[("acl", "private"), ("signature", "s"), ("X-Ignore-Me", "1")]);
        assert_eq!(said(&fine, ("b", "in/a"), 2, now), Ok(()));
        let denied = |why: &str| Err(("AccessDenied".to_owned(), format!("Invalid according to Policy: {why}")));
        let late = "2030-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(said(&fine, ("b", "in/a"), 2, late), denied("Policy expired."));
        let failed = "Policy Condition failed: [\"starts-with\", \"$key\", \"in/\"]";
        assert_eq!(said(&fine, ("b", "out/a"), 2, now), denied(failed));
        let failed = "Policy Condition failed: [\"eq\", \"$acl\", \"private\"]";
        assert_eq!(said(&form(&[]), ("b", "in/a"), 2, now), denied(failed));
        let extra = form(&[("acl", "private"), ("X-Amz-Meta-A", "1")]);
        assert_eq!(said(&extra, ("b", "in/a"), 2, now), denied("Extra input fields: x-amz-meta-a"));
        for (size, code) in [(1, "EntityTooSmall"), (5, "EntityTooLarge")] {
            assert_eq!(said(&fine, ("b", "in/a"), size, now).unwrap_err().0, code);
        }
    }
}
