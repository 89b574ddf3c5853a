//! What somebody else might have written: another content that is still of the same kind.

use bytes::Bytes;

/// Another content. Who could read the one can most likely read the other: documents have a line break more at their end,
/// numbers are the next ones, other text has its last line twice, and all else comes twice.
pub(crate) fn otherwise(body: &Bytes) -> Bytes {
    let Ok(text) = std::str::from_utf8(body) else { return [&body[..], &body[..]].concat().into() };
    if let Some(next) = text.parse::<u64>().ok().and_then(|number| number.checked_add(1)) {
        return next.to_string().into();
    }
    let last = text.lines().next_back().unwrap_or_default();
    let is_document = text.trim_start().starts_with(['{', '[', '<', '"']);
    match text {
        _ if is_document || last.is_empty() => format!("{text}\n").into(),
        _ if text.ends_with('\n') => format!("{text}{last}\n").into(),
        _ => format!("{text}\n{last}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_is_of_the_same_kind() {
        for (one, other) in [
            ("", "\n"),
            ("41", "42"),
            ("id,name\n1,tea\n", "id,name\n1,tea\n1,tea\n"),
            ("a", "a\na"),
            (r#"{"a":1}"#, "{\"a\":1}\n"),
        ] {
            assert_eq!(otherwise(&Bytes::from(one)), other, "{one:?}");
        }
        assert_eq!(otherwise(&Bytes::from_static(b"\xff\0")), &b"\xff\0\xff\0"[..]);
    }
}
