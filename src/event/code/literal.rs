//! Values as Rust code.

use jiff::Timestamp;

use crate::event::Json;

/// Longer texts are cut: a body may have a megabyte.
const LONG: usize = 2000;

/// Shorter texts are written out although something in them repeats.
const SHORT: usize = 100;

/// A text: `"a"`, `r#"{"a": 1}"#`, or `"ab".repeat(300) + "c"`, which is a `String`.
pub(in crate::event) fn text(text: &str) -> String {
    if let Some(code) = repeated(text) {
        return code;
    }
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{} /* … {} bytes in all */", quoted(&text[..end]), text.len()),
        None => quoted(text),
    }
}

/// [`text`] of what holds one.
pub(in crate::event) fn text_of(value: &impl AsRef<str>) -> String {
    text(value.as_ref())
}

/// A point in time, where the type follows from the place.
pub(in crate::event) fn time(at: Timestamp) -> String {
    format!("\"{at}\".parse().unwrap()")
}

/// An array of bytes.
pub(in crate::event) fn bytes(bytes: &[u8]) -> String {
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    format!("[{}]", numbers.join(", "))
}

/// Bytes as a byte string or an array, whatever is easier to read; a text in UTF-8 as the bytes of a literal.
#[cfg(feature = "proptest")]
pub(crate) fn byte_string(bytes: &[u8]) -> String {
    if let Ok(utf8) = std::str::from_utf8(bytes) {
        return match repeated(utf8) {
            Some(code) => format!("({code}).into_bytes()"),
            None => format!("{}.as_bytes()", text(utf8)),
        };
    }
    let end = bytes.len().min(LONG);
    let literal = format!("b\"{}\"", bytes[..end].escape_ascii());
    if end == bytes.len() { literal } else { format!("{literal} /* … {} bytes in all */", bytes.len()) }
}

fn quoted(text: &str) -> String {
    let escaped = format!("{text:?}");
    let quotes = text.matches('"').count();
    let marked = quotes + text.matches('\\').count();
    // A raw literal is easier to read where quotes and backslashes are all that there is to escape.
    if marked == 0 || escaped.len() != text.len() + marked + 2 {
        return escaped;
    }
    let fences = text.split('"').skip(1).map(|after| after.len() - after.trim_start_matches('#').len());
    let hashes = "#".repeat(fences.max().map_or(0, |longest| longest + 1));
    format!("r{hashes}\"{text}\"{hashes}")
}

/// A long text most of which is one short piece over and over.
fn repeated(text: &str) -> Option<String> {
    const PIECE: usize = 64;
    let bytes = text.as_bytes();
    if bytes.len() < SHORT {
        return None;
    }
    for start in (0..=PIECE).filter(|start| text.is_char_boundary(*start)) {
        for period in (1..=PIECE).filter(|period| text.is_char_boundary(start + period)) {
            let Some(later) = bytes.get(start + period..) else { continue };
            let same = bytes[start..].iter().zip(later).take_while(|(one, other)| one == other).count();
            let count = (same + period) / period;
            let end = start + count * period;
            if count >= 4 && 2 * (end - start) > bytes.len() && bytes.len() - end <= LONG {
                let piece = format!("{}.repeat({count})", quoted(&text[start..start + period]));
                let (head, tail) = (&text[..start], &text[end..]);
                return Some(match (head.is_empty(), tail.is_empty()) {
                    (true, true) => piece,
                    (true, false) => format!("{piece} + {}", quoted(tail)),
                    (false, _) => format!("[{}, &{piece}, {}].concat()", quoted(head), quoted(tail)),
                });
            }
        }
    }
    None
}

/// A JSON value, for `impl Into<Json>`. The macro is the one of `serde_json`, which sorts members.
pub(super) fn json(value: &Json) -> String {
    match value {
        Json::String(string) => text(string),
        _ if is_sorted(value) => format!("json!({})", tokens(value)),
        _ => format!("{}.parse::<Json>().unwrap()", text(&value.to_string())),
    }
}

fn is_sorted(value: &Json) -> bool {
    match value {
        Json::Array(elements) => elements.iter().all(is_sorted),
        Json::Object(members) => {
            let sorted = members.iter().zip(members.iter().skip(1)).all(|((one, _), (next, _))| one < next);
            sorted && members.iter().all(|(_, value)| is_sorted(value))
        }
        _ => true,
    }
}

/// What stands in the brackets of `json!`.
fn tokens(value: &Json) -> String {
    let list = |parts: Vec<String>| parts.join(", ");
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            // Without a suffix a literal is an `i32`.
            (Some(small), _, _) if i32::try_from(small).is_ok() => small.to_string(),
            (Some(signed), _, _) => format!("{signed}_i64"),
            (None, Some(large), _) => format!("{large}_u64"),
            (None, None, float) => format!("{:?}", float.unwrap_or_default()),
        },
        Json::String(string) => text(string),
        Json::Array(elements) => format!("[{}]", list(elements.iter().map(tokens).collect())),
        Json::Object(members) => {
            let member = |(name, value)| format!("{name:?}: {}", tokens(value));
            format!("{{{}}}", list(members.iter().map(member).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_literals_that_a_person_can_read() {
        for (value, code) in [
            ("in/+", r#""in/+""#),
            ("a\n\u{202e}e\u{301}", r#""a\n\u{202e}e\u{301}""#),
            (r#"{"a":1}"#, r##"r#"{"a":1}"#"##),
            (r##""#"##, r###"r##""#"##"###),
            (r"\d", r#"r"\d""#),
            ("\"\r", r#""\"\r""#),
        ] {
            assert_eq!(text(value), code);
        }
    }

    #[test]
    fn what_repeats_is_not_written_out_and_what_is_long_is_cut() {
        assert_eq!(text(&"a".repeat(1_048_576)), r#""a".repeat(1048576)"#);
        assert_eq!(text(&("ü+".repeat(100) + "ü")), r#""ü+".repeat(100) + "ü""#);
        assert_eq!(text(&format!("in/{}.csv", "+".repeat(1000))), r#"["in/", &"+".repeat(1000), ".csv"].concat()"#);
        let mixed: String = (0..2000).map(|number| number.to_string()).collect();
        let code = text(&mixed);
        assert!(code.len() < 2100 && code.ends_with(" /* … 6890 bytes in all */"), "{code}");
    }

    #[test]
    fn json_is_the_macro_where_that_keeps_the_order() {
        let code = |text: &str| json(&serde_json::from_str(text).unwrap());
        assert_eq!(code("\"a\""), "\"a\"");
        assert_eq!(code("null"), "json!(null)");
        assert_eq!(
            code(r#"{"a":[1,-1,4294967296,18446744073709551615,0.5,1e21],"b":{"":true}}"#),
            r#"json!({"a": [1, -1, 4294967296_i64, 18446744073709551615_u64, 0.5, 1e21], "b": {"": true}})"#
        );
        assert_eq!(code(r#"{"b":1,"a":2}"#), r##"r#"{"b":1,"a":2}"#.parse::<Json>().unwrap()"##);
    }
}
