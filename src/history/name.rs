//! Names that follow from what a thing is about and from its place under its cause, never from an order of all things.
//!
//! Ids are drawn from them and choices are found again by them: leaving one step out of a run renames nothing else.

use crate::event::ids::{FNV_BASIS, fnv1a, mixed};

/// The name of one thing that happened: (name of its cause, kind, subject, how many equals came before under that cause).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(u64);

impl Name {
    /// The name of the run itself, under which stands what the test did.
    pub const ROOT: Self = Self(FNV_BASIS);

    /// The first of all names in order.
    pub const LEAST: Self = Self(0);

    /// What the name of something under this one begins with; `subject` says what it is about.
    pub fn under(self, kind: &str, subject: &str) -> Self {
        Self(bytes(bytes(self.0, kind.as_bytes()) ^ 0xff, subject.as_bytes()))
    }

    /// One of several equals, counted from 0.
    pub fn nth(self, ordinal: u32) -> Self {
        Self(bytes(self.0, &ordinal.to_le_bytes()))
    }

    /// 64 bits that other names do not share, for seeding.
    pub fn bits(self) -> u64 {
        mixed(self.0)
    }

    /// Eight hexadecimal digits that tell this name from others of a run.
    pub fn short(self) -> String {
        format!("{:08x}", self.bits() >> 32)
    }
}

fn bytes(hash: u64, text: &[u8]) -> u64 {
    fnv1a(hash, text.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_follows_from_cause_kind_subject_and_ordinal() {
        let put = Name::ROOT.under("request", "s3.PutObject a/b");
        assert_eq!(put.nth(0), Name::ROOT.under("request", "s3.PutObject a/b").nth(0));
        let others =
            [put.nth(1), Name::ROOT.under("delivery", "s3.PutObject a/b").nth(0), put, put.under("", "").nth(0)];
        assert!(others.iter().all(|other| other.short() != put.nth(0).short()), "{others:?}");
        assert_eq!(Name::ROOT.short().len(), 8);
    }

    #[test]
    fn stored_names_stay_valid() {
        assert_eq!(Name::ROOT.under("request", "sqs.SendMessage alarms").nth(1).short(), "d026b04c");
    }
}
