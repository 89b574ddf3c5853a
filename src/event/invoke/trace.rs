//! The trace header: which requests belong together, and how often each function was invoked in their chain.

use std::fmt;
use std::str::FromStr;

#[cfg(feature = "cloud")]
use jiff::Timestamp;

#[cfg(feature = "cloud")]
use crate::event::derived::Derived;
use crate::event::ids::{FNV_BASIS, fnv1a};
use crate::event::{Arn, BuildError};

/// How many functions a lineage names at most; the oldest go first.
#[cfg(feature = "cloud")]
const LONGEST_LINEAGE: usize = 16;

/// The X-Ray trace header, as functions are given it (`_X_AMZN_TRACE_ID`, `xray_trace_id`), requests carry it
/// (`X-Amzn-Trace-Id`) and messages have it (`AWSTraceHeader`).
///
/// Its lineage counts how often each function was invoked before in the same chain of requests; Lambda stops recursive loops
/// by it.
///
/// ```
/// use lambda_testkit::event::invoke::TraceHeader;
///
/// let text = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1|68fd508a:5";
/// let header: TraceHeader = text.parse().unwrap();
/// assert_eq!(header.root(), "1-5759e988-bd862e3fe1be46a994272793");
/// assert_eq!((header.parent(), header.sampled()), (Some("53995c3f42cd8ad8"), Some(true)));
/// assert_eq!(header.to_string(), text);
/// ```
///
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceHeader {
    root: String,
    parent: Option<String>,
    sampled: Option<String>,
    /// Functions by their hashes, and how often each was invoked before, in the order in which they came in.
    lineage: Vec<(String, u32)>,
    /// Other members, such as those that a user adds.
    others: Vec<String>,
}

impl TraceHeader {
    /// The id of the trace, such as `1-5759e988-bd862e3fe1be46a994272793`: the same for all that follows from one request.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The segment that the request was made in.
    pub fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }

    /// Whether the trace is recorded; none while that is not decided.
    pub fn sampled(&self) -> Option<bool> {
        match self.sampled.as_deref() {
            Some("1") => Some(true),
            Some("0") => Some(false),
            _ => None,
        }
    }

    /// How often a function was invoked in the chain of requests so far: in an invocation of the function itself, this one
    /// included. `function` is its ARN, without a qualifier.
    pub fn invocations_of(&self, function: &Arn) -> u32 {
        let hash = hash(function);
        self.lineage.iter().find(|(named, _)| *named == hash).map_or(0, |(_, before)| before.saturating_add(1))
    }
}

/// What a cloud does with the header on its way.
#[cfg(feature = "cloud")]
impl TraceHeader {
    /// The trace of an event that came without one.
    pub(crate) fn begun(request_id: &str, now: Timestamp) -> Self {
        let mut ids = Derived::from(&[b"trace", request_id.as_bytes()]);
        let root = format!("1-{:08x}-{}", now.as_second(), ids.hex(24));
        Self { root, parent: None, sampled: None, lineage: Vec::new(), others: Vec::new() }
    }

    /// The trace that a request or message came with; a new one, if it came with none that can be read.
    pub(crate) fn of_event(header: Option<&str>, request_id: &str, now: Timestamp) -> Self {
        header.and_then(|text| text.parse().ok()).unwrap_or_else(|| Self::begun(request_id, now))
    }

    /// As an invocation of `function` goes on with it: `attempt` of its event.
    pub(crate) fn entering(mut self, function: &Arn, request_id: &str, attempt: u32) -> Self {
        let hash = hash(function);
        match self.lineage.iter_mut().find(|(named, _)| *named == hash) {
            Some((_, before)) => *before = before.saturating_add(1),
            None => self.lineage.push((hash, 0)),
        }
        let over = self.lineage.len().saturating_sub(LONGEST_LINEAGE);
        self.lineage.drain(..over);
        self.parent = Some(Derived::from(&[b"segment", request_id.as_bytes(), &attempt.to_le_bytes()]).hex(16));
        // Without active tracing nothing is recorded unless the caller has it so.
        self.sampled.get_or_insert_with(|| "0".to_owned());
        self
    }

    /// As it was before an invocation of `function` went on with it, but for the segment.
    pub(crate) fn before(mut self, function: &Arn) -> Self {
        let hash = hash(function);
        self.lineage.retain_mut(|(named, before)| {
            let is_first = *named == hash && *before == 0;
            if *named == hash {
                *before = before.saturating_sub(1);
            }
            !is_first
        });
        self
    }

    /// This trace with the lineages of others too: the longest chain of each function counts.
    pub(crate) fn joined<'a>(mut self, others: impl Iterator<Item = &'a str>) -> Self {
        for other in others.filter_map(|text| text.parse::<Self>().ok()) {
            for (named, before) in other.lineage {
                match self.lineage.iter_mut().find(|(known, _)| *known == named) {
                    Some((_, known)) => *known = before.max(*known),
                    None => self.lineage.push((named, before)),
                }
            }
        }
        self
    }
}

