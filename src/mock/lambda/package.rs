//! The deployment package of a function that was created through the API. It is measured, and never run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// What is known of a zip file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Of its bytes, in base64.
    pub sha256: String,
    /// In bytes.
    pub size: usize,
}

impl Package {
    pub fn of(zip: &[u8]) -> Self {
        Self { sha256: STANDARD.encode(Sha256::digest(zip)), size: zip.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_its_hash_and_its_size() {
        let package = Package::of(b"abc");
        assert_eq!((package.sha256.as_str(), package.size), ("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", 3));
    }
}
