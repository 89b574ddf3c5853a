//! What a request of the API says: the parameters of its path and query, and its document.

use std::borrow::Cow;

use bytes::Bytes;
use http::Request;
use serde::de::DeserializeOwned;

use super::constraint::Constraints;
use super::fault::Fault;
use crate::event::{AccountId, Region};
use crate::mock::http::query;
use crate::mock::lambda::function_ref::{FunctionRef, RefError};
use crate::mock::lambda::service::LambdaService;

/// What the model says of qualifiers.
const QUALIFIER: &str = "Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
const LONGEST_QUALIFIER: usize = 128;

/// A request whose operation is known, and who makes it.
pub(in crate::mock::lambda) struct Asked<'a> {
    pub request: &'a Request<Bytes>,
    /// What stands at the parameters of the operation's path, decoded.
    pub path: Vec<String>,
    pub lambda: &'a LambdaService,
    pub account: &'a AccountId,
    pub region: &'a Region,
}

impl Asked<'_> {
    /// The value of a parameter of the query.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        query::value(self.request.uri().query().unwrap_or_default(), name)
    }

    /// The parameter of the query that is a whole number; `member` is its name in AWS's words.
    pub fn number(&self, name: &str, member: &str, constraints: &mut Constraints) -> Option<i64> {
        let text = self.query(name)?;
        let read = text.parse().ok();
        if read.is_none() {
            constraints.broken(&text, member, "Member must be a whole number");
        }
        read
    }

    /// How many a list shows at most, of the `page` that it ever shows, and behind which marker it goes on.
    pub fn page(&self, page: usize) -> Result<(usize, Option<String>), Fault> {
        let mut constraints = Constraints::default();
        let most = self.number("MaxItems", "maxItems", &mut constraints);
        constraints.range("maxItems", most, 1..=10_000);
        constraints.check()?;
        let most = most.and_then(|most| usize::try_from(most).ok()).map_or(page, |most| most.min(page));
        Ok((most, self.text("Marker")))
    }

    /// The value of a parameter of the query that says something.
    pub fn text(&self, name: &str) -> Option<String> {
        self.query(name).filter(|text| !text.is_empty()).map(Cow::into_owned)
    }

    /// The function that the first parameter of the path names, with the qualifier that stands there or in the query.
    pub fn function(&self) -> Result<FunctionRef, Fault> {
        let name = self.path.first().map(String::as_str).unwrap_or_default();
        let qualifier = self.query("Qualifier").map(Cow::into_owned);
        if let Some(qualifier) = &qualifier {
            let mut constraints = Constraints::default();
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'_' | b'-');
            if !qualifier.bytes().all(is_letter) || qualifier.is_empty() {
                constraints.broken(qualifier, "qualifier", QUALIFIER);
            }
            constraints.longest("qualifier", Some(qualifier), LONGEST_QUALIFIER);
            constraints.check()?;
        }
        FunctionRef::parse(name, qualifier, self.account, self.region).map_err(|error| match error {
            RefError::Invalid(why) => Fault::invalid(why),
            RefError::OtherRegion { .. } => Fault::not_found(error.to_string()),
        })
    }

    /// The document; nothing is an empty one.
    pub fn document<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let body = self.request.body();
        let text = if body.is_empty() { &b"{}"[..] } else { body };
        serde_json::from_slice(text).map_err(|error| Fault::new(400, "SerializationException", error.to_string()))
    }
}
