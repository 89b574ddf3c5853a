//! Rows of generated events.

use std::ops::Range;
use std::str::FromStr;

use clap::Args;

/// Which generated events to print: options of every family.
#[derive(Debug, Args)]
pub(super) struct Random {
    /// Print generated events, one on each line; the same for the same seed
    #[arg(long)]
    pub(super) random: bool,
    /// Which row of events [default: 0]
    #[arg(long, requires = "random")]
    seed: Option<u64>,
    /// How many events [default: 1]
    #[arg(long, requires = "random")]
    count: Option<u64>,
    /// Print only part I of N equal parts of the row; the parts one behind the other are the row
    #[arg(long, value_name = "I/N", requires = "random")]
    shard: Option<Shard>,
}

impl Random {
    pub(super) fn seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }

    /// The numbers of the events to print.
    pub(super) fn range(&self) -> Range<u64> {
        self.shard.unwrap_or(Shard { part: 1, of: 1 }).range(self.count.unwrap_or(1))
    }
}

/// One of several parts, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shard {
    part: u64,
    of: u64,
}

impl Shard {
    /// The part of `0..count`. The lengths of parts differ by one at most.
    fn range(self, count: u64) -> Range<u64> {
        let start = |part: u64| {
            let start = u128::from(count) * u128::from(part) / u128::from(self.of);
            u64::try_from(start).unwrap_or(count)
        };
        start(self.part - 1)..start(self.part)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Self { part, of }),
            _ => Err("a shard is I/N with I from 1 to N, such as 2/4".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_follow_each_other_without_holes_and_are_equally_long() {
        for count in [0, 1, 5, 100, u64::MAX] {
            for of in [1, 2, 3, 7] {
                let mut end = 0;
                for part in 1..=of {
                    let range = Shard { part, of }.range(count);
                    assert_eq!(range.start, end);
                    assert!((range.end - range.start).abs_diff(count / of) <= 1);
                    end = range.end;
                }
                assert_eq!(end, count);
            }
        }
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["", "1", "0/4", "5/4", "1/0", "0/0", "a/b", "1/2/3", "-1/2"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("2/4".parse(), Ok(Shard { part: 2, of: 4 }));
    }
}
