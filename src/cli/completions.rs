//! `completions`: scripts that complete the command line in a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::failure::Failure;
use super::output::Output;

/// Print a shell's completion script
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lambda-testkit completions bash > /etc/bash_completion.d/lambda-testkit
  lambda-testkit completions zsh > ~/.zfunc/_lambda-testkit")]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, output: &mut Output) -> Result<(), Failure> {
    // Into memory first: the generator panics when it cannot write, as into a broken pipe.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "lambda-testkit", &mut script);
    output.text(&script)
}
