//! What is measured: where it listens, who its processes are.

use std::path::PathBuf;

use anyhow::Context as _;
use secrecy::SecretString;

/// Addresses, secrets and processes of the running system; `deploy/bench/run.sh` knows them.
#[derive(Debug, clap::Args)]
pub(crate) struct Target {
    /// The public API.
    #[arg(long, env = "GATEWAY_URL")]
    pub(crate) gateway_url: String,
    /// Where lodgings are entered.
    #[arg(long, env = "RESERVATIONS_URL")]
    pub(crate) reservations_url: String,
    /// Where providers' webhooks arrive.
    #[arg(long, env = "WEBHOOKS_URL")]
    pub(crate) webhooks_url: String,
    /// Where calendars of other channels are read.
    #[arg(long, env = "ICAL_SYNC_URL")]
    pub(crate) ical_sync_url: String,
    /// Where a local server plays them.
    #[arg(long, env = "CALENDARS_PORT", default_value_t = 8211)]
    pub(crate) calendars_port: u16,
    /// For pgbench.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: SecretString,
    /// Opens the internal API.
    #[arg(long, env = "INTERNAL_API_TOKEN", hide_env_values = true)]
    pub(crate) internal_api_token: String,
    /// Signs notifications.
    #[arg(long, env = "MERCADOPAGO_WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) mercadopago_webhook_secret: SecretString,
    /// Where the SQL of the floors is, and wrk's script.
    #[arg(long, default_value = "deploy/bench")]
    pub(crate) scripts: PathBuf,
    /// PostgreSQL's own load generator.
    #[arg(long, env = "PGBENCH", default_value = "pgbench")]
    pub(crate) pgbench: PathBuf,
    /// `name=pid`, once for each process whose cost counts; `postgres` with all that it started.
    #[arg(long = "process", value_parser = process)]
    pub(crate) processes: Vec<(String, i32)>,
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 15)]
    pub(crate) seconds: u64,
}

impl Target {
    /// The process of that name.
    pub(crate) fn process(&self, name: &str) -> anyhow::Result<i32> {
        let found = self.processes.iter().find(|(known, _)| known == name);
        found
            .map(|(_, pid)| *pid)
            .with_context(|| format!("--process {name}=PID is missing"))
    }
}

fn process(text: &str) -> anyhow::Result<(String, i32)> {
    let (name, pid) = text.split_once('=').context("name=pid")?;
    Ok((name.to_owned(), pid.parse()?))
}
