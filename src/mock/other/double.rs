//! What a double may give back: an answer, or a future of one.

use std::future::{Future, ready};
use std::pin::Pin;

/// Something that gives an `Answer`: the answer itself, or a future of it. So the closures of
/// [`Cloud::service`](crate::Cloud::service) and its like may be async or not.
///
/// `When` only tells these apart; it is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the answer of a double",
    note = "it has to be `{Answer}`, or a `Send` future of that"
)]
pub trait Answers<Answer, When> {
    /// The future of the answer.
    fn answers(self) -> Pin<Box<dyn Future<Output = Answer> + Send>>;
}

/// The kind of [`Answers`] that are there at once.
#[derive(Debug)]
pub struct Now;

/// The kind of [`Answers`] that are futures.
#[derive(Debug)]
pub struct Later;

impl<Answer: Send + 'static> Answers<Answer, Now> for Answer {
    fn answers(self) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        Box::pin(ready(self))
    }
}

impl<Answer, F> Answers<Answer, Later> for F
where
    F: Future<Output = Answer> + Send + 'static,
{
    fn answers(self) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        Box::pin(self)
    }
}
