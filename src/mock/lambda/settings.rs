//! What can be set on a function; each of its versions keeps what it was set to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::recursion::RecursiveLoop;
use crate::event::Arn;
use crate::iam::Role;

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>
pub(crate) const LONGEST_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// Of functions on Lambda Managed Instances, for events and batches.
pub(crate) const LONGEST_MANAGED_TIMEOUT: Duration = Duration::from_secs(90 * 60);

/// The settings of one version of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How long an invocation may take on the cloud's clock.
    pub timeout: Duration,
    /// How much memory it has, in MB. Nothing is held to it.
    pub memory_size: u32,
    pub description: String,
    /// The environment variables, if anybody has set them.
    pub environment: Option<BTreeMap<String, String>>,
    /// What the API was told of the program. Nothing follows from it.
    pub program: Program,
    /// The queue for asynchronous events that were given up.
    pub dead_letter: Option<Arn>,
    /// As which it asks; without one it may do all that its account may.
    pub role: Option<Arc<Role>>,
    /// Whether it is attached to a VPC without a way to the internet.
    pub in_vpc: bool,
    /// How many events one environment runs at once.
    pub per_environment: u32,
    /// Whether it runs on Lambda Managed Instances.
    pub managed: bool,
    /// Whether each tenant has environments of its own.
    pub per_tenant: bool,
    /// What becomes of it in a loop of requests.
    pub recursive_loop: RecursiveLoop,
}

/// A function's program, in the words of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    pub runtime: String,
    pub handler: String,
    pub architecture: String,
    /// The ARN of the execution role; one that follows from the function's name, if nobody has said which.
    pub role: Option<String>,
}

/// A program that is its own runtime, as functions in Rust are.
impl Default for Program {
    fn default() -> Self {
        Self {
            runtime: "provided.al2023".to_owned(),
            handler: "bootstrap".to_owned(),
            architecture: "x86_64".to_owned(),
            role: None,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            memory_size: 128,
            description: String::new(),
            environment: None,
            program: Program::default(),
            dead_letter: None,
            role: None,
            in_vpc: false,
            per_environment: 1,
            managed: false,
            per_tenant: false,
            recursive_loop: RecursiveLoop::Terminate,
        }
    }
}

impl Settings {
    /// How long an invocation may take: one that somebody waits for never takes more than 15 minutes.
    pub fn timeout_of(&self, answered: bool) -> Duration {
        if answered { self.timeout.min(LONGEST_TIMEOUT) } else { self.timeout }
    }

    /// How long its timeout may be.
    pub fn longest_timeout(&self) -> Duration {
        if self.managed { LONGEST_MANAGED_TIMEOUT } else { LONGEST_TIMEOUT }
    }
}
