//! Digests of bodies: MD5 entity tags and the ten additional checksums.
//!
//! Page: "Checking object integrity in Amazon S3".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use xxhash_rust::xxh3::Xxh3;
use xxhash_rust::xxh64::Xxh64;

use super::fault::S3Fault;
use crate::event::hex::hex;

/// An additional checksum's algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChecksumAlgorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
    Sha512,
    Md5,
    Xxhash64,
    Xxhash3,
    Xxhash128,
}

impl ChecksumAlgorithm {
    pub(crate) const ALL: [Self; 10] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Md5,
        Self::Xxhash64,
        Self::Xxhash3,
        Self::Xxhash128,
    ];

    /// The name in requests and in messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::Md5 => "MD5",
            Self::Xxhash64 => "XXHASH64",
            Self::Xxhash3 => "XXHASH3",
            Self::Xxhash128 => "XXHASH128",
        }
    }

    /// The header that carries the value.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Sha512 => "x-amz-checksum-sha512",
            Self::Md5 => "x-amz-checksum-md5",
            Self::Xxhash64 => "x-amz-checksum-xxhash64",
            Self::Xxhash3 => "x-amz-checksum-xxhash3",
            Self::Xxhash128 => "x-amz-checksum-xxhash128",
        }
    }

    /// The element of documents that carries the value.
    pub(crate) fn element(self) -> String {
        format!("Checksum{}", self.as_str())
    }

    /// Reads a name of the API; letter case is ignored.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str().eq_ignore_ascii_case(name))
    }

    fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme | Self::Xxhash64 | Self::Xxhash3 => 8,
            Self::Md5 | Self::Xxhash128 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// Of pieces that follow each other.
    fn digest<'a>(self, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
        fn hash<'a, D: Digest>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
            pieces.fold(D::new(), D::chain_update).finalize().to_vec()
        }
        let crc = |algorithm, pieces: &mut dyn Iterator<Item = &'a [u8]>| {
            let mut crc = crc_fast::Digest::new(algorithm);
            pieces.for_each(|piece| crc.update(piece));
            crc.finalize().to_be_bytes()
        };
        let mut pieces = pieces;
        match self {
            Self::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc, &mut pieces)[4..].to_vec(),
            Self::Crc32c => crc(CrcAlgorithm::Crc32Iscsi, &mut pieces)[4..].to_vec(),
            Self::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme, &mut pieces).to_vec(),
            Self::Sha1 => hash::<Sha1>(pieces),
            Self::Sha256 => hash::<Sha256>(pieces),
            Self::Sha512 => hash::<Sha512>(pieces),
            Self::Md5 => hash::<Md5>(pieces),
            // In the canonical form of xxHash, which is big-endian; the seed is 0.
            Self::Xxhash64 => {
                let mut xxh = Xxh64::new(0);
                pieces.for_each(|piece| xxh.update(piece));
                xxh.digest().to_be_bytes().to_vec()
            }
            Self::Xxhash3 | Self::Xxhash128 => {
                let mut xxh = Xxh3::new();
                pieces.for_each(|piece| xxh.update(piece));
                if self == Self::Xxhash3 {
                    xxh.digest().to_be_bytes().to_vec()
                } else {
                    xxh.digest128().to_be_bytes().to_vec()
                }
            }
        }
    }

    /// The checksum of the whole of `data`.
    pub(crate) fn of(self, data: &[u8]) -> Checksum {
        self.of_pieces(std::iter::once(data))
    }

    /// The checksum of what the pieces are together.
    pub(crate) fn of_pieces<'a>(self, pieces: impl Iterator<Item = &'a [u8]>) -> Checksum {
        Checksum { algorithm: self, value: STANDARD.encode(self.digest(pieces)), composite: false }
    }

    /// The checksum of the parts' checksums, in the form `<base64>-<parts>`.
    pub(crate) fn composite<'a>(self, parts: impl Iterator<Item = &'a Checksum>) -> Checksum {
        let mut count = 0_usize;
        let mut all = Vec::new();
        for part in parts {
            count += 1;
            // The values were encoded by `of`; a part that does not decode cannot exist.
            all.extend(STANDARD.decode(&part.value).unwrap_or_default());
        }
        let value = format!("{}-{count}", STANDARD.encode(self.digest(std::iter::once(&all[..]))));
        Checksum { algorithm: self, value, composite: true }
    }

    /// Whether `value` has the form of this algorithm's base64 value.
    pub(crate) fn accepts(self, value: &str) -> bool {
        STANDARD.decode(value).is_ok_and(|bytes| bytes.len() == self.length())
    }
}

/// A checksum that is stored with an object or a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checksum {
    pub algorithm: ChecksumAlgorithm,
    /// Base64; a composite one ends in `-<parts>`.
    pub value: String,
    /// Whether it is made of the parts' checksums (`COMPOSITE`) or of the whole (`FULL_OBJECT`).
    pub composite: bool,
}

/// What a request says its body's digests are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The value of `Content-MD5`.
    pub md5: Option<String>,
    /// The one `x-amz-checksum-*` value.
    pub checksum: Option<(ChecksumAlgorithm, String)>,
}

