//! The schema files, by name.

use std::sync::{LazyLock, OnceLock};

use super::bundle::bundle;

/// One schema file.
pub(super) struct Schema {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

macro_rules! schemas {
    ($($name:literal,)*) => {
        /// Every schema that a document can be checked against, sorted by name.
        pub(super) static SCHEMAS: &[Schema] = &[
            $(Schema {
                name: $name,
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/", $name, ".schema.json")),
            },)*
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

/// The texts as [`get`] returns them, made when they are first asked for.
static BUNDLED: LazyLock<Vec<OnceLock<String>>> = LazyLock::new(|| SCHEMAS.iter().map(|_| OnceLock::new()).collect());

/// The text of the schema at `index`, with all that it needs.
pub(super) fn bundled(index: usize) -> &'static str {
    BUNDLED[index].get_or_init(|| bundle(SCHEMAS[index].text, COMMON))
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
    position(name).map(bundled)
}

/// The names of all schemas, sorted: `eventbridge/envelope`, …, `sqs/standard`.
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    SCHEMAS.iter().map(|schema| schema.name)
}
