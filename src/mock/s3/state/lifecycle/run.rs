//! Does what is due. S3 asks nobody for permission, and says by its own events what it did.

use std::sync::Arc;

use jiff::Timestamp;

use super::due::{Action, Due};
use crate::mock::s3::change::{Change, ChangeKind};
use crate::mock::s3::fault::S3Fault;
use crate::mock::s3::state::{Act, S3State};

impl S3State {
    /// What a bucket's rules ask for by now.
    pub(crate) fn due_by_lifecycle(&self, bucket: &str, now: Timestamp) -> Result<Vec<Due>, S3Fault> {
        Ok(self.bucket(bucket)?.due(now))
    }

    /// Does what a bucket's rules ask for by now.
    pub(crate) fn run_lifecycle(&mut self, act: &mut Act<'_>, name: &str) -> Result<Vec<Due>, S3Fault> {
        let (bucket, sequence) = self.bucket_mut(name)?;
        let due = bucket.due(act.now);
        for Due { key, action, .. } in &due {
            match action {
                Action::Delete { version } => {
                    let before = act.changes.len();
                    bucket.delete_version(act, sequence, key, version)?;
                    act.changes[before..].iter_mut().for_each(|change| change.kind = ChangeKind::LifecycleDelete);
                }
                Action::Mark => {
                    let before = act.changes.len();
                    bucket.delete_current(act, sequence, key);
                    let marked = ChangeKind::LifecycleDeleteMarkerCreated;
                    act.changes[before..].iter_mut().for_each(|change| change.kind = marked);
                }
                Action::Move { version, class } => {
                    let mut change = bucket.change(ChangeKind::LifecycleTransition, key, act.now);
                    let versions = bucket.keys.get_mut(key).into_iter().flatten();
                    let moved = versions.filter(|known| known.id() == version);
                    for known in moved {
                        let Some(object) = &mut known.object else { continue };
                        Arc::make_mut(object).content.storage_class = Some(class.clone());
                        change.size = Some(object.size());
                        change.e_tag = Some(object.e_tag.clone());
                        change.version_id.clone_from(&known.id);
                    }
                    change.sequencer = Some(sequence.next(act.now, name, key));
                    act.changes.push(Change { storage_class: Some(class.clone()), ..change });
                }
                // No event tells of it.
                Action::Abort { upload } => bucket.abort(key, upload)?,
            }
        }
        Ok(due)
    }
}
