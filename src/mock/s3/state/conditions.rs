//! Conditional headers. Pages: "GetObject" (request headers) and "Conditional writes".

use jiff::Timestamp;

use super::super::fault::S3Fault;
use super::read::dated;

/// An entity tag in a condition: `*` or one value, compared without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TagMatch {
    Any,
    Is(String),
}

impl TagMatch {
    pub(super) fn holds(&self, e_tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(value) => value == e_tag,
        }
    }
}

/// The four conditions under which an object is read or copied.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadConditions {
    pub if_match: Option<TagMatch>,
    pub if_none_match: Option<TagMatch>,
    pub if_modified_since: Option<Timestamp>,
    pub if_unmodified_since: Option<Timestamp>,
}

impl ReadConditions {
    /// Checks a GET or HEAD: a tag condition outranks the date condition of its pair (RFC 9110, 13.2.2).
    ///
    /// # Errors
    ///
    /// `PreconditionFailed` (412) or `NotModified` (304).
    pub(crate) fn check(&self, e_tag: &str, modified: Timestamp) -> Result<(), S3Fault> {
        self.check_required(e_tag, modified)?;
        let same = match (&self.if_none_match, self.if_modified_since) {
            (Some(tag), _) => tag.holds(e_tag),
            (None, Some(since)) => modified.as_second() <= since.as_second(),
            (None, None) => false,
        };
        if !same {
            return Ok(());
        }
        let fault = S3Fault::not_modified().header("etag", format!("\"{e_tag}\""));
        Err(dated(fault, modified))
    }

    /// Checks the source of a copy, where an unchanged source is a 412 too.
    ///
    /// # Errors
    ///
    /// `PreconditionFailed`.
    pub(crate) fn check_copy(&self, e_tag: &str, modified: Timestamp) -> Result<(), S3Fault> {
        let name_of = |fault: S3Fault, from: &str, to: &'static str| {
            if fault.extra.iter().any(|(_, value)| value == from) { S3Fault::precondition_failed(to) } else { fault }
        };
        self.check(e_tag, modified).map_err(|fault| {
            if fault.status == 304 {
                let by_tag = self.if_none_match.is_some();
                let condition =
                    if by_tag { "x-amz-copy-source-If-None-Match" } else { "x-amz-copy-source-If-Modified-Since" };
                return S3Fault::precondition_failed(condition);
            }
            let fault = name_of(fault, "If-Match", "x-amz-copy-source-If-Match");
            name_of(fault, "If-Unmodified-Since", "x-amz-copy-source-If-Unmodified-Since")
        })
    }

    fn check_required(&self, e_tag: &str, modified: Timestamp) -> Result<(), S3Fault> {
        match (&self.if_match, self.if_unmodified_since) {
            (Some(tag), _) if !tag.holds(e_tag) => Err(S3Fault::precondition_failed("If-Match")),
            (None, Some(since)) if modified.as_second() > since.as_second() => {
                Err(S3Fault::precondition_failed("If-Unmodified-Since"))
            }
            _ => Ok(()),
        }
    }
}

/// What has to be the same still for a part to be answered, and not the whole: `If-Range`.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5>; that S3 does so shows in
/// <https://github.com/aws/aws-sdk-kotlin/issues/1645>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RangeCondition {
    /// An entity tag without quotes. A weak one is none that an object has.
    Tag(String),
    Modified(Timestamp),
}

impl RangeCondition {
    pub(super) fn holds(&self, e_tag: &str, modified: Timestamp) -> bool {
        match self {
            Self::Tag(tag) => tag == e_tag,
            Self::Modified(time) => time.as_second() == modified.as_second(),
        }
    }
}

/// The conditions under which a key is written or deleted.
#[derive(Debug, Clone, Default)]
pub(crate) struct WriteConditions {
    pub if_match: Option<TagMatch>,
    pub if_none_match: Option<TagMatch>,
    /// Whether a deletion ends a retention of the mode `GOVERNANCE`.
    pub bypass_governance: bool,
}

impl WriteConditions {
    /// Checks a write; `current` is the entity tag of what the key holds now.
    ///
    /// # Errors
    ///
    /// `PreconditionFailed`, `NoSuchKey` when `If-Match` finds nothing, and `NotImplemented` (S3's own) for an
    /// `If-None-Match` other than `*`, and for one beside `If-Match`.
    pub(crate) fn check(&self, key: &str, current: Option<&str>) -> Result<(), S3Fault> {
        if self.if_match.is_some() && self.if_none_match.is_some() {
            // https://github.com/versity/versitygw/pull/1727
            return Err(S3Fault::header_not_implemented("If-None-Match"));
        }
        match (&self.if_none_match, current) {
            (Some(TagMatch::Is(_)), _) => {
                return Err(S3Fault::header_not_implemented("If-None-Match").with(
                    "additionalMessage",
                    "We don't accept the provided value of If-None-Match header for this API",
                ));
            }
            (Some(TagMatch::Any), Some(_)) => return Err(S3Fault::precondition_failed("If-None-Match")),
            _ => {}
        }
        match (&self.if_match, current) {
            (Some(_), None) => Err(S3Fault::no_such_key(key)),
            (Some(tag), Some(e_tag)) if !tag.holds(e_tag) => Err(S3Fault::precondition_failed("If-Match")),
            _ => Ok(()),
        }
    }
}
