//! Elements of documents that `s3s` does not know: they are put into what it has printed.

use std::sync::Arc;

use bytes::Bytes;

use super::super::checksum::Checksum;
use crate::lock::Lock;

/// What is to be added to one answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Additions(Arc<Lock<Vec<Addition>>>);

#[derive(Debug)]
struct Addition {
    /// The element to whose end it is added, and how many of these are before that.
    parent: &'static str,
    place: usize,
    name: String,
    text: String,
}

impl Additions {
    /// Adds a checksum to the element of that name and place.
    pub(super) fn checksum(&self, parent: &'static str, place: usize, checksum: &Checksum) {
        self.element(parent, place, checksum.algorithm.element(), checksum.value.clone());
    }

    /// Adds an element, whose text needs no escape, to the element of that name and place.
    pub(super) fn element(&self, parent: &'static str, place: usize, name: String, text: String) {
        self.0.lock().push(Addition { parent, place, name, text });
    }

    /// The document with all that was added.
    pub(super) fn apply(&self, document: Bytes) -> Bytes {
        let additions = std::mem::take(&mut *self.0.lock());
        if additions.is_empty() {
            return document;
        }
        let Ok(text) = std::str::from_utf8(&document) else { return document };
        let mut inserts: Vec<(usize, String)> = additions
            .into_iter()
            .filter_map(|Addition { parent, place, name, text: value }| {
                // Text is escaped, so it cannot look like an end.
                let (at, _) = text.match_indices(&format!("</{parent}>")).nth(place)?;
                Some((at, format!("<{name}>{value}</{name}>")))
            })
            .collect();
        if inserts.is_empty() {
            return document;
        }
        inserts.sort_by_key(|(at, _)| *at);
        let mut whole = String::with_capacity(text.len() + 64 * inserts.len());
        let mut done = 0;
        for (at, insert) in inserts {
            whole.push_str(&text[done..at]);
            whole.push_str(&insert);
            done = at;
        }
        whole.push_str(&text[done..]);
        whole.into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::checksum::ChecksumAlgorithm;
    use super::*;

    #[test]
    fn each_element_gets_its_own() {
        let additions = Additions::default();
        let checksum = ChecksumAlgorithm::Md5.of(b"");
        additions.checksum("Part", 1, &checksum);
        additions.checksum("Parts", 0, &checksum);
        additions.checksum("Absent", 0, &checksum);
        let document = Bytes::from_static(b"<Parts><Part></Part><Part><A>1</A></Part></Parts>");
        let md5 = "<ChecksumMD5>1B2M2Y8AsgTpgAmY7PhCfg==</ChecksumMD5>";
        let expected = format!("<Parts><Part></Part><Part><A>1</A>{md5}</Part>{md5}</Parts>");
        assert_eq!(additions.apply(document.clone()), expected);
        assert_eq!(additions.apply(document.clone()), document);
    }
}
