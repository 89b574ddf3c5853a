//! What S3 never sends, and the builder therefore refuses.

use super::S3EventBuilder;
use crate::event::error::not_empty;
use crate::event::s3::bucket_name::check_bucket_name;
use crate::event::s3::{Carried, ExtraBlock, S3EventName, S3Facts, StorageClass};
use crate::event::{BuildError, EventVersion, Members, VersionPolicy};

/// The greatest size that readers of events must hold: most use a signed number of 64 bits.
const MAX_SIZE: u64 = i64::MAX as u64;

fn broken(what: &'static str, value: impl Into<String>, rule: &'static str) -> BuildError {
    BuildError::Rule { what, value: value.into(), rule }
}

pub(super) fn check_storage_class(class: &StorageClass) -> Result<(), BuildError> {
    let character = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if !class.as_str().is_empty() && class.as_str().bytes().all(character) {
        return Ok(());
    }
    Err(broken("storage class", class.as_str(), "a storage class has upper-case letters, digits and underscores"))
}

impl S3EventBuilder {
    pub(super) fn event_version(&self, facts: &S3Facts) -> Result<EventVersion, BuildError> {
        let version = match self.version_policy {
            VersionPolicy::Unified(version) if version.major() == 2 => version,
            VersionPolicy::Unified(version) => {
                return Err(broken("event version", version.to_string(), "S3 records have the major version 2"));
            }
            VersionPolicy::Legacy => facts
                .legacy_version
                .ok_or_else(|| BuildError::NoLegacyVersion { event: self.event_name.to_string() })?,
        };
        let since = |field, is_set: bool, since| match is_set && version < since {
            true => Err(BuildError::TooOld { field, version, since }),
            false => Ok(()),
        };
        since("awsGeneratedTags", self.aws_generated_tags.is_some(), EventVersion::V2_5)?;
        since("hasObjectAnnotation", self.has_annotation.is_some(), EventVersion::V2_6)?;
        since("this kind of event", facts.legacy_version.is_none(), EventVersion::V2_4)?;
        Ok(version)
    }

    pub(super) fn check_fields(&self, facts: &S3Facts) -> Result<(), BuildError> {
        check_bucket_name(&self.bucket)?;
        if !S3EventName::KNOWN.contains(&self.event_name) {
            let rule = "AWS documents no such event; to test with one, set `event_name` of a record that was built";
            return Err(broken("event name", self.event_name.as_str(), rule));
        }
        let own_block = |block| facts.block == Some(block);
        let class = own_block(ExtraBlock::Glacier) || own_block(ExtraBlock::Lifecycle);
        for (set, carried, field) in [
            (self.size.is_some(), facts.size != Carried::Never, "size"),
            (self.e_tag.is_some(), facts.e_tag != Carried::Never, "eTag"),
            (self.sequencer.is_some(), facts.sequencer != Carried::Never, "sequencer"),
            (self.storage_class.is_some(), class, "a storage class"),
            (self.restore_expiry.is_some(), own_block(ExtraBlock::Glacier), "glacierEventData"),
            (self.access_tier.is_some(), own_block(ExtraBlock::IntelligentTiering), "intelligentTieringEventData"),
            (self.replication.is_some(), own_block(ExtraBlock::Replication), "replicationEventData"),
            (self.retention.is_some(), own_block(ExtraBlock::Retention), "objectRetentionEventData"),
            (self.annotation.is_some(), facts.annotation, "objectAnnotation"),
        ] {
            if set && !carried {
                return Err(self.event_name.not_carried(field));
            }
        }
        self.check_values()?;
        let foreign =
            self.aws_generated_tags.iter().flat_map(Members::iter).find(|(name, _)| !name.starts_with("aws:"));
        match foreign {
            Some((name, _)) => {
                Err(broken("AWS-generated tag", name, "the names of tags that AWS generates start with aws:"))
            }
            None => Ok(()),
        }
    }

    fn check_values(&self) -> Result<(), BuildError> {
        let principal = self.principal.as_ref().map(ToString::to_string);
        for (what, text) in [
            ("eTag", &self.e_tag),
            ("version id", &self.version_id),
            ("owner", &self.owner),
            ("principal", &principal),
            ("source IP address", &self.source_ip),
            ("configuration id", &self.configuration_id),
            ("request id", &self.request_id),
            ("host id", &self.host_id),
        ] {
            not_empty(what, text.as_deref())?;
        }
        if let Some(annotation) = &self.annotation
            && !(1..=512).contains(&annotation.name.len())
        {
            return Err(broken("annotation", &annotation.name, "the name of an annotation has 1 to 512 bytes"));
        }
        let e_tags = [self.e_tag.as_ref(), self.annotation.as_ref().and_then(|annotation| annotation.e_tag.as_ref())];
        if let Some(e_tag) = e_tags.into_iter().flatten().find(|e_tag| e_tag.contains('"')) {
            return Err(broken("eTag", e_tag, "events carry the entity tag without its quotes"));
        }
        if let Some(size) = self.size.filter(|size| *size > MAX_SIZE) {
            return Err(broken("size", size.to_string(), "a size is at most 9223372036854775807 bytes"));
        }
        self.storage_class.as_ref().map_or(Ok(()), check_storage_class)
    }
}
