//! Texts that are like a pattern, which each kind of pattern spells in its own way.

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Any characters, or none.
    Any,
    /// Exactly one character.
    One,
    /// This character.
    Char(char),
}

/// Whether the whole text is like the pattern. The time is the product of both lengths at most.
pub(crate) fn is_like(pattern: impl Iterator<Item = Piece>, text: &str) -> bool {
    let (pattern, text): (Vec<Piece>, Vec<char>) = (pattern.collect(), text.chars().collect());
    let (mut at, mut here) = (0, 0);
    // Where the last `Any` stands, and where what it has taken ends.
    let mut last: Option<(usize, usize)> = None;
    while here < text.len() {
        match pattern.get(at) {
            Some(Piece::Any) => {
                last = Some((at, here));
                at += 1;
            }
            Some(Piece::One) => (at, here) = (at + 1, here + 1),
            Some(Piece::Char(character)) if *character == text[here] => (at, here) = (at + 1, here + 1),
            _ => {
                let Some((behind, taken)) = &mut last else { return false };
                *taken += 1;
                (at, here) = (*behind + 1, *taken);
            }
        }
    }
    pattern[at..].iter().all(|piece| *piece == Piece::Any)
}
