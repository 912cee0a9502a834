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

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Let somebody in; an existing account gets the password and the roles given here.
    ///
    /// The password is `ADMIN_PASSWORD`, or the first line of standard input.
    Add {
        /// The e-mail address to log in with.
        #[arg(long)]
        email: String,
        /// host runs lodgings and money, oncall keeps the system alive; say both for both.
        #[arg(long = "role", required = true, value_parser = PossibleValuesParser::new(["host", "oncall"]))]
        roles: Vec<String>,
    },
    /// Give an existing account another password, read as for `add`.
    ResetPassword {
        /// The account's e-mail address.
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
            let email: Email = email.parse()?;
            let roles: Vec<Role> = roles.iter().filter_map(|name| Role::named(name)).collect();
            let hash = password::hash(&read_password()?)?;
            staff::put(
                &mut database::connect().await?,
                now,
                email.as_str(),
                &hash,
                &roles,
            )
            .await?;
            let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
            let text = format!("{} may log in as {}", email.as_str(), names.join(" and "));
            output.answer(&text, &json!({ "email": email.as_str(), "roles": names }));
        }
        Command::ResetPassword { email } => {
            let hash = password::hash(&read_password()?)?;
            if !staff::set_password(&mut database::connect().await?, now, &email, &hash).await? {
                bail!("there is no account {email}");
            }
            output.answer(
                &format!("{email} has another password"),
                &json!({ "email": email }),
            );
        }
    }
    Ok(())
}

fn read_password() -> anyhow::Result<SecretString> {
    let settings: Settings = service::settings::load()?;
    if let Some(password) = settings.admin_password {
        return Ok(password);
    }
    let line = std::io::stdin().lock().lines().next();
    let line = line.context("no password: set ADMIN_PASSWORD or write it to standard input")?;
    Ok(SecretString::from(line?))
}
