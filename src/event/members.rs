//! A JSON object that keeps the order of its members.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The members of a JSON object in the order in which they were read or added; no name occurs twice.
///
/// A plain list stands behind it: events have few members, and `serde_json`'s own ordered map needs a
/// Cargo feature that would change the user's build.
/// Equality asks for the same members in the same order.
///
/// ```
/// use lambda_testkit::event::Members;
///
/// let tags: Members<String> = serde_json::from_str(r#"{"z":"1","a":"2"}"#).unwrap();
/// assert_eq!(serde_json::to_string(&tags).unwrap(), r#"{"z":"1","a":"2"}"#);
/// assert!(serde_json::from_str::<Members<String>>(r#"{"a":"1","a":"2"}"#).is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Members<V>(Vec<(String, V)>);

impl<V> Members<V> {
    /// No members.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of the member `name`.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The value of the member `name`, to be changed in place.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.0.iter_mut().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// Sets a member: an existing one keeps its place, a new one comes last. Returns the old value.
    pub fn insert(&mut self, name: impl Into<String>, value: V) -> Option<V> {
        let name = name.into();
        match self.get_mut(&name) {
            Some(old) => Some(std::mem::replace(old, value)),
            None => {
                self.0.push((name, value));
                None
            }
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<V> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        Some(self.0.remove(at).1)
    }

    #[cfg(feature = "schema")]
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &V)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<V> Default for Members<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: fmt::Debug> fmt::Debug for Members<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<V, N: Into<String>> FromIterator<(N, V)> for Members<V> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Self {
        let mut all = Self::new();
        all.extend(members);
        all
    }
}

impl<V, N: Into<String>> Extend<(N, V)> for Members<V> {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, members: I) {
        for (name, value) in members {
            self.insert(name, value);
        }
    }
}

impl<V> IntoIterator for Members<V> {
    type Item = (String, V);
    type IntoIter = std::vec::IntoIter<(String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<V: Serialize> Serialize for Members<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

struct MembersVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for MembersVisitor<V> {
    type Value = Members<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Members<V>, A::Error> {
        read(map)
    }
}

/// Above this many members a set of hashes finds repeated names; below, a look through the list is faster.
const FEW: usize = 32;

fn read<'de, V: Deserialize<'de>, A: MapAccess<'de>>(mut map: A) -> Result<Members<V>, A::Error> {
    let first = map.next_key()?;
    read_from(first, map)
}

/// The members of an object whose first name was read already.
pub(super) fn read_from<'de, V: Deserialize<'de>, A: MapAccess<'de>>(
    first: Option<String>,
    mut map: A,
) -> Result<Members<V>, A::Error> {
    let mut members: Vec<(String, V)> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut next = first;
    while let Some(name) = next {
        let repeated = if members.len() < FEW {
            members.iter().any(|(n, _)| *n == name)
        } else {
            if seen.is_empty() {
                seen.extend(members.iter().map(|(n, _)| n.clone()));
            }
            !seen.insert(name.clone())
        };
        if repeated {
            return Err(A::Error::custom(format_args!("duplicate key {name:?}")));
        }
        members.push((name, map.next_value()?));
        next = map.next_key()?;
    }
    Ok(Members(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_replaced_ones_their_place() {
        let mut members: Members<u8> = [("b", 1), ("a", 2)].into_iter().collect();
        assert_eq!(members.insert("b", 3), Some(1));
        assert_eq!(members.insert("c", 4), None);
        assert_eq!(serde_json::to_string(&members).unwrap(), r#"{"b":3,"a":2,"c":4}"#);
        assert_eq!(members.remove("a"), Some(2));
        assert_eq!((members.len(), members.get("a")), (2, None));
    }

    #[test]
    fn repeated_names_are_refused_in_small_and_in_large_objects() {
        for count in [1, FEW, FEW + 1, 200] {
            let mut text: String = (0..count).map(|i| format!("\"k{i}\":{i},")).collect();
            text = format!("{{{text}\"k0\":0}}");
            let error = serde_json::from_str::<Members<u32>>(&text).unwrap_err().to_string();
            assert!(error.starts_with("duplicate key \"k0\""), "{error}");
        }
    }
}
