//! Canonical user ids: the opaque 64 hexadecimal digits by which S3 names an account.

use sha2::{Digest, Sha256};

use crate::event::AccountId;
use crate::event::hex::hex;

/// The account's canonical user id. It follows from the account id alone, so it is the same in every run.
pub(crate) fn canonical_id(account: &AccountId) -> String {
    hex(&Sha256::digest(account.as_str().as_bytes()))
}
