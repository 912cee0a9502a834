//! Approved templates: the only messages that go out at any time.

use std::fmt;

use serde_json::{Value, json};

use super::{LimitError, limit};

/// A template's name, language, and what fills its places.
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    name: String,
    language: String,
    parameters: Vec<String>,
    payloads: Vec<String>,
}

impl Template {
    /// The template `name` in `language`, such as `es_AR`.
    ///
    /// # Errors
    ///
    /// [`LimitError`] if the name is not made of small letters, digits and `_`, or the language is empty.
    pub fn new(name: &str, language: &str) -> Result<Self, LimitError> {
        let name = limit::text("template name", name, 512)?;
        let clean = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !name.bytes().all(clean) {
            return Err(LimitError::Characters {
                part: "template name",
            });
        }
        let language = limit::text("template language", language, 16)?;
        Ok(Self {
            name,
            language,
            parameters: Vec::new(),
            payloads: Vec::new(),
        })
    }

    /// Fills the next place of the body; newlines, tabs and runs of spaces become one space.
    ///
    /// # Errors
    ///
    /// [`LimitError`] if nothing is left, or more than 1024 characters.
    pub fn parameter(mut self, text: &str) -> Result<Self, LimitError> {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.parameters
            .push(limit::text("template parameter", &flat, 1024)?);
        Ok(self)
    }

    /// Gives the next quick-reply button what it sends us when pressed.
    ///
    /// # Errors
    ///
    /// [`LimitError`] if it is empty or over 256 characters.
    pub fn payload(mut self, payload: &str) -> Result<Self, LimitError> {
        self.payloads.push(limit::text("template payload", payload, 256)?);
        Ok(self)
    }

    /// The template's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn wire(&self) -> Value {
        let mut components = Vec::new();
        if !self.parameters.is_empty() {
            let parameter = |text: &String| json!({ "type": "text", "text": text });
            let parameters: Vec<Value> = self.parameters.iter().map(parameter).collect();
            components.push(json!({ "type": "body", "parameters": parameters }));
        }
        for (index, payload) in self.payloads.iter().enumerate() {
            components.push(json!({
                "type": "button",
                "sub_type": "quick_reply",
                "index": index.to_string(),
                "parameters": [{ "type": "payload", "payload": payload }],
            }));
        }
        json!({ "name": self.name, "language": { "code": self.language }, "components": components })
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({})", self.name)
    }
}
