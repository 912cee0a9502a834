//! Messages of ours: four kinds, each within Meta's limits before anything is sent.

mod buttons;
mod limit;
mod list;
mod template;
mod text;

use serde_json::{Value, json};

pub use self::buttons::{Button, Buttons};
pub use self::limit::LimitError;
pub use self::list::{List, Row, Section};
pub use self::template::Template;
pub use self::text::Text;

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Words, within the 24 hours.
    Text(Text),
    /// An approved template, at any time.
    Template(Template),
    /// Words and up to three buttons, within the 24 hours.
    Buttons(Buttons),
    /// Words and a list to choose from, within the 24 hours.
    List(List),
}

impl Message {
    /// Whether it may be sent outside the 24 hours.
    #[must_use]
    pub fn is_template(&self) -> bool {
        matches!(self, Self::Template(_))
    }

    /// A name for metrics' labels.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Template(_) => "template",
            Self::Buttons(_) => "buttons",
            Self::List(_) => "list",
        }
    }

    /// The body's `type` and what stands under that name.
    pub(crate) fn wire(&self) -> (&'static str, Value) {
        match self {
            Self::Text(text) => ("text", text.wire()),
            Self::Template(template) => ("template", template.wire()),
            Self::Buttons(buttons) => ("interactive", buttons.wire()),
            Self::List(list) => ("interactive", list.wire()),
        }
    }
}

impl From<Text> for Message {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<Template> for Message {
    fn from(template: Template) -> Self {
        Self::Template(template)
    }
}

impl From<Buttons> for Message {
    fn from(buttons: Buttons) -> Self {
        Self::Buttons(buttons)
    }
}

impl From<List> for Message {
    fn from(list: List) -> Self {
        Self::List(list)
    }
}

/// The words around the buttons or the list of an interactive message.
#[derive(Clone, PartialEq, Eq)]
struct Frame {
    header: Option<String>,
    body: String,
    footer: Option<String>,
}

impl Frame {
    fn new(body: &str) -> Result<Self, LimitError> {
        Ok(Self {
            header: None,
            body: limit::text("body", body, 1024)?,
            footer: None,
        })
    }

    fn header(self, header: &str) -> Result<Self, LimitError> {
        Ok(Self {
            header: Some(limit::text("header", header, 60)?),
            ..self
        })
    }

    fn footer(self, footer: &str) -> Result<Self, LimitError> {
        Ok(Self {
            footer: Some(limit::text("footer", footer, 60)?),
            ..self
        })
    }

    /// The interactive object with its `action`.
    fn wire(&self, kind: &str, action: &Value) -> Value {
        let mut wire = json!({ "type": kind, "body": { "text": self.body }, "action": action });
        if let Some(object) = wire.as_object_mut() {
            if let Some(header) = &self.header {
                object.insert("header".to_owned(), json!({ "type": "text", "text": header }));
            }
            if let Some(footer) = &self.footer {
                object.insert("footer".to_owned(), json!({ "text": footer }));
            }
        }
        wire
    }
}

#[cfg(test)]
mod tests;
