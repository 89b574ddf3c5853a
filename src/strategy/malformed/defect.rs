//! The label of a malformed document.

use std::fmt;

/// What is wrong with a malformed document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DefectKind {
    /// A member that AWS always sends is missing.
    MissingMember,
    /// A value has another JSON type than it should.
    WrongType,
    /// A value is `null`.
    Null,
    /// A key is not form-encoded, or bytes are not base64.
    BadEncoding,
    /// A time is not one, or is written in another way than AWS's.
    BadDate,
    /// A number does not fit into 64 bits.
    NumberOverflow,
    /// The document ends too early.
    Truncated,
    /// An object has a member twice.
    DuplicateKey,
    /// A byte is not UTF-8.
    InvalidUtf8,
    /// Brackets are nested deeper than parsers take (`serde_json` takes 127).
    DeepNesting,
    /// The name of the kind of event is not one of AWS's.
    UnknownEventName,
    /// A member is not known yet. Not an error: AWS adds members, and readers must ignore them.
    FieldFromTheFuture,
}

impl DefectKind {
    /// Every kind of defect.
    pub const ALL: [Self; 12] = [
        Self::MissingMember,
        Self::WrongType,
        Self::Null,
        Self::BadEncoding,
        Self::BadDate,
        Self::NumberOverflow,
        Self::Truncated,
        Self::DuplicateKey,
        Self::InvalidUtf8,
        Self::DeepNesting,
        Self::UnknownEventName,
        Self::FieldFromTheFuture,
    ];
}

impl fmt::Display for DefectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::MissingMember => "missing member",
            Self::WrongType => "wrong type",
            Self::Null => "null",
            Self::BadEncoding => "bad encoding",
            Self::BadDate => "bad date",
            Self::NumberOverflow => "number overflow",
            Self::Truncated => "truncated document",
            Self::DuplicateKey => "duplicate key",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::DeepNesting => "deep nesting",
            Self::UnknownEventName => "unknown event name",
            Self::FieldFromTheFuture => "field from the future",
        })
    }
}

/// What is wrong with a malformed document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// What is wrong.
    pub kind: DefectKind,
    /// Where: a JSON Pointer (RFC 6901). For a missing member it is the pointer that the member would have; for
    /// documents that are not JSON it is empty.
    pub pointer: String,
    /// The byte at which the document stops being JSON, counted from 0. None if it is JSON.
    pub offset: Option<usize>,
    /// Whether a validator must reject the document: not for a member from the future, nor for `null` where AWS may
    /// write it.
    pub must_reject: bool,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "{} at byte {offset}", self.kind),
            None => write!(f, "{} at {}", self.kind, self.pointer),
        }
    }
}

/// A document with one labelled defect.
#[derive(Clone, PartialEq, Eq)]
pub struct MalformedDocument {
    /// The bytes of the document, which may be neither JSON nor text.
    pub bytes: Vec<u8>,
    /// What is wrong with it.
    pub defect: Defect,
}

impl fmt::Debug for MalformedDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MalformedDocument")
            .field("defect", &self.defect)
            .field("bytes", &String::from_utf8_lossy(&self.bytes))
            .finish()
    }
}
