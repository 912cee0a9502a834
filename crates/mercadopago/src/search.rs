//! Searching payments: the poll that finds what no notification told.

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset};

use crate::payment::Payment;
use crate::timestamp;

/// How many payments a page holds.
pub const PAGE: u32 = 50;

/// Which payments are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Those of one reference of ours.
    Reference(String),
    /// Those that changed in a span of time, both ends included.
    Changed {
        /// From when on.
        since: OffsetDateTime,
        /// Until when.
        until: OffsetDateTime,
    },
}

impl Search {
    /// The query string's pairs for the page at `offset`: oldest first, so that pages do not shift.
    pub(crate) fn pairs(&self, offset: u32) -> Result<Vec<(&'static str, String)>, time::error::Format> {
        let mut pairs = match self {
            Self::Reference(reference) => vec![("external_reference", reference.clone())],
            Self::Changed { since, until } => vec![
                ("range", "date_last_updated".to_owned()),
                ("begin_date", timestamp::format(*since, UtcOffset::UTC)?),
                ("end_date", timestamp::format(*until, UtcOffset::UTC)?),
            ],
        };
        pairs.extend([
            ("sort", "date_created".to_owned()),
            ("criteria", "asc".to_owned()),
            ("limit", PAGE.to_string()),
            ("offset", offset.to_string()),
        ]);
        Ok(pairs)
    }
}

/// One page of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Where the page stands in the whole.
    pub paging: Paging,
    /// Its payments; each is read on its own before anything is believed.
    #[serde(default)]
    pub results: Vec<Payment>,
}

/// Where a page stands in the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    /// How many were found in all.
    #[serde(default)]
    pub total: u32,
    /// How many a page holds.
    #[serde(default)]
    pub limit: u32,
    /// How many come before this page.
    #[serde(default)]
    pub offset: u32,
}
