//! `alojactl ical`: other channels' calendars, and ours as they read them.
//!
//! Lists are read from the database, so that they are there when the service is not; what changes something goes
//! through the service.

mod service;
mod shown;

use std::io::BufRead as _;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::commands::database;
use crate::output::Output;
use service::IcalSync;

/// How long `sync` waits for the feeds.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Cada feed con su estado, desde cuándo y por qué, su edad, y por cuánto tiempo una noche puede venderse dos veces.
    Feeds {
        /// Solo los de este alojamiento.
        #[arg(long)]
        accommodation: Option<i64>,
    },
    /// Mostrar lo que dice un calendario y, con --yes, leerlo de aquí en adelante.
    Add {
        /// El alojamiento cuyas noches cierra.
        #[arg(long)]
        accommodation: i64,
        /// airbnb, booking, vrbo, google, … u other.
        #[arg(long)]
        channel: String,
        #[command(flatten)]
        address: Address,
        /// Agregarlo; sin esta opción solo se muestra.
        #[arg(long)]
        yes: bool,
    },
    /// Dar a un feed otra dirección u otro canal, después de leerlo ahí.
    Edit {
        #[command(flatten)]
        feed: Feed,
        /// El canal del que es ahora.
        #[arg(long)]
        channel: Option<String>,
        /// Leer la dirección nueva de la primera línea de la entrada estándar: es un secreto.
        #[arg(long)]
        url_from_stdin: bool,
    },
    /// Dejar de leer un feed; las noches que cierra quedan cerradas.
    Pause(Feed),
    /// Volver a leer un feed en pausa.
    Resume(Feed),
    /// Olvidar un feed y liberar las noches que solo él cierra.
    Remove {
        #[command(flatten)]
        feed: Feed,
        /// Sí, liberar las noches.
        #[arg(long)]
        yes: bool,
    },
    /// Leer feeds ahora y esperar el resultado.
    Sync {
        /// Todos los feeds.
        #[arg(long, conflicts_with = "feed", required_unless_present = "feed")]
        all: bool,
        /// Solo este.
        #[arg(long)]
        feed: Option<i64>,
    },
    /// Creer lo que dice un feed retenido (held): las noches que ya no nombra quedan libres.
    Release {
        #[command(flatten)]
        feed: Feed,
        /// Sí, liberar las noches.
        #[arg(long)]
        yes: bool,
    },
    /// Los cierres de otros canales sobre estadías nuestras que esperan una decisión.
    Conflicts,
    /// Cerrar un conflicto con una decisión, que queda en la historia de la reserva.
    Resolve {
        /// Su id, de `conflicts`.
        conflict: String,
        /// Qué se hizo al respecto.
        #[arg(long)]
        decision: String,
        /// La dirección de correo de quien decide.
        #[arg(long)]
        by: String,
    },
    /// Hacer otra dirección para que un canal lea el calendario de un alojamiento; la vieja deja de servir enseguida.
    RegenerateToken {
        /// El alojamiento.
        #[arg(long)]
        accommodation: i64,
        /// El canal que lo lee.
        #[arg(long)]
        channel: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Feed {
    /// El número del feed, de `feeds`.
    #[arg(long = "feed")]
    number: i64,
}

#[derive(Debug, Args)]
pub(crate) struct Address {
    /// Dónde está; sin esta opción, la primera línea de la entrada estándar, para no dejar el secreto en el historial.
    #[arg(long)]
    url: Option<String>,
}

pub(crate) async fn run(command: Command, output: Output) -> anyhow::Result<()> {
    match command {
        Command::Feeds { accommodation } => {
            let feeds = shown::feeds(&mut database::connect().await?, accommodation).await?;
            output.answer(&shown::feeds_text(&feeds), &Value::Array(feeds));
        }
        Command::Add {
            accommodation,
            channel,
            address,
            yes,
        } => add(accommodation, &channel, address, yes, output).await?,
        Command::Edit {
            feed,
            channel,
            url_from_stdin,
        } => {
            let url = url_from_stdin.then(first_line).transpose()?;
            let path = format!("/admin/feeds/{}", feed.number);
            let change = json!({ "channel": channel, "url": url });
            let changed = IcalSync::new()?.put(&path, &change).await?;
            output.answer(
                &format!("el feed {} cambió y se lee ahora", feed.number),
                &changed,
            );
        }
        Command::Pause(feed) => act(&feed, "pause", "queda en pausa", output).await?,
        Command::Resume(feed) => act(&feed, "resume", "se lee otra vez", output).await?,
        Command::Remove { feed, yes } => {
            confirmed(yes, "esto libera las noches que solo este feed cierra")?;
            let path = format!("/admin/feeds/{}", feed.number);
            let removed = IcalSync::new()?.delete(&path).await?;
            output.answer(&format!("el feed {} se quitó", feed.number), &removed);
        }
        Command::Sync { feed, .. } => sync(feed, output).await?,
        Command::Release { feed, yes } => {
            confirmed(yes, "esto libera las noches que el feed ya no nombra")?;
            act(
                &feed,
                "release",
                "se da por bueno: se lee y se aplica ahora",
                output,
            )
            .await?;
        }
        Command::Conflicts => {
            let conflicts = shown::conflicts(&mut database::connect().await?).await?;
            output.answer(&shown::conflicts_text(&conflicts), &Value::Array(conflicts));
        }
        Command::Resolve {
            conflict,
            decision,
            by,
        } => {
            let path = format!("/admin/conflicts/{conflict}/resolve");
            let service = IcalSync::new()?.on_behalf_of(&format!("staff:{by}"));
            let resolved = service.post(&path, &json!({ "decision": decision })).await?;
            output.answer(&format!("el conflicto {conflict} está cerrado"), &resolved);
        }
        Command::RegenerateToken {
            accommodation,
            channel,
        } => regenerate_token(accommodation, &channel, output).await?,
    }
    Ok(())
}

async fn add(
    accommodation: i64,
    channel: &str,
    address: Address,
    yes: bool,
    output: Output,
) -> anyhow::Result<()> {
    let service = IcalSync::new()?;
    let url = match address.url {
        Some(url) => url,
        None => first_line()?,
    };
    if yes {
        let path = format!("/admin/accommodations/{accommodation}/feeds");
        let added = service
            .post(&path, &json!({ "channel": channel, "url": url }))
            .await?;
        let number = added.get("id").and_then(Value::as_i64).unwrap_or_default();
        output.answer(&format!("el feed {number} se lee de aquí en adelante"), &added);
        return Ok(());
    }
    let question = json!({ "accommodation_id": accommodation, "channel": channel, "url": url });
    let preview = service.post("/admin/feeds/preview", &question).await?;
    output.answer(&shown::preview_text(&preview), &preview);
    Ok(())
}

async fn act(feed: &Feed, action: &str, told: &str, output: Output) -> anyhow::Result<()> {
    let path = format!("/admin/feeds/{}/{action}", feed.number);
    let feed_now = IcalSync::new()?.post(&path, &json!({})).await?;
    output.answer(&format!("el feed {} {told}", feed.number), &feed_now);
    Ok(())
}

/// Reads now and waits; fails if a feed is not fresh afterwards, so that scripts notice.
async fn sync(feed: Option<i64>, output: Output) -> anyhow::Result<()> {
    let path = match feed {
        Some(number) => format!("/admin/feeds/{number}/sync"),
        None => "/admin/feeds/sync".to_owned(),
    };
    IcalSync::new()?.post(&path, &json!({})).await?;
    let mut conn = database::connect().await?;
    let waited = tokio::time::timeout(PATIENCE, async {
        while shown::are_being_read(&mut conn, feed).await? {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok::<_, anyhow::Error>(())
    });
    match waited.await {
        Ok(done) => done?,
        Err(_elapsed) => {
            bail!(
                "después de un minuto todavía hay feeds que se están leyendo; mirar de nuevo con `ical feeds`"
            )
        }
    }
    let mut feeds = shown::feeds(&mut database::connect().await?, None).await?;
    feeds.retain(|shown| feed.is_none_or(|number| shown["id"] == number));
    output.answer(&shown::feeds_text(&feeds), &Value::Array(feeds.clone()));
    let bad = feeds
        .iter()
        .filter(|feed| feed["paused"] == false && feed["state"] != "fresh");
    match bad.count() {
        0 => Ok(()),
        bad => bail!("feeds que no están al día: {bad} de {}", feeds.len()),
    }
}

async fn regenerate_token(accommodation: i64, channel: &str, output: Output) -> anyhow::Result<()> {
    let service = IcalSync::new()?;
    let path = format!("/admin/accommodations/{accommodation}/export-tokens");
    let tokens = service.get(&path).await?;
    let tokens = tokens.get("items").and_then(Value::as_array);
    let old = tokens.and_then(|tokens| tokens.iter().find(|token| token["channel"] == channel));
    let token = match old {
        Some(old) => {
            let rotate = format!("/admin/export-tokens/{}/rotate", old["id"]);
            service.post(&rotate, &json!({})).await?
        }
        None => service.post(&path, &json!({ "channel": channel })).await?,
    };
    let url = token.get("url").and_then(Value::as_str).unwrap_or_default();
    output.answer(
        &format!("{channel} lee el alojamiento {accommodation} en\n{url}"),
        &token,
    );
    Ok(())
}

fn confirmed(yes: bool, what: &str) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    bail!("{what}; si es lo que se quiere, agregar --yes")
}

fn first_line() -> anyhow::Result<String> {
    let line = std::io::stdin().lock().lines().next();
    Ok(line.context("falta la dirección: escribirla en la entrada estándar")??)
}
