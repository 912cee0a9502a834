//! Log lines: one event per line on stdout, JSON for machines or readable text for people.

pub mod capture;
pub mod json;

use std::io::IsTerminal as _;

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt;
use tracing_subscriber::registry::LookupSpan;

pub use capture::captured;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line: `timestamp`, `level`, `service`, `message`, then the fields.
    Json,
    /// Text for a person.
    Text,
}

/// What is logged when `RUST_LOG` is not set.
pub const DEFAULT_FILTER: &str = "info";

/// Noise that `RUST_LOG=info` should not mean; a directive of the operator's own for the same target wins.
///
/// The dispatcher calls it an error when a stranger sends no HTTP; nobody has to act on that. lapin prints whole
/// messages that come back; `messaging` says what matters of it.
const QUIET: [&str; 5] = [
    "actix_http::h1::dispatcher=off",
    "actix_server=warn",
    "actix_web=warn",
    "lapin=off",
    "opentelemetry=warn",
];

pub(crate) fn filter(directives: &str) -> Result<EnvFilter, ParseError> {
    let mut all = QUIET.join(",");
    all.push(',');
    all.push_str(if directives.is_empty() {
        DEFAULT_FILTER
    } else {
        directives
    });
    EnvFilter::builder().parse(all)
}

pub(crate) fn layer<S>(
    format: LogFormat,
    service: &'static str,
    filter: EnvFilter,
) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    match format {
        LogFormat::Json => fmt::layer()
            .fmt_fields(json::SpanFields)
            .event_format(json::JsonLines::new(service))
            .with_filter(filter)
            .boxed(),
        LogFormat::Text => fmt::layer()
            .compact()
            .with_ansi(std::io::stdout().is_terminal())
            .with_filter(filter)
            .boxed(),
    }
}

pub(crate) fn test_layer<S>() -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fmt::layer()
        .compact()
        .with_ansi(false)
        .with_test_writer()
        .with_filter(EnvFilter::new("info"))
        .boxed()
}