/// Eight hexadecimal digits that stand for a function.
fn hash(function: &Arn) -> String {
    let hash = fnv1a(FNV_BASIS, function.to_string().into_bytes());
    format!("{:08x}", (hash >> 32) ^ (hash & 0xffff_ffff))
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_root(text: &str) -> bool {
    let mut parts = text.split('-');
    let digits = |part: Option<&str>, digits| part.is_some_and(|part| is_hex(part, digits));
    parts.next() == Some("1") && digits(parts.next(), 8) && digits(parts.next(), 24) && parts.next().is_none()
}

/// `hash:count|hash:count`. What is of another form says nothing of functions that are known here.
fn lineage(text: &str) -> impl Iterator<Item = (String, u32)> {
    text.split('|').filter_map(|part| {
        let (named, before) = part.split_once(':')?;
        is_hex(named, 8).then_some((named.to_owned(), before.parse().ok()?))
    })
}

impl FromStr for TraceHeader {
    type Err = BuildError;

    fn from_str(text: &str) -> Result<Self, BuildError> {
        let rule =
            "a trace header has the member Root=1-<8 hexadecimal digits>-<24 of them>, and others behind a semicolon";
        let mut header =
            Self { root: String::new(), parent: None, sampled: None, lineage: Vec::new(), others: Vec::new() };
        for member in text.split(';').map(str::trim).filter(|member| !member.is_empty()) {
            match member.split_once('=') {
                Some(("Root", root)) if is_root(root) => header.root = root.to_owned(),
                Some(("Parent", parent)) => header.parent = Some(parent.to_owned()),
                Some(("Sampled", sampled)) => header.sampled = Some(sampled.to_owned()),
                Some(("Lineage", text)) => header.lineage.extend(lineage(text)),
                _ => header.others.push(member.to_owned()),
            }
        }
        if header.root.is_empty() {
            return Err(BuildError::Rule { what: "trace header", value: text.to_owned(), rule });
        }
        Ok(header)
    }
}

impl fmt::Display for TraceHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { root, parent, sampled, lineage, others } = self;
        write!(f, "Root={root}")?;
        if let Some(parent) = parent {
            write!(f, ";Parent={parent}")?;
        }
        if let Some(sampled) = sampled {
            write!(f, ";Sampled={sampled}")?;
        }
        for (place, (named, before)) in lineage.iter().enumerate() {
            write!(f, "{}{named}:{before}", if place == 0 { ";Lineage=" } else { "|" })?;
        }
        others.iter().try_for_each(|member| write!(f, ";{member}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "Root=1-5759e988-bd862e3fe1be46a994272793";

    fn arn(name: &str) -> Arn {
        format!("arn:aws:lambda:us-east-1:111111111111:function:{name}").parse().unwrap()
    }

    fn header(text: &str) -> TraceHeader {
        text.parse().unwrap()
    }

    #[test]
    fn a_chain_counts_each_function_by_itself() {
        let (loops, other) = (arn("loops"), arn("other"));
        let mut header = TraceHeader::begun("id", Timestamp::UNIX_EPOCH);
        assert_eq!(header.invocations_of(&loops), 0);
        for times in 1..=3 {
            header = header.entering(&loops, "id", 1).entering(&other, "id", 1);
            assert_eq!((header.invocations_of(&loops), header.invocations_of(&other)), (times, times));
        }
        let again = header.to_string().parse::<TraceHeader>().unwrap();
        assert_eq!(again, header);
        let before = header.before(&loops);
        assert_eq!((before.invocations_of(&loops), before.invocations_of(&other)), (2, 3));
        let before = before.before(&loops).before(&loops);
        assert_eq!(before.invocations_of(&loops), 0);
        assert_eq!(before.before(&loops).invocations_of(&loops), 0);
    }

    #[test]
    fn the_root_stays_and_the_segment_is_new() {
        let came = header(&format!("{ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Self=1;app=x"));
        let one = came.clone().entering(&arn("f"), "id", 1);
        assert_eq!((one.root(), one.sampled()), (came.root(), Some(true)));
        assert_ne!(one.parent(), came.parent());
        assert_eq!(one.to_string().matches(";Self=1;app=x").count(), 1);
        assert_ne!(one.parent(), came.clone().entering(&arn("f"), "id", 2).parent(), "another attempt");
        assert_eq!(one, came.entering(&arn("f"), "id", 1));
        let new = TraceHeader::of_event(Some("Root=2"), "id", Timestamp::UNIX_EPOCH).entering(&arn("f"), "id", 1);
        let text = new.to_string();
        assert!(
            text.starts_with("Root=1-00000000-") && text.contains(";Parent=") && text.contains(";Sampled=0;"),
            "{text}"
        );
    }

    #[test]
    fn of_several_lineages_the_longest_chain_of_each_function_counts() {
        let one = header(&format!("{ROOT};Lineage=aaaaaaaa:3|bbbbbbbb:1"));
        let other = format!("{ROOT};Lineage=bbbbbbbb:7|cccccccc:0");
        let joined = one.joined([other.as_str(), "nothing"].into_iter());
        assert_eq!(joined.to_string(), format!("{ROOT};Lineage=aaaaaaaa:3|bbbbbbbb:7|cccccccc:0"));
    }

    #[test]
    fn a_lineage_is_bounded_and_what_it_does_not_know_is_left_out() {
        let mut header = header(&format!("{ROOT};Lineage=32767:e65a2c4d:255|zzz:1|aaaaaaaa:x"));
        assert_eq!(header.to_string(), ROOT);
        for number in 0..40 {
            header = header.entering(&arn(&format!("f{number}")), "id", 1);
        }
        assert_eq!(header.lineage.len(), LONGEST_LINEAGE);
        assert_eq!(header.invocations_of(&arn("f39")), 1);
    }

    #[test]
    fn without_a_root_it_is_none() {
        for bad in ["", "Root=2", "Sampled=1", "Root=1-5759E988-bd862e3fe1be46a994272793", "Root=1-5759e988", "root"] {
            assert!(matches!(bad.parse::<TraceHeader>(), Err(BuildError::Rule { value, .. }) if value == bad), "{bad}");
        }
    }
}
