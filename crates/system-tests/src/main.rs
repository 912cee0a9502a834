//! One service in a process of its own, so that a test can end it with SIGKILL at any moment:
//! `service-under-test payments`.
//!
//! It is built and set as its own binary is. What differs: its clock is the test's, and a message that failed is tried
//! again after a moment instead of minutes.

mod clock;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use messaging::topology::{RetryLadder, Topology};
use service::app::Application;
use service::clock::Clock;
use service::settings::HttpSettings;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("gateway") => service::start::run("gateway", async { gateway(clock::follow()?) }).await,
        Some("reservations") => {
            service::start::run("reservations", async { reservations(clock::follow()?) }).await
        }
        Some("webhooks") => service::start::run("webhooks", async { webhooks(clock::follow()?) }).await,
        Some("payments") => service::start::run("payments", async { payments(clock::follow()?) }).await,
        other => {
            let name = format!("{other:?}");
            service::start::run("system-tests", async move { unknown(&name) }).await
        }
    }
}

fn gateway(clock: Clock) -> anyhow::Result<Application> {
    let settings = service::settings::load()?;
    gateway::app::build(
        HttpSettings::load(8000)?,
        service::settings::load()?,
        settings,
        clock,
    )
}

fn reservations(clock: Clock) -> anyhow::Result<Application> {
    let settings = service::settings::load()?;
    let http = HttpSettings::load(8001)?;
    reservations::app::build(http, service::settings::load()?, settings, clock, topology())
}

fn webhooks(clock: Clock) -> anyhow::Result<Application> {
    let settings = service::settings::load()?;
    let http = HttpSettings::load(8002)?;
    webhooks::app::build(http, service::settings::load()?, settings, clock, topology())
}

fn payments(clock: Clock) -> anyhow::Result<Application> {
    let settings = service::settings::load()?;
    let http = HttpSettings::load(8003)?;
    payments::app::build(http, service::settings::load()?, &settings, clock, topology())
}

fn unknown(name: &str) -> anyhow::Result<Application> {
    bail!("there is no service {name}: gateway, reservations, webhooks and payments are known")
}

fn topology() -> Topology {
    let waits = [250, 1_000, 4_000, 15_000].map(Duration::from_millis);
    Topology::default().with_ladder(RetryLadder::new(&waits))
}
