//! Load by wrk, which costs next to nothing.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

/// What wrk tells.
pub(crate) struct Load {
    pub(crate) rate: f64,
    pub(crate) count: u64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// Reads `url` for so many seconds.
pub(crate) async fn read(url: &str, connections: usize, seconds: u64) -> anyhow::Result<Load> {
    run(url, connections, seconds, None).await
}

/// Sends the requests that `script` makes of its arguments, one after the other.
pub(crate) async fn send(
    url: &str,
    connections: usize,
    seconds: u64,
    script: &Path,
    arguments: &[&str],
) -> anyhow::Result<Load> {
    run(url, connections, seconds, Some((script, arguments))).await
}

async fn run(
    url: &str,
    connections: usize,
    seconds: u64,
    script: Option<(&Path, &[&str])>,
) -> anyhow::Result<Load> {
    let (connections, duration) = (format!("-c{connections}"), format!("-d{seconds}s"));
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", &connections, &duration, "--latency"]);
    match script {
        Some((script, arguments)) => wrk.arg("--script").arg(script).args([url, "--"]).args(arguments),
        None => wrk.arg(url),
    };
    let output = wrk.output().await;
    let output = output.context("wrk (Debian package wrk)")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "wrk failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    ensure!(!text.contains("Non-2xx"), "some requests failed:\n{text}");
    // A share of another table may end in 50%, too.
    let (_, distribution) = text
        .split_once("Latency Distribution")
        .context("wrk tells no latencies")?;
    ensure!(!text.contains("Socket errors"), "some were not answered:\n{text}");
    Ok(Load {
        rate: word_after(&text, "Requests/sec:")?.parse()?,
        count: word_before(&text, "requests in")?.parse()?,
        p50: latency(word_after(distribution, "50%")?)?,
        p99: latency(word_after(distribution, "99%")?)?,
    })
}

fn word_after<'a>(text: &'a str, marker: &str) -> anyhow::Result<&'a str> {
    let found = text
        .split_once(marker)
        .and_then(|(_, rest)| rest.split_whitespace().next());
    found.with_context(|| format!("wrk tells no {marker}"))
}

fn word_before<'a>(text: &'a str, marker: &str) -> anyhow::Result<&'a str> {
    let found = text
        .split_once(marker)
        .and_then(|(before, _)| before.split_whitespace().next_back());
    found.with_context(|| format!("wrk tells no {marker}"))
}

/// `812.00us`, `3.05ms`, `1.20s`.
fn latency(text: &str) -> anyhow::Result<Duration> {
    let units = [("us", 1e-6), ("ms", 1e-3), ("s", 1.0)];
    let parsed = units.iter().find_map(|(unit, factor)| {
        let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
        Some(Duration::from_secs_f64(number * factor))
    });
    parsed.with_context(|| format!("wrk's latency is {text}"))
}
