//! What handlers in this process log.

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::sync::{Arc, Weak};

use super::Cloud;
use super::error::{CloudError, expect};
use super::world::World;
use crate::mock::lambda::Running;

/// The logs of functions, for their handlers: what is written here belongs to the invocation that writes it. Made by
/// [`Cloud::log`].
///
/// A test reads the lines by [`Invoked::logs`](crate::history::Invoked::logs), and a client by `LogType: Tail` of
/// [Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html), which answers the last 4 KB. What handlers log by
/// `tracing` comes here too with feature `tracing`, and what goes through a writer by [`LogWriter`]. What they print is not captured.
///
/// ```
/// # use lambda_testkit::Cloud;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let import = cloud.function_with("import", cloud.log(), async |log, rows: u32| log.line(format!("{rows} rows")));
/// import.invoke::<()>(3).await;
/// assert_eq!(import.invocations()[0].logs(), ["3 rows"]);
/// # }
/// ```
#[derive(Clone)]
pub struct InvocationLog {
    world: Weak<World>,
}

impl fmt::Debug for InvocationLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvocationLog").finish_non_exhaustive()
    }
}

impl Cloud {
    /// The logs of functions, for handlers. See [`InvocationLog`].
    pub fn log(&self) -> InvocationLog {
        InvocationLog { world: Arc::downgrade(&self.world) }
    }
}

impl InvocationLog {
    /// Writes a line into the log of the invocation that runs the calling code.
    ///
    /// # Panics
    ///
    /// As [`try_line`](Self::try_line) fails.
    #[track_caller]
    pub fn line(&self, line: impl Display) {
        expect(self.try_line(line));
    }

    /// As [`line`](Self::line).
    ///
    /// # Errors
    ///
    /// [`CloudError::NotInvoked`] outside the task of an invocation, and [`CloudError::Dropped`].
    pub fn try_line(&self, line: impl Display) -> Result<(), CloudError> {
        let world = self.world.upgrade().ok_or(CloudError::Dropped)?;
        let (invocation, function) = world.invoked()?;
        let line = line.to_string();
        if let Some(tail) = function.log_tail_of(invocation) {
            tail.line(&line);
        }
        world.kernel.recorder().log(invocation, line);
        Ok(())
    }
}

/// Writes into the log of the invocation that runs the calling code, a line for each line of the text; outside any invocation
/// nowhere. For loggers of a process that take a writer, such as `tracing_subscriber::fmt().with_writer(|| LogWriter)`,
/// `lambda_runtime::tracing::init_default_subscriber_with_writer(|| LogWriter)`, or `Target::Pipe(Box::new(LogWriter))` of
/// `env_logger`.
///
/// ```
/// # use lambda_testkit::{Cloud, LogWriter};
/// use std::io::Write;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let import = cloud.function("import", async |rows: u32| writeln!(LogWriter, "{rows} rows\nstored"));
/// import.invoke::<()>(3).await;
/// assert_eq!(import.invocations()[0].logs(), ["3 rows", "stored"]);
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct LogWriter;

impl Write for LogWriter {
    /// Takes all of it, as whole lines: what two calls write is two lines.
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if let Some(running) = Running::current() {
            String::from_utf8_lossy(text).lines().for_each(|line| running.log(line));
        }
        Ok(text.len())
    }

    /// Writes in one piece what `writeln!` is given.
    fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.write_all(text.to_string().as_bytes())
    }

    /// Has nothing to do.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
