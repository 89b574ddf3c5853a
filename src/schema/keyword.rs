//! The keywords of JSON Schema (draft 2020-12) that the schemas of this crate use, made ready for checking.
//!
//! They are few, and whoever tests a handler compiles them with each cold build: a validator of the whole standard brought 34
//! crates. A test compares the two.

use std::collections::HashMap;

use regex::Regex;
use serde_json::{Map, Value};

/// A schema that was made ready, by its place among those of its validator.
pub(super) type NodeId = usize;

/// A schema with what it asks for.
pub(super) struct Node {
    pub schema: &'static Value,
    pub keywords: Vec<Keyword>,
}

pub(super) enum Keyword {
    /// The schema `false`.
    Never,
    Type(Vec<&'static str>),
    Const(&'static Value),
    Enum(&'static [Value]),
    Pattern(Regex),
    /// `format` with `date-time`: a date that the calendar has.
    DateTime,
    MinLength(usize),
    MaxLength(usize),
    Minimum(i64),
    Maximum(i64),
    MinItems(usize),
    Required(Vec<&'static str>),
    Properties(Vec<(&'static str, NodeId)>),
    AdditionalProperties {
        known: Vec<&'static str>,
        others: NodeId,
    },
    Items(NodeId),
    /// `$ref`, and each schema of `allOf`.
    Also(NodeId),
    If {
        condition: NodeId,
        then: NodeId,
    },
}

/// Makes the schema at `pointer` of a document ready, with all those that it leads to. The first is that schema.
///
/// # Panics
///
/// When a schema has a keyword that is not in [`Keyword`], or one that cannot be read: they are all in this crate.
pub(super) fn compile(document: &'static Value, pointer: &str) -> Vec<Node> {
    let mut compiler = Compiler { document, nodes: Vec::new(), known: HashMap::new() };
    compiler.at(pointer);
    compiler.nodes
}

struct Compiler {
    document: &'static Value,
    nodes: Vec<Node>,
    /// Those that references lead to, by their pointer.
    known: HashMap<String, NodeId>,
}

impl Compiler {
    fn at(&mut self, pointer: &str) -> NodeId {
        if let Some(id) = self.known.get(pointer) {
            return *id;
        }
        let schema = self.document.pointer(pointer).unwrap_or_else(|| panic!("a reference leads nowhere: {pointer}"));
        self.known.insert(pointer.to_owned(), self.nodes.len());
        self.node(schema)
    }

    fn node(&mut self, schema: &'static Value) -> NodeId {
        let id = self.nodes.len();
        // Its place comes first: a schema may lead to itself.
        self.nodes.push(Node { schema, keywords: Vec::new() });
        let keywords = match schema {
            Value::Bool(true) => Vec::new(),
            Value::Bool(false) => vec![Keyword::Never],
            Value::Object(members) => {
                let keywords = members.iter().flat_map(|(name, value)| self.keywords(name, value, members));
                keywords.collect()
            }
            other => panic!("no schema: {other}"),
        };
        self.nodes[id].keywords = keywords;
        id
    }

    fn keywords(&mut self, name: &str, value: &'static Value, around: &'static Map<String, Value>) -> Vec<Keyword> {
        let unreadable = || -> ! { panic!("`{name}` with {value}") };
        let text = || value.as_str().unwrap_or_else(|| unreadable());
        let count = || value.as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_else(|| unreadable());
        let number = || value.as_i64().unwrap_or_else(|| unreadable());
        let list = || value.as_array().unwrap_or_else(|| unreadable());
        let texts = || list().iter().map(|item| item.as_str().unwrap_or_else(|| unreadable())).collect();
        let members = |name: &str| around.get(name).and_then(Value::as_object).into_iter().flatten();
        vec![match name {
            "$schema" | "$id" | "$defs" | "title" | "description" => return Vec::new(),
            "then" if around.contains_key("if") => return Vec::new(),
            "type" if value.is_string() => Keyword::Type(vec![text()]),
            "type" => Keyword::Type(texts()),
            "const" => Keyword::Const(value),
            "enum" => Keyword::Enum(list()),
            "pattern" => Keyword::Pattern(Regex::new(text()).unwrap_or_else(|_| unreadable())),
            "format" if value == "date-time" => Keyword::DateTime,
            "minLength" => Keyword::MinLength(count()),
            "maxLength" => Keyword::MaxLength(count()),
            "minimum" => Keyword::Minimum(number()),
            "maximum" => Keyword::Maximum(number()),
            "minItems" => Keyword::MinItems(count()),
            "required" => Keyword::Required(texts()),
            "properties" => {
                Keyword::Properties(members(name).map(|(name, schema)| (name.as_str(), self.node(schema))).collect())
            }
            "additionalProperties" => {
                let known = members("properties").map(|(name, _)| name.as_str()).collect();
                Keyword::AdditionalProperties { known, others: self.node(value) }
            }
            "items" => Keyword::Items(self.node(value)),
            "$ref" => Keyword::Also(self.at(text().strip_prefix('#').unwrap_or_else(|| unreadable()))),
            "allOf" => return list().iter().map(|schema| Keyword::Also(self.node(schema))).collect(),
            "if" => {
                let then = around.get("then").unwrap_or_else(|| unreadable());
                Keyword::If { condition: self.node(value), then: self.node(then) }
            }
            _ => unreadable(),
        }]
    }
}
