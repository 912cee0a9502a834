//! `alojactl migrate`: the database's schema. Old releases run on newer schemas, so migrate first, then deploy.

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;
use storage::migrations;

use crate::commands::database;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Apply what is missing.
    Up,
    /// Which migrations the database has.
    Status,
    /// Take the newest migration back, with the data in what it made.
    Down {
        /// Yes, lose that data.
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(command: Command, output: Output) -> anyhow::Result<()> {
    match command {
        Command::Up => {
            let applied = migrations::up(database::connect().await?).await?;
            let text = match applied.as_slice() {
                [] => "the schema is up to date".to_owned(),
                names => format!("applied {} migrations: {}", names.len(), names.join(", ")),
            };
            output.answer(&text, &json!({ "applied": applied }));
        }
        Command::Status => {
            let status = migrations::status(database::connect().await?).await?;
            let lines: Vec<String> = status
                .iter()
                .map(|migration| {
                    format!(
                        "{} {}",
                        if migration.applied { "applied" } else { "missing" },
                        migration.name
                    )
                })
                .collect();
            let value: Vec<_> = status
                .iter()
                .map(|migration| json!({ "name": migration.name, "applied": migration.applied }))
                .collect();
            output.answer(&lines.join("\n"), &json!(value));
        }
        Command::Down { yes: false } => {
            bail!("this drops tables and what is in them; say --yes if that is meant");
        }
        Command::Down { yes: true } => {
            let reverted = migrations::down(database::connect().await?).await?;
            let text = match &reverted {
                Some(version) => format!("took back migration {version}"),
                None => "there is nothing to take back".to_owned(),
            };
            output.answer(&text, &json!({ "reverted": reverted }));
        }
    }
    Ok(())
}
