//! Query strings and forms, read in one way by all services.

use std::borrow::Cow;

/// The names and values, decoded: `%20` and `+` are both a space, and what is no UTF-8 is replaced.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(text.as_bytes())
}

/// The first value of that name.
pub(crate) fn value<'q>(text: &'q str, name: &str) -> Option<Cow<'q, str>> {
    pairs(text).find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded_alike() {
        let text = "a=1&&b%20c=x+y%2B&d&a=2&e=%FF";
        let read: Vec<(String, String)> = pairs(text).map(|(a, b)| (a.into_owned(), b.into_owned())).collect();
        let expected = [("a", "1"), ("b c", "x y+"), ("d", ""), ("a", "2"), ("e", "\u{fffd}")];
        assert_eq!(read, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(value(text, "a").as_deref(), Some("1"));
        assert_eq!(value(text, "x"), None);
    }
}
