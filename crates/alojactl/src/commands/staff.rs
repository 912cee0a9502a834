//! `alojactl staff`: the people who may log in to the staff API.

use std::io::BufRead;

use anyhow::{Context, bail};
use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use domain::contact::Email;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use service::clock::Clock;
use service::password;
use storage::staff::{self, Role};

use crate::commands::database;
use crate::output::Output;
use crate::settings;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Dar acceso a una persona; si la cuenta existe, recibe esta contraseña y estos roles.
    ///
    /// La contraseña es `ADMIN_PASSWORD`, o la primera línea de la entrada estándar.
    Add {
        /// La dirección de correo con la que entra.
        #[arg(long)]
        email: String,
        /// host: alojamientos y dinero; oncall: mantener vivo el sistema. Repetir la opción para dar los dos.
        #[arg(long = "role", required = true, value_parser = PossibleValuesParser::new(["host", "oncall"]))]
        roles: Vec<String>,
    },
    /// Cambiar la contraseña de una cuenta; se lee como en `add`.
    ResetPassword {
        /// La dirección de correo de la cuenta.
        #[arg(long)]
        email: String,
    },
}

#[derive(Deserialize)]
struct Settings {
    admin_password: Option<SecretString>,
}

pub(crate) async fn run(command: Command, output: Output) -> anyhow::Result<()> {
    let now = Clock::system().now();
    match command {
        Command::Add { email, roles } => {
            let email: Email = email.parse().context("la dirección de correo no es válida")?;
            let roles: Vec<Role> = roles.iter().filter_map(|name| Role::named(name)).collect();
            let hash = hash(&read_password()?)?;
            staff::put(
                &mut database::connect().await?,
                now,
                email.as_str(),
                &hash,
                &roles,
            )
            .await?;
            let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
            let text = format!("{} puede entrar como {}", email.as_str(), names.join(" y "));
            output.answer(&text, &json!({ "email": email.as_str(), "roles": names }));
        }
        Command::ResetPassword { email } => {
            let hash = hash(&read_password()?)?;
            if !staff::set_password(&mut database::connect().await?, now, &email, &hash).await? {
                bail!("no existe la cuenta {email}");
            }
            output.answer(
                &format!("{email} tiene otra contraseña"),
                &json!({ "email": email }),
            );
        }
    }
    Ok(())
}

fn hash(password: &SecretString) -> anyhow::Result<String> {
    password::hash(password).with_context(|| {
        format!(
            "la contraseña no sirve; se piden {} caracteres como mínimo",
            password::MIN_LENGTH
        )
    })
}

fn read_password() -> anyhow::Result<SecretString> {
    let settings: Settings = settings::load()?;
    if let Some(password) = settings.admin_password {
        return Ok(password);
    }
    let line = std::io::stdin().lock().lines().next();
    let line = line.context("falta la contraseña: dar ADMIN_PASSWORD o escribirla en la entrada estándar")?;
    Ok(SecretString::from(line?))
}
