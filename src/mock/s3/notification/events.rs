//! The event types that a configuration may name. Page: "Supported event types for SQS, SNS, and Lambda".

use crate::event::S3EventName;

/// Whether S3 knows the type: the name of an event, or `*` for a family of two events or more.
pub(super) fn is_known(event: &str) -> bool {
    let Some(name) = event.strip_prefix("s3:").filter(|name| !name.starts_with("s3:")) else { return false };
    let covered = S3EventName::KNOWN.iter().filter(|known| known.matches(name)).count();
    if name.ends_with('*') { covered > 1 } else { covered == 1 }
}

/// Whether a configured type covers an event, named without `s3:`.
pub(super) fn covers(configured: &str, event_name: &str) -> bool {
    S3EventName::from(event_name).matches(configured)
}

/// Whether two configured types share an event.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    S3EventName::KNOWN.iter().any(|known| known.matches(a) && known.matches(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>
    #[test]
    fn the_families_are_those_of_the_page() {
        let families: Vec<String> = ["ObjectCreated", "ObjectRemoved", "ObjectTagging", "ObjectRestore", "Replication"]
            .iter()
            .chain(&["LifecycleExpiration", "ObjectAnnotation"])
            .map(|family| format!("s3:{family}:*"))
            .collect();
        assert!(families.iter().all(|family| is_known(family)), "{families:?}");
        assert!(S3EventName::all().all(|name| is_known(&name.config_name()) && !is_known(name.as_str())));
        for unknown in
            ["s3:*", "*", "s3:ObjectAcl:*", "s3:ObjectRetention:*", "s3:s3:ObjectCreated:*", "s3:TestEvent", ""]
        {
            assert!(!is_known(unknown), "{unknown}");
        }
    }
}
