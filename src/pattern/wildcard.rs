//! Texts with `*` for any characters or none; `\*` and `\\` are the characters themselves.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Any,
    One(char),
}

fn pieces(pattern: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut characters = pattern.chars();
    std::iter::from_fn(move || {
        Some(match characters.next()? {
            '*' => Piece::Any,
            '\\' => Piece::One(characters.next().unwrap_or('\\')),
            other => Piece::One(other),
        })
    })
}

/// Where a second `*` stands directly behind another, counted in characters.
pub(super) fn consecutive(pattern: &str) -> Option<usize> {
    let pieces: Vec<Piece> = pieces(pattern).collect();
    pieces.windows(2).position(|two| two == [Piece::Any, Piece::Any])
}

/// Whether the whole text matches. The time is the product of both lengths at most.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<Piece>, Vec<char>) = (pieces(pattern).collect(), text.chars().collect());
    let (mut at, mut here) = (0, 0);
    // Where the last `*` stands, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while here < text.len() {
        match pattern.get(at) {
            Some(Piece::Any) => {
                star = Some((at, here));
                at += 1;
            }
            Some(Piece::One(character)) if *character == text[here] => (at, here) = (at + 1, here + 1),
            _ => match &mut star {
                Some((behind, taken)) => {
                    *taken += 1;
                    (at, here) = (*behind + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|piece| *piece == Piece::Any)
}
