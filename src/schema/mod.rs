//! The JSON Schemas of the events, and a validator that says what is wrong with a document and where.
//!
//! There is one schema for each event and variant (draft 2020-12), named `family/variant`: `s3/put`, `sqs/fifo`,
//! `scheduled/rule`, `eventbridge/s3-object-created`, … The required members are those that AWS always sends; members
//! that the schema does not know are allowed, because AWS adds some. What [`get`] returns stands alone: any validator
//! takes it as it is. (In the folder `schemas/` of the source, what several schemas share stands once.)
//!
//! [`validate`] finds out which event a document is and checks it against that schema, record by record. It never
//! tries one schema after the other, so the JSON Pointers of its errors are those of the real mistakes.
//!
//! ```
//! use lambda_testkit::schema;
//!
//! let document = serde_json::json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "yesterday" });
//! let errors = schema::validate(&document).unwrap_err();
//!
//! assert_eq!(errors.looks_like(), Some("s3/test-event"));
//! assert!(errors.iter().any(|error| error.pointer() == "/Time"));
//! assert!(errors.iter().any(|error| error.pointer() == "/Bucket" && error.found() == "nothing"));
//! ```
//!
//! Documents that may be anything (the payload of a direct invocation, the input that somebody gave to a schedule)
//! cannot be recognised. [`validate_as`] checks them under their names, `invoke/payload` and
//! `scheduled/custom-input`.

mod bundle;
mod catalog;
mod check;
mod compiled;
mod detect;
mod error;
mod hint;
mod parse;

pub use catalog::{get, names};
pub use check::{validate, validate_as, validate_bytes, validate_bytes_as};
pub use detect::detect;
pub use error::{ValidationError, ValidationErrors};
