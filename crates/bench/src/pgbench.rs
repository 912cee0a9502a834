//! Floors by PostgreSQL's own load generator: the same SQL without a service around it.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use hdrhistogram::Histogram;
use secrecy::ExposeSecret as _;
use tokio::process::Command;

use crate::target::Target;

/// What pgbench measured.
pub(crate) struct Transactions {
    pub(crate) rate: f64,
    pub(crate) p99: Duration,
}

/// Runs `script` with as many clients; it finds the lodgings' numbers in `:first` and `:last`.
pub(crate) async fn run(
    target: &Target,
    script: &str,
    clients: usize,
    lodgings: &[i64],
) -> anyhow::Result<Transactions> {
    let logs = std::env::temp_dir().join(format!("alojamientos-pgbench-{}", std::process::id()));
    std::fs::create_dir_all(&logs)?;
    let bounds = [("first", lodgings.iter().min()), ("last", lodgings.iter().max())];
    let output = Command::new(&target.pgbench)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--log"])
        .arg(format!("--log-prefix={}", logs.join("run").display()))
        .arg(format!("--client={clients}"))
        .arg(format!("--time={}", target.seconds))
        .args(bounds.map(|(name, value)| format!("--define={name}={}", value.copied().unwrap_or(1))))
        .arg(format!("--file={}", target.sql.join(script).display()))
        .arg(target.database_url.expose_secret())
        .output()
        .await
        .context("pgbench")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "pgbench failed: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let rate = text
        .split_once("tps = ")
        .and_then(|(_, rest)| rest.split_whitespace().next());
    let rate = rate
        .with_context(|| format!("pgbench tells no rate:\n{text}"))?
        .parse()?;
    let p99 = slowest_percent(&logs)?;
    std::fs::remove_dir_all(&logs)?;
    Ok(Transactions { rate, p99 })
}

/// The third word of each line of the logs is a latency in microseconds.
fn slowest_percent(logs: &std::path::Path) -> anyhow::Result<Duration> {
    let mut latencies = Histogram::<u64>::new(3)?;
    for file in std::fs::read_dir(logs)? {
        for line in std::fs::read_to_string(file?.path())?.lines() {
            if let Some(Ok(latency)) = line.split_whitespace().nth(2).map(str::parse) {
                latencies.saturating_record(latency);
            }
        }
    }
    Ok(Duration::from_micros(latencies.value_at_percentile(99.0)))
}
