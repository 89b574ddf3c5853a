//! The documented limits of Block Kit: which members blocks need, how long texts and lists may be.
//!
//! <https://docs.slack.dev/reference/block-kit/blocks>. What is not documented, and members that blocks do not know, are
//! let through. Lengths are in characters.

mod elements;
#[cfg(test)]
mod tests;

use serde_json::Value;

/// A payload has at most so many characters of Markdown in all.
///
/// <https://docs.slack.dev/reference/block-kit/blocks/markdown-block>
const MAX_MARKDOWN: usize = 12_000;

/// The types of which only the type and the id are checked.
const UNCHECKED: [&str; 10] =
    ["alert", "call", "card", "carousel", "condition", "container", "data_table", "divider", "plan", "task_card"];

/// Whether Slack would render these blocks.
pub(super) fn are_valid(blocks: &[Value]) -> bool {
    let markdown = blocks.iter().filter(|block| block["type"] == "markdown");
    let markdown: usize = markdown.filter_map(|block| block["text"].as_str()).map(|text| text.chars().count()).sum();
    markdown <= MAX_MARKDOWN && blocks.iter().all(is_valid)
}

fn is_valid(block: &Value) -> bool {
    optional(block, "block_id", |id| is_string(id, 0, 255))
        && match block["type"].as_str() {
            Some("section") => is_section(block),
            Some("header") => is_text(&block["text"], &["plain_text"], 150),
            Some("image") => elements::is_image(block) && optional(block, "title", |title| is_plain(title, 2000)),
            Some("actions") => is_list(&block["elements"], 1, 25, elements::is_valid),
            Some("context") => is_list(&block["elements"], 1, 10, is_of_context),
            Some("context_actions") => is_list(&block["elements"], 1, 5, elements::is_valid),
            Some("markdown") => is_string(&block["text"], 1, MAX_MARKDOWN),
            Some("rich_text") => is_list(&block["elements"], 0, usize::MAX, Value::is_object),
            Some("file") => is_string(&block["external_id"], 1, usize::MAX) && block["source"].is_string(),
            Some("input") => is_input(block),
            Some("video") => is_video(block),
            Some("table") => is_table(block),
            Some(kind) => UNCHECKED.contains(&kind),
            None => false,
        }
}

/// <https://docs.slack.dev/reference/block-kit/blocks/section-block>
fn is_section(block: &Value) -> bool {
    let (text, fields) = (block.get("text"), block.get("fields"));
    let any = |text: &Value, max| is_text(text, &["mrkdwn", "plain_text"], max);
    (text.is_some() || fields.is_some())
        && text.is_none_or(|text| any(text, 3000))
        && fields.is_none_or(|fields| is_list(fields, 1, 10, |field| any(field, 2000)))
        && optional(block, "accessory", elements::is_valid)
}

/// <https://docs.slack.dev/reference/block-kit/blocks/context-block>
fn is_of_context(element: &Value) -> bool {
    if element["type"] == "image" {
        elements::is_image(element)
    } else {
        is_text(element, &["mrkdwn", "plain_text"], 3000)
    }
}

/// <https://docs.slack.dev/reference/block-kit/blocks/input-block>
fn is_input(block: &Value) -> bool {
    is_plain(&block["label"], 2000)
        && elements::is_valid(&block["element"])
        && optional(block, "hint", |hint| is_plain(hint, 2000))
}

/// <https://docs.slack.dev/reference/block-kit/blocks/video-block>
fn is_video(block: &Value) -> bool {
    ["alt_text", "thumbnail_url", "video_url"].iter().all(|name| is_string(&block[*name], 1, usize::MAX))
        && is_plain(&block["title"], 199)
        && optional(block, "author_name", |name| is_string(name, 0, 49))
}

/// <https://docs.slack.dev/reference/block-kit/blocks/table-block>
fn is_table(block: &Value) -> bool {
    is_list(&block["rows"], 1, 100, |row| is_list(row, 0, 20, Value::is_object))
        && optional(block, "column_settings", |settings| is_list(settings, 0, 20, |_| true))
}

/// A text object of one of these types, with a text that is not empty.
///
/// <https://docs.slack.dev/reference/block-kit/composition-objects/text-object>
fn is_text(text: &Value, types: &[&str], max: usize) -> bool {
    text["type"].as_str().is_some_and(|kind| types.contains(&kind)) && is_string(&text["text"], 1, max)
}

fn is_plain(text: &Value, max: usize) -> bool {
    is_text(text, &["plain_text"], max)
}

fn is_string(value: &Value, min: usize, max: usize) -> bool {
    value.as_str().is_some_and(|text| (min..=max).contains(&text.chars().count()))
}

fn is_list(value: &Value, min: usize, max: usize, each: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|items| (min..=max).contains(&items.len()) && items.iter().all(each))
}

/// Whether a member is right, if it is there.
fn optional(object: &Value, name: &str, check: impl FnOnce(&Value) -> bool) -> bool {
    object.get(name).is_none_or(check)
}
