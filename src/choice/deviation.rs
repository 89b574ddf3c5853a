//! The ways in which a point may deviate from the ordinary course.

use std::borrow::Cow;
use std::fmt;

/// How much of a caller's work an error spoils.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Span {
    /// The first attempt of the logical call; a client that retries gets through.
    Once,
    /// Every attempt of this logical call; the next call gets through.
    WholeCall,
    /// This operation on this resource from now on.
    ForGood,
}

impl Span {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Once, Self::WholeCall, Self::ForGood];

    fn suffix(self) -> &'static str {
        match self {
            Self::Once => "",
            Self::WholeCall => " (whole call)",
            Self::ForGood => " (for good)",
        }
    }
}

/// What a deviation is like, for whoever tries one of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Class {
    Throttled,
    ServerError,
    Denied,
    OtherError,
    Reset,
    Hangs,
    Aside,
    AnswerLost,
    BodyCut,
    Crash,
    TooLate,
    Late,
    Delivery,
    Batch,
    Part,
    Environment,
    Version,
    Deed,
    Order,
}

/// One way in which a point deviates. Its text form is what a [`Plan`](super::Plan) says after the colon.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Deviation {
    /// A request is refused with this error of its service, before any work: `SlowDown`.
    Error {
        /// The service's code.
        code: Cow<'static, str>,
        /// How much is refused.
        span: Span,
    },
    /// The connection is reset before any work: `reset`.
    Reset(Span),
    /// A request hangs, before any work, until just past the timeout of the function that made it: `hangs`.
    Hangs,
    /// The invocation that makes the request lets everything else go first that can: `aside`.
    Aside,
    /// The work is done and the answer is lost with the connection: `answer lost`.
    AnswerLost,
    /// The work is done and the body of the answer ends in its middle: `body cut`.
    BodyCut,
    /// The work is done, and the function's environment crashes before it gets the answer: `crash`.
    Crash,
    /// The work is done, and the answer comes just past the timeout of the function that asked: `answered too late`.
    TooLate,
    /// The work is done, and the answer comes a second before the timeout of the function that asked: `answered late`. Whatever
    /// is due until then happens first, such as the next run of a schedule.
    AnsweredLate,
    /// A delivery, or the messages of a batch, come a second time: `twice`.
    Twice,
    /// A delivery comes a minute late: `late`.
    Late,
    /// A delivery comes before the one that was to come just before it: `before the one before`.
    Before,
    /// An invocation is throttled: `throttled`.
    Throttled,
    /// An invocation runs in a fresh environment where a warm one would be taken: `fresh environment`.
    Fresh,
    /// An invocation by an alias with two versions runs the additional one, and not the alias's own: `additional version`.
    AdditionalVersion,
    /// A batch has about half as many messages as there are: `half a batch`.
    Half,
    /// A batch has one message, or a receive answers one although there are more: `one message`.
    One,
    /// A page of a listing ends after its first entry and says that there is more: `page ends early`.
    ShortPage,
    /// A batch of a request is done but for its first entry, which fails: `first entry fails`.
    FirstFails,
    /// A batch of a request is done but for its last entry, which fails: `last entry fails`.
    LastFails,
    /// An object that an event was about is deleted by somebody else before the event's invocation reads it:
    /// `deleted since`. The object is really gone; that is no failure of a service, and nobody can undo it.
    DeletedSince,
    /// An object that an event was about is overwritten by somebody else before the event's invocation reads it:
    /// `overwritten since`. It has another content from then on, which no retry brings back; in a bucket with versions, the one
    /// that the event was about is still there under its id.
    OverwrittenSince,
    /// Another thing that can happen now goes first: `after NAME`.
    After(String),
}

impl Deviation {
    /// The error of this code, for so long.
    pub fn error(code: impl Into<Cow<'static, str>>, span: Span) -> Self {
        Self::Error { code: code.into(), span }
    }

