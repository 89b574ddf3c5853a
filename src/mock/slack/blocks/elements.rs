//! What blocks hold: images, buttons, menus.
//!
//! <https://docs.slack.dev/reference/block-kit/block-elements>

use serde_json::Value;

use super::{is_list, is_plain, is_string, is_text, optional};

/// <https://docs.slack.dev/reference/block-kit/blocks/image-block>
pub(super) fn is_image(image: &Value) -> bool {
    let (url, file) = (image.get("image_url"), image.get("slack_file"));
    is_string(&image["alt_text"], 1, 2000)
        && (url.is_some() != file.is_some())
        && url.is_none_or(|url| is_string(url, 1, 3000))
        && file.is_none_or(Value::is_object)
}

/// Whether an element may stand in a block: it has a type, and keeps to that type's limits.
pub(super) fn is_valid(element: &Value) -> bool {
    let Some(kind) = element["type"].as_str() else { return false };
    optional(element, "action_id", |id| is_string(id, 1, 255))
        && optional(element, "placeholder", |text| is_plain(text, 150))
        && optional(element, "confirm", is_confirmation)
        && match kind {
            "button" => is_button(element),
            "image" => is_image(element),
            "overflow" => is_list(&element["options"], 1, 5, is_option),
            "checkboxes" | "radio_buttons" => is_list(&element["options"], 1, 10, is_option),
            "static_select" | "multi_static_select" => is_menu(element),
            _ => true,
        }
}

/// <https://docs.slack.dev/reference/block-kit/block-elements/button-element>
fn is_button(button: &Value) -> bool {
    is_plain(&button["text"], 75)
        && optional(button, "url", |url| is_string(url, 0, 3000))
        && optional(button, "value", |value| is_string(value, 0, 2000))
        && optional(button, "style", |style| matches!(style.as_str(), Some("primary" | "danger")))
        && optional(button, "accessibility_label", |label| is_string(label, 0, 75))
}

/// <https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element>
fn is_menu(menu: &Value) -> bool {
    match (menu.get("options"), menu.get("option_groups")) {
        (Some(options), None) => is_list(options, 1, 100, is_option),
        (None, Some(groups)) => is_list(groups, 1, 100, |group| {
            is_plain(&group["label"], 75) && is_list(&group["options"], 1, 100, is_option)
        }),
        _ => false,
    }
}

/// <https://docs.slack.dev/reference/block-kit/composition-objects/option-object>
fn is_option(option: &Value) -> bool {
    is_text(&option["text"], &["plain_text", "mrkdwn"], 75)
        && is_string(&option["value"], 1, 150)
        && optional(option, "description", |text| is_text(text, &["plain_text", "mrkdwn"], 75))
}

/// <https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object>
fn is_confirmation(dialog: &Value) -> bool {
    is_plain(&dialog["title"], 100)
        && is_text(&dialog["text"], &["plain_text", "mrkdwn"], 300)
        && is_plain(&dialog["confirm"], 30)
        && is_plain(&dialog["deny"], 30)
}
