//! Words and a list to choose from.

use std::fmt;

use serde_json::{Value, json};

use super::{Frame, LimitError, limit};

/// The most sections.
const MOST_SECTIONS: usize = 10;

/// The most rows, over all sections.
const MOST_ROWS: usize = 10;

/// Words and a button that opens a list of up to ten rows.
#[derive(Clone, PartialEq, Eq)]
pub struct List {
    frame: Frame,
    button: String,
    sections: Vec<Section>,
}

/// Some rows, under a title unless it is the only section.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    title: Option<String>,
    rows: Vec<Row>,
}

/// A row; choosing it sends us its id.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    id: String,
    title: String,
    description: Option<String>,
}

impl Row {
    /// A row of up to 24 characters, with an id of up to 200.
    ///
    /// # Errors
    ///
    /// [`LimitError`].
    pub fn new(id: &str, title: &str) -> Result<Self, LimitError> {
        Ok(Self {
            id: limit::text("row id", id, 200)?,
            title: limit::text("row title", title, 24)?,
            description: None,
        })
    }

    /// The same over a description of up to 72 characters.
    ///
    /// # Errors
    ///
    /// [`LimitError`].
    pub fn description(self, description: &str) -> Result<Self, LimitError> {
        Ok(Self {
            description: Some(limit::text("row description", description, 72)?),
            ..self
        })
    }

    fn wire(&self) -> Value {
        match &self.description {
            None => json!({ "id": self.id, "title": self.title }),
            Some(description) => json!({ "id": self.id, "title": self.title, "description": description }),
        }
    }
}

impl Section {
    /// Rows without a title: the only section of its list.
    #[must_use]
    pub fn untitled(rows: Vec<Row>) -> Self {
        Self { title: None, rows }
    }

    /// Rows under a title of up to 24 characters.
    ///
    /// # Errors
    ///
    /// [`LimitError`].
    pub fn titled(title: &str, rows: Vec<Row>) -> Result<Self, LimitError> {
        Ok(Self {
            title: Some(limit::text("section title", title, 24)?),
            rows,
        })
    }

    fn wire(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(Row::wire).collect();
        match &self.title {
            None => json!({ "rows": rows }),
            Some(title) => json!({ "title": title, "rows": rows }),
        }
    }
}

impl List {
    /// Up to 1024 characters, a button of up to 20, and one to ten sections with one to ten rows in all.
    ///
    /// # Errors
    ///
    /// [`LimitError`], also if two rows share an id, a section has no row, or one of several has no title.
    pub fn new(body: &str, button: &str, sections: Vec<Section>) -> Result<Self, LimitError> {
        limit::count("sections", sections.len(), MOST_SECTIONS)?;
        if 1 < sections.len() && sections.iter().any(|section| section.title.is_none()) {
            return Err(LimitError::Untitled);
        }
        for section in &sections {
            limit::count("rows", section.rows.len(), MOST_ROWS)?;
        }
        let rows = || sections.iter().flat_map(|section| &section.rows);
        limit::count("rows", rows().count(), MOST_ROWS)?;
        limit::distinct("row id", rows().map(|row| row.id.as_str()))?;
        Ok(Self {
            frame: Frame::new(body)?,
            button: limit::text("list button", button, 20)?,
            sections,
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
        let sections: Vec<Value> = self.sections.iter().map(Section::wire).collect();
        self.frame
            .wire("list", &json!({ "button": self.button, "sections": sections }))
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "List({})", self.sections.len())
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Section({})", self.rows.len())
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Row(…)")
    }
}
