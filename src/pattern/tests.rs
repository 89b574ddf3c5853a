use serde_json::{Value, json};

use super::*;

fn reads(pattern: Value) -> EventPattern {
    EventPattern::parse(&pattern.to_string()).unwrap()
}

#[track_caller]
fn yes(pattern: Value, event: Value) {
    if let Err(why) = reads(pattern.clone()).matches(&event) {
        panic!("{pattern} and {event}: {why}");
    }
}

#[track_caller]
fn no(pattern: Value, event: Value) {
    assert!(reads(pattern.clone()).matches(&event).is_err(), "{pattern} and {event}");
}

fn refused(pattern: &Value) -> String {
    EventPattern::parse(&pattern.to_string()).unwrap_err().to_string()
}

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>, one row each.
#[test]
fn values_are_compared_with_their_type() {
    yes(json!({ "a": ["x", "y"] }), json!({ "a": "y", "b": 1 }));
    no(json!({ "a": ["x"] }), json!({ "a": "X" }));
    yes(json!({ "a": [300] }), json!({ "a": 300.0 }));
    no(json!({ "a": [300] }), json!({ "a": "300" }));
    yes(json!({ "a": [null] }), json!({ "a": null }));
    no(json!({ "a": [null] }), json!({}));
    yes(json!({ "a": [true] }), json!({ "a": true }));
    yes(json!({ "a": [""] }), json!({ "a": "" }));
    no(json!({ "A": ["x"] }), json!({ "a": "x" }));
}

#[test]
fn all_members_must_match_and_one_of_each_or() {
    yes(json!({ "a": ["x"], "b": { "c": [1] } }), json!({ "a": "x", "b": { "c": 1 } }));
    no(json!({ "a": ["x"], "b": [1] }), json!({ "a": "x", "b": 2 }));
    let either = json!({ "k": ["v"], "$or": [{ "a": [1] }, { "b": { "c": [2] } }] });
    yes(either.clone(), json!({ "k": "v", "a": 1 }));
    yes(either.clone(), json!({ "k": "v", "b": { "c": 2 } }));
    no(either.clone(), json!({ "k": "v", "a": 2 }));
    no(either, json!({ "a": 1 }));
}

#[test]
fn lists_match_by_any_element_and_empty_ones_never() {
    yes(json!({ "a": ["x"] }), json!({ "a": ["w", "x"] }));
    no(json!({ "a": ["x"] }), json!({ "a": [] }));
    no(json!({ "a": [null] }), json!({ "a": [] }));
    no(json!({ "a": [{ "exists": true }] }), json!({ "a": [] }));
    yes(json!({ "a": { "b": [1] } }), json!({ "a": [{ "c": 1 }, { "b": 1 }] }));
    // Both of one element.
    no(json!({ "a": { "b": [1], "c": [2] } }), json!({ "a": [{ "b": 1 }, { "c": 2 }] }));
}

#[test]
fn dots_stand_for_objects_in_objects() {
    yes(json!({ "a.b": [1] }), json!({ "a": { "b": 1 } }));
    yes(json!({ "a": { "b": [1] } }), json!({ "a.b": 1 }));
    yes(json!({ "a.b": [1] }), json!({ "a.b": 1 }));
    no(json!({ "a.b": { "c": [1] } }), json!({ "a": { "b.c": 1 } }));
}

#[test]
fn exists_is_about_plain_values() {
    let (is, is_not) = (json!({ "a": { "b": [{ "exists": true }] } }), json!({ "a": { "b": [{ "exists": false }] } }));
    yes(is.clone(), json!({ "a": { "b": null } }));
    no(is.clone(), json!({ "a": { "b": { "c": 1 } } }));
    no(is, json!({ "a": 1 }));
    yes(is_not.clone(), json!({}));
    yes(is_not.clone(), json!({ "a": { "c": 1 } }));
    no(is_not, json!({ "a": { "b": 0 } }));
}

#[test]
fn texts() {
    yes(json!({ "a": [{ "prefix": "ab" }] }), json!({ "a": "abc" }));
    no(json!({ "a": [{ "prefix": "ab" }] }), json!({ "a": "ABC" }));
    yes(json!({ "a": [{ "prefix": { "equals-ignore-case": "ab" } }] }), json!({ "a": "ABC" }));
    yes(json!({ "a": [{ "prefix": "" }] }), json!({ "a": "x" }));
    no(json!({ "a": [{ "prefix": "" }] }), json!({ "a": 1 }));
    yes(json!({ "a": [{ "suffix": ".png" }] }), json!({ "a": "i.png" }));
    yes(json!({ "a": [{ "suffix": { "equals-ignore-case": ".PNG" } }] }), json!({ "a": "i.png" }));
    yes(json!({ "a": [{ "equals-ignore-case": "ALICE" }] }), json!({ "a": "alice" }));
    yes(json!({ "a": [{ "wildcard": "dir/*.png" }] }), json!({ "a": "dir/a/b.png" }));
    yes(json!({ "a": [{ "wildcard": "*a*b" }] }), json!({ "a": "xaxaxb" }));
    no(json!({ "a": [{ "wildcard": "a*b" }] }), json!({ "a": "abc" }));
    yes(json!({ "a": [{ "wildcard": "a\\*b" }] }), json!({ "a": "a*b" }));
    no(json!({ "a": [{ "wildcard": "a\\*b" }] }), json!({ "a": "axb" }));
}

