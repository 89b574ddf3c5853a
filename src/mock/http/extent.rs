//! How much of a request's work is done, where a service may do a part of it and say so. The work itself asks, for only it
//! knows how much there is: a page of a listing, the entries of a batch, the messages of a receive.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use crate::choice::{At, Choices, Deviation};

type Offered = LazyLock<Arc<[Deviation]>>;

static PAGE: Offered = LazyLock::new(|| [Deviation::ShortPage].into());
static ONE_ENTRY: Offered = LazyLock::new(|| [Deviation::FirstFails].into());
static ENTRIES: Offered = LazyLock::new(|| [Deviation::FirstFails, Deviation::LastFails].into());
static MESSAGES: Offered = LazyLock::new(|| [Deviation::One].into());

/// Asks the choices, once for each logical call.
#[derive(Debug)]
pub(super) struct Extent {
    choices: Arc<Choices>,
    at: At,
    asked: Arc<AtomicBool>,
    taken: OnceLock<Deviation>,
}

impl Extent {
    /// `asked` is shared by the attempts of one call.
    pub fn new(choices: &Arc<Choices>, at: At, asked: &Arc<AtomicBool>) -> Self {
        Self { choices: Arc::clone(choices), at, asked: Arc::clone(asked), taken: OnceLock::new() }
    }

    /// How many of the entries of a page are answered.
    pub fn page(&self, entries: usize) -> usize {
        if entries > 1 && self.pick(&PAGE).is_some() { 1 } else { entries }
    }

    /// Which entry of a batch fails, counted from 0, although nothing is wrong with it.
    pub fn failing(&self, entries: usize) -> Option<usize> {
        let offered = match entries {
            0 => return None,
            1 => &ONE_ENTRY,
            _ => &ENTRIES,
        };
        self.pick(offered).map(|picked| if picked == Deviation::LastFails { entries - 1 } else { 0 })
    }

    /// How many of the messages that there are a receive answers.
    pub fn messages(&self, messages: usize) -> usize {
        if messages > 1 && self.pick(&MESSAGES).is_some() { 1 } else { messages }
    }

    fn pick(&self, offered: &Offered) -> Option<Deviation> {
        if self.asked.swap(true, Ordering::Relaxed) {
            return None;
        }
        let taken = self.choices.pick(self.at.clone(), offered)?;
        Some(self.taken.get_or_init(|| taken).clone())
    }

    /// What the history says of it.
    pub fn remark(&self) -> Option<&'static str> {
        Some(match self.taken.get()? {
            Deviation::ShortPage => "the page ends early",
            Deviation::FirstFails => "the first entry fails",
            Deviation::LastFails => "the last entry fails",
            _ => "one message of several",
        })
    }
}
