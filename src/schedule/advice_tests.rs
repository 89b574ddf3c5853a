//! Advice is good: whatever an error says to write is accepted.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{Dialect, Expression};

/// Refused expressions of every kind.
const REFUSED: &[&str] = &[
    "0 3 * * *",
    "*/5 * * * *",
    "0 0 * * 0",
    "0 0 1 * 1",
    "0 0 1,15 * 5",
    "30 4 1-7 * sun",
    "@daily",
    "0 0 12 * * ?",
    "0 0 12 * * ? *",
    "0 12 * * ? *",
    "0 25 * * *",
    "cron(0 3 * * *)",
    "cron(0 3 1 * 7)",
    "cron(0 3 * * * *)",
    "cron(0 3 1 * MON *)",
    "cron(0 3 ? * ? *)",
    "cron(0 24 * * * *)",
    "cron(60 24 * * * *)",
    "cron(0 9 ? * 0 *)",
    "cron(0 9 * * 0-5 *)",
    "cron(/15 * * * * *)",
    "cron(0  3 * * * *)",
    "CRON( 0 3 * * * * )",
    " cron(0 9 1 * ? 2030-2020)",
    "cron(0 9 ? * 6l *)",
    "rate(1 minutes)",
    "rate(2 hour)",
    "Rate(2 Hour)",
    "rate(2 weeks)",
    "rate(4294967295 weeks)",
    "rate( 5 minutes)",
    "at(2021-12-31)",
    "at(2021-12-31T23:59:59Z)",
    "at(2021-02-30T23:59:59Z)",
    "AT(2021-12-31)",
    " at(2022-12-31T23:59:59)",
];

fn check(dialect: Dialect, text: &str) -> Result<(), String> {
    let Err(error) = Expression::parse(dialect, text) else { return Ok(()) };
    let quoted =
        error.fix().into_iter().flat_map(|fix| fix.split('`').skip(1).step_by(2)).filter(|text| text.contains('('));
    for advice in quoted.chain(error.suggestion()) {
        Expression::parse(dialect, advice).map_err(|next| format!("{text:?}: {error}; but {next}"))?;
    }
    Ok(())
}

#[test]
fn every_expression_that_an_error_suggests_is_accepted() {
    for dialect in [Dialect::Rule, Dialect::Scheduler] {
        for text in REFUSED {
            check(dialect, text).unwrap();
        }
    }
    for text in ["0 3 * * *", "60 24 * * *", "cron(/15 * * * * *)", " CRON(0 9 ? * 0 *)"] {
        assert!(Expression::rule(text).unwrap_err().suggestion().is_some(), "{text}");
    }
    assert_eq!(Expression::rule("0 25 * * *").unwrap_err().suggestion(), None);
}

#[test]
fn advice_on_random_text_is_good_too() {
    let config = Config { cases: 3000, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let field = "[0-9*?LW#/,-]{1,4}|\\*|\\?|MON|fri|0-5|24|60|/5|20-2";
    let fields = prop::collection::vec(field, 4..8).prop_map(|fields| fields.join(" "));
    let wrapped = (prop::sample::select(vec!["cron({})", "{}", "CRON( {} )", " cron({})"]), fields)
        .prop_map(|(form, fields)| form.replace("{}", &fields));
    let rates =
        "[Rr]ate\\([0-9]{1,2} (minute|Hours|days|week|Weeks|second)\\)|at\\(20[0-9]{2}-[01][0-9]-[0-3][0-9]Z?\\)";
    let outcome = TestRunner::new_with_rng(config, rng).run(&prop_oneof![3 => wrapped, 1 => rates], |text| {
        for dialect in [Dialect::Rule, Dialect::Scheduler] {
            check(dialect, &text).map_err(TestCaseError::fail)?;
        }
        Ok(())
    });
    outcome.unwrap();
}
