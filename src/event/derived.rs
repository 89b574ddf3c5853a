//! Default ids, made from what the event is about: different objects get different ids, the same call
//! always gets the same.

use super::ids::{self, BASE64, FNV_BASIS, HEX, LOWER_ALNUM, UPPER_ALNUM, fnv1a, letters, mixed};

/// A stream of pseudo-random bits (SplitMix64) seeded by a stable hash (FNV-1a).
pub(super) struct Derived(u64);

impl Derived {
    pub fn from(parts: &[&[u8]]) -> Self {
        // The separator keeps ("a", "bc") apart from ("ab", "c"); it occurs in no UTF-8 text.
        let bytes = parts.iter().flat_map(|part| part.iter().copied().chain([0xff]));
        Self(fnv1a(FNV_BASIS, bytes))
    }

    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    pub fn uuid(&mut self) -> String {
        let mut digits = self.hex(32);
        // Of the digit for the variant, the letter counts and not its value: so the ids stay what they were.
        digits.replace_range(16..17, ["0", "1", "2", "3"][usize::from(digits.as_bytes()[16] & 3)]);
        ids::uuid(u128::from_str_radix(&digits, 16).expect("32 hexadecimal digits"))
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

    fn draw<const N: usize>(&mut self, alphabet: &'static [u8; N], length: usize, prefix: &str) -> String {
        let mut text = String::with_capacity(prefix.len() + length + 4);
        text.push_str(prefix);
        let mut left = length;
        while left > 0 {
            text.extend(letters(self.number().to_le_bytes().into_iter().take(left), alphabet));
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
    fn ids_stay_what_they_were() {
        assert_eq!(Derived::from(&[b"a"]).uuid(), "6dcd1987-5df8-4f4a-a8ee-66ba20e5111d");
    }
}
