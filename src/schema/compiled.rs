//! The schemas made ready for checking, on first use, and kept.

use super::catalog::SCHEMAS;
use super::validator::Validator;

/// Checks a whole document against the schema at `index`.
pub(super) fn document(index: usize) -> &'static Validator {
    SCHEMAS[index].document.get_or_init(|| Validator::new(SCHEMAS[index].value(), ""))
}

/// Checks one element of `Records` against the schema at `index`.
pub(super) fn record(index: usize) -> &'static Validator {
    SCHEMAS[index].record.get_or_init(|| Validator::new(SCHEMAS[index].value(), "/$defs/record"))
}
