//! A bucket as a folder of files: what a test loads into it, and what it looks at afterwards.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::bucket::Bucket;
use super::error::{CloudError, expect};

impl Bucket {
    /// Puts every file of a folder and of the folders in it, each as PutObject does, in the order of the keys. A key is the
    /// file's path below the folder, with `/`. What is in the bucket already stays.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// # let folder = std::env::temp_dir().join(format!("lambda-testkit-doc-{}", std::process::id()));
    /// # std::fs::create_dir_all(folder.join("2026")).unwrap();
    /// # std::fs::write(folder.join("2026/a.csv"), "1,2").unwrap();
    /// let cloud = Cloud::start();
    /// let export = cloud.bucket("export");
    /// export.load_folder(&folder);
    /// assert_eq!(export.text("2026/a.csv"), "1,2");
    ///
    /// export.put("2026/b.csv", "3,4");
    /// export.dump_folder(folder.join("seen"));
    /// assert_eq!(std::fs::read_to_string(folder.join("seen/2026/b.csv")).unwrap(), "3,4");
    /// # std::fs::remove_dir_all(folder).unwrap();
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_load_folder`](Self::try_load_folder) fails.
    #[track_caller]
    pub fn load_folder(&self, folder: impl AsRef<Path>) {
        expect(self.try_load_folder(folder));
    }

    /// As [`load_folder`](Self::load_folder).
    ///
    /// # Errors
    ///
    /// [`CloudError::Io`] for what cannot be read, is neither a file nor a folder, or has a name that is not UTF-8: nothing is put
    /// then. [`CloudError::Aws`] as S3 answers PutObject; the files before it are put.
    pub fn try_load_folder(&self, folder: impl AsRef<Path>) -> Result<(), CloudError> {
        let mut files = Vec::new();
        gather(folder.as_ref(), "", &mut files)?;
        files.sort();
        let mut contents = Vec::with_capacity(files.len());
        for (key, path) in files {
            contents.push((key, fs::read(&path).map_err(|error| cannot("read", &path, &error))?));
        }
        contents.into_iter().try_for_each(|(key, bytes)| self.try_put(&key, bytes))
    }

    /// Writes every object into a folder, which is made if it is not there: the key is the path below it. A key that ends with
    /// `/` becomes a folder. Other files in the folder stay.
    ///
    /// # Panics
    ///
    /// As [`try_dump_folder`](Self::try_dump_folder) fails.
    #[track_caller]
    pub fn dump_folder(&self, folder: impl AsRef<Path>) {
        expect(self.try_dump_folder(folder));
    }

    /// As [`dump_folder`](Self::dump_folder).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] for a key that is no path inside the folder, such as `../a`, `/a`, `a//b`: nothing is written then.
    /// [`CloudError::Io`] for what cannot be written, as when both `a` and `a/b` are keys.
    pub fn try_dump_folder(&self, folder: impl AsRef<Path>) -> Result<(), CloudError> {
        let folder = folder.as_ref();
        let keys = self.try_keys()?;
        keys.iter().try_for_each(|key| check(key))?;
        fs::create_dir_all(folder).map_err(|error| cannot("make", folder, &error))?;
        for key in keys {
            let path = folder.join(&key);
            let below = if key.ends_with('/') { Some(path.as_path()) } else { path.parent() };
            if let Some(below) = below {
                fs::create_dir_all(below).map_err(|error| cannot("make", below, &error))?;
            }
            if !key.ends_with('/') {
                fs::write(&path, self.try_bytes(&key)?).map_err(|error| cannot("write", &path, &error))?;
            }
        }
        Ok(())
    }
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> CloudError {
    CloudError::Io(format!("cannot {what} {}: {error}", path.display()))
}

/// The files below a folder, each with its key.
fn gather(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), CloudError> {
    let entries = fs::read_dir(folder).map_err(|error| cannot("read", folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| cannot("read", folder, &error))?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else {
            return Err(CloudError::Io(format!("{} has a name that is not UTF-8, as keys are", path.display())));
        };
        let key = format!("{prefix}{name}");
        // A link to a folder is not followed: it may lead back here.
        let kind = entry.file_type().map_err(|error| cannot("read", &path, &error))?;
        if kind.is_dir() {
            gather(&path, &format!("{key}/"), files)?;
        } else if fs::metadata(&path).map_err(|error| cannot("read", &path, &error))?.is_file() {
            files.push((key, path));
        } else {
            return Err(CloudError::Io(format!("{} is neither a file nor a folder", path.display())));
        }
    }
    Ok(())
}

/// Whether a key can be a path below a folder, on every system the same.
fn check(key: &str) -> Result<(), CloudError> {
    let parts = key.strip_suffix('/').unwrap_or(key).split('/');
    let is_name = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0', ':']);
    if parts.into_iter().all(is_name) {
        return Ok(());
    }
    let rule =
        "a key that becomes a file has names between single slashes, without \"..\", \".\", backslashes and colons";
    Err(CloudError::Setting { name: "key", value: format!("{key:?}"), rule })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_paths_or_refused() {
        for key in ["a", "a/b", "a b/ü.csv", "a/", ".hidden", "..a"] {
            assert_eq!(check(key), Ok(()), "{key}");
        }
        for key in ["/a", "a//b", "../a", "a/../b", "a/..", ".", "a/./b", "//", "a\\b", "c:a", "a\0"] {
            let error = check(key).unwrap_err().to_string();
            assert!(error.contains(&format!("{key:?}")), "{error}");
        }
    }
}
