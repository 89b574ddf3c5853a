//! Aliases: names that point to versions.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html>

use super::version::VersionId;

/// The most characters of an alias's name.
const LONGEST_NAME: usize = 128;

/// Checks the name of an alias.
///
/// # Errors
///
/// The rule that it breaks.
pub(crate) fn check_alias_name(name: &str) -> Result<(), &'static str> {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let digits = name.bytes().all(|byte| byte.is_ascii_digit());
    if (1..=LONGEST_NAME).contains(&name.len()) && letters && !digits {
        return Ok(());
    }
    Err("the name of an alias has 1 to 128 letters, digits, hyphens and underscores, and not digits alone")
}

/// What an alias points to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alias {
    pub version: VersionId,
    pub description: String,
    pub additional: Option<Additional>,
    /// As a version's.
    pub revision: u32,
}

/// Another version that gets a share of an alias's invocations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Additional {
    pub version: VersionId,
    /// 0.0 to 1.0.
    pub weight: f64,
}

/// Which version an invocation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    To(VersionId),
    /// One of two, and nobody can know which.
    Split {
        own: VersionId,
        additional: VersionId,
    },
}

impl Route {
    /// The version that runs in the ordinary course.
    pub fn own(self) -> VersionId {
        match self {
            Self::To(version) | Self::Split { own: version, .. } => version,
        }
    }
}

impl Alias {
    pub fn route(&self) -> Route {
        match self.additional {
            Some(Additional { version, weight }) if weight >= 1.0 => Route::To(version),
            Some(Additional { version, weight }) if weight > 0.0 => {
                Route::Split { own: self.version, additional: version }
            }
            _ => Route::To(self.version),
        }
    }

    /// Whether it sends anything to this version.
    pub fn points_to(&self, version: VersionId) -> bool {
        self.version == version || self.additional.is_some_and(|additional| additional.version == version)
    }
}

/// What is wrong with an alias. `Display` is what AWS answers, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AliasError {
    /// No version of this number.
    NoVersion(VersionId),
    /// Of two versions one is `$LATEST`.
    Latest,
    /// The two versions are one.
    Same(VersionId),
    /// What two versions of one alias must have in common.
    Unlike(&'static str),
    /// Not 0.0 to 1.0.
    Weight,
}

impl std::fmt::Display for AliasError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoVersion(version) => write!(f, "there is no version {version}"),
            Self::Latest => f.write_str("$LATEST is not supported for an alias pointing to more than 1 version"),
            Self::Same(version) => write!(
                f,
                "Invalid function version {version}. Function version {version} is already included in routing configuration."
            ),
            Self::Unlike(what) => {
                write!(f, "The versions of an alias's routing configuration must have the same {what}")
            }
            Self::Weight => f.write_str("a weight is 0.0 to 1.0"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_of_nothing_or_all_leaves_no_choice() {
        let (own, other) = (VersionId::Published(1), VersionId::Published(2));
        let route = |weight: Option<f64>| {
            let additional = weight.map(|weight| Additional { version: other, weight });
            Alias { version: own, description: String::new(), additional, revision: 1 }.route()
        };
        assert_eq!([route(None), route(Some(0.0))], [Route::To(own); 2]);
        assert_eq!(route(Some(0.1)), Route::Split { own, additional: other });
        assert_eq!(route(Some(1.0)), Route::To(other));
    }
}
