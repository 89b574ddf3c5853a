//! Object keys.

use super::draws::Draws;
use super::text;
use crate::event::ObjectKey;

/// Which keys are generated.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pub(super) prefix: String,
    pub(super) suffix: String,
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
        key.push_str(&self.suffix);
        ObjectKey::new(key).expect("the key has 1 to 1024 bytes")
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
