//! Default ids, made from what the event is about: different objects get different ids, the same call
//! always gets the same.

/// A stream of pseudo-random bits (SplitMix64) seeded by a stable hash (FNV-1a).
pub(super) struct Derived(u64);

const UPPER_ALNUM: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER_ALNUM: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8; 16] = b"0123456789abcdef";

impl Derived {
    pub fn from(parts: &[&[u8]]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for part in parts {
            // The separator keeps ("a", "bc") apart from ("ab", "c"); it occurs in no UTF-8 text.
            for byte in part.iter().chain(&[0xff]) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        Self(hash)
    }

    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub fn uuid(&mut self) -> String {
        let mut text = self.hex(32);
        text.replace_range(12..13, "4");
        text.replace_range(16..17, ["8", "9", "a", "b"][usize::from(text.as_bytes()[16] & 3)]);
        for at in [8, 13, 18, 23] {
            text.insert(at, '-');
        }
        text
    }

    pub fn hex(&mut self, length: usize) -> String {
        self.draw(HEX, length, "")
    }

    pub fn upper(&mut self, prefix: &str, length: usize) -> String {
        self.draw(UPPER_ALNUM, length, prefix)
    }

    pub fn lower(&mut self, length: usize) -> String {
        self.draw(LOWER_ALNUM, length, "")
    }

    pub fn base64(&mut self, length: usize) -> String {
        self.draw(BASE64, length, "")
    }

    fn draw<const N: usize>(&mut self, alphabet: &[u8; N], length: usize, prefix: &str) -> String {
        let mut text = String::with_capacity(prefix.len() + length + 4);
        text.push_str(prefix);
        let mut left = length;
        while left > 0 {
            for byte in self.number().to_le_bytes().into_iter().take(left) {
                text.push(char::from(alphabet[usize::from(byte) % N]));
            }
            left = left.saturating_sub(8);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_their_parts_alone() {
        let id = |parts: &[&[u8]]| Derived::from(parts).base64(76);
        assert_eq!(id(&[b"a", b"bc"]), id(&[b"a", b"bc"]));
        assert_ne!(id(&[b"a", b"bc"]), id(&[b"ab", b"c"]));
        assert_eq!(id(&[]).len(), 76);
    }

    #[test]
    fn uuids_are_of_version_4_and_variant_1() {
        for seed in 0..50_u8 {
            let uuid = Derived::from(&[&[seed]]).uuid();
            assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
            assert!("89ab".contains(&uuid[19..20]), "{uuid}");
        }
    }
}
