//! What a request says of an event source mapping.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::event_source::{Given, Pollers};

/// What only other sources than queues have.
const OF_OTHER_SOURCES: [&str; 14] = [
    "AmazonManagedKafkaEventSourceConfig",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "DocumentDBEventSourceConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "Queues",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "Topics",
    "TumblingWindowInSeconds",
];

/// What queues have too, and this crate does not.
const LACKING: [&str; 4] = ["KMSKeyArn", "LoggingConfig", "MetricsConfig", "Tags"];

/// The one value that `FunctionResponseTypes` may hold.
pub(super) const REPORT_ITEM_FAILURES: &str = "ReportBatchItemFailures";

/// The document of CreateEventSourceMapping and UpdateEventSourceMapping.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Body {
    pub event_source_arn: Option<String>,
    pub function_name: Option<String>,
    pub enabled: Option<bool>,
    batch_size: Option<i64>,
    maximum_batching_window_in_seconds: Option<i64>,
    function_response_types: Option<Vec<String>>,
    filter_criteria: Option<FilterCriteria>,
    scaling_config: Option<ScalingConfig>,
    provisioned_poller_config: Option<ProvisionedPollerConfig>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct FilterCriteria {
    filters: Option<Vec<Filter>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Filter {
    pattern: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ScalingConfig {
    maximum_concurrency: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ProvisionedPollerConfig {
    minimum_pollers: Option<i64>,
    maximum_pollers: Option<i64>,
    poller_group_name: Option<String>,
}

fn of_other_sources(name: &str) -> Fault {
    Fault::invalid(format!("Unsupported {name} parameter for given event source mapping type."))
}

impl Body {
    /// The settings, each within its limits.
    pub fn given(&self) -> Result<Given, Fault> {
        let has = |name: &&&str| self.others.get(**name).is_some_and(|value| !value.is_null());
        if let Some(name) = OF_OTHER_SOURCES.iter().find(has) {
            return Err(of_other_sources(name));
        }
        if let Some(name) = LACKING.iter().find(has) {
            return Err(Fault::unsupported(format_args!("{name} of event source mappings")));
        }
        let given = Given {
            batch_size: self.batch_size,
            window: self.maximum_batching_window_in_seconds,
            report_item_failures: self.function_response_types.as_deref().map(reports_item_failures).transpose()?,
            filters: self.filter_criteria.as_ref().map(FilterCriteria::patterns),
            maximum_concurrency: self.scaling_config.as_ref().map(|scaling| scaling.maximum_concurrency),
            pollers: self.provisioned_poller_config.as_ref().map(ProvisionedPollerConfig::pollers).transpose()?,
        };
        given.check()?;
        Ok(given)
    }
}

fn reports_item_failures(types: &[String]) -> Result<bool, Fault> {
    match types {
        [] => Ok(false),
        [one] if one == REPORT_ITEM_FAILURES => Ok(true),
        types => {
            let rule =
                "Member must satisfy constraint: [Member must satisfy enum value set: [ReportBatchItemFailures]]";
            let message = format!(
                "1 validation error detected: Value '{}' at 'functionResponseTypes' failed to satisfy constraint: {rule}",
                json!(types)
            );
            Err(Fault::new(400, "ValidationException", message))
        }
    }
}

impl FilterCriteria {
    /// A filter without a pattern is as invalid as one whose pattern is.
    fn patterns(&self) -> Vec<String> {
        let pattern = |filter: &Filter| filter.pattern.clone().unwrap_or_default();
        self.filters.iter().flatten().map(pattern).collect()
    }
}

impl ProvisionedPollerConfig {
    /// Nothing takes the pollers away.
    fn pollers(&self) -> Result<Option<Pollers>, Fault> {
        let Self { minimum_pollers, maximum_pollers, poller_group_name } = self;
        if poller_group_name.is_some() {
            return Err(of_other_sources("PollerGroupName"));
        }
        let default = Pollers::default();
        let given = minimum_pollers.is_some() || maximum_pollers.is_some();
        Ok(given.then(|| Pollers {
            minimum: minimum_pollers.unwrap_or(default.minimum),
            maximum: maximum_pollers.unwrap_or(default.maximum),
        }))
    }
}
