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

/// How long RabbitMQ has to take the connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// At most so many are looked at.
const MOST: usize = 500;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Which messages wait, oldest first: of what, for which queue, why and since when.
    List,
    /// One message with what it says.
    Show {
        /// Its id, from `list`.
        id: Uuid,
    },
    /// Send messages back to their queues, once the cause is mended.
    Replay(Which),
    /// Forget messages for good; what they would have caused is left to the sweeps, or to you.
    Drop {
        #[command(flatten)]
        which: Which,
        /// Yes, forget them.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// This message, from `list`.
    #[arg(long)]
    id: Option<Uuid>,
    /// Those of this queue, such as payments.reservation-held.
    #[arg(long)]
    queue: Option<String>,
    /// All of them.
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
    let settings: Settings = service::settings::load()?;
    let settings = BrokerSettings::new(settings.amqp_url.expose_secret(), "alojactl")?;
    // The services declare their queues themselves.
    let broker = Broker::start(settings.with_topology(Topology::of_services(&[])));
    let connected = tokio::time::timeout(PATIENCE, broker.connected()).await;
    ensure!(
        connected.is_ok_and(|connected| connected),
        "RabbitMQ cannot be reached; is it running, and is AMQP_URL right?"
    );
    Ok(broker)
}

async fn act(broker: &Broker, command: Command, output: Output) -> anyhow::Result<()> {
    match command {
        Command::List => {
            let found = letters::list(broker, MOST).await?;
            let list = found.iter().map(|letter| shown(letter, None)).collect();
            output.answer(&table(&found), &Value::Array(list));
        }
        Command::Show { id } => {
            let found = letters::list(broker, MOST).await?;
            let found: Vec<_> = found.iter().filter(|letter| letter.id == Some(id)).collect();
            ensure!(
                !found.is_empty(),
                "{id} is none of the {MOST} oldest dead letters"
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
                .context("those before it went back; it and the others stay")?;
            told(output, count, "sent back to their queues")?;
        }
        Command::Drop { which, yes } => {
            if !yes {
                bail!("this forgets the messages for good; say --yes if that is right");
            }
            let count = letters::discard(broker, &which.selection()).await?;
            told(output, count, "forgotten")?;
        }
    }
    Ok(())
}

/// Fails if there were none, so that a mistyped id is noticed.
fn told(output: Output, count: usize, what: &str) -> anyhow::Result<()> {
    ensure!(0 < count, "no dead letter is such");
    output.answer(&format!("{count} {what}"), &json!({ "count": count }));
    Ok(())
}

fn table(letters: &[DeadLetter]) -> String {
    if letters.is_empty() {
        return "there are no dead letters".to_owned();
    }
    let lines = letters.iter().map(|letter| {
        format!(
            "{:<36}  {:<20}  {:<34}  {:<28}  {} tries: {}",
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
        "id            {id}\nevent         {}\nqueue         {}\nabout         {}\nfirst failed  {}\ngiven up      {}\n\
         tries         {}\nreason        {}\n\n{}",
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
    event.unwrap_or_else(|| format!("{} bytes that are no event of ours", letter.body.len()))
}

/// To the second, in UTC.
fn instant(at: Option<OffsetDateTime>) -> String {
    let at = at.and_then(|at| at.replace_nanosecond(0).ok());
    at.and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| "-".to_owned())
}
