//! `Debug` of events: the Rust code that builds them, so that a failing value can go into a test as it is printed.
//!
//! The code is not written beside the event but found by building: each call is made as it is written down
//! ([`Chain`]), what no setter gives is set by [`with_member`](super::Document::with_member), and what comes out is compared
//! with the event. An event for which that fails prints as a block of JSON ([`super::readable`]).

mod bridge;
mod chain;
mod difference;
mod expression;
mod literal;

use std::fmt;

use serde::Serialize;

use super::readable;

pub(in crate::event) use bridge::bridge_code;
pub(in crate::event) use chain::{Builds, Chain, field};
pub(in crate::event) use difference::completed;
pub(in crate::event) use expression::Expression;
#[cfg(feature = "proptest")]
pub(crate) use literal::byte_string;
use literal::json;
pub(in crate::event) use literal::{bytes, text, text_of, time};

/// An event of more records prints as a block of JSON.
const MANY_RECORDS: usize = 50;

/// The builder of the first record, with the others added to it, and its code; none for an event without records, or with too
/// many.
pub(in crate::event) fn joined<R, B>(
    records: &[R],
    record: impl Fn(&R, usize) -> Option<(B, Expression)>,
    add: impl Fn(B, B) -> B,
) -> Option<(B, Expression)> {
    let (first, others) = records.split_first().filter(|_| records.len() <= MANY_RECORDS)?;
    let (mut builder, mut code) = record(first, 0)?;
    for (at, other) in others.iter().enumerate() {
        let (next, its_code) = record(other, at + 1)?;
        builder = add(builder, next);
        code = code.then("record", [its_code]);
    }
    Some((builder, code))
}

/// Writes the code, or the value as a block where there is none.
pub(in crate::event) fn write(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    value: &impl Serialize,
    code: Option<Expression>,
) -> fmt::Result {
    match code {
        Some(code) => f.write_str(&readable::capped(code.render(0))),
        None => readable::write(f, name, value),
    }
}

/// `Debug` by a function that gives the code of an event, for the event and for its records.
macro_rules! as_code {
    ($event:ident of $record:ident by $code:path) => {
        impl std::fmt::Debug for $event {
            /// The code that builds the event; a block of JSON where none does.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::event::code::write(f, stringify!($event), self, $code(self))
            }
        }

        impl std::fmt::Debug for $record {
            /// The code that builds the record; a block of JSON where none does.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let code = $code(&$event::of([self.clone()]));
                let record = code.map(|code| code.then("records.remove", ["0"]));
                $crate::event::code::write(f, stringify!($record), self, record)
            }
        }
    };
}
pub(in crate::event) use as_code;
