//! Schemas that stand alone: the shared definitions that they need become their own.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::catalog::COMMON;
use crate::event::{Json, Object};

/// The `$id` of every schema starts with it: a name and no address, because no server has the schemas.
pub(super) const BASE: &str = "urn:lambda-testkit:schema:";

static SHARED: LazyLock<Json> = LazyLock::new(|| parsed(COMMON));

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).expect("the schemas of this crate are JSON")
}

/// The schema of a file, with every shared definition that it refers to, directly or through others, in its own `$defs`.
pub(super) fn bundle(source: &str) -> Json {
    let mut schema = parsed(source);
    let shared = SHARED.get("$defs").expect("the shared definitions stand under `$defs`");
    let mut wanted = BTreeSet::new();
    own(&mut schema, false, &mut wanted);
    let mut taken = BTreeSet::new();
    let mut definitions = Object::new();
    while let Some(name) = wanted.pop_first() {
        if taken.insert(name.clone()) {
            let mut definition = shared.get(&name).expect("references lead to definitions").clone();
            own(&mut definition, true, &mut wanted);
            definitions.insert(name, definition);
        }
    }
    if !definitions.is_empty() {
        let Json::Object(members) = &mut schema else { unreachable!("a schema of this crate is an object") };
        match members.get_mut("$defs") {
            Some(Json::Object(present)) => present.extend(definitions),
            _ => drop(members.insert("$defs", Json::Object(definitions))),
        }
    }
    schema
}

/// Turns references to shared definitions into ones to the schema's own, and collects their names. Inside a shared
/// definition every reference leads to a shared one.
fn own(node: &mut Json, inside: bool, wanted: &mut BTreeSet<String>) {
    match node {
        Json::Array(items) => items.iter_mut().for_each(|item| own(item, inside, wanted)),
        Json::Object(members) => {
            if let Some(Json::String(reference)) = members.get_mut("$ref")
                && let Some(place) = shared_place(reference).or(inside.then_some(reference.trim_start_matches('#')))
            {
                let name = place.strip_prefix("/$defs/").and_then(|rest| rest.split('/').next());
                wanted.extend(name.map(str::to_owned));
                *reference = format!("#{place}");
            }
            members.values_mut().for_each(|member| own(member, inside, wanted));
        }
        _ => {}
    }
}

/// Where a reference to a shared definition leads to, as the files of the folder `schemas/` spell it.
fn shared_place(reference: &str) -> Option<&str> {
    reference.strip_prefix(BASE)?.strip_prefix("common#")
}