#[test]
fn numbers() {
    let range = json!({ "a": [{ "numeric": [">", 0, "<=", 5] }] });
    yes(range.clone(), json!({ "a": 5 }));
    no(range.clone(), json!({ "a": 0 }));
    no(range.clone(), json!({ "a": "3" }));
    no(range, json!({ "a": null }));
    yes(json!({ "a": [{ "numeric": ["=", 3.018e2] }] }), json!({ "a": 301.8 }));
    yes(json!({ "a": [{ "numeric": ["<", 10] }, "none"] }), json!({ "a": "none" }));
}

#[test]
fn anything_but() {
    yes(json!({ "a": [{ "anything-but": "x" }] }), json!({ "a": "y" }));
    no(json!({ "a": [{ "anything-but": "x" }] }), json!({ "a": "x" }));
    no(json!({ "a": [{ "anything-but": "x" }] }), json!({}));
    yes(json!({ "a": [{ "anything-but": "x" }] }), json!({ "a": null }));
    no(json!({ "a": [{ "anything-but": [1, 2] }] }), json!({ "a": 2.0 }));
    no(json!({ "a": [{ "anything-but": { "prefix": ["in", "out"] } }] }), json!({ "a": "outside" }));
    yes(json!({ "a": [{ "anything-but": { "suffix": ".png" } }] }), json!({ "a": 1 }));
    no(json!({ "a": [{ "anything-but": { "wildcard": "*/lib/*" } }] }), json!({ "a": "x/lib/y" }));
    no(json!({ "a": [{ "anything-but": { "equals-ignore-case": ["A", "B"] } }] }), json!({ "a": "b" }));
}

#[test]
fn addresses() {
    let net = json!({ "a": [{ "cidr": "10.0.0.0/24" }] });
    yes(net.clone(), json!({ "a": "10.0.0.255" }));
    no(net.clone(), json!({ "a": "10.0.1.0" }));
    no(net.clone(), json!({ "a": "::1" }));
    no(net, json!({ "a": 10 }));
    yes(json!({ "a": [{ "cidr": "2001:db8::/32" }] }), json!({ "a": "2001:db8::1" }));
    yes(json!({ "a": [{ "cidr": "0.0.0.0/0" }] }), json!({ "a": "255.255.255.255" }));
}

#[test]
fn what_is_no_pattern_is_refused_in_the_words_of_eventbridge() {
    let rows = [
        (json!(null), "Filter is not an object"),
        (json!("simple string"), "Filter is not an object"),
        (json!({}), "Empty objects are not allowed"),
        (json!({ "body": "plain" }), "body: \"body\" must be an object or an array"),
        (json!({ "a": { "b": [] } }), "a.b: Empty arrays are not allowed"),
        (json!({ "a": [{ "EXISTS": true }] }), "a: Unrecognized match type EXISTS"),
        (json!({ "a": [{ "exists": "yes" }] }), "a: exists match pattern must be either true or false."),
        (json!({ "a": [{ "prefix": 1 }] }), "a: prefix match pattern must be a string"),
        (json!({ "a": [{ "wildcard": "a**b" }] }), "a: Consecutive wildcard characters at pos 1"),
        (json!({ "a": [{ "wildcard": 1 }] }), "a: wildcard match pattern must be a string"),
        (json!({ "a": [{ "numeric": [">", 1, ">", 2] }] }), "a: Bad numeric range operator: >"),
        (json!({ "a": [{ "numeric": ["<", "1"] }] }), "a: Value of < must be numeric"),
        (json!({ "a": [{ "numeric": 5 }] }), "a: Value of numeric must be an array."),
        (json!({ "a": [{ "cidr": "10.0.0.0" }] }), "a: Malformed CIDR, one '/' required"),
        (
            json!({ "a": [{ "anything-but": null }] }),
            "a: Value of anything-but must be an array or single string/number value.",
        ),
        (json!({ "a": [{ "anything-but": { "prefix": "" } }] }), "a: Null prefix/suffix not allowed"),
        (json!({ "a": [["x"]] }), "a: Match value must be String, number, true, false, or null"),
    ];
    for (pattern, reason) in rows {
        assert_eq!(refused(&pattern), reason, "{pattern}");
    }
    assert!(EventPattern::parse("{").unwrap_err().to_string().starts_with("Filter is not valid JSON"));
}

#[test]
fn a_mismatch_names_the_member_the_value_and_the_rules() {
    let why =
        reads(json!({ "body": { "type": ["order", { "prefix": "re" }] } })).matches(&json!({ "body": { "type": 7 } }));
    assert_eq!(why.unwrap_err().to_string(), "body.type is 7, and not \"order\" or prefix \"re\"");
    let why = reads(json!({ "body": { "type": [{ "exists": true }] } })).matches(&json!({ "body": "x" }));
    assert_eq!(why.unwrap_err().to_string(), "body.type is not there, or no plain value, and not a value");
}