    /// Whether what fails now succeeds when it is tried again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Error { code, span } => *span != Span::ForGood && !code.contains("Denied"),
            Self::Reset(span) => *span != Span::ForGood,
            Self::DeletedSince | Self::OverwrittenSince => false,
            _ => true,
        }
    }

    /// Those that do less than it, the mildest first: what is left of a failure that one of them shows too is easier to
    /// understand.
    pub(crate) fn milder(&self) -> Vec<Self> {
        let spans = |below: Span| Span::ALL.into_iter().take_while(move |span| *span != below);
        match self {
            Self::Error { code, span } => spans(*span).map(|span| Self::error(code.clone(), span)).collect(),
            Self::Reset(span) => spans(*span).map(Self::Reset).collect(),
            Self::Hangs => vec![Self::Reset(Span::Once)],
            Self::BodyCut => vec![Self::AnswerLost],
            Self::Crash | Self::TooLate => vec![Self::AnswerLost, Self::BodyCut],
            Self::Before => vec![Self::Late],
            Self::One => vec![Self::Half],
            Self::LastFails => vec![Self::FirstFails],
            _ => Vec::new(),
        }
    }

    /// What it is like. Errors of one class differ in their words alone, which clients do not look at.
    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Error { code, .. } => error_class(code),
            Self::Reset(_) => Class::Reset,
            Self::Hangs => Class::Hangs,
            Self::Aside => Class::Aside,
            Self::AnswerLost => Class::AnswerLost,
            Self::BodyCut => Class::BodyCut,
            Self::Crash => Class::Crash,
            Self::TooLate => Class::TooLate,
            Self::AnsweredLate => Class::Late,
            Self::Twice | Self::Late | Self::Before => Class::Delivery,
            Self::Throttled => Class::Throttled,
            Self::Half | Self::One => Class::Batch,
            Self::ShortPage | Self::FirstFails | Self::LastFails => Class::Part,
            Self::Fresh => Class::Environment,
            Self::AdditionalVersion => Class::Version,
            Self::DeletedSince | Self::OverwrittenSince => Class::Deed,
            Self::After(_) => Class::Order,
        }
    }

    /// How much of a caller's work an error or a reset spoils.
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Self::Error { span, .. } | Self::Reset(span) => Some(*span),
            _ => None,
        }
    }

    /// Whether it is somebody else's deed and no failure of the cloud: the run ends in another state, and whoever meets it
    /// may well take note of it and go on in silence.
    pub fn is_anothers_deed(&self) -> bool {
        matches!(self, Self::DeletedSince | Self::OverwrittenSince)
    }

    const WORDS: [(&'static str, Self); 20] = [
        ("hangs", Self::Hangs),
        ("aside", Self::Aside),
        ("answer lost", Self::AnswerLost),
        ("body cut", Self::BodyCut),
        ("crash", Self::Crash),
        ("answered too late", Self::TooLate),
        ("answered late", Self::AnsweredLate),
        ("twice", Self::Twice),
        ("late", Self::Late),
        ("before the one before", Self::Before),
        ("throttled", Self::Throttled),
        ("fresh environment", Self::Fresh),
        ("additional version", Self::AdditionalVersion),
        ("half a batch", Self::Half),
        ("one message", Self::One),
        ("page ends early", Self::ShortPage),
        ("first entry fails", Self::FirstFails),
        ("last entry fails", Self::LastFails),
        ("deleted since", Self::DeletedSince),
        ("overwritten since", Self::OverwrittenSince),
    ];

    /// Reads the text form; `None` unless it is one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((_, deviation)) = Self::WORDS.iter().find(|(word, _)| *word == text) {
            return Some(deviation.clone());
        }
        if let Some(first) = text.strip_prefix("after ") {
            return Some(Self::After(first.to_owned()));
        }
        // The one without a suffix comes last.
        let (code, span) =
            Span::ALL.into_iter().rev().find_map(|span| Some((text.strip_suffix(span.suffix())?, span)))?;
        if code == "reset" {
            return Some(Self::Reset(span));
        }
        let is_code =
            !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
        is_code.then(|| Self::error(code.to_owned(), span))
    }
}

fn error_class(code: &str) -> Class {
    let code = code.to_ascii_lowercase().replace('_', "");
    let any = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    match () {
        () if any(&["denied", "forbidden", "unauthorized"]) => Class::Denied,
        () if any(&["throttl", "slowdown", "toomanyrequests", "ratelimit"]) => Class::Throttled,
        () if any(&["internal", "unavailable", "serviceexception", "rolluperror", "fatalerror"]) => Class::ServerError,
        () => Class::OtherError,
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error { code, span } => write!(f, "{code}{}", span.suffix()),
            Self::Reset(span) => write!(f, "reset{}", span.suffix()),
            Self::After(first) => write!(f, "after {first}"),
            other => {
                let word = Self::WORDS.iter().find(|(_, deviation)| deviation == other);
                f.write_str(word.map_or("", |(word, _)| word))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_parses_back_and_only_failures_that_stay_and_deeds_of_others_are_not_transient() {
        for (word, deviation) in Deviation::WORDS {
            assert_eq!((deviation.to_string(), Deviation::parse(word)), (word.to_owned(), Some(deviation.clone())));
            assert_eq!(deviation.is_transient(), !deviation.is_anothers_deed(), "{word}");
        }
        for span in Span::ALL {
            assert_eq!(Deviation::Reset(span).is_transient(), span != Span::ForGood);
            assert!(!Deviation::error("AccessDenied", span).is_transient());
        }
    }

    #[test]
    fn what_is_milder_comes_to_an_end() {
        let spans = Span::ALL.map(Deviation::Reset);
        assert_eq!(spans[2].milder(), spans[..2]);
        for mut deviation in Deviation::WORDS.map(|(_, deviation)| deviation).into_iter().chain(spans) {
            let mut steps = 0;
            while let Some(milder) = deviation.milder().pop() {
                (deviation, steps) = (milder, steps + 1);
                assert!(steps < 5, "{deviation}");
            }
        }
    }
}
