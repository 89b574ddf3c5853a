//! The schema files, by name.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use super::bundle::bundle;

/// One schema, and what is made of it on first use and kept.
pub(super) struct Schema {
    pub(super) name: &'static str,
    /// The text of its file.
    source: &'static str,
    text: OnceLock<String>,
    value: OnceLock<Value>,
    pub(super) document: OnceLock<Validator>,
    pub(super) record: OnceLock<Validator>,
}

impl Schema {
    const fn new(name: &'static str, source: &'static str) -> Self {
        Self {
            name,
            source,
            text: OnceLock::new(),
            value: OnceLock::new(),
            document: OnceLock::new(),
            record: OnceLock::new(),
        }
    }

    /// The text as [`get`] returns it.
    fn text(&self) -> &str {
        self.text
            .get_or_init(|| serde_json::to_string_pretty(&bundle(self.source)).expect("JSON prints as JSON") + "\n")
    }

    /// The schema with all that it needs.
    pub(super) fn value(&self) -> &Value {
        self.value.get_or_init(|| bundle(self.source).into())
    }
}

macro_rules! schemas {
    ($($name:literal,)*) => {
        /// Every schema that a document can be checked against, sorted by name.
        pub(super) static SCHEMAS: [Schema; [$($name),*].len()] = [
            $(Schema::new(
                $name,
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/", $name, ".schema.json")),
            ),)*
        ];
    };
}

crate::fixture::event_names!(schemas);

/// The definitions that the other schemas refer to.
pub(super) const COMMON: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/common.schema.json"));

/// The place of the schema in [`SCHEMAS`].
pub(super) fn position(name: &str) -> Option<usize> {
    SCHEMAS.binary_search_by(|schema| schema.name.cmp(name)).ok()
}

/// The text of a schema: one of [`names`], or `common` for the definitions that they share. Each stands alone: its
/// references lead into its own `$defs`. Its `$id` is a name (`urn:lambda-testkit:schema:s3/put`) and no address.
///
/// ```
/// use lambda_testkit::schema;
///
/// assert!(schema::get("s3/put").unwrap().contains("ObjectCreated:Put"));
/// assert!(schema::get("s3/pot").is_none());
/// ```
pub fn get(name: &str) -> Option<&'static str> {
    if name == "common" {
        return Some(COMMON);
    }
    position(name).map(|index| SCHEMAS[index].text())
}

/// The names of all schemas, sorted: `eventbridge/envelope`, …, `sqs/standard`.
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    SCHEMAS.iter().map(|schema| schema.name)
}
