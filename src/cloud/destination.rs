//! Who is told what becomes of a function's asynchronous invocations.

use super::bucket::Bucket;
use super::error::{CloudError, expect};
use super::event_bus::EventBus;
use super::function::Function;
use super::queue::Queue;
use super::stub::Stub;
use super::target::{Home, InCloud};
use crate::event::Arn;
use crate::mock::lambda::{DestinationError, Side};

/// What can be told how asynchronous invocations end: a [`Queue`], a [`Function`] or [`Stub`], an [`EventBus`], or, of
/// failures alone, a [`Bucket`].
pub trait Destination: InCloud {
    /// The destination's ARN.
    fn arn(&self) -> Arn;
}

impl Destination for EventBus {
    fn arn(&self) -> Arn {
        EventBus::arn(self)
    }
}

impl Destination for Queue {
    fn arn(&self) -> Arn {
        Queue::arn(self)
    }
}

impl Destination for Function {
    fn arn(&self) -> Arn {
        Function::arn(self)
    }
}

impl Destination for Stub {
    fn arn(&self) -> Arn {
        Function::arn(self)
    }
}

impl Destination for Bucket {
    fn arn(&self) -> Arn {
        Bucket::arn(self)
    }
}

impl Function {
    /// Tells a queue, another function or an event bus of each event that the function has processed: it gets a
    /// [`DestinationRecord`](crate::event::invoke::DestinationRecord) with the event and the answer.
    ///
    /// That is so for asynchronous invocations alone, such as those of buckets, schedules and
    /// [`invoke_later`](Self::invoke_later). A queue gets the record as a message, a function as its event, a
    /// bus as the detail of an event of source `lambda`.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// use lambda_testkit::event::invoke::DestinationRecord;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (done, double) = (cloud.queue("done"), cloud.function("double", async |number: u32| number * 2));
    /// double.on_success(&done).invoke_later(21);
    /// cloud.settle().await.assert_ok();
    /// let record: DestinationRecord = serde_json::from_str(&done.bodies()[0]).unwrap();
    /// assert_eq!(record.request_context.condition.as_str(), "Success");
    /// assert_eq!(record.response_payload.unwrap().to::<u32>().unwrap(), 42);
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
    ///
    /// # Panics
    ///
    /// As [`try_on_success`](Self::try_on_success) fails.
    #[track_caller]
    pub fn on_success(&self, destination: &impl Destination) -> Self {
        expect(self.try_on_success(destination));
        self.clone()
    }

    /// As [`on_success`](Self::on_success).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] with `InvalidParameterValueException` for the function itself, a FIFO queue, a bucket, which is
    /// told of failures only, what is not there, and what belongs to another account; [`CloudError::Setting`] for what
    /// belongs to another Cloud.
    pub fn try_on_success(&self, destination: &impl Destination) -> Result<(), CloudError> {
        self.set_destination(Side::Success, destination)
    }

    /// Tells a queue, another function, an event bus or a bucket of each event that is given up: because all attempts
    /// failed, because it became too old ([`maximum_event_age`](Self::maximum_event_age)), or because nothing may run
    /// ([`concurrency`](Self::concurrency) 0).
    ///
    /// It gets a [`DestinationRecord`](crate::event::invoke::DestinationRecord) with the event and the error of the last
    /// attempt; a bucket as an object `aws/lambda/async/FUNCTION/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-UUID`. A
    /// [dead-letter queue](Self::dead_letter) gets the event beside it.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (alarm, import) = (cloud.stub("alarm"), cloud.stub("import").fails("Busy", "try later"));
    /// import.on_failure(&alarm).retry_attempts(0).invoke_later("a.csv");
    /// let _ = cloud.settle().await;                              // its one attempt fails
    /// let record = &alarm.events()[0];
    /// assert_eq!(record["requestPayload"], "a.csv");
    /// assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    /// assert_eq!(record["responsePayload"]["errorMessage"], "try later");
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
    ///
    /// # Panics
    ///
    /// As [`try_on_failure`](Self::try_on_failure) fails.
    #[track_caller]
    pub fn on_failure(&self, destination: &impl Destination) -> Self {
        expect(self.try_on_failure(destination));
        self.clone()
    }

    /// As [`on_failure`](Self::on_failure).
    ///
    /// # Errors
    ///
    /// As [`try_on_success`](Self::try_on_success), but a bucket may be told of failures.
    pub fn try_on_failure(&self, destination: &impl Destination) -> Result<(), CloudError> {
        self.set_destination(Side::Failure, destination)
    }

    fn set_destination(&self, side: Side, destination: &impl Destination) -> Result<(), CloudError> {
        let (world, arn) = (self.world()?, destination.arn());
        if !destination.is_in(&Home(&world)) {
            return Err(CloudError::of_another_cloud("destination", &arn));
        }
        world.lambda.check_destination(&*self.callee()?, side, &arn)?;
        self.change_event_invoke(|config| match side {
            Side::Success => config.on_success = Some(arn),
            Side::Failure => config.on_failure = Some(arn),
        })
    }
}

impl From<DestinationError> for CloudError {
    fn from(error: DestinationError) -> Self {
        let refused = Self::Aws { service: "lambda", code: error.code().to_owned(), message: error.to_string() };
        match error.note() {
            Some(note) => refused.because(note),
            None => refused,
        }
    }
}
