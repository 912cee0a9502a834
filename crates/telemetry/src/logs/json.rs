//! The JSON form of a log line, flat, so that one `grep` or one query finds a field.
//!
//! There is a line for each request, so a field is written as JSON once and only copied after that: fields wait as
//! lines `name, separator, JSON` of a text, in which JSON has neither line ends nor separators of its own.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Between the name of a field and its JSON.
const SEPARATOR: char = '\u{1f}';

/// Writes `{"timestamp","level","service","message",…fields…,"target"}`.
///
/// The fields of the surrounding spans (request id, trace id, event id) are on the line too; the event's own
/// field wins over a span's of the same name, and an inner span over an outer one.
#[derive(Debug, Clone, Copy)]
pub struct JsonLines {
    service: &'static str,
}

/// Keeps a span's fields as [`JsonLines`] reads them.
#[derive(Debug, Clone, Copy)]
pub struct SpanFields;

impl JsonLines {
    /// Lines of `service`.
    #[must_use]
    pub const fn new(service: &'static str) -> Self {
        Self { service }
    }
}

impl<S> FormatEvent<S, SpanFields> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, SpanFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut own = String::with_capacity(512);
        event.record(&mut Fields(&mut own));
        let message = last(&own, "message").unwrap_or("null");
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        write!(
            writer,
            "\",\"level\":\"{}\",\"service\":\"{}\",\"message\":{message}",
            event.metadata().level(),
            self.service
        )?;
        let mut written = Vec::with_capacity(16);
        write_new(&mut writer, &own, &mut written)?;
        for span in ctx.event_scope().into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<FormattedFields<SpanFields>>() {
                write_new(&mut writer, &fields.fields, &mut written)?;
            }
        }
        // Libraries that use the `log` crate bring their own target in a field.
        match last(&own, "log.target") {
            Some(target) => writeln!(writer, ",\"target\":{target}}}"),
            None => writeln!(writer, ",\"target\":{}}}", json(event.metadata().target())),
        }
    }
}

impl<'writer> FormatFields<'writer> for SpanFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut text = String::new();
        fields.record(&mut Fields(&mut text));
        writer.write_str(&text)
    }

    fn add_fields(&self, current: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

/// The fields of a text, the last one first: it is the newest.
fn newest_first(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().rev().filter_map(|line| line.split_once(SEPARATOR))
}

fn last<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    newest_first(text).find_map(|(known, value)| (known == name).then_some(value))
}

/// Writes the fields whose names are not `written` yet. Names are identifiers of ours and need no escapes.
fn write_new(writer: &mut Writer<'_>, text: &str, written: &mut Vec<String>) -> fmt::Result {
    for (name, value) in newest_first(text) {
        let apart = name == "message" || name.starts_with("log.");
        if !apart && !written.iter().any(|known| known == name) {
            write!(writer, ",\"{name}\":{value}")?;
            written.push(name.to_owned());
        }
    }
    Ok(())
}

/// What a span carries for the trace's sake; the line says it in its own words.
fn is_for_traces_only(name: &str) -> bool {
    name.starts_with("otel.") || name.starts_with("http.response.")
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Writes fields into a text.
struct Fields<'a>(&'a mut String);

impl Fields<'_> {
    fn put(&mut self, field: &Field, json: impl fmt::Display) {
        if !is_for_traces_only(field.name()) {
            // Writing into a text never fails.
            let _written = writeln!(self.0, "{}{SEPARATOR}{json}", field.name());
        }
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, serde_json::Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, json(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put(field, json(&crate::trace::chain(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, json(&format!("{value:?}")));
    }
}
