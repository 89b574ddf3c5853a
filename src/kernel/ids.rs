//! The seeded generators behind every id, request id and receipt handle.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};

use crate::event::ids::{self, BASE64, LOWER_ALNUM, UPPER_ALNUM};
use crate::history::Name;

/// Draws ids of AWS's forms from a stream that follows from the seed and from the name of what the ids are for.
///
/// So the same seed gives the same ids, and leaving one step out of a run renames nothing else.
#[derive(Debug)]
pub struct Ids(ChaCha8Rng);

impl Ids {
    /// A generator whose whole stream follows from `seed`.
    #[cfg(test)]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// The generator of one kind of ids of one thing.
    pub fn of(seed: u64, name: Name, kind: &str) -> Self {
        let mut key = [0; 32];
        let parts = [seed, name.bits(), Name::ROOT.under("ids", kind).bits(), 0];
        for (place, part) in key.chunks_exact_mut(8).zip(parts) {
            place.copy_from_slice(&part.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A version 4 UUID, lower case with hyphens.
    pub fn uuid(&mut self) -> String {
        let bits = (u128::from(self.0.next_u64()) << 64) | u128::from(self.0.next_u64());
        ids::uuid(bits)
    }

    /// `length` upper-case letters and digits, the form of S3 request ids and of `AIDA…` ids.
    pub fn upper(&mut self, length: usize) -> String {
        self.draw(UPPER_ALNUM, length)
    }

    /// `length` lower-case letters and digits.
    pub fn lower(&mut self, length: usize) -> String {
        self.draw(LOWER_ALNUM, length)
    }

    /// `length` characters of the base64 alphabet, the form of S3's extended request ids.
    pub fn base64(&mut self, length: usize) -> String {
        self.draw(BASE64, length)
    }

    fn draw<const N: usize>(&mut self, alphabet: &'static [u8; N], length: usize) -> String {
        let mut bytes = vec![0; length];
        self.0.fill_bytes(&mut bytes);
        let mut text = String::with_capacity(length);
        text.extend(ids::letters(bytes, alphabet));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let draw = |seed| {
            let mut ids = Ids::new(seed);
            (ids.uuid(), ids.lower(8), ids.upper(16), ids.base64(76))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn each_kind_of_each_thing_has_ids_of_its_own() {
        let name = |subject| Name::ROOT.under("request", subject).nth(0);
        let draw = |seed, subject, kind| Ids::of(seed, name(subject), kind).uuid();
        assert_eq!(draw(1, "a", "x"), draw(1, "a", "x"));
        let others = [draw(2, "a", "x"), draw(1, "b", "x"), draw(1, "a", "y")];
        assert!(!others.contains(&draw(1, "a", "x")));
    }
}
