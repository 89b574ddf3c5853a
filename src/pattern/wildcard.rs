//! Texts with `*` for any characters or none; `\*` and `\\` are the characters themselves.

use crate::glob::{Piece, is_like};

fn pieces(pattern: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut characters = pattern.chars();
    std::iter::from_fn(move || {
        Some(match characters.next()? {
            '*' => Piece::Any,
            '\\' => Piece::Char(characters.next().unwrap_or('\\')),
            other => Piece::Char(other),
        })
    })
}

/// Where a second `*` stands directly behind another, counted in characters.
pub(super) fn consecutive(pattern: &str) -> Option<usize> {
    let pieces: Vec<Piece> = pieces(pattern).collect();
    pieces.windows(2).position(|two| two == [Piece::Any, Piece::Any])
}

/// Whether the whole text matches.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    is_like(pieces(pattern), text)
}
