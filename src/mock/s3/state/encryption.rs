//! How an object is encrypted at rest. Nothing is encrypted here: what is kept is what S3 checks and tells.

use md5::{Digest, Md5};

use super::super::fault::S3Fault;
use super::object::Content;
use super::{ObjectAt, S3State};
use crate::event::hex::hex;

/// An encryption as a writer asked for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// With keys of S3 (`AES256`), as all objects since January 2023 that ask for nothing else.
    #[default]
    Managed,
    /// With a key of KMS, once or (`aws:kms:dsse`) twice.
    Kms { dual: bool, key_id: String, context: Option<String>, bucket_key: bool },
    /// With a key that the client sends with every request.
    Customer(CustomerKey),
}

/// A key of the client, of which S3 keeps no more than what tells it from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CustomerKey {
    /// The MD5 of the key, in Base64.
    pub md5: String,
}

impl S3State {
    /// The key of the client under which a version lies.
    pub(crate) fn customer_key(&self, at: &ObjectAt) -> Option<CustomerKey> {
        match &self.bucket(&at.bucket).ok()?.find(at).ok()?.1.content.encryption {
            Some(Encryption::Customer(key)) => Some(key.clone()),
            _ => None,
        }
    }
}

impl Content {
    /// Whether the key that came with a request opens what is stored.
    ///
    /// # Errors
    ///
    /// `InvalidRequest` when a key is missing, or sent for nothing; `AccessDenied` for another one, as
    /// <https://github.com/minio/minio/pull/5203> found S3 to answer.
    pub(crate) fn check_key(&self, key: Option<&CustomerKey>) -> Result<(), S3Fault> {
        match (&self.encryption, key) {
            (Some(Encryption::Customer(own)), Some(key)) if own == key => Ok(()),
            (Some(Encryption::Customer(_)), Some(_)) => Err(S3Fault::access_denied()),
            (Some(Encryption::Customer(_)), None) => {
                let message = "The object was stored using a form of Server Side Encryption. The correct parameters \
                               must be provided to retrieve the object.";
                Err(S3Fault::invalid_request(message))
            }
            (_, Some(_)) => {
                Err(S3Fault::invalid_request("The encryption parameters are not applicable to this object."))
            }
            (_, None) => Ok(()),
        }
    }

    /// Whether a part comes with the key that its upload was started with.
    ///
    /// # Errors
    ///
    /// `InvalidRequest`.
    pub(crate) fn check_key_of_part(&self, key: Option<&CustomerKey>) -> Result<(), S3Fault> {
        let message = match (&self.encryption, key) {
            (Some(Encryption::Customer(own)), Some(key)) if own != key => {
                "The provided encryption parameters did not match the ones used originally."
            }
            (Some(Encryption::Customer(_)), None) => {
                "The multipart upload initiate requested encryption. Subsequent part requests must include the \
                 appropriate encryption parameters."
            }
            (Some(Encryption::Customer(_)), Some(_)) | (_, None) => return Ok(()),
            (_, Some(_)) => {
                "The multipart upload initiate did not request encryption. Please resend the request without sending \
                 encryption parameters."
            }
        };
        Err(S3Fault::invalid_request(message))
    }

    /// The entity tag of a body with this MD5: under KMS and under keys of clients it is another one.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>
    pub(super) fn e_tag(&self, md5: String) -> String {
        match &self.encryption {
            None | Some(Encryption::Managed) => md5,
            Some(Encryption::Kms { key_id: key, .. } | Encryption::Customer(CustomerKey { md5: key })) => {
                hex(&Md5::digest(format!("{md5} under {key}")))
            }
        }
    }
}
