//! How a queue's trigger makes batches.

use std::time::Duration;

use serde_json::Value;

use super::error::CloudError;
use super::function::check_seconds;
use crate::mock::lambda::event_source::Given;

/// How an event source mapping makes batches, and of which messages. Made by [`batch`].
///
/// Its limits are those of
/// [CreateEventSourceMapping](https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html).
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a batch does nothing until it is given to Queue::trigger"]
pub struct Batch {
    given: Given,
    window: Duration,
}

/// Batches of at most `size` messages: 1 to 10, with a [window](Batch::window) up to 10,000; AWS's default is 10.
pub fn batch(size: usize) -> Batch {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    Batch { given: Given { batch_size: Some(size), ..Given::default() }, window: Duration::ZERO }
}

impl Batch {
    /// Lets the function say which messages failed (`ReportBatchItemFailures`). Without it the answer is ignored.
    pub fn report_item_failures(mut self) -> Self {
        self.given.report_item_failures = Some(true);
        self
    }

    /// How long to wait for a batch to fill: whole seconds, 1 s to 5 minutes, of standard queues alone. Default: not at all.
    ///
    /// The messages of a batch are received as they come: while they wait they are in flight, and their visibility timeout
    /// runs. One that is shorter than the window ends meanwhile; then the message is received once more.
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Lets only messages through whose record matches this pattern, or another one that is given: at most 5, each at most
    /// 4,096 characters long, in the language of
    /// [event patterns](https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax). What no
    /// filter lets through is deleted, and never seen by the function; [`Trigger::decisions`](crate::Trigger::decisions) says
    /// why.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # use serde_json::json;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (shop, bill) = (cloud.queue("shop"), cloud.function("bill", async |_: SqsEvent| ()));
    /// let orders = shop.trigger(&bill, batch(10).filter(json!({ "body": { "type": ["order"] } })));
    /// shop.send(json!({ "type": "order" }));
    /// shop.send(json!({ "type": "refund" }));
    /// cloud.settle().await.assert_ok();
    /// assert_eq!(bill.events()[0]["Records"].as_array().unwrap().len(), 1);
    /// let why = orders.decisions()[0].missed.clone().unwrap();
    /// assert_eq!(why, r#"filtered out and deleted: body.type is "refund", and not "order""#);
    /// shop.assert_empty();
    /// # }
    /// ```
    ///
    /// A pattern is matched against the record: `body`, and beside it `attributes`, `messageAttributes` and all else that
    /// the function would see. A body that is a JSON object or list is matched as such, any other as text; a filter that asks
    /// for members of a text, or for the text of a JSON body, lets nothing through
    /// ([the rules](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html)). AWS recommends to filter by the
    /// body alone.
    pub fn filter(mut self, pattern: Value) -> Self {
        self.given.filters.get_or_insert_default().push(pattern.to_string());
        self
    }

    /// At most so many batches at once (`MaximumConcurrency`): 2 to 1,000. Default: 5 of a standard queue, of a FIFO queue as
    /// many as it has groups.
    ///
    /// Lambda scales a standard queue up to more than its first 5 batches when there is more to do. That is not modelled, so
    /// only fewer make a difference there.
    pub fn maximum_concurrency(mut self, most: usize) -> Self {
        self.given.maximum_concurrency = Some(Some(i64::try_from(most).unwrap_or(i64::MAX)));
        self
    }

    /// As the API takes it.
    pub(super) fn given(self) -> Result<Given, CloudError> {
        check_seconds("batching window", self.window, 0..=u64::MAX, "a batching window is whole seconds")?;
        let window = i64::try_from(self.window.as_secs()).unwrap_or(i64::MAX);
        Ok(Given { window: Some(window), ..self.given })
    }
}
