//! Trace context: joining an incoming trace, and handing the present one on as text.
//!
//! Text (`traceparent`) is what headers, outbox rows and AMQP messages can carry, so that work done later belongs
//! to the trace that caused it.

use std::error::Error;
use std::fmt::Write as _;
use std::thread;

use opentelemetry::trace::{SpanContext, TraceContextExt as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::registry::LookupSpan;

use crate::{InitError, Settings, traceparent};

/// Makes `span` a child of the trace in `traceparent`, or the root of a new one, and records its `trace_id`.
///
/// Call it right after creating the span and before entering it. Declare the field (`trace_id =
/// tracing::field::Empty`) to have the id on every log line inside.
pub fn adopt(span: &Span, parent: Option<&SpanContext>) {
    let context = match parent {
        Some(parent) => Context::new().with_remote_span_context(parent.clone()),
        None => Context::new(),
    };
    if span.set_parent(context).is_err() {
        tracing::trace!("the span has started; it keeps its parent");
    }
    if let Some(id) = trace_id(span) {
        span.record("trace_id", id);
    }
}

/// [`adopt`] for a stored or received `traceparent` text; a wrong one starts a new trace.
pub fn adopt_text(span: &Span, traceparent: Option<&str>) {
    let parent = traceparent.and_then(|text| traceparent::parse(text, None));
    adopt(span, parent.as_ref());
}

/// The trace id of `span`, 32 lower-case hex digits; `None` if no tracer is installed.
#[must_use]
pub fn trace_id(span: &Span) -> Option<String> {
    let context = span.context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string())
}

/// The trace id of the span that runs now.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    trace_id(&Span::current())
}

/// The `traceparent` that makes whoever receives it a child of the span that runs now.
#[must_use]
pub fn current_traceparent() -> Option<String> {
    traceparent::format(Span::current().context().span().span_context())
}

/// The `tracestate` that goes with [`current_traceparent`]; `None` if it is empty.
#[must_use]
pub fn current_tracestate() -> Option<String> {
    let header = Span::current()
        .context()
        .span()
        .span_context()
        .trace_state()
        .header();
    (!header.is_empty()).then_some(header)
}

/// An error and all its causes on one line: `store the hold: connection closed`.
#[must_use]
pub fn chain(failure: &(dyn Error + 'static)) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(next) = cause {
        let shown = next.to_string();
        // Some libraries repeat their source in their own text; once is enough.
        if !text.ends_with(&shown) && write!(text, ": {shown}").is_err() {
            break;
        }
        cause = next.source();
    }
    text
}

pub(crate) fn provider(settings: &Settings) -> Result<SdkTracerProvider, InitError> {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let resource = Resource::builder_empty()
        .with_service_name(settings.service)
        .with_attribute(KeyValue::new("service.version", settings.version))
        .build();
    let mut builder = SdkTracerProvider::builder().with_resource(resource);
    if let Some(endpoint) = &settings.otlp_endpoint {
        builder = builder.with_batch_exporter(exporter(endpoint)?);
    }
    let provider = builder.build();
    global::set_tracer_provider(provider.clone());
    Ok(provider)
}

/// The exporter's blocking client may not be made inside an async runtime, hence the thread.
fn exporter(endpoint: &str) -> Result<SpanExporter, InitError> {
    let address = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let build = move || SpanExporter::builder().with_http().with_endpoint(address).build();
    match thread::spawn(build).join() {
        Ok(exporter) => exporter.map_err(InitError::Exporter),
        Err(_panic) => Err(InitError::ExporterThread),
    }
}

pub(crate) fn layer<S>(provider: &SdkTracerProvider) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    // Own level filter: RUST_LOG says what is written, not what is traced.
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("alojamientos"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_filter(LevelFilter::INFO)
        .boxed()
}
