//! Logs, traces and metrics: what lets a person at 3 a.m. see what a service does.
//!
//! - [`init`] is called once by `main` (through `service::start`): it installs the log writer and the tracer.
//! - [`trace`] carries W3C trace context through HTTP, stored rows and messages.
//! - [`metrics`] declares counters, histograms and gauges, and renders them for Prometheus.

pub mod logs;
pub mod metrics;
pub mod trace;
pub mod traceparent;

use std::sync::OnceLock;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub use logs::LogFormat;

/// What [`init`] needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The service's name, on every log line and span.
    pub service: &'static str,
    /// The version that runs.
    pub version: &'static str,
    /// How log lines look.
    pub format: LogFormat,
    /// Which log lines are written, in the syntax of `RUST_LOG`.
    pub filter: String,
    /// Where finished spans go (OTLP over HTTP, the collector's base address); `None`: nowhere.
    pub otlp_endpoint: Option<String>,
}

/// Why [`init`] failed.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// `RUST_LOG` is not a list of directives.
    #[error("RUST_LOG is not a list of log directives")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// The exporter of spans could not be made from `OTEL_EXPORTER_OTLP_ENDPOINT`.
    #[error("set up the trace exporter of OTEL_EXPORTER_OTLP_ENDPOINT")]
    Exporter(#[source] opentelemetry_otlp::ExporterBuildError),
    /// The exporter's thread ended early.
    #[error("the trace exporter could not start")]
    ExporterThread,
    /// Another logger is installed already.
    #[error("install the log writer")]
    Install(#[source] tracing_subscriber::util::TryInitError),
}

/// Ends telemetry: drop it last, or call [`Guard::flush`], so that finished spans still leave.
#[derive(Debug)]
pub struct Guard {
    provider: SdkTracerProvider,
}

impl Guard {
    /// Sends the spans that wait. It blocks for at most a few seconds.
    pub fn flush(&self) {
        if let Err(failure) = self.provider.shutdown() {
            tracing::debug!(cause = %failure, "the last spans were not exported");
        }
    }
}

/// Installs logs and traces for the whole process, and `build_info` among the metrics.
///
/// # Errors
///
/// [`InitError`] if a setting is unusable or another logger is installed already.
pub fn init(settings: &Settings) -> Result<Guard, InitError> {
    let provider = trace::provider(settings)?;
    let filter = logs::filter(&settings.filter).map_err(InitError::Filter)?;
    tracing_subscriber::registry()
        .with(logs::layer(settings.format, settings.service, filter))
        .with(trace::layer(&provider))
        .try_init()
        .map_err(InitError::Install)?;
    metrics::build_info(settings.service, settings.version);
    Ok(Guard { provider })
}

/// Installs traces and logs for a test process, once; later calls do nothing.
///
/// Readable log lines go through the test harness, so that only failing tests show them; the JSON lines that
/// production would write can be read by [`logs::captured`].
pub fn for_tests() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        let provider = SdkTracerProvider::builder().build();
        let installed = tracing_subscriber::registry()
            .with(logs::test_layer())
            .with(logs::capture::layer())
            .with(trace::layer(&provider))
            .try_init();
        if installed.is_err() {
            tracing::debug!("another logger was there first");
        }
    });
}
