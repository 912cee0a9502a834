//! The whole page, and how the parts make the whole.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::check::{Report, Status, Weight};

/// How the whole is: the worst of its parts, weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Overall {
    /// Everything works.
    Healthy,
    /// The main promises hold; something needs a person.
    Degraded,
    /// The main promises do not hold.
    Unhealthy,
}

/// What `/healthz` shows.
#[derive(Debug, Clone)]
pub struct Page {
    overall: Overall,
    timestamp: OffsetDateTime,
    version: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) weight: Weight,
    pub(super) report: Report,
    pub(super) since: Option<OffsetDateTime>,
}

impl Page {
    pub(super) fn new(timestamp: OffsetDateTime, version: &'static str, rows: Vec<Row>) -> Self {
        let overall = rows.iter().map(Row::overall).max().unwrap_or(Overall::Healthy);
        Self {
            overall,
            timestamp,
            version,
            rows,
        }
    }

    /// How the whole is.
    #[must_use]
    pub const fn overall(&self) -> Overall {
        self.overall
    }
}

impl Row {
    const fn overall(&self) -> Overall {
        match (self.report.status, self.weight) {
            (Status::Ok, _) => Overall::Healthy,
            (Status::Error, Weight::Critical) => Overall::Unhealthy,
            (Status::Slow | Status::Warning | Status::Error, _) => Overall::Degraded,
        }
    }
}

// By hand, because the order matters: `{"status":"healthy"` is what scripts look for.
impl Serialize for Page {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("status", &self.overall)?;
        map.serialize_entry("timestamp", &rfc3339(self.timestamp))?;
        map.serialize_entry("version", self.version)?;
        map.serialize_entry("checks", &Checks(&self.rows))?;
        map.end()
    }
}

struct Checks<'a>(&'a [Row]);

impl Serialize for Checks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|row| (row.name, row)))
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", &self.report.status)?;
        if let Some(latency) = self.report.latency_ms {
            map.serialize_entry("latency_ms", &latency)?;
        }
        for (name, value) in &self.report.fields {
            map.serialize_entry(name, value)?;
        }
        if let Some(error) = &self.report.error {
            map.serialize_entry("error", error)?;
        }
        if let Some(since) = self.since {
            map.serialize_entry("since", &rfc3339(since))?;
        }
        map.end()
    }
}

fn rfc3339(instant: OffsetDateTime) -> Option<String> {
    instant
        .replace_nanosecond(0)
        .unwrap_or(instant)
        .format(&Rfc3339)
        .ok()
}
