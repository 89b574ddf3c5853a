//! How much of a request's work is done, where a service may do a part of it and say so. The work itself asks, for only it
//! knows how much there is: a page of a listing, the entries of a batch, the messages of a receive.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

#[cfg(feature = "slack")]
use crate::choice::ScriptedAnswer;
use crate::choice::{At, Choices, Deviation, Faults};

type Offered = LazyLock<Arc<[Deviation]>>;

static PAGE: Offered = LazyLock::new(|| [Deviation::ShortPage].into());
static ONE_ENTRY: Offered = LazyLock::new(|| [Deviation::FirstFails].into());
static ENTRIES: Offered = LazyLock::new(|| [Deviation::FirstFails, Deviation::LastFails].into());
static MESSAGES: Offered = LazyLock::new(|| [Deviation::One].into());

/// Asks the choices, once for each logical call, and then what the test has injected.
#[derive(Debug)]
pub(super) struct Extent {
    choices: Arc<Choices>,
    at: At,
    asked: Arc<AtomicBool>,
    taken: OnceLock<Deviation>,
    faults: Arc<Faults>,
    injected: AtomicBool,
    said: OnceLock<&'static str>,
}

impl Extent {
    /// `asked` is shared by the attempts of one call.
    pub fn new(choices: &Arc<Choices>, at: At, asked: &Arc<AtomicBool>, faults: &Arc<Faults>) -> Self {
        let (choices, asked, faults) = (Arc::clone(choices), Arc::clone(asked), Arc::clone(faults));
        Self {
            choices,
            at,
            asked,
            taken: OnceLock::new(),
            faults,
            injected: AtomicBool::default(),
            said: OnceLock::new(),
        }
    }

    /// How many of the entries of a page are answered.
    pub fn page(&self, entries: usize) -> usize {
        if entries > 1 && self.pick(&PAGE).is_some() { 1 } else { entries }
    }

    /// Which entries of a batch fail, counted from 0, although nothing is wrong with them.
    pub fn failing(&self, entries: usize) -> Vec<usize> {
        let offered = match entries {
            0 => return Vec::new(),
            1 => &ONE_ENTRY,
            _ => &ENTRIES,
        };
        match self.pick(offered) {
            Some(Deviation::LastFails) => vec![entries - 1],
            Some(_) => vec![0],
            None => {
                let failing = self.faults.failing(entries);
                self.injected.store(!failing.is_empty(), Ordering::Relaxed);
                failing
            }
        }
    }

    /// How many of the messages that there are a receive answers.
    pub fn messages(&self, messages: usize) -> usize {
        if messages > 1 && self.pick(&MESSAGES).is_some() { 1 } else { messages }
    }

    /// What is answered in place of the work.
    #[cfg(feature = "slack")]
    pub fn scripted(&self) -> Option<ScriptedAnswer> {
        self.faults.answer().cloned()
    }

    fn pick(&self, offered: &Offered) -> Option<Deviation> {
        if self.asked.swap(true, Ordering::Relaxed) {
            return None;
        }
        let taken = self.choices.pick(self.at.clone(), offered)?;
        Some(self.taken.get_or_init(|| taken).clone())
    }

    /// Has the history say this of it, if there is nothing else to say.
    pub fn say(&self, remark: &'static str) {
        let _ = self.said.set(remark); // the first is enough
    }

    /// What the history says of it.
    pub fn remark(&self) -> Option<&'static str> {
        if self.injected.load(Ordering::Relaxed) {
            return Some("some entries fail");
        }
        let Some(taken) = self.taken.get() else { return self.said.get().copied() };
        Some(match taken {
            Deviation::ShortPage => "the page ends early",
            Deviation::FirstFails => "the first entry fails",
            Deviation::LastFails => "the last entry fails",
            _ => "one message of several",
        })
    }
}
