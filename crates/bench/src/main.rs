//! `make bench`: what a request costs, each beside a floor measured in the same run.
//!
//! `deploy/bench/run.sh` starts the stores and the services and calls this; the result is a table for people.
#![expect(
    clippy::float_arithmetic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark computes ratios and prints them"
)]

mod availability;
mod cost;
mod feed;
mod floor;
mod herd;
mod hold;
mod load;
mod lodgings;
mod memory;
mod pgbench;
mod sync;
mod table;
mod target;
mod webhook;
mod wrk;

use std::process::ExitCode;

use clap::Parser;

use crate::table::Row;
use crate::target::Target;

/// Measures the running system.
#[derive(Debug, Parser)]
#[command(name = "bench")]
enum Command {
    /// A bare actix handler with the answer of `like`: the floor of a read.
    Floor(floor::Floor),
    /// What guests and providers wait for: availability, holds, the herd, webhooks.
    Requests(Target),
    /// One huge calendar.
    Feed(feed::Feed),
    /// Thousands of small ones.
    Sync(Target),
    /// The memory of each service.
    Memory(Target),
}

#[tokio::main]
async fn main() -> ExitCode {
    // Another part of the process may have chosen the same already.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
    let done = match Command::parse() {
        Command::Floor(floor) => floor.serve().await,
        Command::Requests(target) => requests(&target).await,
        Command::Feed(feed) => feed.measure().map(|row| show(&row)),
        Command::Sync(target) => sync::measure(&target, show).await,
        Command::Memory(target) => memory::measure(&target).map(|rows| rows.iter().for_each(show)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn requests(target: &Target) -> anyhow::Result<()> {
    let lodgings = lodgings::enter(target, 1_000).await?;
    show(&availability::measure(target, &lodgings).await?);
    show(&hold::measure(target, &lodgings).await?);
    show(&herd::measure(target, &lodgings).await?);
    show(&webhook::pace(target).await?);
    show(&webhook::limit(target).await?);
    Ok(())
}

/// As soon as it is known: a run takes minutes.
fn show(row: &Row) {
    println!("{row}");
}
