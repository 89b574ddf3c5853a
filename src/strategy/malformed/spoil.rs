//! Puts one defect into a document.

use serde_json::{Value, json};

use super::defect::{Defect, DefectKind, MalformedDocument};
use super::fields::{Field, Form, fields};
use crate::event::pointer_step as step;
use crate::strategy::draws::Draws;

/// A text that stands for something that a JSON value cannot express, until the document is printed.
const MARK: &str = "lambda-testkit marks the defect here";
/// Brackets that `serde_json` accepts inside each other.
const MAX_DEPTH: usize = 127;

/// Puts a defect of one of these kinds into the document: of a kind that is chosen, or of the next one that the
/// document has room for. A document can always be cut off, whatever the kinds are.
pub(super) fn spoil(document: &Value, kinds: &[DefectKind], source: &mut Draws<'_>) -> MalformedDocument {
    let first = source.index(kinds.len());
    let fields = fields(document);
    for turn in 0..kinds.len() {
        let kind = kinds[(first + turn) % kinds.len()];
        let spoiled = Spoiler { document, fields: &fields, source, kind }.spoil();
        if let Some(spoiled) = spoiled {
            return spoiled;
        }
    }
    let kind = DefectKind::Truncated;
    Spoiler { document, fields: &fields, source, kind }.truncated()
}

struct Spoiler<'a, 'b> {
    document: &'a Value,
    fields: &'a [Field],
    source: &'a mut Draws<'b>,
    kind: DefectKind,
}

impl Spoiler<'_, '_> {
    /// None where the document has no place for such a defect.
    fn spoil(mut self) -> Option<MalformedDocument> {
        match self.kind {
            DefectKind::MissingMember => self.missing(),
            DefectKind::WrongType => {
                let field = self.choose(|field| field.form != Form::Any)?;
                let wrong = match field.form {
                    Form::Object | Form::Map => vec![json!("text"), json!([]), json!(5), json!(true)],
                    Form::List => vec![json!("text"), json!({}), json!(5), json!(false)],
                    Form::Number => vec![json!("5"), json!({}), json!(1.5), json!(true)],
                    Form::Flag => vec![json!("true"), json!({}), json!(1), json!([])],
                    _ => vec![json!(5), json!({}), json!([]), json!(true)],
                };
                let wrong = self.source.pick(&wrong).clone();
                Some(self.replaced(&field, wrong, true))
            }
            DefectKind::Null => {
                let field = self.choose(|field| field.form != Form::Any)?;
                Some(self.replaced(&field, Value::Null, !field.nullable))
            }
            DefectKind::BadEncoding => {
                let field = self.choose(|field| matches!(field.form, Form::Key | Form::Base64))?;
                let bad: &[&str] = match field.form {
                    Form::Key => &["my files/a", "a%", "a%2", "a%zz", "ü", "a\tb"],
                    _ => &["not base64!", "YQ", "YQ=", "Y=Q="],
                };
                let bad = json!(self.source.pick::<&str>(bad));
                Some(self.replaced(&field, bad, true))
            }
            DefectKind::BadDate => {
                const BAD: [&str; 8] = [
                    "",
                    "yesterday",
                    "2026-01-01",
                    "2026-13-01T00:00:00Z",
                    "2026-02-30T00:00:00.000Z",
                    "2026-01-01 00:00:00",
                    "2026-01-01T00:00:00.000",
                    "2026-01-01T24:00:00.000+09:00",
                ];
                let field = self.choose(|field| field.form == Form::Time)?;
                let bad = json!(self.source.pick::<&str>(&BAD));
                Some(self.replaced(&field, bad, true))
            }
            DefectKind::NumberOverflow => self.overflow(),
            DefectKind::Truncated => Some(self.truncated()),
            DefectKind::DuplicateKey => self.duplicate(),
            DefectKind::InvalidUtf8 => self.invalid_utf8(),
            DefectKind::DeepNesting => self.nested(),
            DefectKind::UnknownEventName => {
                let field = self.choose(|field| field.form == Form::Name)?;
                let name = self.source.pick::<&str>(&["ObjectCreated:Puts", "", "Unheard Of", "s3:ObjectCreated:*"]);
                Some(self.replaced(&field, json!(name), true))
            }
            DefectKind::FieldFromTheFuture => {
                let known = self.fields.iter().filter(|field| field.form == Form::Object);
                let parents: Vec<&str> = [""].into_iter().chain(known.map(|field| field.pointer.as_str())).collect();
                let parent = *self.source.pick(&parents);
                let mut document = self.document.clone();
                let member = "fieldFromTheFuture";
                document.pointer_mut(parent)?.as_object_mut()?.insert(member.to_owned(), json!({ "new": [1] }));
                Some(self.labelled(document.to_string().into_bytes(), format!("{parent}/{member}"), None, false))
            }
        }
    }

    fn labelled(&self, bytes: Vec<u8>, pointer: String, offset: Option<usize>, must_reject: bool) -> MalformedDocument {
        MalformedDocument { bytes, defect: Defect { kind: self.kind, pointer, offset, must_reject } }
    }

