use serde_json::{Value, json};

use super::are_valid;

fn plain(length: usize) -> Value {
    json!({ "type": "plain_text", "text": "é".repeat(length) })
}

fn button(text: usize) -> Value {
    json!({ "type": "button", "text": plain(text), "action_id": "go" })
}

/// Each limit, with a value on it and one beyond it.
#[test]
fn the_documented_limits_are_kept_to_the_character() {
    type Limit = (&'static str, fn(usize) -> Value, usize);
    let on_and_beyond: Vec<Limit> = vec![
        ("the text of a section", |n| json!({ "type": "section", "text": plain(n) }), 3000),
        ("a field of a section", |n| json!({ "type": "section", "fields": [plain(n)] }), 2000),
        ("the fields of a section", |n| json!({ "type": "section", "fields": vec![plain(1); n] }), 10),
        ("the id of a block", |n| json!({ "type": "divider", "block_id": "x".repeat(n) }), 255),
        ("the text of a header", |n| json!({ "type": "header", "text": plain(n) }), 150),
        ("the elements of actions", |n| json!({ "type": "actions", "elements": vec![button(1); n] }), 25),
        ("the text of a button", |n| json!({ "type": "actions", "elements": [button(n)] }), 75),
        ("the elements of a context", |n| json!({ "type": "context", "elements": vec![plain(1); n] }), 10),
        (
            "the description of an image",
            |n| json!({ "type": "image", "image_url": "https://example.com", "alt_text": "x".repeat(n) }),
            2000,
        ),
        ("the address of an image", |n| json!({ "type": "image", "image_url": "x".repeat(n), "alt_text": "x" }), 3000),
        (
            "the title of an image",
            |n| json!({ "type": "image", "image_url": "https://example.com", "alt_text": "x", "title": plain(n) }),
            2000,
        ),
        ("Markdown", |n| json!({ "type": "markdown", "text": "x".repeat(n) }), 12_000),
        ("the rows of a table", |n| json!({ "type": "table", "rows": vec![json!([{}]); n] }), 100),
        (
            "the options of an overflow menu",
            |n| {
                let option = json!({ "text": plain(1), "value": "v" });
                let menu = json!({ "type": "overflow", "options": vec![option; n] });
                json!({ "type": "section", "text": plain(1), "accessory": menu })
            },
            5,
        ),
    ];
    for (what, block, limit) in on_and_beyond {
        assert!(are_valid(&[block(limit)]), "{what}: {limit}");
        assert!(!are_valid(&[block(limit + 1)]), "{what}: {}", limit + 1);
    }
    let half = json!({ "type": "markdown", "text": "x".repeat(6001) });
    assert!(!are_valid(&[half.clone(), half]), "Markdown is limited in all");
}

#[test]
fn what_a_block_needs_is_there_and_of_its_type() {
    for wrong in [
        json!({}),
        json!("divider"),
        json!({ "type": 1 }),
        json!({ "type": "sektion", "text": plain(1) }),
        json!({ "type": "section" }),
        json!({ "type": "section", "text": "bare" }),
        json!({ "type": "section", "text": plain(0) }),
        json!({ "type": "section", "text": { "type": "markdown", "text": "x" } }),
        json!({ "type": "section", "fields": [] }),
        json!({ "type": "header", "text": { "type": "mrkdwn", "text": "x" } }),
        json!({ "type": "header" }),
        json!({ "type": "image", "image_url": "https://example.com" }),
        json!({ "type": "image", "alt_text": "x" }),
        json!({ "type": "actions", "elements": [] }),
        json!({ "type": "actions", "elements": [{ "text": plain(1) }] }),
        json!({ "type": "actions", "elements": [{ "type": "button", "text": plain(1), "style": "loud" }] }),
        json!({ "type": "context", "elements": [button(1)] }),
        json!({ "type": "markdown" }),
        json!({ "type": "rich_text" }),
        json!({ "type": "video", "title": plain(1) }),
        json!({ "type": "input", "element": { "type": "plain_text_input" } }),
    ] {
        assert!(!are_valid(std::slice::from_ref(&wrong)), "{wrong}");
    }
    for right in [
        json!({ "type": "divider" }),
        json!({ "type": "section", "text": { "type": "mrkdwn", "text": "*x*", "verbatim": true } }),
        json!({ "type": "context", "elements": [
            { "type": "image", "image_url": "https://example.com/a.png", "alt_text": "a" },
            { "type": "mrkdwn", "text": "x" },
        ] }),
        json!({ "type": "image", "slack_file": { "id": "F1" }, "alt_text": "a" }),
        json!({ "type": "rich_text", "elements": [{ "type": "rich_text_section", "elements": [] }] }),
        json!({ "type": "actions", "elements": [
            { "type": "static_select", "options": [{ "text": plain(1), "value": "v" }] },
            { "type": "datepicker", "initial_date": "2026-01-01" },
        ] }),
    ] {
        assert!(are_valid(std::slice::from_ref(&right)), "{right}");
    }
}
