//! The patterns of policies: `*` for any characters or none, `?` for exactly one.

use crate::glob::{Piece, is_like};

/// Whether the whole text is like the pattern.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let piece = |character| match character {
        '*' => Piece::Any,
        '?' => Piece::One,
        other => Piece::Char(other),
    };
    is_like(pattern.chars().map(piece), text)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_and_question_marks_for_one() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("s3:Get*", "s3:GetObject", true),
            ("s3:Get*", "s3:PutObject", false),
            ("arn:aws:s3:::box/*.csv", "arn:aws:s3:::box/in/a.csv", true),
            ("arn:aws:s3:::box/*.csv", "arn:aws:s3:::box/a.csv.gz", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b", "xaxaxb", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
