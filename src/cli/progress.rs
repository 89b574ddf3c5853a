//! The progress bar of long work.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::{Output, diagnostic};

/// A progress bar on standard error, if that is a terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar for so many elements, each with a line of output; of unknown number if `None`. Hidden where the lines go
    /// to a terminal too, as they show the progress themselves.
    pub(super) fn beside_lines(length: Option<u64>, output: &Output) -> Self {
        let hidden = output.is_terminal();
        Self::on(if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() }, length)
    }

    /// A bar for so many elements that print nothing.
    pub(super) fn of_silent(length: u64) -> Self {
        Self::on(ProgressDrawTarget::stderr(), Some(length))
    }

    /// The target of standard error hides itself where that is no terminal.
    fn on(target: ProgressDrawTarget, length: Option<u64>) -> Self {
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
