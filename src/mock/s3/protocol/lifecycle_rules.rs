//! A lifecycle configuration as a bucket runs it. Whoever calls has checked it.

use s3s::dto::{
    ExpirationStatus, LifecycleRule, NoncurrentVersionTransition, Tag, TransitionDefaultMinimumObjectSize as Minimum,
};

use super::super::state;
use super::convert::time;

/// The rules of a configuration, and what it says of small objects.
pub(super) fn of(rules: &[LifecycleRule], minimum: Option<&Minimum>) -> state::LifecycleRules {
    let archives_small = minimum.is_some_and(|minimum| minimum.as_str() == Minimum::VARIES_BY_STORAGE_CLASS);
    state::LifecycleRules { rules: rules.iter().map(rule).collect(), archives_small }
}

fn rule(rule: &LifecycleRule) -> state::LifecycleRule {
    let expiration = rule.expiration.as_ref().and_then(|expiration| {
        let at = when(expiration.days, expiration.date.as_ref()).map(state::Expiration::At);
        at.or_else(|| {
            (expiration.expired_object_delete_marker == Some(true)).then_some(state::Expiration::DeleteMarkers)
        })
    });
    let transitions = rule.transitions.iter().flatten().filter_map(|transition| {
        let when = when(transition.days, transition.date.as_ref())?;
        Some(state::Transition { when, class: transition.storage_class.as_ref()?.as_str().to_owned() })
    });
    let later = rule.noncurrent_version_transitions.iter().flatten().filter_map(later);
    let expires = rule.noncurrent_version_expiration.as_ref();
    let expires = expires.and_then(|expires| noncurrent(expires.noncurrent_days, expires.newer_noncurrent_versions));
    let abort = rule.abort_incomplete_multipart_upload.as_ref().and_then(|abort| abort.days_after_initiation);
    state::LifecycleRule {
        id: rule.id.clone().unwrap_or_default(),
        enabled: rule.status.as_str() == ExpirationStatus::ENABLED,
        filter: filter(rule),
        expiration,
        noncurrent_expiration: expires,
        transitions: transitions.collect(),
        noncurrent_transitions: later.collect(),
        abort_uploads_after: abort.map(days),
    }
}

/// What a rule is for: its filter, or the prefix of the older form.
fn filter(rule: &LifecycleRule) -> state::LifecycleFilter {
    let size = |size: Option<i64>| size.and_then(|size| u64::try_from(size).ok());
    let tag = |tag: &Tag| Some((tag.key.clone()?, tag.value.clone()?));
    let mut fits =
        state::LifecycleFilter { prefix: rule.prefix.clone().unwrap_or_default(), ..state::LifecycleFilter::default() };
    let Some(filter) = &rule.filter else { return fits };
    let and = filter.and.as_ref();
    if let Some(prefix) = filter.prefix.as_ref().or(and.and_then(|and| and.prefix.as_ref())) {
        fits.prefix.clone_from(prefix);
    }
    let tags = and.and_then(|and| and.tags.as_ref()).into_iter().flatten();
    fits.tags = filter.tag.iter().chain(tags).filter_map(tag).collect();
    fits.larger_than = size(filter.object_size_greater_than.or(and.and_then(|and| and.object_size_greater_than)));
    fits.smaller_than = size(filter.object_size_less_than.or(and.and_then(|and| and.object_size_less_than)));
    fits
}

fn later(transition: &NoncurrentVersionTransition) -> Option<state::NoncurrentTransition> {
    let when = noncurrent(transition.noncurrent_days, transition.newer_noncurrent_versions)?;
    Some(state::NoncurrentTransition { when, class: transition.storage_class.as_ref()?.as_str().to_owned() })
}

fn noncurrent(after: Option<i32>, newer: Option<i32>) -> Option<state::Noncurrent> {
    let keep = newer.and_then(|newer| usize::try_from(newer).ok()).unwrap_or(0);
    Some(state::Noncurrent { days: days(after?), keep })
}

fn when(after: Option<i32>, date: Option<&s3s::dto::Timestamp>) -> Option<state::When> {
    after.map(|after| state::When::Days(days(after))).or_else(|| date.and_then(time).map(state::When::Date))
}

/// A count of days, which was found not to be negative.
fn days(days: i32) -> u32 {
    u32::try_from(days).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use s3s::dto::*;

    use super::*;

    #[test]
    fn all_that_a_rule_says_is_there() {
        let filter = LifecycleRuleFilter {
            and: Some(LifecycleRuleAndOperator {
                prefix: Some("in/".into()),
                tags: Some(vec![Tag { key: Some("a".into()), value: Some("b".into()) }]),
                object_size_greater_than: Some(1),
                object_size_less_than: Some(9),
            }),
            ..LifecycleRuleFilter::default()
        };
        let class = Some(TransitionStorageClass::from_static(TransitionStorageClass::GLACIER));
        let rule = LifecycleRule {
            abort_incomplete_multipart_upload: Some(AbortIncompleteMultipartUpload { days_after_initiation: Some(7) }),
            expiration: Some(LifecycleExpiration { days: Some(3), ..LifecycleExpiration::default() }),
            filter: Some(filter),
            id: Some("r".into()),
            noncurrent_version_expiration: Some(NoncurrentVersionExpiration {
                newer_noncurrent_versions: Some(2),
                noncurrent_days: Some(4),
            }),
            noncurrent_version_transitions: Some(vec![NoncurrentVersionTransition {
                newer_noncurrent_versions: None,
                noncurrent_days: Some(5),
                storage_class: class.clone(),
            }]),
            prefix: None,
            status: ExpirationStatus::from_static(ExpirationStatus::ENABLED),
            transitions: Some(vec![Transition { date: None, days: Some(0), storage_class: class }]),
        };
        let minimum = Minimum::from_static(Minimum::VARIES_BY_STORAGE_CLASS);
        let rules = of(std::slice::from_ref(&rule), Some(&minimum));
        let expected = state::LifecycleRule {
            id: "r".into(),
            enabled: true,
            filter: state::LifecycleFilter {
                prefix: "in/".into(),
                tags: vec![("a".into(), "b".into())],
                larger_than: Some(1),
                smaller_than: Some(9),
            },
            expiration: Some(state::Expiration::At(state::When::Days(3))),
            noncurrent_expiration: Some(state::Noncurrent { days: 4, keep: 2 }),
            transitions: vec![state::Transition { when: state::When::Days(0), class: "GLACIER".into() }],
            noncurrent_transitions: vec![state::NoncurrentTransition {
                when: state::Noncurrent { days: 5, keep: 0 },
                class: "GLACIER".into(),
            }],
            abort_uploads_after: Some(7),
        };
        assert_eq!(rules, state::LifecycleRules { rules: vec![expected], archives_small: true });

        let markers =
            LifecycleExpiration { expired_object_delete_marker: Some(true), ..LifecycleExpiration::default() };
        let older = LifecycleRule {
            expiration: Some(markers),
            filter: None,
            prefix: Some("old/".into()),
            status: ExpirationStatus::from_static(ExpirationStatus::DISABLED),
            transitions: None,
            ..rule
        };
        let rules = of(&[older], None);
        let older = &rules.rules[0];
        assert_eq!((older.filter.prefix.as_str(), older.enabled, rules.archives_small), ("old/", false, false));
        assert_eq!(older.expiration, Some(state::Expiration::DeleteMarkers));
    }
}
