//! Configurations of which a bucket has several, each with an id: of metrics, analytics, inventories and intelligent tiering.
//! They are checked, kept and read back, as infrastructure code asks for; nothing else comes of them.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketMetricsConfiguration.html> and its kin

use std::collections::BTreeMap;

use s3s::dto::*;

use super::super::fault::S3Fault;
use super::adapter::Context;
use super::headers::claims;
use super::listing::{read_token, token};

/// A bucket has at most as many of a kind (PutBucketMetricsConfiguration, TooManyConfigurations).
const MAX_CONFIGURATIONS: usize = 1000;
/// A page has at most as many (ListBucketMetricsConfigurations).
const MAX_PAGE: usize = 100;

trait Configuration: Clone + Send + Sync + 'static {
    /// The setting under which all of a bucket are kept.
    const SETTING: &'static str;

    fn id(&self) -> &str;

    /// Refuses values that there are not.
    fn check(&self) -> Result<(), S3Fault>;
}

/// Those of a bucket by id.
type Kept<T> = BTreeMap<String, T>;

fn kept<T: Configuration>(context: &Context<'_>, bucket: &str) -> Result<Kept<T>, S3Fault> {
    Ok(context.act(|state, _| state.setting(bucket, T::SETTING))?.unwrap_or_default())
}

/// Keeps a configuration, or removes the one of this id.
fn change<T: Configuration>(
    context: &Context<'_>,
    bucket: &str,
    change: impl FnOnce(&mut Kept<T>) -> Result<(), S3Fault>,
) -> Result<(), S3Fault> {
    context.act(|state, _| {
        let mut kept: Kept<T> = state.setting(bucket, T::SETTING)?.unwrap_or_default();
        change(&mut kept)?;
        state.set_setting(bucket, T::SETTING, Some(kept))
    })
}

fn put<T: Configuration>(context: &Context<'_>, bucket: &str, id: &str, configuration: T) -> Result<(), S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    if configuration.id() != id {
        let message = "The id of the request is not that of the configuration";
        return Err(S3Fault::invalid_argument(message, "id", id));
    }
    configuration.check()?;
    change(context, bucket, |kept| {
        if kept.len() == MAX_CONFIGURATIONS && !kept.contains_key(id) {
            let message = "You are attempting to create a new configuration but have already reached the \
                           1,000-configuration limit.";
            return Err(S3Fault::new(400, "TooManyConfigurations", message));
        }
        kept.insert(id.to_owned(), configuration);
        Ok(())
    })
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
fn missing() -> S3Fault {
    S3Fault::new(404, "NoSuchConfiguration", "The specified configuration does not exist.")
}

fn get<T: Configuration>(context: &Context<'_>, bucket: &str, id: &str) -> Result<T, S3Fault> {
    kept(context, bucket)?.remove(id).ok_or_else(missing)
}

fn delete<T: Configuration>(context: &Context<'_>, bucket: &str, id: &str) -> Result<(), S3Fault> {
    change::<T>(context, bucket, |kept| kept.remove(id).map(drop).ok_or_else(missing))
}

/// A page of configurations, and where the next one begins.
type Page<T> = (Option<Vec<T>>, Option<String>);

fn list<T: Configuration>(context: &Context<'_>, bucket: &str, from: Option<&str>) -> Result<Page<T>, S3Fault> {
    let malformed = |_| S3Fault::new(400, "MalformedContinuationToken", "The continuation-token you provided invalid.");
    let after =
        from.filter(|from| !from.is_empty()).map(read_token).transpose().map_err(malformed)?.unwrap_or_default();
    let mut behind = kept::<T>(context, bucket)?.into_values().filter(|kept| kept.id() > after.as_str());
    let page: Vec<T> = behind.by_ref().take(MAX_PAGE).collect();
    let next = behind.next().and_then(|_| page.last().map(|last| token(last.id())));
    Ok((Some(page).filter(|page| !page.is_empty()), next))
}

/// Refuses a value that is none of these.
fn one_of(value: &str, known: &[&str]) -> Result<(), S3Fault> {
    if known.contains(&value) { Ok(()) } else { Err(S3Fault::malformed_xml()) }
}

impl Configuration for MetricsConfiguration {
    const SETTING: &'static str = "metrics";

    fn id(&self) -> &str {
        &self.id
    }

    /// "The ID has a 64 character limit and can only contain letters, numbers, periods, dashes, and underscores."
    fn check(&self) -> Result<(), S3Fault> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if (1..=64).contains(&self.id.len()) && self.id.bytes().all(fits) {
            return Ok(());
        }
        let message = "The id of a metrics configuration has 1 to 64 letters, digits, periods, dashes and underscores";
        Err(S3Fault::invalid_argument(message, "id", self.id.as_str()))
    }
}

impl Configuration for AnalyticsConfiguration {
    const SETTING: &'static str = "analytics";

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), S3Fault> {
        let Some(export) = &self.storage_class_analysis.data_export else { return Ok(()) };
        one_of(export.output_schema_version.as_str(), &["V_1"])?;
        one_of(export.destination.s3_bucket_destination.format.as_str(), &["CSV"])
    }
}

