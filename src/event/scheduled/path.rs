//! The part of JSONPath that EventBridge takes.

use std::fmt;
use std::str::FromStr;

use crate::event::{InvalidName, Json};

/// A path into an event, such as `$.detail.items[0].id`: names behind dots, indices in brackets, and `*`
/// for every member or element; at most 256 characters. A name has letters and digits (of any script), `-`, `_`
/// and `/`. Other parts of JSONPath, such as `..`, `['name']` and filters, are refused.
///
/// With a `*` [`select`](Self::select) gives an array of everything that is found, which may be empty; without one
/// the value itself, or nothing.
///
/// ```
/// use lambda_testkit::event::{EventPath, Json};
///
/// let event: Json = serde_json::from_str(r#"{"detail":{"ids":[7,8]}}"#).unwrap();
/// let path: EventPath = "$.detail.ids[1]".parse().unwrap();
/// assert_eq!(path.select(&event).unwrap().to_string(), "8");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(usize),
    Every,
}

impl EventPath {
    /// The value that the path leads to: an array of all of them when the path has a `*`; none when it
    /// leads nowhere.
    pub fn select(&self, event: &Json) -> Option<Json> {
        let mut found = vec![event];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| step.apply(value)).collect();
        }
        if self.steps.contains(&Step::Every) {
            Some(Json::Array(found.into_iter().cloned().collect()))
        } else {
            found.first().map(|value| (*value).clone())
        }
    }
}

impl Step {
    fn apply<'a>(&self, value: &'a Json) -> Vec<&'a Json> {
        match (self, value) {
            (Self::Member(name), Json::Object(members)) => members.get(name).into_iter().collect(),
            (Self::Element(at), Json::Array(elements)) => elements.get(*at).into_iter().collect(),
            (Self::Every, Json::Object(members)) => members.iter().map(|(_, value)| value).collect(),
            (Self::Every, Json::Array(elements)) => elements.iter().collect(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for EventPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for EventPath {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let rule = "a path is like $.detail.items[0].id and has at most 256 characters";
        let invalid = || InvalidName::new("path", text, rule);
        let mut rest = text.strip_prefix('$').filter(|_| text.chars().count() <= 256).ok_or_else(invalid)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let (index, after) = inside.split_once(']').ok_or_else(invalid)?;
                steps.push(match index {
                    "*" => Step::Every,
                    digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                        Step::Element(digits.parse().map_err(|_| invalid())?)
                    }
                    _ => return Err(invalid()),
                });
                rest = after;
            } else {
                let name = rest.strip_prefix('.').ok_or_else(invalid)?;
                let end = name.find(['.', '[']).unwrap_or(name.len());
                let (name, after) = name.split_at(end);
                let plain = name.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '_' | '/'));
                steps.push(match name {
                    "*" => Step::Every,
                    "" => return Err(invalid()),
                    name if plain => Step::Member(name.to_owned()),
                    _ => return Err(invalid()),
                });
                rest = after;
            }
        }
        Ok(Self { text: text.to_owned(), steps })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_members_elements_and_all_of_them() {
        let event: Json = serde_json::from_str(r#"{"detail-type":"t","d":{"l":[{"i":1},{"i":2}],"s":"x"}}"#).unwrap();
        for (path, found) in [
            ("$", Some(event.to_string())),
            ("$.detail-type", Some("\"t\"".to_owned())),
            ("$.d.l[1].i", Some("2".to_owned())),
            ("$.d.l[*].i", Some("[1,2]".to_owned())),
            ("$.d.*", Some(r#"[[{"i":1},{"i":2}],"x"]"#.to_owned())),
            ("$.d.l[2]", None),
            ("$.d.s.t", None),
            ("$.missing", None),
        ] {
            let path: EventPath = path.parse().unwrap();
            assert_eq!(path.select(&event).map(|json| json.to_string()), found, "{path}");
        }
    }

    #[test]
    fn other_parts_of_jsonpath_are_refused() {
        for path in ["", "detail", "$detail", "$..a", "$.a[", "$.a[x]", "$['a']", "$.a[-1]", "$.a b", "$.a[?(@.b)]"] {
            assert!(path.parse::<EventPath>().is_err(), "{path}");
        }
        assert!(format!("$.{}", "a".repeat(255)).parse::<EventPath>().is_err());
        assert!(format!("$.{}", "ü".repeat(255)).parse::<EventPath>().is_err());
        assert!(format!("$.{}", "ü".repeat(254)).parse::<EventPath>().is_ok());
    }
}
