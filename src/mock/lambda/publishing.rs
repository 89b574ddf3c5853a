//! How versions and aliases of a function come and go.

use jiff::Timestamp;

use super::alias::{Additional, Alias, AliasError};
use super::function::{Changing, Function};
use super::version::{Version, VersionId, VersionState};

impl Function {
    /// Publishes `$LATEST` as a version, described in other words if there are any. If neither the code nor the settings have
    /// changed since the last one, it is that one.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html>
    pub fn publish(&self, description: Option<String>, now: Timestamp) -> VersionState {
        let mut changing = self.changing();
        let last = VersionId::Published(changing.published);
        if let Some(version) = changing.versions.get(&last)
            && version.is_copy_of(changing.latest())
        {
            return version.state(last);
        }
        let revision = changing.revise();
        let version = Version::published(changing.latest(), description, now, revision);
        changing.published += 1;
        let id = VersionId::Published(changing.published);
        let state = version.state(id);
        changing.versions.insert(id, version);
        state
    }

    /// Takes a published version away.
    ///
    /// # Errors
    ///
    /// The names of the aliases that point to it.
    pub fn unpublish(&self, id: VersionId) -> Result<(), Vec<String>> {
        let mut changing = self.changing();
        let pointing = changing.aliases.iter().filter(|(_, alias)| alias.points_to(id));
        let pointing: Vec<String> = pointing.map(|(name, _)| name.clone()).collect();
        if !pointing.is_empty() {
            return Err(pointing);
        }
        let removed = if id == VersionId::Latest { None } else { changing.versions.remove(&id) };
        changing.forget(&id.to_string());
        drop(changing);
        drop(removed); // outside the lock: what a handler captured may call back
        Ok(())
    }

    pub fn alias(&self, name: &str) -> Option<Alias> {
        self.changing().aliases.get(name).cloned()
    }

    /// All aliases, by name.
    pub fn aliases(&self) -> Vec<(String, Alias)> {
        self.changing().aliases.clone().into_iter().collect()
    }

    /// Makes an alias, or changes what there is of this name: to what `change` makes of it.
    ///
    /// # Errors
    ///
    /// [`AliasError`], and then nothing has changed.
    pub fn set_alias(&self, name: &str, change: impl FnOnce(&mut Alias)) -> Result<Alias, AliasError> {
        let mut changing = self.changing();
        let new = || Alias { version: VersionId::Latest, description: String::new(), additional: None, revision: 0 };
        let mut alias = changing.aliases.get(name).cloned().unwrap_or_else(new);
        change(&mut alias);
        changing.check(&alias)?;
        alias.revision = changing.revise();
        changing.aliases.insert(name.to_owned(), alias.clone());
        Ok(alias)
    }

    /// Takes an alias away, if it is there.
    pub fn remove_alias(&self, name: &str) {
        let mut changing = self.changing();
        changing.aliases.remove(name);
        changing.forget(name);
    }
}

impl Changing {
    /// What is asked of an alias and the versions that it points to.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html>
    fn check(&self, alias: &Alias) -> Result<(), AliasError> {
        let version = |id: VersionId| self.versions.get(&id).ok_or(AliasError::NoVersion(id));
        let own = version(alias.version)?;
        let Some(Additional { version: id, weight }) = alias.additional else { return Ok(()) };
        if !(0.0..=1.0).contains(&weight) {
            return Err(AliasError::Weight);
        }
        if VersionId::Latest == alias.version || VersionId::Latest == id {
            return Err(AliasError::Latest);
        }
        if alias.version == id {
            return Err(AliasError::Same(id));
        }
        let other = version(id)?;
        if own.settings.program.role != other.settings.program.role {
            return Err(AliasError::Unlike("execution role"));
        }
        if own.settings.dead_letter != other.settings.dead_letter {
            return Err(AliasError::Unlike("dead-letter queue configuration, or none"));
        }
        Ok(())
    }
}
