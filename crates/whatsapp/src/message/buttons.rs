//! Words and up to three buttons.

use std::fmt;

use serde_json::{Value, json};

use super::{Frame, LimitError, limit};

/// The most buttons.
const MOST: usize = 3;

/// Words and up to three buttons, each with its own title and id.
#[derive(Clone, PartialEq, Eq)]
pub struct Buttons {
    frame: Frame,
    buttons: Vec<Button>,
}

/// A button; pressing it sends us its id.
#[derive(Clone, PartialEq, Eq)]
pub struct Button {
    id: String,
    title: String,
}

impl Button {
    /// A button of up to 20 characters, with an id of up to 256.
    ///
    /// # Errors
    ///
    /// [`LimitError`].
    pub fn new(id: &str, title: &str) -> Result<Self, LimitError> {
        Ok(Self {
            id: limit::text("button id", id, 256)?,
            title: limit::text("button title", title, 20)?,
        })
    }
}

impl Buttons {
    /// Up to 1024 characters and one to three buttons.
    ///
    /// # Errors
    ///
    /// [`LimitError`], also if two buttons share a title or an id.
    pub fn new(body: &str, buttons: Vec<Button>) -> Result<Self, LimitError> {
        limit::count("buttons", buttons.len(), MOST)?;
        limit::distinct("button id", buttons.iter().map(|button| button.id.as_str()))?;
        limit::distinct("button title", buttons.iter().map(|button| button.title.as_str()))?;
        Ok(Self {
            frame: Frame::new(body)?,
            buttons,
        })
    }

    /// The same under a header of up to 60 characters.
    ///
    /// # Errors
    ///
    /// [`LimitError`].
    pub fn header(self, header: &str) -> Result<Self, LimitError> {
        Ok(Self {
            frame: self.frame.header(header)?,
            ..self
        })
    }

    /// The same over a footer of up to 60 characters.
    ///
    /// # Errors
    ///
    /// [`LimitError`].
    pub fn footer(self, footer: &str) -> Result<Self, LimitError> {
        Ok(Self {
            frame: self.frame.footer(footer)?,
            ..self
        })
    }

    pub(super) fn wire(&self) -> Value {
        let reply =
            |button: &Button| json!({ "type": "reply", "reply": { "id": button.id, "title": button.title } });
        let buttons: Vec<Value> = self.buttons.iter().map(reply).collect();
        self.frame.wire("button", &json!({ "buttons": buttons }))
    }
}

impl fmt::Debug for Buttons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buttons({})", self.buttons.len())
    }
}

impl fmt::Debug for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Button(…)")
    }
}
