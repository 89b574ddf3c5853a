//! Text that breaks programs.

use super::draws::Draws;
use crate::event::ids::{self, HEX};

/// Pieces of friendly text, the simplest first.
pub(super) const PLAIN: &[&str] =
    &["a", "b", "c", "1", "file", "report", "2026-01-01", "user_7", "x.y", "data", "log", "v2"];

/// Pieces that programs trip over, the simplest first.
pub(super) const NASTY: &[&str] = &[
    "a",
    "b",
    "1",
    "/",
    ".",
    "-",
    "_",
    "file",
    ".csv",
    " ",
    "+",
    "%",
    "..",
    "./",
    "//",
    "%20",
    "%2F",
    "%zz",
    "&",
    "=",
    "?",
    "#",
    "é",
    "ü",
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    ":",
    ";",
    "@",
    ",",
    "$",
    "!",
    "(",
    ")",
    "*",
    "~",
    "|",
    "^",
    "`",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "null",
    "NaN",
    "ß",
    "İ",
    "e\u{301}",
    "日本語",
    "🦀",
    "👩\u{200d}👩\u{200d}👧",
    "🇯🇵",
    "שלום",
    "مرحبا",
    "\u{202e}",
    "\u{200b}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\u{fffd}",
    "ｆｕｌｌ",
    "\u{10ffff}",
];

/// A piece of text: from the list, or once in a while any character that XML 1.0 (and so S3 and SQS) takes.
pub(super) fn piece(source: &mut Draws<'_>, into: &mut String) {
    let place = source.index(NASTY.len() + 4);
    match NASTY.get(place) {
        Some(piece) => into.push_str(piece),
        None => into.push(character(source)),
    }
}

/// Any character but those that XML 1.0 forbids.
fn character(source: &mut Draws<'_>) -> char {
    let code = u32::try_from(source.up_to(0x10_ffff)).unwrap_or(0);
    match char::from_u32(code) {
        Some('\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..) => char::from_u32(code).unwrap_or('a'),
        _ => 'a',
    }
}

/// A short text of nasty pieces, not empty.
pub(super) fn nasty(source: &mut Draws<'_>) -> String {
    let mut text = String::new();
    source.list(1..=12, 3, |source, _| piece(source, &mut text));
    text
}

/// A short word of friendly pieces: letters, digits, hyphens and underscores only.
pub(super) fn word(source: &mut Draws<'_>) -> String {
    const WORDS: &[&str] = &["a", "b", "c", "alarm", "nightly", "report", "my-queue", "job_7", "A1"];
    let mut text = String::new();
    source.list(1..=3, 1, |source, at| {
        if at > 0 {
            text.push('-');
        }
        text.push_str(source.pick::<&str>(WORDS));
    });
    text
}

/// `length` characters of an alphabet. The simplest text is the alphabet's first character all over.
pub(super) fn scrambled(source: &mut Draws<'_>, alphabet: &[u8], length: usize) -> String {
    let mut bits = source.up_to(u64::MAX);
    let mut text = String::with_capacity(length);
    for _ in 0..length {
        text.push(char::from(alphabet[usize::try_from(bits >> 33).unwrap_or(0) % alphabet.len()]));
        // A linear congruential step keeps 0 at 0 only without its increment; that is wanted here.
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).rotate_left(17);
    }
    text
}

/// A version 4 UUID.
pub(super) fn uuid(source: &mut Draws<'_>) -> String {
    let mut digits = scrambled(source, HEX, 32);
    digits.replace_range(16..17, "0"); // all of one variant
    ids::uuid(u128::from_str_radix(&digits, 16).expect("32 hexadecimal digits"))
}

/// An X-Ray trace header.
pub(super) fn trace_header(source: &mut Draws<'_>) -> String {
    let root = scrambled(source, HEX, 32);
    format!("Root=1-{}-{};Sampled=1", &root[..8], &root[8..])
}
