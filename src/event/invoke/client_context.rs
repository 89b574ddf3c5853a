//! The client context: what a caller hands over beside the payload.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::event::nullable::present;
use crate::event::{BuildError, Json, Object};

/// The greatest length of the header `X-Amz-Client-Context`, in bytes of base64.
pub const MAX_CLIENT_CONTEXT_BYTES: usize = 3583;

/// The client context of a synchronous invocation. Lambda hands on these three members.
///
/// ```
/// use lambda_testkit::event::invoke::ClientContext;
///
/// let mut context = ClientContext::default();
/// context.custom.get_or_insert_default().insert("user", "u1".into());
/// let header = context.to_header().unwrap();
/// assert_eq!(ClientContext::from_header(&header).unwrap(), context);
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClientContext {
    /// Whatever the caller wants.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub custom: Option<Object>,
    /// The application and its installation.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub client: Option<Object>,
    /// The environment of the application.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub env: Option<Object>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl ClientContext {
    /// The value of the header `X-Amz-Client-Context`: base64 of the JSON form.
    ///
    /// # Errors
    ///
    /// [`BuildError::Rule`] when the header would be longer than [`MAX_CLIENT_CONTEXT_BYTES`].
    pub fn to_header(&self) -> Result<String, BuildError> {
        let broken = |value, rule| BuildError::Rule { what: "client context", value, rule };
        let json = serde_json::to_vec(self).map_err(|error| broken(error.to_string(), "it has a JSON form"))?;
        let header = BASE64_STANDARD.encode(json);
        if header.len() > MAX_CLIENT_CONTEXT_BYTES {
            return Err(broken(format!("{} bytes", header.len()), "at most 3583 bytes of base64"));
        }
        Ok(header)
    }

    /// Reads the header `X-Amz-Client-Context` as Lambda does, which takes every JSON object: a member of another form than
    /// this one's is kept among the [`unknown`](Self::unknown) ones, for the runtime to fail on.
    ///
    /// # Errors
    ///
    /// [`BuildError::Rule`] for a header that is too long, not base64, or not a JSON object.
    pub fn from_header(header: &str) -> Result<Self, BuildError> {
        let broken = |value, rule| BuildError::Rule { what: "client context", value, rule };
        if header.len() > MAX_CLIENT_CONTEXT_BYTES {
            return Err(broken(format!("{} bytes", header.len()), "at most 3583 bytes of base64"));
        }
        let json = BASE64_STANDARD.decode(header).map_err(|_| broken(header.to_owned(), "it is base64"))?;
        let mut unknown: Object =
            serde_json::from_slice(&json).map_err(|error| broken(error.to_string(), "it is a JSON object"))?;
        let mut take = |name: &str| match unknown.remove(name)? {
            Json::Object(object) => Some(object),
            other => {
                unknown.insert(name, other);
                None
            }
        };
        Ok(Self { custom: take("custom"), client: take("client"), env: take("env"), unknown })
    }
}
