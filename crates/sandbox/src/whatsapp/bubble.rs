//! How a message looks on the guest's telephone.

use maud::{Markup, html};
use serde_json::Value;

use super::chat::{Chat, Message, choices};
use crate::pages;

/// All messages of a chat, oldest first.
pub(crate) fn bubbles(chat: &Chat) -> Markup {
    html! {
        @if chat.messages.is_empty() { p.small { "Todavía no hay mensajes." } }
        @for message in &chat.messages { (bubble(&chat.guest, message)) }
        @if chat.house_is_typing { p.small { "escribiendo…" } }
    }
}

fn bubble(guest: &str, message: &Message) -> Markup {
    html! {
        div class=(if message.from_guest { "bubble guest" } else { "bubble house" }) {
            (content(&message.content))
            @let choices = if message.from_guest { Vec::new() } else { choices(&message.content) };
            @if !choices.is_empty() {
                form method="post" action=(format!("/whatsapp/{guest}/tap")) {
                    @for (id, title, description) in choices {
                        button name="choice" value=(id) {
                            (title) @if let Some(description) = description { br; span.small { (description) } }
                        }
                    }
                }
            }
            div.ticks { (pages::instant(message.at)) " " (ticks(&message.status)) }
        }
    }
}

fn ticks(status: &str) -> &str {
    match status {
        "accepted" => "🕓",
        "sent" => "✓",
        "delivered" => "✓✓",
        "read" | "played" => "✓✓ leído",
        "failed" => "⚠ no se entregó",
        other => other,
    }
}

fn content(content: &Value) -> Markup {
    let at = |pointer: &str| content.pointer(pointer).and_then(Value::as_str);
    match at("/type").unwrap_or("text") {
        "text" => html! { (at("/text/body").unwrap_or_default()) },
        "template" => template(content),
        "interactive" => html! {
            @if let Some(header) = at("/interactive/header/text") { div.title { (header) } }
            (at("/interactive/body/text").unwrap_or_default())
            @if let Some(reply) = at("/interactive/button_reply/title").or(at("/interactive/list_reply/title")) { (reply) }
            @if let Some(footer) = at("/interactive/footer/text") { div.small { (footer) } }
        },
        "reaction" => html! { "reaccionó " (at("/reaction/emoji").unwrap_or("(quitó la reacción)")) },
        other => html! {
            "[" (other) "]"
            @if let Some(caption) = at(&format!("/{other}/caption")) { " " (caption) }
        },
    }
}

fn template(content: &Value) -> Markup {
    let at = |pointer: &str| {
        content
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let components = content.pointer("/template/components").and_then(Value::as_array);
    let parameters = components
        .into_iter()
        .flatten()
        .filter_map(|component| component.get("parameters")?.as_array());
    let texts: Vec<&str> = parameters
        .flatten()
        .filter_map(|parameter| {
            parameter
                .get("text")
                .or_else(|| parameter.get("payload"))?
                .as_str()
        })
        .collect();
    html! {
        div.small { "plantilla " b { (at("/template/name")) } " · " (at("/template/language/code")) }
        @for text in texts { div { (text) } }
    }
}
