//! The versions of a function: `$LATEST`, which can be changed, and those that were published, which cannot.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html>

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::environment::Environments;
use super::function_ref::LATEST;
use super::package::Package;
use super::settings::Settings;

/// Which version of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum VersionId {
    Latest,
    /// Counted from 1. A number is never given twice.
    Published(u64),
}

impl VersionId {
    /// Reads `$LATEST` or a number.
    pub fn parse(text: &str) -> Option<Self> {
        if text == LATEST {
            return Some(Self::Latest);
        }
        // `parse` alone would take `+1` and `01`.
        let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
        number.map(Self::Published)
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str(LATEST),
            Self::Published(number) => number.fmt(f),
        }
    }
}

/// A version as it is described to those who ask.
#[derive(Debug, Clone)]
pub(crate) struct VersionState {
    pub id: VersionId,
    pub settings: Arc<Settings>,
    /// Of a function that was made by a handle there is none.
    pub package: Option<Package>,
    /// When the code or the configuration was last changed, or the version was published.
    pub last_modified: Timestamp,
    /// Counts the changes of the function; another one has another revision id.
    pub revision: u32,
}

/// One version of a function: its code and its settings, and the environments in which it runs.
pub(super) struct Version {
    pub settings: Arc<Settings>,
    pub package: Option<Package>,
    pub last_modified: Timestamp,
    pub revision: u32,
    /// Counts the handlers that the function was given: another one is another code.
    pub deployment: u32,
    /// What `$LATEST` was set to when it was published as this.
    pub published_from: Option<Arc<Settings>>,
    pub environments: Environments,
}

impl Version {
    pub fn state(&self, id: VersionId) -> VersionState {
        let Self { settings, package, last_modified, revision, .. } = self;
        VersionState {
            id,
            settings: Arc::clone(settings),
            package: package.clone(),
            last_modified: *last_modified,
            revision: *revision,
        }
    }

    /// Whether publishing `latest` would make the very same version once more.
    pub fn is_copy_of(&self, latest: &Self) -> bool {
        self.published_from.as_ref() == Some(&latest.settings)
            && (&self.package, self.deployment) == (&latest.package, latest.deployment)
    }

    /// The version that `latest` becomes, described in other words if there are any.
    pub fn published(latest: &Self, description: Option<String>, now: Timestamp, revision: u32) -> Self {
        let mut settings = (*latest.settings).clone();
        settings.description = description.unwrap_or(settings.description);
        Self {
            settings: Arc::new(settings),
            package: latest.package.clone(),
            last_modified: now,
            revision,
            deployment: latest.deployment,
            published_from: Some(Arc::clone(&latest.settings)),
            environments: Environments::new(latest.environments.deployed().clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_latest_or_a_plain_number() {
        for text in ["$LATEST", "1", "20"] {
            assert_eq!(VersionId::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "live", "01", "+1", "1.0", "$latest"] {
            assert_eq!(VersionId::parse(text), None, "{text}");
        }
    }
}
