//! `alojactl`: the command line of those who keep the system running.
//!
//! It prints text for people, or JSON with `--json`; it exits 0 when all is well, 1 when a command fails and 2 when it
//! was called wrongly.

mod commands;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::output::Output;

/// On-call's tool for alojamientos.
#[derive(Debug, Parser)]
#[command(version = service::VERSION, after_help = EXAMPLES)]
struct Arguments {
    /// Print JSON, for scripts.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  alojactl migrate status
  alojactl staff add --email ana@example.com --role host --role oncall
  alojactl ical sync --all
  alojactl doctor
  alojactl payments parked
  alojactl payments reconcile --since 3d
  alojactl dead-letters list
  alojactl seed demo

Settings are read from the environment, as the services read them: DATABASE_URL, …; `source .dev/env` in development.";

#[derive(Debug, Subcommand)]
enum Command {
    /// The database's schema.
    #[command(subcommand)]
    Migrate(commands::migrate::Command),
    /// The people who may log in.
    #[command(subcommand)]
    Staff(commands::staff::Command),
    /// Other channels' calendars, in and out.
    #[command(subcommand)]
    Ical(commands::ical::Command),
    /// Money that waits for a person, and the comparison with Mercado Pago.
    #[command(subcommand)]
    Payments(commands::payments::Command),
    /// Messages that no service could process.
    #[command(subcommand)]
    DeadLetters(commands::dead_letters::Command),
    /// Is everything there that the services need: settings, stores, migrations, credentials?
    Doctor,
    /// Data to try the system with.
    #[command(subcommand)]
    Seed(commands::seed::Command),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = Output::new(arguments.json);
    let result = match arguments.command {
        Command::Migrate(command) => commands::migrate::run(command, output).await,
        Command::Staff(command) => commands::staff::run(command, output).await,
        Command::Ical(command) => commands::ical::run(command, output).await,
        Command::Payments(command) => commands::payments::run(command, output).await,
        Command::DeadLetters(command) => commands::dead_letters::run(command, output).await,
        Command::Doctor => commands::doctor::run(output).await,
        Command::Seed(command) => commands::seed::run(command, output).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Output::failure(&error);
            ExitCode::FAILURE
        }
    }
}