    fn choose(&mut self, fits: impl Fn(&Field) -> bool) -> Option<Field> {
        let fitting: Vec<&Field> = self.fields.iter().filter(|field| fits(field)).collect();
        if fitting.is_empty() { None } else { Some((*self.source.pick(&fitting)).clone()) }
    }

    /// The pointer of an object with members: the document itself, or one that is known.
    fn choose_object(&mut self) -> Option<String> {
        let known = self.fields.iter().map(|field| field.pointer.as_str());
        let fits = |pointer: &&str| {
            self.document.pointer(pointer).and_then(Value::as_object).is_some_and(|members| !members.is_empty())
        };
        let fitting: Vec<&str> = [""].into_iter().chain(known).filter(fits).collect();
        if fitting.is_empty() { None } else { Some((*self.source.pick(&fitting)).to_owned()) }
    }

    fn with(&self, pointer: &str, value: Value) -> Value {
        let mut document = self.document.clone();
        if let Some(place) = document.pointer_mut(pointer) {
            *place = value;
        }
        document
    }

    fn replaced(&self, field: &Field, value: Value, must_reject: bool) -> MalformedDocument {
        let document = self.with(&field.pointer, value);
        self.labelled(document.to_string().into_bytes(), field.pointer.clone(), None, must_reject)
    }

    fn missing(&mut self) -> Option<MalformedDocument> {
        let field = self.choose(|field| field.required)?;
        let (parent, name) = field.pointer.rsplit_once('/')?;
        let mut document = self.document.clone();
        document.pointer_mut(parent)?.as_object_mut()?.remove(&name.replace("~1", "/").replace("~0", "~"))?;
        Some(self.labelled(document.to_string().into_bytes(), field.pointer.clone(), None, true))
    }

    fn overflow(&mut self) -> Option<MalformedDocument> {
        let field = self.choose(|field| matches!(field.form, Form::Number | Form::Decimal))?;
        if field.form == Form::Decimal {
            return Some(self.replaced(&field, json!("999999999999999999999999"), true));
        }
        // The second one is beyond floating point too, so that it is not even JSON to most parsers.
        let digits = *self.source.pick::<&str>(&["18446744073709551616", "1e999"]);
        let (bytes, at) = self.printed(&self.with(&field.pointer, json!(MARK)), digits)?;
        let syntax = digits == "1e999";
        let pointer = if syntax { String::new() } else { field.pointer };
        Some(self.labelled(bytes, pointer, syntax.then_some(at), true))
    }

    /// The document with `text` in the place of the marked value, and the offset of the text.
    fn printed(&self, marked: &Value, text: &str) -> Option<(Vec<u8>, usize)> {
        let printed = marked.to_string();
        let mark = format!("\"{MARK}\"");
        let at = printed.find(&mark)?;
        Some((printed.replacen(&mark, text, 1).into_bytes(), at))
    }

    fn truncated(&mut self) -> MalformedDocument {
        let text = self.document.to_string();
        // Part of a number or a word may be JSON; part of anything in brackets or quotes is not.
        let whole = text.starts_with(['{', '[', '"']);
        let length = if whole { self.source.index(text.len()) } else { 0 };
        self.labelled(text.into_bytes()[..length].to_vec(), String::new(), Some(length), true)
    }

    fn duplicate(&mut self) -> Option<MalformedDocument> {
        let parent = self.choose_object()?;
        let members = self.document.pointer(&parent)?.as_object()?;
        let names: Vec<&String> = members.keys().collect();
        let name = (*self.source.pick(&names)).clone();
        let mut document = self.document.clone();
        let members = document.pointer_mut(&parent)?.as_object_mut()?;
        members.insert(MARK.to_owned(), members[&name].clone());
        let (bytes, _) = self.printed(&document, &Value::String(name.clone()).to_string())?;
        Some(self.labelled(bytes, format!("{parent}{}", step(&name)), None, true))
    }

    fn invalid_utf8(&mut self) -> Option<MalformedDocument> {
        let mut bytes = self.document.to_string().into_bytes();
        let letters: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphabetic()).collect();
        if letters.is_empty() {
            return None;
        }
        let at = *self.source.pick(&letters);
        bytes[at] = *self.source.pick(&[0xff, 0xc0, 0x80]);
        Some(self.labelled(bytes, String::new(), Some(at), true))
    }

    fn nested(&mut self) -> Option<MalformedDocument> {
        let field = self.choose(|_| true)?;
        let levels = 128 + usize::try_from(self.source.up_to(872)).unwrap_or(0);
        let text = "[".repeat(levels) + &"]".repeat(levels);
        let (bytes, at) = self.printed(&self.with(&field.pointer, json!(MARK)), &text)?;
        // Every step of the pointer goes through one bracket.
        let around = field.pointer.matches('/').count();
        Some(self.labelled(bytes, String::new(), Some(at + MAX_DEPTH - around), true))
    }
}
