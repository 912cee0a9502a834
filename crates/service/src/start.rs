//! `main` of every service: settings, logs, build, run, exit code.

use std::error::Error;
use std::future::Future;
use std::io::Write as _;
use std::process::ExitCode;

use telemetry::trace::chain;

use crate::VERSION;
use crate::app::Application;
use crate::settings::{self, LogFormat, TelemetrySettings};

/// Runs a service until it is told to stop: `service::start::run("payments", app::build()).await`.
///
/// `build` reads the service's settings and makes its [`Application`]. What goes wrong is said once, with all its
/// causes, and gives exit code 1.
pub async fn run<B, E>(name: &'static str, build: B) -> ExitCode
where
    B: Future<Output = Result<Application, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    install_crypto();
    let guard = match start_telemetry(name) {
        Ok(guard) => guard,
        Err(failure) => {
            // There is no logger to say it.
            let said = writeln!(
                std::io::stderr(),
                "{name} cannot start: {}",
                chain(failure.as_ref())
            );
            return if said.is_ok() {
                ExitCode::FAILURE
            } else {
                ExitCode::from(2)
            };
        }
    };
    log_panics();
    let code = serve(name, build).await;
    // The exporter blocks.
    if tokio::task::spawn_blocking(move || guard.flush()).await.is_err() {
        tracing::debug!("the last spans were not exported");
    }
    code
}

/// Installs the TLS implementation of the process; further calls do nothing. Before the first HTTPS client.
pub fn install_crypto() {
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        tracing::trace!("a TLS provider was installed before");
    }
}

async fn serve<B, E>(name: &'static str, build: B) -> ExitCode
where
    B: Future<Output = Result<Application, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let application = match build.await {
        Ok(application) => application,
        Err(failure) => {
            let failure: Box<dyn Error + Send + Sync> = failure.into();
            tracing::error!(cause = chain(failure.as_ref()), "{name} cannot start");
            return ExitCode::FAILURE;
        }
    };
    let address = application.address();
    tracing::info!(version = VERSION, %address, "{name} {VERSION} listens on {address}");
    match application.run_until_stopped().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tracing::error!(cause = chain(&failure), "{name} broke down");
            ExitCode::FAILURE
        }
    }
}

fn start_telemetry(service: &'static str) -> Result<telemetry::Guard, Box<dyn Error + Send + Sync>> {
    let settings: TelemetrySettings = settings::load()?;
    let format = match settings.log_format {
        LogFormat::Json => telemetry::LogFormat::Json,
        LogFormat::Text => telemetry::LogFormat::Text,
    };
    let guard = telemetry::init(&telemetry::Settings {
        service,
        version: VERSION,
        format,
        filter: settings.rust_log,
        otlp_endpoint: settings.otel_exporter_otlp_endpoint,
    })?;
    Ok(guard)
}

/// A panic becomes one log line in the common format instead of text on stderr.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, "panicked at {place}: {words}");
    }));
}
