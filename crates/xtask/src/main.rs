//! Chores of the repository: `cargo xtask <chore>`.

mod demo;

use clap::Parser;

/// Chores of the repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Chore {
    /// Play one booking against the running system, over HTTP only, and print each step.
    Demo(demo::Settings),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Chore::parse() {
        Chore::Demo(settings) => demo::play(settings).await,
    }
}
