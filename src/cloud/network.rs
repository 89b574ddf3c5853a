//! Where a function runs.

use super::error::expect;
use super::function::Function;

impl Function {
    /// Attaches the function to a VPC that has no way to the internet: what lies outside AWS, such as Slack's webhooks, is out of
    /// its reach from now on, and AWS's services stay in it. Default: the function reaches everything.
    ///
    /// A request that nobody answers ends as on AWS: by the timeout of the function, on the cloud's clock, unless the handler's own
    /// timeout, in real time, ends it before. The usual way out is a second function outside the VPC, which the first one invokes.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lambda_testkit::prelude::*;
    ///
    /// # async fn post(webhook: String, text: String) -> Result<(), String> {
    /// #     let post = reqwest::Client::new().post(webhook).json(&serde_json::json!({ "text": text }));
    /// #     post.send().await.map(drop).map_err(|error| error.to_string())
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let post = cloud.function_with("post", cloud.slack().webhook("#alarms"), post).timeout(Duration::from_secs(10));
    /// post.in_vpc();
    /// let error = post.try_invoke::<()>("disk full").await.unwrap_err();
    /// assert!(error.to_string().ends_with("Task timed out after 10.00 seconds"), "{error}");
    /// assert!(cloud.timeline().to_string().contains("cannot connect"));
    ///
    /// // Inside it asks the one outside.
    /// let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
    /// let outside = cloud.stub("outside").returns("posted");
    /// let inside = cloud.function_with("inside", lambda, async |lambda, text: String| {
    ///     let payload = aws_sdk_lambda::primitives::Blob::new(format!("{text:?}"));
    ///     lambda.invoke().function_name("outside").payload(payload).send().await.map(drop)
    /// });
    /// inside.in_vpc();
    /// inside.invoke::<()>("disk full").await;
    /// assert_eq!(outside.events(), ["disk full"]);
    /// # }
    /// ```
    ///
    /// Services that the test answers ([`Cloud::service`](crate::Cloud::service), [`forward`](crate::Cloud::forward)) are taken for
    /// AWS's. Requests that reach no mock of the cloud are none of its business.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html>
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn in_vpc(&self) -> Self {
        expect(self.changeable()).change(|settings| settings.in_vpc = true);
        self.clone()
    }
}
