//! Versions and aliases of functions, as a test makes them.

use super::error::{CloudError, expect};
use super::function::Function;
use crate::mock::lambda::{Additional, AliasError, VersionId, check_alias_name};

impl Function {
    /// Publishes what the function is now, its code and its settings, as a version that never changes, and gives a handle of that:
    /// versions 1, 2 and so on, each with environments of its own. If nothing has changed since the last one, it is that one.
    ///
    /// The handle of a version invokes it, is a target of triggers and a destination, and lists its own
    /// [`invocations`](Self::invocations). What is set for asynchronous invocations
    /// ([`retry_attempts`](Self::retry_attempts), [`on_failure`](Self::on_failure) and their like) is set for those of this
    /// version alone, as AWS does it for each qualifier. A closure that captures something shares it with all versions that
    /// were published with it; what [`function_in`](crate::Account::function_in) makes is made for each.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let price = cloud.function("price", async |net: u32| net + net / 10);
    /// let first = price.publish();
    /// cloud.function("price", async |net: u32| net + net / 5);
    /// assert_eq!((first.invoke::<u32>(100).await, price.invoke::<u32>(100).await), (110, 120));
    /// assert_eq!(first.arn().resource(), "function:price:1");
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html>
    ///
    /// # Panics
    ///
    /// As [`try_publish`](Self::try_publish) fails.
    #[track_caller]
    pub fn publish(&self) -> Self {
        expect(self.try_publish())
    }

    /// As [`publish`](Self::publish).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] for the handle of a version or an alias: the function itself is published.
    pub fn try_publish(&self) -> Result<Self, CloudError> {
        let version = self.changeable()?.publish(None, self.world()?.kernel.now());
        Ok(self.by(version.id.to_string()))
    }

    /// Lets an alias of the function point to a version, and to nothing else, and gives a handle of the alias. There is one
    /// alias of each name: saying it again moves it.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (inbox, count) = (cloud.bucket("inbox"), cloud.stub("count"));
    /// let live = count.alias("live", &count.publish());
    /// inbox.notify(&live, on(ObjectCreated));
    /// inbox.put("a.txt", "a");
    /// cloud.settle().await.assert_ok();
    /// assert!(cloud.timeline().contains("invoke count:live (version 1)"));
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html>
    ///
    /// # Panics
    ///
    /// As [`try_alias`](Self::try_alias) fails.
    #[track_caller]
    pub fn alias(&self, name: &str, version: &Self) -> Self {
        expect(self.try_alias(name, version))
    }

    /// As [`alias`](Self::alias).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] when the name is not 1 to 128 letters, digits, `-` and `_` (digits alone name a version), or when
    /// `version` is an alias or belongs to another function.
    pub fn try_alias(&self, name: &str, version: &Self) -> Result<Self, CloudError> {
        if let Err(rule) = check_alias_name(name) {
            return Err(CloudError::Setting { name: "alias name", value: format!("{name:?}"), rule });
        }
        let id = self.version_of(version)?;
        let set = self.changeable()?.set_alias(name, |alias| (alias.version, alias.additional) = (id, None));
        set.map_err(|error| refused(&error))?;
        Ok(self.by(name.to_owned()))
    }

    /// Lets this alias send a share of its invocations, 0.0 to 1.0, to an additional version.
    ///
    /// In the ordinary course each of them runs the alias's own version, unless the weight is 1.0: a test must not depend on
    /// luck. The pick is a point of choice: a [`Plan`](crate::Plan) says which of them run the other one
    /// (`route work:live #1: additional version`), and [`explore`](crate::explore) tries each of them.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::builder().plan("route price:live #2: additional version").start();
    /// let price = cloud.function("price", async |net: u32| net + net / 10);
    /// let first = price.publish();
    /// cloud.function("price", async |net: u32| net + net / 5);
    /// let live = price.alias("live", &first).additional_version(&price.publish(), 0.1);
    /// assert_eq!((live.invoke::<u32>(100).await, live.invoke::<u32>(100).await), (110, 120));
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html>
    ///
    /// # Panics
    ///
    /// As [`try_additional_version`](Self::try_additional_version) fails.
    #[track_caller]
    pub fn additional_version(&self, version: &Self, weight: f64) -> Self {
        expect(self.try_additional_version(version, weight));
        self.clone()
    }

    /// As [`additional_version`](Self::additional_version).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] when the handle is not that of an alias, or `version` not one of the same function;
    /// [`CloudError::Aws`] with `InvalidParameterValueException` when the weight is out of range, both versions are the same, one of
    /// them is `$LATEST`, or they have different roles or dead-letter queues.
    pub fn try_additional_version(&self, version: &Self, weight: f64) -> Result<(), CloudError> {
        let id = self.version_of(version)?;
        let function = self.callee()?;
        let Some(name) = self.qualifier().filter(|qualifier| VersionId::parse(qualifier).is_none()) else {
            let rule = "only an alias sends invocations to an additional version";
            return Err(CloudError::Setting { name: "function", value: self.arn().to_string(), rule });
        };
        let additional = Some(Additional { version: id, weight });
        let set = function.set_alias(name, |alias| alias.additional = additional);
        set.map_err(|error| refused(&error))?;
        Ok(())
    }

    /// Which version of this function another handle stands for.
    fn version_of(&self, version: &Self) -> Result<VersionId, CloudError> {
        let id = VersionId::parse(version.named().qualifier());
        let id = id.filter(|_| version.unqualified_arn() == self.unqualified_arn());
        let world = self.world()?;
        id.filter(|_| version.is_of(&world)).ok_or_else(|| {
            let rule = "an alias points to versions of its own function";
            CloudError::Setting { name: "version", value: version.arn().to_string(), rule }
        })
    }
}

fn refused(error: &AliasError) -> CloudError {
    let code = "InvalidParameterValueException".to_owned();
    CloudError::Aws { service: "lambda", code, message: error.to_string() }
}
