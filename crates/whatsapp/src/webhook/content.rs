//! What a message says.

use std::fmt;

use serde_json::Value;

use super::{list, text};

/// What a message says; anything missing or new becomes [`Content::Other`] rather than a failure.
#[derive(Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields are the provider's, and their names say it"
)]
pub enum Content {
    /// Words.
    Text(String),
    /// A reply button of ours was pressed.
    Button { id: String, title: Option<String> },
    /// A row of a list of ours was chosen.
    Row {
        id: String,
        title: Option<String>,
        description: Option<String>,
    },
    /// A quick reply of a template of ours was pressed.
    QuickReply {
        payload: Option<String>,
        text: Option<String>,
    },
    /// A file, fetched by its id with our token.
    Media {
        kind: MediaKind,
        id: String,
        mime_type: Option<String>,
        caption: Option<String>,
        voice: bool,
    },
    /// A place.
    Location {
        latitude: f64,
        longitude: f64,
        name: Option<String>,
        address: Option<String>,
    },
    /// A reaction to a message; `None` takes it back.
    Reaction {
        message_id: String,
        emoji: Option<String>,
    },
    /// An earlier message now reads otherwise.
    Edit {
        message_id: String,
        text: Option<String>,
    },
    /// An earlier message was taken back.
    Revoke { message_id: String },
    /// Not the guest but WhatsApp: `user_changed_number`, with the new id, or `customer_identity_changed`.
    System {
        kind: Option<String>,
        wa_id: Option<String>,
    },
    /// WhatsApp could not hand it over; the codes say why.
    Unsupported { codes: Vec<i64> },
    /// A type that we do not read, or one without its content.
    Other { kind: String },
}

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MediaKind {
    Audio,
    Document,
    Image,
    Sticker,
    Video,
}

impl MediaKind {
    fn of(word: &str) -> Option<Self> {
        match word {
            "audio" => Some(Self::Audio),
            "document" => Some(Self::Document),
            "image" => Some(Self::Image),
            "sticker" => Some(Self::Sticker),
            "video" => Some(Self::Video),
            _ => None,
        }
    }
}

impl Content {
    /// A name for metrics' labels: one of a fixed few.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Button { .. } => "button",
            Self::Row { .. } => "row",
            Self::QuickReply { .. } => "quick_reply",
            Self::Media { .. } => "media",
            Self::Location { .. } => "location",
            Self::Reaction { .. } => "reaction",
            Self::Edit { .. } => "edit",
            Self::Revoke { .. } => "revoke",
            Self::System { .. } => "system",
            Self::Unsupported { .. } => "unsupported",
            Self::Other { .. } => "other",
        }
    }

    /// `value` is the change around the message, where an empty interactive message has its errors.
    pub(super) fn read(value: &Value, message: &Value) -> Self {
        let kind = text(message, "type").unwrap_or_default();
        let codes: Vec<i64> = [message, value].into_iter().flat_map(codes).collect();
        let part = message.get(&kind);
        let known = part.and_then(|part| Self::known(&kind, part));
        match known {
            Some(content) => content,
            None if !codes.is_empty() => Self::Unsupported { codes },
            None => Self::Other {
                kind: kind.chars().take(40).collect(),
            },
        }
    }

    fn known(kind: &str, part: &Value) -> Option<Self> {
        if let Some(kind) = MediaKind::of(kind) {
            let voice = part.get("voice").and_then(Value::as_bool) == Some(true);
            let (mime_type, caption) = (text(part, "mime_type"), text(part, "caption"));
            return Some(Self::Media {
                kind,
                id: text(part, "id")?,
                mime_type,
                caption,
                voice,
            });
        }
        match kind {
            "text" => text(part, "body").map(Self::Text),
            "interactive" => interactive(part),
            "button" => Some(Self::QuickReply {
                payload: text(part, "payload"),
                text: text(part, "text"),
            }),
            "location" => Some(Self::Location {
                latitude: part.get("latitude")?.as_f64()?,
                longitude: part.get("longitude")?.as_f64()?,
                name: text(part, "name"),
                address: text(part, "address"),
            }),
            "reaction" => Some(Self::Reaction {
                message_id: text(part, "message_id")?,
                emoji: text(part, "emoji"),
            }),
            "edit" => {
                let words = part.get("message").and_then(|message| message.get("text"));
                let text_now = words.and_then(|words| text(words, "body"));
                Some(Self::Edit {
                    message_id: text(part, "original_message_id")?,
                    text: text_now,
                })
            }
            "revoke" => Some(Self::Revoke {
                message_id: text(part, "original_message_id")?,
            }),
            "system" => Some(Self::System {
                kind: text(part, "type"),
                wa_id: text(part, "wa_id"),
            }),
            _ => None,
        }
    }
}

fn interactive(part: &Value) -> Option<Content> {
    if let Some(button) = part.get("button_reply") {
        return Some(Content::Button {
            id: text(button, "id")?,
            title: text(button, "title"),
        });
    }
    let row = part.get("list_reply")?;
    let description = text(row, "description");
    Some(Content::Row {
        id: text(row, "id")?,
        title: text(row, "title"),
        description,
    })
}

fn codes(value: &Value) -> Vec<i64> {
    list(value, "errors")
        .filter_map(|error| text(error, "code")?.parse().ok())
        .collect()
}

/// What a guest says belongs in no log.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.kind())
    }
}
