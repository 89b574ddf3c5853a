//! The signature of a form's policy: with Signature Version 4, or with Version 2, as regions from before 2014 still take it.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/HTTPPOSTForms.html>

use std::sync::Arc;

use super::claim::Scope;
use super::{ALGORITHM, AuthFault, Verifier, mac, same};
use crate::event::Region;
use crate::event::hex::hex;
use crate::history::Caller;
use crate::mock::http::credentials::Credentials;
use crate::mock::http::form::PostForm;
use crate::mock::http::sigv2;

/// Who signed a policy, and for which region; Version 2 does not say that.
type Signer = (Arc<Caller>, Option<Region>);

impl Verifier {
    /// Who signed the form's policy. None for a form without a policy.
    ///
    /// Its time is not looked at: the policy has an expiration of its own.
    pub fn verify_policy(&self, form: &PostForm, credentials: &Credentials) -> Result<Option<Signer>, AuthFault> {
        let Some(policy) = form.field("policy") else { return Ok(None) };
        let required = |name: &'static str| form.field(name).ok_or(AuthFault::NoField(name));
        let known = |id: &str| credentials.get(id).ok_or_else(|| AuthFault::UnknownAccessKey(id.to_owned()));
        if form.field("x-amz-algorithm").is_none() && form.field("x-amz-signature").is_none() {
            let id = required("AWSAccessKeyId")?;
            let known = known(id)?;
            let signature = required("Signature")?;
            if sigv2::signature(&known.secret, policy.as_bytes()) == signature {
                return Ok(Some((Arc::clone(&known.caller), None)));
            }
            return Err(sigv2::mismatch(id.to_owned(), signature.to_owned(), policy.as_bytes().to_vec()));
        }
        if required("X-Amz-Algorithm")? != ALGORITHM {
            return Err(AuthFault::Query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"".to_owned()));
        }
        let (credential, date) = (required("X-Amz-Credential")?, required("X-Amz-Date")?);
        let signature = required("X-Amz-Signature")?;
        let scope = Scope::of_form(credential, date)?;
        let known = known(scope.access_key)?;
        let key = self.signing_key(scope.access_key, scope.text, &known.secret);
        if !same(&hex(&mac(&key, [policy])), signature) {
            let to_sign = policy.as_bytes().to_vec();
            return Err(sigv2::mismatch(scope.access_key.to_owned(), signature.to_owned(), to_sign));
        }
        Ok(Some((Arc::clone(&known.caller), Some(scope.region))))
    }
}
