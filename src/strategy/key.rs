//! Object keys.

use super::draws::Draws;
use super::text;
use crate::event::ObjectKey;

/// Which keys are generated.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pub(super) prefix: String,
    pub(super) suffix: String,
    /// The suffix in capitals and in mixed case too.
    pub(super) any_case: bool,
    pub(super) fixed: Vec<ObjectKey>,
    pub(super) plain: bool,
    /// Also keys of nothing but white space, which the AWS SDK for Rust does not send.
    pub(super) blank: bool,
}

impl Keys {
    pub(super) fn generate(&self, source: &mut Draws<'_>) -> ObjectKey {
        if !self.fixed.is_empty() {
            return source.pick(&self.fixed).clone();
        }
        // `key_prefix` and `key_suffix` see to it that a character fits between.
        let room = ObjectKey::MAX_BYTES - self.prefix.len() - self.suffix.len();
        let mut key = String::with_capacity(self.prefix.len() + 32 + self.suffix.len());
        key.push_str(&self.prefix);
        let end = self.prefix.len() + room;
        let longest = !self.plain && source.one_in(64);
        source.list(1..=24, 4, |source, _| {
            let start = key.len();
            if self.plain {
                key.push_str(source.pick::<&str>(text::PLAIN));
            } else {
                text::piece(source, &mut key);
            }
            if key.len() > end {
                key.truncate(start);
            }
        });
        // Made of what a short key is made of, so that a long one that fails becomes a short one where length is no matter.
        if longest {
            fill(&mut key, self.prefix.len(), end);
        }
        if !self.blank && key.trim().is_empty() && self.suffix.trim().is_empty() {
            key.truncate(self.prefix.len());
        }
        if key.len() == self.prefix.len() {
            key.push('a');
        }
        if self.any_case {
            push_in_any_case(source, &self.suffix, &mut key);
        } else {
            key.push_str(&self.suffix);
        }
        ObjectKey::new(key).expect("the key has 1 to 1024 bytes")
    }
}

/// As it is, in capitals, capitalised, or each letter as it comes. Only ASCII's letters have the same length in each case.
fn push_in_any_case(source: &mut Draws<'_>, suffix: &str, key: &mut String) {
    match source.up_to(4) {
        0 => key.push_str(suffix),
        1 => key.push_str(&suffix.to_ascii_uppercase()),
        2 => {
            let mut starts = true;
            for letter in suffix.chars() {
                key.push(if starts { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() });
                starts = !letter.is_alphanumeric();
            }
        }
        3 => key.push_str(&suffix.to_ascii_lowercase()),
        _ => {
            let mut bits = source.up_to(u64::MAX);
            for letter in suffix.chars() {
                key.push(if bits & 1 == 1 { letter.to_ascii_uppercase() } else { letter });
                bits = bits.rotate_right(1);
            }
        }
    }
}

/// The longest key that there may be, of what stands behind its prefix over and over.
fn fill(key: &mut String, prefix: usize, end: usize) {
    let piece = key[prefix..].to_owned();
    while !piece.is_empty() && key.len() + piece.len() <= end {
        key.push_str(&piece);
    }
    while key.len() < end {
        key.push('a');
    }
}
