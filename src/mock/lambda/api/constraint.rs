//! What the model asks of a member's value, refused in the words in which AWS refuses it.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::fault::Fault;

/// The constraints that a request breaks: they are told together.
#[derive(Debug, Default)]
pub(in crate::mock::lambda) struct Constraints(Vec<String>);

impl Constraints {
    /// A whole number within a range.
    pub fn range(&mut self, member: &str, value: Option<i64>, allowed: RangeInclusive<i64>) {
        let Some(value) = value else { return };
        if value > *allowed.end() {
            let rule = format!("Member must have value less than or equal to {}", allowed.end());
            self.broken(value, member, &rule);
        } else if value < *allowed.start() {
            let rule = format!("Member must have value greater than or equal to {}", allowed.start());
            self.broken(value, member, &rule);
        }
    }

    /// A text of at most so many characters.
    pub fn longest(&mut self, member: &str, value: Option<&str>, most: usize) {
        if let Some(value) = value.filter(|value| value.chars().count() > most) {
            self.broken(value, member, &format!("Member must have length less than or equal to {most}"));
        }
    }

    /// There is no value of `member`, which needs one.
    pub fn missing(&mut self, member: &str) {
        self.0.push(format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"));
    }

    /// The value of `member` breaks a rule.
    pub fn broken(&mut self, value: impl Display, member: &str, rule: &str) {
        self.0.push(format!("Value '{value}' at '{member}' failed to satisfy constraint: {rule}"));
    }

    /// # Errors
    ///
    /// `ValidationException`, when any rule is broken.
    pub fn check(self) -> Result<(), Fault> {
        let Self(broken) = self;
        let errors = if broken.len() == 1 { "error" } else { "errors" };
        match broken.len() {
            0 => Ok(()),
            count => {
                let message = format!("{count} validation {errors} detected: {}", broken.join("; "));
                Err(Fault::new(400, "ValidationException", message))
            }
        }
    }
}
