//! The patterns of policies: `*` for any characters or none, `?` for exactly one.

/// Whether the whole text is like the pattern. The time is the product of both lengths at most.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut here) = (0, 0);
    // Where the last `*` stands, and where what it has taken ends.
    let mut star: Option<(usize, usize)> = None;
    while here < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, here));
                at += 1;
            }
            Some(character) if *character == '?' || *character == text[here] => (at, here) = (at + 1, here + 1),
            _ => {
                let Some((behind, taken)) = &mut star else { return false };
                *taken += 1;
                (at, here) = (*behind + 1, *taken);
            }
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
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
