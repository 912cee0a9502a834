//! Chores of the repository: `cargo xtask <chore>`.

mod demo;

use std::process::ExitCode;

use clap::Parser;

/// Chores of the repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Chore {
    /// Play one booking against the running system, over HTTP only, and print each step.
    Demo(demo::Settings),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Chore::parse() {
        Chore::Demo(settings) => demo::play(settings).await,
    };
    if let Err(error) = done {
        failure(&error);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "where a failure belongs")]
fn failure(error: &anyhow::Error) {
    eprintln!("\n{error:#}");
}
