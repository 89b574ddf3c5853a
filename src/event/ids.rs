//! The forms of AWS's ids: alphabets, UUIDs, and a hash that is fixed for ever. The bits are up to whoever makes an id.

use uuid::{Builder, Uuid};

pub(crate) const UPPER_ALNUM: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
pub(crate) const LOWER_ALNUM: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
pub(crate) const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
pub(crate) const HEX: &[u8; 16] = b"0123456789abcdef";

/// A letter of the alphabet for each byte. A bias of 36 / 2^8 is of no interest to ids.
pub(crate) fn letters<const N: usize>(
    bytes: impl IntoIterator<Item = u8>,
    alphabet: &'static [u8; N],
) -> impl Iterator<Item = char> {
    bytes.into_iter().map(|byte| char::from(alphabet[usize::from(byte) % N]))
}

/// A version 4 UUID of these bits, lower case with hyphens; six of them become version and variant.
pub(crate) fn uuid(bits: u128) -> String {
    Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
}

/// Whether it is a UUID in groups of 8, 4, 4, 4 and 12 hexadecimal digits.
pub(crate) fn is_uuid(text: &str) -> bool {
    // The crate reads other forms too, all of other lengths.
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// What FNV-1a begins with.
pub(crate) const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, which is fixed for ever: plans and events that were stored keep their names.
pub(crate) fn fnv1a(hash: u64, bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The last step of SplitMix64: similar hashes get unlike bits.
pub(crate) fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_of_version_4_and_variant_1() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert!(is_uuid(&uuid(7)));
    }

    #[test]
    fn other_spellings_are_no_uuids_of_an_event() {
        let good = "6a7e8feb-b491-4cf7-a9f1-bf3703467718";
        assert!(is_uuid(good) && is_uuid(&good.to_uppercase()));
        for bad in [
            "",
            "6a7e8febb4914cf7a9f1bf3703467718",
            "{6a7e8feb-b491-4cf7-a9f1-bf3703467718}",
            "urn:uuid:6a7e8feb-b491-4cf7-a9f1-bf3703467718",
            "6a7e8feb-b491-4cf7-a9f1-bf370346771g",
            "6a7e8febb-491-4cf7-a9f1-bf3703467718",
        ] {
            assert!(!is_uuid(bad), "{bad}");
        }
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // The vectors of <http://www.isthe.com/chongo/tech/comp/fnv/>.
        assert_eq!(fnv1a(FNV_BASIS, *b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(FNV_BASIS, *b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(FNV_BASIS, *b"foobar"), 0x8594_4171_f739_67e8);
    }
}
