//! `alojactl dead-letters`: messages that no service could process. Nothing is lost while they wait; whoever has mended
//! the cause sends them back.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::{Args, Subcommand};
use messaging::dead_letters::{self as letters, DeadLetter, Selection};
use messaging::topology::Topology;
use messaging::{Broker, BrokerSettings};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::output::Output;
use crate::settings;

/// How long RabbitMQ has to take the connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// At most so many are looked at.
const MOST: usize = 500;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Qué mensajes esperan, del más viejo al más nuevo: de qué, para qué cola, por qué y desde cuándo.
    List,
    /// Un mensaje, con lo que dice.
    Show {
        /// Su id, de `list`.
        id: Uuid,
    },
    /// Devolver mensajes a sus colas, una vez reparada la causa.
    Replay(Which),
    /// Olvidar mensajes para siempre; lo que debían causar queda para los barridos, o para una persona.
    Drop {
        #[command(flatten)]
        which: Which,
        /// Sí, olvidarlos.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// Este mensaje, de `list`.
    #[arg(long)]
    id: Option<Uuid>,
    /// Los de esta cola, por ejemplo payments.reservation-held.
    #[arg(long)]
    queue: Option<String>,
    /// Todos.
    #[arg(long)]
    all: bool,
}

impl Which {
    fn selection(self) -> Selection {
        match (self.id, self.queue) {
            (Some(id), _) => Selection::Event(id),
            (None, Some(queue)) => Selection::Queue(queue),
            (None, None) => Selection::All,
        }
    }
}

#[derive(Deserialize)]
struct Settings {
    amqp_url: SecretString,
}

pub(crate) async fn run(command: Command, output: Output) -> anyhow::Result<()> {
    let broker = connect().await?;
    let done = act(&broker, command, output).await;
    broker.stop();
    done
}

async fn connect() -> anyhow::Result<Broker> {
    let settings: Settings = settings::load()?;
    let settings = BrokerSettings::new(settings.amqp_url.expose_secret(), "alojactl")
        .context("AMQP_URL no es una dirección de RabbitMQ")?;
    // The services declare their queues themselves.
    let broker = Broker::start(settings.with_topology(Topology::of_services(&[])));
    let connected = tokio::time::timeout(PATIENCE, broker.connected()).await;
    ensure!(
        connected.is_ok_and(|connected| connected),
        "no se puede llegar a RabbitMQ; ¿está en marcha, y es correcta AMQP_URL?"
    );
    Ok(broker)
}

async fn act(broker: &Broker, command: Command, output: Output) -> anyhow::Result<()> {
    match command {
        Command::List => {
            let found = all(broker).await?;
            let list = found.iter().map(|letter| shown(letter, None)).collect();
            output.answer(&table(&found), &Value::Array(list));
        }
        Command::Show { id } => {
            let found = all(broker).await?;
            let found: Vec<_> = found.iter().filter(|letter| letter.id == Some(id)).collect();
            ensure!(
                !found.is_empty(),
                "{id} no está entre los {MOST} mensajes más viejos"
            );
            let texts: Vec<String> = found.iter().map(|letter| whole(letter)).collect();
            let values = found
                .iter()
                .map(|letter| shown(letter, Some(&says(letter))))
                .collect();
            output.answer(&texts.join("\n\n"), &Value::Array(values));
        }
        Command::Replay(which) => {
            let selection = which.selection();
            let count = letters::replay(broker, &selection)
                .await
                .context("los anteriores volvieron a sus colas; este y los demás siguen esperando")?;
            told(output, count, "devueltos a sus colas")?;
        }
        Command::Drop { which, yes } => {
            if !yes {
                bail!("esto olvida los mensajes para siempre; si es lo que se quiere, agregar --yes");
            }
            let count = letters::discard(broker, &which.selection())
                .await
                .context("no se pudieron olvidar todos")?;
            told(output, count, "olvidados")?;
        }
    }
    Ok(())
}

async fn all(broker: &Broker) -> anyhow::Result<Vec<DeadLetter>> {
    letters::list(broker, MOST)
        .await
        .context("no se pudieron leer los mensajes")
}

/// Fails if there were none, so that a mistyped id is noticed.
fn told(output: Output, count: usize, what: &str) -> anyhow::Result<()> {
    ensure!(0 < count, "no hay ningún mensaje así");
    output.answer(&format!("{what}: {count}"), &json!({ "count": count }));
    Ok(())
}

fn table(letters: &[DeadLetter]) -> String {
    if letters.is_empty() {
        return "no hay mensajes en espera".to_owned();
    }
    let lines = letters.iter().map(|letter| {
        format!(
            "{:<36}  {:<20}  {:<34}  {:<28}  intentos: {}; {}",
            letter.id.map(|id| id.to_string()).unwrap_or_default(),
            instant(letter.died_at),
            letter.queue.as_deref().unwrap_or("-"),
            letter.correlation_id.as_deref().unwrap_or("-"),
            letter.attempts,
            letter.reason.as_deref().unwrap_or("-"),
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn whole(letter: &DeadLetter) -> String {
    let id = letter.id.map(|id| id.to_string()).unwrap_or_default();
    format!(
        "id            {id}\nevento        {}\ncola          {}\nsobre         {}\nprimer fallo  {}\nabandonado    {}\n\
         intentos      {}\nmotivo        {}\n\n{}",
        letter.name.as_deref().unwrap_or("-"),
        letter.queue.as_deref().unwrap_or("-"),
        letter.correlation_id.as_deref().unwrap_or("-"),
        instant(letter.first_failed_at),
        instant(letter.died_at),
        letter.attempts,
        letter.reason.as_deref().unwrap_or("-"),
        says(letter),
    )
}

fn shown(letter: &DeadLetter, says: Option<&str>) -> Value {
    let at = |at: Option<OffsetDateTime>| at.map(|at| instant(Some(at)));
    json!({
        "id": letter.id, "event": letter.name, "queue": letter.queue, "about": letter.correlation_id,
        "first_failed_at": at(letter.first_failed_at), "died_at": at(letter.died_at),
        "attempts": letter.attempts, "reason": letter.reason, "says": says,
    })
}

/// What the message says, if it is an event that can be read.
fn says(letter: &DeadLetter) -> String {
    let event = letter
        .name
        .as_deref()
        .and_then(|name| events::read(name, &letter.body));
    event.unwrap_or_else(|| format!("{} bytes que no son un evento nuestro", letter.body.len()))
}

/// To the second, in UTC.
fn instant(at: Option<OffsetDateTime>) -> String {
    let at = at.and_then(|at| at.replace_nanosecond(0).ok());
    at.and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| "-".to_owned())
}
