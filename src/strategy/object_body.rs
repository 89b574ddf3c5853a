//! Contents of objects.

use std::fmt;
use std::ops::Deref;

use super::draws::Draws;
use super::tree::Generate;
use super::{choices, scheduled_input, strategy, text};

/// What the smallest part of a multipart upload has, but for the last one: 5 MiB. Above it the SDKs' transfer managers begin
/// to cut uploads.
const PART_BYTES: usize = 5 * 1024 * 1024;

/// A strategy for contents of objects, as they lie in buckets: text, nothing, byte-order marks, Shift_JIS, CRLF, UTF-8 that is
/// cut in the middle of a character, JSON, binary, and once in a while more than one part of an upload (5 MiB).
///
/// Ordinary text is the simplest, and fails down to `a`. What is printed of a body is code that makes it.
///
/// # Example
///
/// ```
/// use lambda_testkit::prelude::*;
/// use lambda_testkit::strategy::object_body;
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(16), |(body in object_body())| {
///     Cloud::run(|cloud| async move {
///         let inbox = cloud.bucket("inbox");
///         let size = cloud.function_with("size", inbox.clone(), async |inbox, event: S3Event| {
///             inbox.try_bytes(event.records[0].key().as_str()).map(|bytes| bytes.len())
///         });
///         inbox.notify(&size, on(ObjectCreated));
///         inbox.put("a.csv", &body);
///         cloud.settle().await.assert_ok();
///         assert_eq!(size.responses(), [body.len()]);
///     });
/// });
/// ```
///
/// Where the 5 MiB come from: [Amazon S3 multipart upload
/// limits](https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
pub fn object_body() -> ObjectBodies {
    ObjectBodies { kinds: BodyKind::ALL.to_vec() }
}

/// What is special about an [`ObjectBody`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyKind {
    /// Lines of text in UTF-8 that end in `\n`.
    Text,
    /// No bytes.
    Empty,
    /// JSON: an object, or one object a line.
    Json,
    /// Lines that end in `\r\n`.
    Crlf,
    /// Text behind a byte-order mark: of UTF-8, or UTF-16 of either byte order.
    ByteOrderMark,
    /// Japanese text in Shift_JIS, of which some characters end in the byte of a backslash.
    ShiftJis,
    /// UTF-8 whose last character is cut.
    CutUtf8,
    /// Any bytes.
    Binary,
    /// A little more than 5 MiB of text, which is more than one part of an upload. Rare: of all kinds, one in 512.
    AboveOnePart,
}

impl BodyKind {
    /// Every kind, the simplest first.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Empty,
        Self::Json,
        Self::Crlf,
        Self::ByteOrderMark,
        Self::ShiftJis,
        Self::CutUtf8,
        Self::Binary,
        Self::AboveOnePart,
    ];
}

/// The content of an object: bytes, with what is special about them. `Debug` is code that makes the bytes, and is cut where
/// they are many.
#[derive(Clone, PartialEq, Eq)]
pub struct ObjectBody {
    kind: BodyKind,
    bytes: Vec<u8>,
}

impl ObjectBody {
    /// What is special about it.
    pub fn kind(&self) -> BodyKind {
        self.kind
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Deref for ObjectBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for ObjectBody {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<ObjectBody> for Vec<u8> {
    fn from(body: ObjectBody) -> Self {
        body.bytes
    }
}

impl fmt::Debug for ObjectBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::event::code_of_bytes(&self.bytes))
    }
}

/// The strategy of [`object_body`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct ObjectBodies {
    kinds: Vec<BodyKind>,
}

impl ObjectBodies {
    /// These kinds only. Default [all](BodyKind::ALL).
    ///
    /// ```
    /// use lambda_testkit::strategy::{BodyKind, object_body, sample};
    ///
    /// let body = sample(&object_body().kinds([BodyKind::Crlf]), 7, 0);
    /// assert!(String::from_utf8(body.into_bytes()).unwrap().ends_with("\r\n"));
    /// ```
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn kinds(self, kinds: impl IntoIterator<Item = BodyKind>) -> Self {
        Self { kinds: choices("kinds of bodies", kinds) }
    }
}

impl Generate for ObjectBodies {
    type Value = ObjectBody;

    fn generate(&self, source: &mut Draws<'_>) -> ObjectBody {
        let kind = *source.pick(&self.kinds);
        // A large body costs as much as thousands of others, so of all kinds it is the rare one.
        let again = kind == BodyKind::AboveOnePart && self.kinds.len() > 1 && !source.one_in(512 / 9);
        let kind = if again { self.kinds[0] } else { kind };
        // Chosen for every kind, so that each can become text as it shrinks.
        let lines: Vec<String> = source.list(1..=12, 2, |source, _| line(source));
        let is_open = !source.one_in(2);
        let bytes = match kind {
            BodyKind::Text if is_open => lines.join("\n").into_bytes(),
            BodyKind::Text => ended(&lines, "\n"),
            BodyKind::Empty => Vec::new(),
            BodyKind::Json => source
                .list(1..=8, 1, |source, _| scheduled_input().generate(source).to_string())
                .join("\n")
                .into_bytes(),
            BodyKind::Crlf => ended(&lines, "\r\n"),
            BodyKind::ByteOrderMark => marked(source, &lines.join("\n")),
            BodyKind::ShiftJis => shift_jis(source),
            BodyKind::CutUtf8 => cut(source, lines.join("\n")),
            BodyKind::Binary => source.list(1..=64, 8, |source, _| u8::try_from(source.up_to(255)).unwrap_or(0)),
            BodyKind::AboveOnePart => {
                let lines = ended(&lines, "\n");
                let more = usize::try_from(source.up_to(10)).unwrap_or(0);
                lines.repeat(PART_BYTES / lines.len() + 1 + more)
            }
        };
        ObjectBody { kind, bytes }
    }
}

strategy!(ObjectBodies);

/// What ends lines is no part of one.
fn line(source: &mut Draws<'_>) -> String {
    text::nasty(source).replace(['\r', '\n'], " ")
}

fn ended(lines: &[String], end: &str) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_bytes(), end.as_bytes()]).flatten().copied().collect()
}

fn marked(source: &mut Draws<'_>, text: &str) -> Vec<u8> {
    let text = format!("\u{feff}{text}");
    match source.up_to(2) {
        0 => text.into_bytes(),
        1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

/// Pieces in Shift_JIS: 日本語, テスト, 表 and ソ (whose second byte is that of a backslash), half-width katakana, and ASCII.
fn shift_jis(source: &mut Draws<'_>) -> Vec<u8> {
    const PIECES: [&[u8]; 8] = [
        b"\x93\xfa\x96\x7b\x8c\xea",
        b"\x95\x5c",
        b"\x83\x5c",
        b"\x83\x65\x83\x58\x83\x67",
        b"\xb1\xb2",
        b"a",
        b",",
        b"\r\n",
    ];
    source.list(1..=12, 3, |source, at| *source.pick(if at == 0 { &PIECES[..4] } else { &PIECES })).concat()
}

/// A text and the first bytes of one more character.
fn cut(source: &mut Draws<'_>, text: String) -> Vec<u8> {
    const CHARACTERS: [&str; 3] = ["ü", "日", "🦀"];
    let last = source.pick::<&str>(&CHARACTERS).as_bytes();
    let kept = 1 + source.index(last.len() - 1);
    let mut bytes = text.into_bytes();
    bytes.extend(&last[..kept]);
    bytes
}
