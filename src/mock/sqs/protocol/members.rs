//! What the members of a request are read from, whatever the wire.

use std::collections::BTreeMap;

use crate::mock::sqs::fault::SqsFault;

/// A structure of a request. The names are those of AWS's API reference; each wire has its own spelling of them. Unknown members
/// are ignored, as on AWS.
pub(super) trait Members: Sized {
    fn string(&self, name: &str) -> Result<Option<String>, SqsFault>;

    fn integer(&self, name: &str) -> Result<Option<i64>, SqsFault>;

    /// Bytes, which every wire has in Base64.
    fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, SqsFault>;

    fn strings(&self, name: &str) -> Result<Vec<String>, SqsFault>;

    /// Whether a list is there, be it empty.
    fn has_list(&self, name: &str) -> bool;

    /// The entries of a list of structures.
    fn structures(&self, name: &str) -> Result<Vec<Self>, SqsFault>;

    /// The entries of a map, each value read as a structure.
    fn named_structures(&self, name: &str) -> Result<Vec<(String, Self)>, SqsFault>;

    fn string_map(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, SqsFault>;

    fn required(&self, name: &str) -> Result<String, SqsFault> {
        self.string(name)?.ok_or_else(|| SqsFault::missing_parameter(name))
    }
}
