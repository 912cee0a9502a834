//! The sandbox as a program of its own: settings, start, wait for a signal.

mod settings;

use anyhow::Context;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,actix_server=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).init();

    let options = settings::load().context("read the sandbox's settings")?;
    let running = sandbox::start(options).await.context("start the sandbox")?;
    tracing::info!(url = %running.url, "the outside world is played at {}", running.url);
    stop_signal().await.context("wait for a signal")?;
    running.stop().await;
    Ok(())
}

/// Waits for Ctrl-C or a polite kill.
async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
