//! What is said of the settings of an event source mapping when it is made or changed.

use std::time::Duration;

use super::fault::MappingFault;
use super::settings::{MappingSettings, Pollers};
use crate::mock::lambda::api::Constraints;

/// The most characters of a filter.
const LONGEST_FILTER: usize = 4_096;

/// The settings that are given; the others stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub batch_size: Option<i64>,
    /// In seconds.
    pub window: Option<i64>,
    pub report_item_failures: Option<bool>,
    /// None of them takes all away.
    pub filters: Option<Vec<String>>,
    /// No number takes it away.
    pub maximum_concurrency: Option<Option<i64>>,
    /// Nothing takes them away.
    pub pollers: Option<Option<Pollers>>,
}

impl Given {
    /// Checks each value against the API's model.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
    ///
    /// # Errors
    ///
    /// `ValidationException`, with the values and the rules.
    pub fn check(&self) -> Result<(), MappingFault> {
        let mut constraints = Constraints::default();
        constraints.range("batchSize", self.batch_size, 1..=10_000);
        constraints.range("maximumBatchingWindowInSeconds", self.window, 0..=300);
        constraints.range("scalingConfig.maximumConcurrency", self.maximum_concurrency.flatten(), 2..=1_000);
        if let Some(Some(Pollers { minimum, maximum })) = self.pollers {
            constraints.range("provisionedPollerConfig.minimumPollers", Some(minimum), 1..=200);
            constraints.range("provisionedPollerConfig.maximumPollers", Some(maximum), 1..=10_000);
        }
        for (at, pattern) in self.filters.iter().flatten().enumerate() {
            if pattern.chars().count() > LONGEST_FILTER {
                let member = format!("filterCriteria.filters.{}.member.pattern", at + 1);
                let rule = format!("Member must have length less than or equal to {LONGEST_FILTER}");
                constraints.broken(pattern, &member, &rule);
            }
        }
        Ok(constraints.check()?)
    }

    /// Changes the settings to what is given, which was checked.
    pub fn apply(self, settings: &mut MappingSettings) {
        let number = |number: i64| usize::try_from(number).unwrap_or_default();
        let Self { batch_size, window, report_item_failures, filters, maximum_concurrency, pollers } = self;
        settings.batch_size = batch_size.map_or(settings.batch_size, number);
        settings.window = window.map_or(settings.window, |seconds| Duration::from_secs(seconds.unsigned_abs()));
        settings.report_item_failures = report_item_failures.unwrap_or(settings.report_item_failures);
        if let Some(filters) = filters {
            settings.filters = filters;
        }
        let concurrency = maximum_concurrency.map(|most| most.map(number));
        settings.maximum_concurrency = concurrency.unwrap_or(settings.maximum_concurrency);
        settings.pollers = pollers.unwrap_or(settings.pollers);
    }
}
