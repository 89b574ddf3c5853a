//! Environment variables of functions, and what else of their configuration their handlers see.

use std::env::VarError;
use std::ffi::{OsStr, OsString};

use super::error::{CloudError, expect};
use super::function::Function;
use crate::history::RefusedWith;
use crate::mock::lambda::{self, Running};

impl Function {
    /// Sets one environment variable of the function and leaves the others; `Environment` of
    /// [UpdateFunctionConfiguration](https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html) sets all at
    /// once. From now on events run in new environments. A handler reads it by [`env::var`](crate::env::var).
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// use lambda_testkit::env;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let greet = cloud.function("greet", async |name: String| format!("{} {name}", env::var("GREETING").unwrap()));
    /// greet.env("GREETING", "hello");
    /// assert_eq!(greet.invoke::<String>("ada").await, "hello ada");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_env`](Self::try_env) fails.
    #[track_caller]
    pub fn env(&self, name: impl Into<String>, value: impl Into<String>) -> Self {
        expect(self.try_env(name, value));
        self.clone()
    }

    /// As [`env`](Self::env).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] with `ValidationException` for a name that is none (a letter, and then at least one more of letters,
    /// digits and underscores), and with `InvalidParameterValueException` for one that Lambda sets itself, and for more than
    /// 4,096 bytes of names and values as JSON.
    pub fn try_env(&self, name: impl Into<String>, value: impl Into<String>) -> Result<(), CloudError> {
        let mut variables = self.registered()?.settings().environment.clone().unwrap_or_default();
        variables.insert(name.into(), value.into());
        let refused = |RefusedWith { code, message, .. }| CloudError::Aws { service: "lambda", code, message };
        lambda::check_variables(&variables).map_err(refused)?;
        self.configure(|settings| settings.environment = Some(variables))
    }

    /// Sets how much memory the function has, in MB: 128 to 10,240. Default 128. Handlers see it in their context and in
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`; nothing holds them to it.
    ///
    /// # Panics
    ///
    /// When the number is out of range, or the Cloud was dropped.
    #[track_caller]
    pub fn memory_size(&self, megabytes: u32) -> Self {
        expect(if (128..=10_240).contains(&megabytes) {
            self.configure(|settings| settings.memory_size = megabytes)
        } else {
            let rule = "a function has 128 to 10,240 MB of memory";
            Err(CloudError::Setting { name: "memory size", value: megabytes.to_string(), rule })
        });
        self.clone()
    }
}

/// The environment variables of the invocation that runs the calling code, with the signatures of [`std::env`](mod@std::env).
///
/// A process has one environment, so [`std::env::var`] cannot tell functions of one process apart, and setting a variable in one
/// test is seen by all others. Here every function has its own: what [`Function::env`](crate::Function::env) or
/// UpdateFunctionConfiguration has set, and what Lambda sets itself:
///
/// | variable | value |
/// |---|---|
/// | `AWS_LAMBDA_FUNCTION_NAME`, `_VERSION`, `_MEMORY_SIZE` | those of the function; the memory in MB |
/// | `AWS_LAMBDA_LOG_GROUP_NAME`, `AWS_LAMBDA_LOG_STREAM_NAME` | those of the context; each environment has its own stream |
/// | `AWS_LAMBDA_INITIALIZATION_TYPE` | `on-demand`, or `lambda-managed-instances` where environments run several events at once |
/// | `AWS_LAMBDA_MAX_CONCURRENCY` | of the latter: how many |
/// | `AWS_REGION`, `AWS_DEFAULT_REGION` | the function's region |
/// | `_X_AMZN_TRACE_ID` | the trace header of the invocation, if there is one |
/// | `_HANDLER`, `LAMBDA_TASK_ROOT`, `LAMBDA_RUNTIME_DIR`, `LANG`, `TZ` | as on AWS: `bootstrap`, `/var/task`, `/var/runtime`, `en_US.UTF-8`, `:UTC` |
///
/// There are neither credentials, which clients have from `sdk_config()`, nor `AWS_LAMBDA_RUNTIME_API`.
///
/// A handler that is to be tested takes what it reads, as its clients: `std::env::var` in production, and `env::var` of this
/// module in tests. In a unit test of the same crate it is enough to swap the module:
///
/// ```
/// #[cfg(not(test))]
/// use std::env;
/// #[cfg(test)]
/// use lambda_testkit::env;
/// ```
///
/// Otherwise it is an argument:
///
/// ```
/// # use lambda_testkit::Cloud;
/// use std::env::VarError;
///
/// type Var = fn(&'static str) -> Result<String, VarError>;
///
/// async fn greet(var: Var, name: String) -> Result<String, VarError> {
///     Ok(format!("{} {name} from {}", var("GREETING")?, var("AWS_LAMBDA_FUNCTION_NAME")?))
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let var: Var = lambda_testkit::env::var;                        // in main: std::env::var
/// let polite = cloud.function_with("polite", var, greet).env("GREETING", "good morning");
/// assert_eq!(polite.invoke::<String>("ada").await, "good morning ada from polite");
/// # }
/// ```
///
/// Outside any invocation, and in tasks that a handler spawns, both functions are those of [`std::env`](mod@std::env). A maker of
/// [`Cloud::function_in`](crate::Cloud::function_in) runs inside the invocation that starts its environment, as `main` does on
/// AWS.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
pub mod env {
    use super::*;

    /// As [`std::env::var`], of the function that is running.
    ///
    /// # Errors
    ///
    /// [`VarError::NotPresent`] when the function has no such variable, even if the process has one; outside any invocation as
    /// [`std::env::var`].
    pub fn var<K: AsRef<OsStr>>(key: K) -> Result<String, VarError> {
        match Running::current() {
            Some(running) => key.as_ref().to_str().and_then(|name| running.variable(name)).ok_or(VarError::NotPresent),
            None => std::env::var(key),
        }
    }

    /// As [`std::env::var_os`], of the function that is running.
    pub fn var_os<K: AsRef<OsStr>>(key: K) -> Option<OsString> {
        match Running::current() {
            Some(running) => key.as_ref().to_str().and_then(|name| running.variable(name)).map(OsString::from),
            None => std::env::var_os(key),
        }
    }

    /// As [`std::env::vars`], of the function that is running, ordered by name.
    ///
    /// # Panics
    ///
    /// Outside any invocation while it is iterated, as [`std::env::vars`].
    pub fn vars() -> impl Iterator<Item = (String, String)> {
        let running = Running::current().map(|running| running.variables());
        let outside = running.is_none().then(std::env::vars).into_iter().flatten();
        running.into_iter().flatten().chain(outside)
    }
}
