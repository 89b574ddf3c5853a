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
pub(in crate::event) const MANY_RECORDS: usize = 50;

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
