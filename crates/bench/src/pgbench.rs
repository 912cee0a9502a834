//! Floors by PostgreSQL's own load generator: the same SQL without a service around it.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use hdrhistogram::Histogram;
use secrecy::ExposeSecret as _;
use tokio::process::Command;

use crate::cost::of_family;
use crate::load;
use crate::target::Target;

/// What pgbench measured.
pub(crate) struct Transactions {
    pub(crate) rate: f64,
    pub(crate) p99: Duration,
    /// PostgreSQL's CPU time for each.
    pub(crate) cost: Duration,
}

impl fmt::Display for Transactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p99, cost] = [self.p99, self.cost].map(|duration| duration.as_secs_f64() * 1_000.0);
        write!(f, "pgbench: p99 {p99:.1} ms, {cost:.2} ms CPU of the database")
    }
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
    let postgres = target.process("postgres")?;
    let before = of_family(postgres)?;
    let bounds = [("first", lodgings.iter().min()), ("last", lodgings.iter().max())];
    let output = Command::new(&target.pgbench)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--log"])
        .arg(format!("--log-prefix={}", logs.join("run").display()))
        .arg(format!("--client={clients}"))
        .arg(format!("--time={}", target.seconds))
        .args(bounds.map(|(name, value)| format!("--define={name}={}", value.copied().unwrap_or(1))))
        .arg(format!("--file={}", target.scripts.join(script).display()))
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
    let spent = of_family(postgres)?.saturating_sub(before);
    let latencies = logged(&logs)?;
    std::fs::remove_dir_all(&logs)?;
    Ok(Transactions {
        rate,
        p99: Duration::from_micros(latencies.value_at_percentile(99.0)),
        cost: spent / u32::try_from(latencies.len().max(1)).unwrap_or(u32::MAX),
    })
}

/// The third word of each line of the logs is a latency in microseconds.
fn logged(logs: &Path) -> anyhow::Result<Histogram<u64>> {
    let mut latencies = load::latencies()?;
    for file in std::fs::read_dir(logs)? {
        for line in std::fs::read_to_string(file?.path())?.lines() {
            if let Some(Ok(latency)) = line.split_whitespace().nth(2).map(str::parse) {
                latencies.saturating_record(latency);
            }
        }
    }
    Ok(latencies)
}