impl Claims {
    /// Checks the claims against the body.
    ///
    /// # Errors
    ///
    /// `InvalidDigest`, `BadDigest` or `InvalidRequest`.
    pub(crate) fn verify(&self, body: &[u8]) -> Result<Digests, S3Fault> {
        let md5 = Md5::digest(body);
        if let Some(claimed) = &self.md5 {
            let bytes = STANDARD.decode(claimed).ok().filter(|bytes| bytes.len() == 16).ok_or_else(|| {
                S3Fault::new(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
                    .with("Content-MD5", claimed.as_str())
            })?;
            if bytes[..] != md5[..] {
                let message = "The Content-MD5 you specified did not match what we received.";
                return Err(S3Fault::new(400, "BadDigest", message)
                    .with("ExpectedDigest", claimed.as_str())
                    .with("CalculatedDigest", STANDARD.encode(md5)));
            }
        }
        let mut checksum = None;
        if let Some((algorithm, claimed)) = &self.checksum {
            if !algorithm.accepts(claimed) {
                let message = format!("Value for {} header is invalid.", algorithm.header());
                return Err(S3Fault::invalid_request(message));
            }
            let calculated = algorithm.of(body);
            if calculated.value != *claimed {
                return Err(bad_digest(*algorithm));
            }
            checksum = Some(calculated);
        }
        Ok(Digests { e_tag: hex(&md5), checksum })
    }
}

/// The error for a checksum that does not match.
pub(crate) fn bad_digest(algorithm: ChecksumAlgorithm) -> S3Fault {
    let message = format!("The {} you specified did not match the calculated checksum.", algorithm.as_str());
    S3Fault::new(400, "BadDigest", message)
}

/// A body's digests, checked.
#[derive(Debug, Clone)]
pub(crate) struct Digests {
    /// MD5 in hexadecimal, the entity tag of a plain object.
    pub e_tag: String,
    /// The checksum that the request asked for.
    pub checksum: Option<Checksum>,
}

/// The entity tag of a multipart object: the MD5 of the parts' MD5s, and the number of parts.
pub(crate) fn multipart_e_tag<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Md5::new();
    let mut count = 0_usize;
    for part in parts {
        count += 1;
        let digits = part.as_bytes();
        for pair in digits.chunks_exact(2) {
            let nibble = |b: u8| char::from(b).to_digit(16).unwrap_or(0) as u8;
            hash.update([nibble(pair[0]) << 4 | nibble(pair[1])]);
        }
    }
    format!("{}-{count}", hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_values_of_the_published_catalogues_come_out() {
        // RFC 3720, the CRC catalogue and FIPS 180 give these for "123456789" / "abc".
        let value = |a: ChecksumAlgorithm, data: &str| {
            hex(&a.digest([&data.as_bytes()[..data.len() / 2], &data.as_bytes()[data.len() / 2..]].into_iter()))
        };
        assert_eq!(value(ChecksumAlgorithm::Crc32, "123456789"), "cbf43926");
        assert_eq!(value(ChecksumAlgorithm::Crc32c, "123456789"), "e3069283");
        assert_eq!(value(ChecksumAlgorithm::Crc64Nvme, "123456789"), "ae8b14860a799888");
        assert_eq!(value(ChecksumAlgorithm::Sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(value(ChecksumAlgorithm::Sha256, "abc").starts_with("ba7816bf8f01cfea"));
        assert!(value(ChecksumAlgorithm::Sha512, "abc").starts_with("ddaf35a193617aba"));
        assert_eq!(value(ChecksumAlgorithm::Md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
        // The specification of xxHash has these of no bytes.
        assert_eq!(value(ChecksumAlgorithm::Xxhash64, ""), "ef46db3751d8e999");
        assert_eq!(value(ChecksumAlgorithm::Xxhash3, ""), "2d06800538d394c2");
        assert_eq!(value(ChecksumAlgorithm::Xxhash128, ""), "99aa06d3014798d86001c324468d497f");
        for algorithm in ChecksumAlgorithm::ALL {
            assert!(algorithm.accepts(&algorithm.of(b"x").value));
            assert_eq!(ChecksumAlgorithm::parse(algorithm.as_str()), Some(algorithm));
        }
    }

    #[test]
    fn wrong_claims_are_refused_with_both_digests() {
        let claims = Claims { md5: Some(STANDARD.encode(Md5::digest(b"a"))), checksum: None };
        assert!(claims.verify(b"a").is_ok());
        let fault = claims.verify(b"b").unwrap_err();
        assert_eq!((fault.code.as_ref(), fault.extra.len()), ("BadDigest", 2));
        let short = Claims { md5: Some("AAAA".into()), checksum: None };
        assert_eq!(short.verify(b"").unwrap_err().code, "InvalidDigest");
        let crc = Claims { md5: None, checksum: Some((ChecksumAlgorithm::Crc32, "AAAAAA==".into())) };
        assert_eq!(
            crc.verify(b"x").unwrap_err().message,
            "The CRC32 you specified did not match the calculated checksum."
        );
        let bad = Claims { md5: None, checksum: Some((ChecksumAlgorithm::Crc32, "nonsense".into())) };
        assert_eq!(bad.verify(b"x").unwrap_err().code, "InvalidRequest");
    }
}
