//! Resources by pattern, for faults that a test injects.

/// Whether a pattern stands for a text: `*` for any characters or none, and a bucket alone for all that is in it.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let is_inside = || {
        let names_one = !pattern.contains(['/', '*']);
        names_one && text.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('/'))
    };
    is_like(pattern, text) || is_inside()
}

fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_a_bucket_for_its_keys() {
        for (pattern, text, expected) in [
            ("box/a", "box/a", true),
            ("box/a", "box/a/b", false),
            ("box/a", "box/ab", false),
            ("box", "box", true),
            ("box", "box/a/b", true),
            ("box", "boxes/a", false),
            ("box/*", "box/a/b", true),
            ("box/*", "box", false),
            ("box/*.csv", "box/a/b.csv", true),
            ("box/*.csv", "box/a.csv.gz", false),
            ("box/a*b*c", "box/a-b-b-c", true),
            ("box/a*b*c", "box/a-c-b", false),
            ("box/ab*ba", "box/aba", false),
            ("*", "", true),
            ("", "box", false),
            ("#alarms", "#alarms", true),
            ("box/日*", "box/日本", true),
            ("box/a*", "box/a*", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
