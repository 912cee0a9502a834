//! `alojactl`: the command line of those who keep the system running.
//!
//! It prints text for people, or JSON with `--json`; it exits 0 when all is well, 1 when a command fails and 2 when it
//! was called wrongly. On-call reads Spanish: so do the doc comments of commands and options, which clap shows.

mod commands;
mod output;
mod settings;
mod spanish;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::output::Output;

/// La herramienta de guardia de alojamientos.
#[derive(Debug, Parser)]
#[command(version = service::VERSION, disable_version_flag = true, after_help = EXAMPLES)]
struct Arguments {
    /// Mostrar JSON, para scripts.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Ejemplos:
  alojactl migrate status
  alojactl staff add --email ana@example.com --role host --role oncall
  alojactl ical sync --all
  alojactl doctor
  alojactl payments parked
  alojactl payments reconcile --since 3d
  alojactl dead-letters list
  alojactl seed demo

La configuración se lee del entorno, igual que en los servicios: DATABASE_URL, …; en desarrollo, `source .dev/env`.";

#[derive(Debug, Subcommand)]
enum Command {
    /// El esquema de la base de datos.
    #[command(subcommand)]
    Migrate(commands::migrate::Command),
    /// Las personas que pueden entrar.
    #[command(subcommand)]
    Staff(commands::staff::Command),
    /// Los calendarios de otros canales, de entrada y de salida.
    #[command(subcommand)]
    Ical(commands::ical::Command),
    /// El dinero que espera una decisión, y la comparación con Mercado Pago.
    #[command(subcommand)]
    Payments(commands::payments::Command),
    /// Los mensajes que ningún servicio pudo procesar.
    #[command(subcommand)]
    DeadLetters(commands::dead_letters::Command),
    /// Revisar que esté lo que los servicios necesitan: configuración, bases, migraciones, credenciales.
    Doctor,
    /// Datos para probar el sistema.
    #[command(subcommand)]
    Seed(commands::seed::Command),
}

/// What was asked for; help and version are shown at once.
fn arguments() -> Result<Arguments, clap::Error> {
    let version = Arg::new("version").short('V').long("version");
    let version = version.action(ArgAction::Version).help("Mostrar la versión");
    let command = spanish::framed(Arguments::command().arg(version));
    let parsed = command
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    parsed.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
        _ => error,
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => {
            Output::wrong_call(&error);
            return ExitCode::from(2);
        }
    };
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
