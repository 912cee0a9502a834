//! What the system answered: a status, a body, and how long it took.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::StatusCode;
use serde_json::Value;

/// One answer, read to the end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
    /// Where a redirection leads.
    pub(crate) location: Option<String>,
    pub(crate) took: Duration,
    /// `POST http://…`, for messages.
    pub(crate) request: String,
}

impl Answer {
    /// The body as JSON, if the status is `wanted`; else an error that shows what came instead.
    pub(crate) fn json(&self, wanted: StatusCode) -> anyhow::Result<Value> {
        self.expect(wanted)?;
        serde_json::from_str(&self.body)
            .with_context(|| format!("{} answered no JSON: {}", self.request, self.body))
    }

    /// The body as text, if the status is `wanted`.
    pub(crate) fn text(&self, wanted: StatusCode) -> anyhow::Result<&str> {
        self.expect(wanted)?;
        Ok(&self.body)
    }

    fn expect(&self, wanted: StatusCode) -> anyhow::Result<()> {
        if self.status != wanted {
            bail!(
                "{} answered {} where {wanted} was due: {}",
                self.request,
                self.status,
                self.body
            );
        }
        Ok(())
    }
}

/// The text at `pointer` (RFC 6901).
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("no text at {pointer} in {value}"))
}

/// The whole number at `pointer`.
pub(crate) fn number(value: &Value, pointer: &str) -> anyhow::Result<i64> {
    value
        .pointer(pointer)
        .and_then(Value::as_i64)
        .with_context(|| format!("no number at {pointer} in {value}"))
}

/// The list at `pointer`.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a [Value]> {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.map(Vec::as_slice)
        .with_context(|| format!("no list at {pointer} in {value}"))
}

/// The money at `pointer`, as a person reads it: `ARS 15000.00`.
pub(crate) fn money(value: &Value, pointer: &str) -> anyhow::Result<String> {
    let money = value
        .pointer(pointer)
        .with_context(|| format!("no money at {pointer} in {value}"))?;
    Ok(format!(
        "{} {}",
        text(money, "/currency")?,
        text(money, "/amount")?
    ))
}
