//! The progress bar of long work.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::{Output, diagnostic};

/// A progress bar on standard error, if that is a terminal and standard output is none: on a terminal the lines of
/// the output show the progress themselves.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar for so many elements; of unknown number if `None`.
    pub(super) fn new(length: Option<u64>, output: &Output) -> Self {
        // The target hides itself where standard error is no terminal.
        let target = if output.is_terminal() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let template = match length {
            Some(_) => "{wide_bar} {pos}/{len} ({per_sec}, {eta} left)",
            None => "{spinner} {pos} ({per_sec})",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(ProgressBar::with_draw_target(length, target).with_style(style))
    }

    /// Writes a line to standard error, above the bar.
    pub(super) fn say(&self, message: &str) {
        self.0.suspend(|| diagnostic(message));
    }

    /// One more element is done.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
