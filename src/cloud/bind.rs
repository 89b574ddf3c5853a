//! Handlers of functions that are created through Lambda's API.

use std::future::Future;
use std::sync::Arc;

use super::Cloud;
use super::account::Account;
use super::error::{CloudError, expect};
use super::function::Function;
use crate::mock::lambda::{Deployed, Handler, HandlerEvent, code};

impl Account {
    /// Gives the function of this name its code, which the zip file of `CreateFunction` does not: of that, only the hash and
    /// the size count here.
    ///
    /// It is for functions that infrastructure code makes through Lambda's API. Whether the handler is bound before or after
    /// makes no difference: what the function is set to is the API's business, and one that is deleted and created again has its
    /// handler still. A function without a handler answers each invocation with an error that says so. Binding another handler
    /// replaces the code of `$LATEST`, as a new upload does; versions that were published keep theirs, unless they had none yet.
    ///
    /// [`function`](Self::function) does the same for a function that is there, and makes one that is not.
    ///
    /// ```
    /// use aws_sdk_lambda::primitives::Blob;
    /// use aws_sdk_lambda::types::{FunctionCode, Runtime};
    /// use lambda_testkit::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let double = cloud.bind("double", async |number: u32| number * 2);
    ///
    /// let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
    /// let created = lambda
    ///     .create_function()
    ///     .function_name("double")
    ///     .role("arn:aws:iam::111111111111:role/double")
    ///     .runtime(Runtime::Providedal2023)
    ///     .handler("bootstrap")
    ///     .code(FunctionCode::builder().zip_file(Blob::new("the zip file")).build());
    /// created.send().await.unwrap();
    ///
    /// assert_eq!(double.invoke::<u32>(21).await, 42);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_bind`](Self::try_bind) fails.
    #[track_caller]
    pub fn bind<Shape>(&self, name: &str, handler: impl Handler<Shape>) -> Function {
        expect(self.try_bind(name, handler))
    }

    /// As [`bind`](Self::bind).
    ///
    /// Until the function is created, the verbs of the handle that need it fail with [`CloudError::NotCreated`].
    ///
    /// # Errors
    ///
    /// As [`try_function`](Self::try_function).
    pub fn try_bind<Shape>(&self, name: &str, handler: impl Handler<Shape>) -> Result<Function, CloudError> {
        self.bind_deployed(name, Deployed::Shared(code(handler)))
    }

    /// As [`bind`](Self::bind), for a handler that is given a clone of what is `captured` with each event, as with
    /// [`function_with`](Self::function_with).
    ///
    /// # Panics
    ///
    /// As [`try_bind`](Self::try_bind) fails.
    #[track_caller]
    pub fn bind_with<C, T, Fut, Kind>(
        &self,
        name: &str,
        captured: C,
        handler: impl Fn(C, T) -> Fut + Send + Sync + 'static,
    ) -> Function
    where
        C: Clone + Send + Sync + 'static,
        T: HandlerEvent<Fut::Output, Kind> + 'static,
        Fut: Future + Send + 'static,
        Kind: 'static,
    {
        self.bind(name, move |event: T| handler(captured.clone(), event))
    }

    /// As [`bind`](Self::bind), for a handler that is made anew for each cold start, as with [`function_in`](Self::function_in).
    ///
    /// # Panics
    ///
    /// As [`try_bind_in`](Self::try_bind_in) fails.
    #[track_caller]
    pub fn bind_in<Shape, H: Handler<Shape>>(
        &self,
        name: &str,
        maker: impl Fn() -> H + Send + Sync + 'static,
    ) -> Function {
        expect(self.try_bind_in(name, maker))
    }

    /// As [`bind_in`](Self::bind_in).
    ///
    /// # Errors
    ///
    /// As [`try_bind`](Self::try_bind).
    pub fn try_bind_in<Shape, H: Handler<Shape>>(
        &self,
        name: &str,
        maker: impl Fn() -> H + Send + Sync + 'static,
    ) -> Result<Function, CloudError> {
        self.bind_deployed(name, Deployed::Made(Arc::new(move || code(maker()))))
    }

    fn bind_deployed(&self, name: &str, deployed: Deployed) -> Result<Function, CloudError> {
        let (world, named) = (self.world()?, self.function_ref(name)?);
        world.lambda.bind(&named, deployed);
        Ok(Function::new(&world, named))
    }
}

impl Cloud {
    /// Gives a function that is created through Lambda's API its code. See [`Account::bind`].
    #[track_caller]
    pub fn bind<Shape>(&self, name: &str, handler: impl Handler<Shape>) -> Function {
        self.account.bind(name, handler)
    }

    /// The same with a handler that is given a clone of what is `captured` with each event. See [`Account::bind_with`].
    #[track_caller]
    pub fn bind_with<C, T, Fut, Kind>(
        &self,
        name: &str,
        captured: C,
        handler: impl Fn(C, T) -> Fut + Send + Sync + 'static,
    ) -> Function
    where
        C: Clone + Send + Sync + 'static,
        T: HandlerEvent<Fut::Output, Kind> + 'static,
        Fut: Future + Send + 'static,
        Kind: 'static,
    {
        self.account.bind_with(name, captured, handler)
    }

    /// The same with a handler that is made anew for each cold start. See [`Account::bind_in`].
    #[track_caller]
    pub fn bind_in<Shape, H: Handler<Shape>>(
        &self,
        name: &str,
        maker: impl Fn() -> H + Send + Sync + 'static,
    ) -> Function {
        self.account.bind_in(name, maker)
    }
}
