//! Bodies of `multipart/form-data`, in which browsers post a file to S3.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html>

use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;

use super::header::header_text;

/// The fields before the file may have 20 KB in all.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>
const MAX_FIELDS_BYTES: usize = 20 * 1024;

/// A form as it was posted. What comes behind the file is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PostForm {
    /// Names, as they were written, with their values, in order.
    pub fields: Vec<(String, String)>,
    /// The file, with its name on the browser's side.
    pub file: Option<(Option<String>, Bytes)>,
}

/// Why a form was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormFault {
    /// It is no `multipart/form-data`.
    Malformed,
    /// There is too much before the file.
    TooLarge,
}

/// Whether a request is a form that says itself who sends it: such a one has no signature in its head.
pub(super) fn is_form(parts: &Parts) -> bool {
    let kind = header_text(&parts.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    parts.method == Method::POST
        && kind.eq_ignore_ascii_case("multipart/form-data")
        && !parts.headers.contains_key(AUTHORIZATION)
}

impl PostForm {
    /// Reads a form.
    ///
    /// # Errors
    ///
    /// Its framing is broken, or its fields are too long.
    pub fn read(parts: &Parts, body: &Bytes) -> Result<Self, FormFault> {
        let kind = header_text(&parts.headers, CONTENT_TYPE.as_str()).ok_or(FormFault::Malformed)?;
        let boundary = parameter(kind, "boundary").filter(|boundary| !boundary.is_empty());
        let delimiter = format!("\r\n--{}", boundary.ok_or(FormFault::Malformed)?);
        let mut form = Self::default();
        // The first delimiter has no line before it.
        let mut rest = match body.strip_prefix(&delimiter.as_bytes()[2..]) {
            Some(rest) => body.slice_ref(rest),
            None => {
                let start = find(body, delimiter.as_bytes()).ok_or(FormFault::Malformed)?;
                body.slice(start + delimiter.len()..)
            }
        };
        let mut size = 0;
        loop {
            if rest.starts_with(b"--") {
                return Ok(form);
            }
            let start = rest.strip_prefix(b"\r\n").ok_or(FormFault::Malformed)?;
            let part = rest.slice_ref(start);
            let end = find(&part, delimiter.as_bytes()).ok_or(FormFault::Malformed)?;
            let (part, behind) = (part.slice(..end), part.slice(end + delimiter.len()..));
            let head = find(&part, b"\r\n\r\n").ok_or(FormFault::Malformed)?;
            let (head, value) = (part.slice(..head), part.slice(head + 4..));
            let (name, filename) = disposition(&head).ok_or(FormFault::Malformed)?;
            if name.eq_ignore_ascii_case("file") {
                form.file = Some((filename, value));
                return Ok(form);
            }
            size += name.len() + value.len();
            if size > MAX_FIELDS_BYTES {
                return Err(FormFault::TooLarge);
            }
            let value = String::from_utf8(value.to_vec()).map_err(|_| FormFault::Malformed)?;
            form.fields.push((name, value));
            rest = behind;
        }
    }

    /// The first field of that name, in whatever case.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The name of a part, and of its file.
fn disposition(head: &[u8]) -> Option<(String, Option<String>)> {
    let head = std::str::from_utf8(head).ok()?;
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    Some((parameter(line, "name")?, parameter(line, "filename")))
}

/// A parameter of a header's value, without its quotes.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (text, behind) = match after.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"')?;
                (&quoted[..end], quoted[end + 1..].trim_start().strip_prefix(';').unwrap_or(""))
            }
            None => after.split_once(';').unwrap_or((after, "")),
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text.trim().to_owned());
        }
        rest = behind;
    }
}

fn find(body: &[u8], text: &[u8]) -> Option<usize> {
    let (first, others) = text.split_first()?;
    let mut from = 0;
    loop {
        let at = from + body.get(from..)?.iter().position(|byte| byte == first)?;
        if body[at + 1..].starts_with(others) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<PostForm, FormFault> {
        let request = http::Request::post("/b").header("content-type", "multipart/form-data; boundary=\"x\"");
        let parts = request.body(()).unwrap().into_parts().0;
        assert!(is_form(&parts));
        PostForm::read(&parts, &Bytes::from(body.to_owned()))
    }

    #[test]
    fn fields_come_before_the_file_and_what_is_behind_it_is_nothing() {
        let form = read(
            "--x\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\na;b\r\n--x\r\ncontent-disposition: form-data; \
             name=\"file\"; filename=\"n;1.txt\"\r\nContent-Type: text/plain\r\n\r\none\r\n--\r\n--x\r\nnonsense",
        )
        .unwrap();
        assert_eq!(form.field("kEY"), Some("a;b"));
        assert_eq!(form.file, Some((Some("n;1.txt".to_owned()), Bytes::from_static(b"one\r\n--"))));
        assert_eq!(read("--x--\r\n").unwrap(), PostForm::default());
    }

    #[test]
    fn broken_forms_and_long_fields_are_refused() {
        for body in ["", "--y--", "--x\r\n\r\na\r\n--x--", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"]
        {
            assert_eq!(read(body), Err(FormFault::Malformed), "{body:?}");
        }
        let long = "a".repeat(MAX_FIELDS_BYTES);
        let body = format!("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{long}\r\n--x--");
        assert_eq!(read(&body), Err(FormFault::TooLarge));
    }
}
