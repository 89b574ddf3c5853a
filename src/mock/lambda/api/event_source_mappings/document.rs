//! An event source mapping as it is answered: the members that AWS was seen to answer for a queue, and no others.

use serde::Serialize;

use super::given::REPORT_ITEM_FAILURES;
use crate::mock::lambda::event_source::{Described, MappingSettings};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::mock::lambda::api) struct Document {
    batch_size: usize,
    event_source_arn: String,
    event_source_mapping_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_criteria: Option<FilterCriteria>,
    function_arn: String,
    function_response_types: Vec<&'static str>,
    last_modified: f64,
    maximum_batching_window_in_seconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    provisioned_poller_config: Option<ProvisionedPollerConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scaling_config: Option<ScalingConfig>,
    state: &'static str,
    state_transition_reason: &'static str,
    #[serde(rename = "UUID")]
    uuid: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<Filter>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    pattern: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProvisionedPollerConfig {
    minimum_pollers: i64,
    maximum_pollers: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScalingConfig {
    maximum_concurrency: usize,
}

impl Document {
    pub fn of(mapping: &Described) -> Self {
        let MappingSettings { batch_size, window, report_item_failures, filters, maximum_concurrency, pollers } =
            &mapping.settings;
        let filters: Vec<Filter> = filters.iter().map(|pattern| Filter { pattern: pattern.clone() }).collect();
        Self {
            batch_size: *batch_size,
            event_source_arn: mapping.source.to_string(),
            event_source_mapping_arn: mapping.arn.to_string(),
            filter_criteria: (!filters.is_empty()).then_some(FilterCriteria { filters }),
            function_arn: mapping.function_arn.to_string(),
            function_response_types: if *report_item_failures { vec![REPORT_ITEM_FAILURES] } else { Vec::new() },
            last_modified: mapping.modified.as_millisecond() as f64 / 1000.0,
            maximum_batching_window_in_seconds: window.as_secs(),
            provisioned_poller_config: pollers.map(|pollers| ProvisionedPollerConfig {
                minimum_pollers: pollers.minimum,
                maximum_pollers: pollers.maximum,
            }),
            scaling_config: maximum_concurrency.map(|most| ScalingConfig { maximum_concurrency: most }),
            state: mapping.state,
            state_transition_reason: "USER_INITIATED",
            uuid: mapping.uuid.clone(),
        }
    }
}
