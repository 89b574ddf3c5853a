//! Tenants, whose events run in environments of their own.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html>

use std::sync::Arc;

use super::function::Function;
use super::payload::InvokeFault;

const LONGEST: usize = 256;

/// A tenant's id.
pub(crate) type TenantId = Arc<str>;

/// What an id breaks, in the words of the API's model; none if it is one.
pub(crate) fn broken_rule(id: &str) -> Option<&'static str> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/=+-@ ".contains(&byte);
    match id.len() {
        0 => Some("Member must have length greater than or equal to 1"),
        length if length > LONGEST => Some("Member must have length less than or equal to 256"),
        _ if id.bytes().all(letter) => None,
        _ => Some("Member must satisfy regular expression pattern: [a-zA-Z0-9\\._:\\/=+\\-@ ]+"),
    }
}

impl Function {
    /// Whether it can be invoked for a tenant, or for none.
    ///
    /// # Errors
    ///
    /// `InvalidParameterValueException`.
    pub(crate) fn check_tenant(&self, tenant: Option<&str>) -> Result<(), InvokeFault> {
        let why = match (self.settings().per_tenant, tenant) {
            (true, None) => {
                "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."
            }
            // How Lambda says this is not documented.
            (false, Some(_)) => {
                "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try \
                 again."
            }
            _ => return Ok(()),
        };
        Err(InvokeFault { status: 400, code: "InvalidParameterValueException", message: why.to_owned(), reason: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_the_letters_of_the_model() {
        for good in ["blue", "a.b_c:d/e=f+g-h@i j", &"x".repeat(LONGEST)] {
            assert_eq!(broken_rule(good), None, "{good}");
        }
        for bad in ["", "blü", "a,b", "a\n", &"x".repeat(LONGEST + 1)] {
            assert!(broken_rule(bad).is_some(), "{bad}");
        }
    }
}
