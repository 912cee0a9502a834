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
    /// Every feed with its state, since when and why, its age, and for how long a night can be sold twice.
    Feeds {
        /// Only those of this lodging.
        #[arg(long)]
        accommodation: Option<i64>,
    },
    /// Show what a calendar says and, with --yes, read it from now on.
    Add {
        /// The lodging whose nights it closes.
        #[arg(long)]
        accommodation: i64,
        /// airbnb, booking, vrbo, google, … or other.
        #[arg(long)]
        channel: String,
        #[command(flatten)]
        address: Address,
        /// Add it; without this, it is only shown.
        #[arg(long)]
        yes: bool,
    },
    /// Give a feed another address or channel, after reading it there.
    Edit {
        #[command(flatten)]
        feed: Feed,
        /// Whose it is now.
        #[arg(long)]
        channel: Option<String>,
        /// Read the new address from the first line of standard input: it is a secret.
        #[arg(long)]
        url_from_stdin: bool,
    },
    /// Stop reading a feed; the nights that it closes stay closed.
    Pause(Feed),
    /// Read a paused feed again.
    Resume(Feed),
    /// Forget a feed and free the nights that only it closes.
    Remove {
        #[command(flatten)]
        feed: Feed,
        /// Yes, free the nights.
        #[arg(long)]
        yes: bool,
    },
    /// Read feeds now, and wait for what comes of it.
    Sync {
        /// Every feed.
        #[arg(long, conflicts_with = "feed", required_unless_present = "feed")]
        all: bool,
        /// Only this one.
        #[arg(long)]
        feed: Option<i64>,
    },
    /// Believe what a held feed says: the nights that it no longer lists become free.
    Release {
        #[command(flatten)]
        feed: Feed,
        /// Yes, free the nights.
        #[arg(long)]
        yes: bool,
    },
    /// Closures of other channels over stays of ours that wait for a decision.
    Conflicts,
    /// Close a conflict with a decision, which is kept on the reservation's timeline.
    Resolve {
        /// Its id, from `conflicts`.
        conflict: String,
        /// What was done about it.
        #[arg(long)]
        decision: String,
        /// The e-mail address of who decides.
        #[arg(long)]
        by: String,
    },
    /// Make a new address under which a channel reads a lodging's calendar; the old one stops working at once.
    RegenerateToken {
        /// The lodging.
        #[arg(long)]
        accommodation: i64,
        /// The channel that reads it.
        #[arg(long)]
        channel: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Feed {
    /// The feed's number, from `feeds`.
    #[arg(long = "feed")]
    number: i64,
}

#[derive(Debug, Args)]
pub(crate) struct Address {
    /// Where it is; without this, the first line of standard input, so that the secret is in no shell history.
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
            output.answer(&format!("feed {} is changed and read now", feed.number), &changed);
        }
        Command::Pause(feed) => act(&feed, "pause", "is not read any more for now", output).await?,
        Command::Resume(feed) => act(&feed, "resume", "is read again", output).await?,
        Command::Remove { feed, yes } => {
            confirmed(yes, "this frees the nights that only this feed closes")?;
            let path = format!("/admin/feeds/{}", feed.number);
            let removed = IcalSync::new()?.delete(&path).await?;
            output.answer(&format!("feed {} is removed", feed.number), &removed);
        }
        Command::Sync { feed, .. } => sync(feed, output).await?,
        Command::Release { feed, yes } => {
            confirmed(yes, "this frees the nights that the feed no longer lists")?;
            act(
                &feed,
                "release",
                "is believed: it is read and applied now",
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
            output.answer(&format!("conflict {conflict} is closed"), &resolved);
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
        output.answer(&format!("feed {number} is read from now on"), &added);
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
    output.answer(&format!("feed {} {told}", feed.number), &feed_now);
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
            bail!("after a minute some feeds are still being read; look again with `ical feeds`")
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
        bad => bail!("{bad} of {} feeds are not fresh", feeds.len()),
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
        &format!("{channel} reads lodging {accommodation} at\n{url}"),
        &token,
    );
    Ok(())
}

fn confirmed(yes: bool, what: &str) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    bail!("{what}; say --yes if that is right")
}

fn first_line() -> anyhow::Result<String> {
    let line = std::io::stdin().lock().lines().next();
    Ok(line.context("no address: write it to standard input")??)
}