impl Configuration for InventoryConfiguration {
    const SETTING: &'static str = "inventory";

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), S3Fault> {
        one_of(self.included_object_versions.as_str(), &["All", "Current"])?;
        one_of(self.schedule.frequency.as_str(), &["Daily", "Weekly"])?;
        one_of(self.destination.s3_bucket_destination.format.as_str(), &["CSV", "ORC", "Parquet"])
    }
}

impl Configuration for IntelligentTieringConfiguration {
    const SETTING: &'static str = "intelligent-tiering";

    fn id(&self) -> &str {
        &self.id
    }

    /// "The number of days must be at least 90 days for Archive Access tier and at least 180 days for Deep Archive Access tier.
    /// The maximum can be up to 2 years (730 days)." (Tiering, Days)
    fn check(&self) -> Result<(), S3Fault> {
        one_of(self.status.as_str(), &["Enabled", "Disabled"])?;
        if self.tierings.is_empty() {
            return Err(S3Fault::malformed_xml());
        }
        for tiering in &self.tierings {
            let least = match tiering.access_tier.as_str() {
                "ARCHIVE_ACCESS" => 90,
                "DEEP_ARCHIVE_ACCESS" => 180,
                _ => return Err(S3Fault::malformed_xml()),
            };
            if !(least..=730).contains(&tiering.days) {
                let message = format!("Days of {} must be between {least} and 730", tiering.access_tier.as_str());
                return Err(S3Fault::invalid_argument(message, "Days", tiering.days.to_string()));
            }
        }
        Ok(())
    }
}

/// The four operations of a kind; the inputs and outputs of `s3s` share names but no trait.
macro_rules! operations {
    ($module:ident: $kind:ident, $member:ident, $list:ident, $put:ident -> $put_output:ident, $get:ident -> $get_output:ident,
     $delete:ident -> $delete_output:ident, $all:ident -> $all_output:ident) => {
        pub(super) mod $module {
            use s3s::dto::*;

            use super::super::super::fault::S3Fault;
            use super::super::adapter::Context;

            pub(in super::super) fn put(context: &Context<'_>, input: $put) -> Result<$put_output, S3Fault> {
                super::put(context, &input.bucket, &input.id, input.$member)?;
                Ok($put_output::default())
            }

            pub(in super::super) fn get(context: &Context<'_>, input: $get) -> Result<$get_output, S3Fault> {
                Ok($get_output { $member: Some(super::get(context, &input.bucket, &input.id)?) })
            }

            pub(in super::super) fn delete(context: &Context<'_>, input: $delete) -> Result<$delete_output, S3Fault> {
                super::delete::<$kind>(context, &input.bucket, &input.id)?;
                Ok($delete_output::default())
            }

            pub(in super::super) fn list(context: &Context<'_>, input: $all) -> Result<$all_output, S3Fault> {
                let (page, next) = super::list(context, &input.bucket, input.continuation_token.as_deref())?;
                Ok($all_output {
                    continuation_token: input.continuation_token,
                    is_truncated: Some(next.is_some()),
                    $list: page,
                    next_continuation_token: next,
                })
            }
        }
    };
}

operations! {
    metrics: MetricsConfiguration, metrics_configuration, metrics_configuration_list,
    PutBucketMetricsConfigurationInput -> PutBucketMetricsConfigurationOutput,
    GetBucketMetricsConfigurationInput -> GetBucketMetricsConfigurationOutput,
    DeleteBucketMetricsConfigurationInput -> DeleteBucketMetricsConfigurationOutput,
    ListBucketMetricsConfigurationsInput -> ListBucketMetricsConfigurationsOutput
}
operations! {
    analytics: AnalyticsConfiguration, analytics_configuration, analytics_configuration_list,
    PutBucketAnalyticsConfigurationInput -> PutBucketAnalyticsConfigurationOutput,
    GetBucketAnalyticsConfigurationInput -> GetBucketAnalyticsConfigurationOutput,
    DeleteBucketAnalyticsConfigurationInput -> DeleteBucketAnalyticsConfigurationOutput,
    ListBucketAnalyticsConfigurationsInput -> ListBucketAnalyticsConfigurationsOutput
}
operations! {
    inventory: InventoryConfiguration, inventory_configuration, inventory_configuration_list,
    PutBucketInventoryConfigurationInput -> PutBucketInventoryConfigurationOutput,
    GetBucketInventoryConfigurationInput -> GetBucketInventoryConfigurationOutput,
    DeleteBucketInventoryConfigurationInput -> DeleteBucketInventoryConfigurationOutput,
    ListBucketInventoryConfigurationsInput -> ListBucketInventoryConfigurationsOutput
}
operations! {
    tiering: IntelligentTieringConfiguration, intelligent_tiering_configuration, intelligent_tiering_configuration_list,
    PutBucketIntelligentTieringConfigurationInput -> PutBucketIntelligentTieringConfigurationOutput,
    GetBucketIntelligentTieringConfigurationInput -> GetBucketIntelligentTieringConfigurationOutput,
    DeleteBucketIntelligentTieringConfigurationInput -> DeleteBucketIntelligentTieringConfigurationOutput,
    ListBucketIntelligentTieringConfigurationsInput -> ListBucketIntelligentTieringConfigurationsOutput
}
