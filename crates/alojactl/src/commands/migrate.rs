//! `alojactl migrate`: the database's schema. Old releases run on newer schemas, so migrate first, then deploy.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde_json::json;
use storage::migrations;

use crate::commands::database;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Aplicar lo que falta.
    Up,
    /// Qué migraciones tiene la base.
    Status,
    /// Deshacer la migración más nueva, con los datos que haya en lo que ella creó.
    Down {
        /// Sí, perder esos datos.
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(command: Command, output: Output) -> anyhow::Result<()> {
    match command {
        Command::Up => {
            let applied = migrations::up(database::connect().await?)
                .await
                .context("no se pudieron aplicar las migraciones")?;
            let text = match applied.as_slice() {
                [] => "el esquema está al día".to_owned(),
                names => format!("migraciones aplicadas ({}): {}", names.len(), names.join(", ")),
            };
            output.answer(&text, &json!({ "applied": applied }));
        }
        Command::Status => {
            let status = migrations::status(database::connect().await?)
                .await
                .context("no se pudo leer el estado de las migraciones")?;
            let lines: Vec<String> = status
                .iter()
                .map(|migration| {
                    format!(
                        "{} {}",
                        if migration.applied { "aplicada" } else { "falta   " },
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
            bail!("esto borra tablas con todo lo que tienen; si es lo que se quiere, agregar --yes");
        }
        Command::Down { yes: true } => {
            let reverted = migrations::down(database::connect().await?)
                .await
                .context("no se pudo deshacer la migración")?;
            let text = match &reverted {
                Some(version) => format!("se deshizo la migración {version}"),
                None => "no hay nada que deshacer".to_owned(),
            };
            output.answer(&text, &json!({ "reverted": reverted }));
        }
    }
    Ok(())
}
