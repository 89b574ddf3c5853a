//! The compiled form of the schemas, made on first use and kept.

use jsonschema::{PatternOptions, Registry, Validator};
use serde_json::{Value, json};

use super::bundle::BASE;
use super::catalog::{SCHEMAS, position};

/// Checks a whole document against the schema at `index`.
pub(super) fn document(index: usize) -> &'static Validator {
    SCHEMAS[index].document.get_or_init(|| compile(index, ""))
}

/// Checks one element of `Records` against the schema at `index`.
pub(super) fn record(index: usize) -> &'static Validator {
    SCHEMAS[index].record.get_or_init(|| compile(index, "#/$defs/record"))
}

fn compile(index: usize, fragment: &str) -> Validator {
    let id = format!("{BASE}{}", SCHEMAS[index].name);
    let build = || -> Result<Validator, Box<dyn std::error::Error>> {
        let registry = Registry::new().add(id.as_str(), SCHEMAS[index].value())?.prepare()?;
        Ok(jsonschema::options()
            .with_registry(&registry)
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .build(&json!({ "$ref": format!("{id}{fragment}") }))?)
    };
    build().expect("the schemas of this crate compile")
}

/// The part of a schema that a keyword's absolute location points into: without the keyword itself.
pub(super) fn owner_of(location: &str) -> Option<&'static Value> {
    let (name, pointer) = location.strip_prefix(BASE)?.split_once('#')?;
    let (parent, _) = pointer.rsplit_once('/')?;
    SCHEMAS[position(name)?].value().pointer(&parent.replace("%24", "$"))
}
