//! Feeds and conflicts as the database has them, for people and scripts.

use std::fmt::Write as _;

use calendar::Channel;
use diesel_async::AsyncPgConnection;
use serde::Deserialize;
use serde_json::{Value, json};
use service::clock::Clock;
use storage::ical_feeds::Feed;
use storage::{calendar_conflicts, ical_export_tokens, ical_feeds};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::settings;

/// No list ends before its end.
const ALL: i64 = i64::MAX;

/// A taken feed is due again after so long, if its reader died.
const LEASE: time::Duration = time::Duration::seconds(150);

#[derive(Deserialize)]
struct Settings {
    #[serde(default = "ical_stale_minutes")]
    ical_stale_minutes: i64,
}

fn ical_stale_minutes() -> i64 {
    40
}

/// The feeds with state, age and exposure; a feed that nobody reads is stale, whatever is written.
pub(super) async fn feeds(
    conn: &mut AsyncPgConnection,
    accommodation: Option<i64>,
) -> anyhow::Result<Vec<Value>> {
    let settings: Settings = settings::load()?;
    let now = Clock::system().now();
    let reads = ical_export_tokens::reads(conn, accommodation).await?;
    let feeds = ical_feeds::list(conn, accommodation, 0, ALL).await?;
    let shown = feeds.into_iter().map(|(feed, lodging)| {
        let read_ours_at = reads
            .iter()
            .find(|(id, channel, _)| (*id, channel) == (feed.accommodation_id, &feed.channel))
            .and_then(|(_, _, at)| *at);
        let age = now - feed.last_success_at.unwrap_or(feed.created_at);
        let usual = feed.channel.parse().unwrap_or(Channel::Other).pulls_within();
        let pull = read_ours_at.map_or(usual, |at| usual.max(now - at));
        let is_stale = !feed.paused && settings.ical_stale_minutes < age.whole_minutes();
        json!({
            "id": feed.id,
            "accommodation_id": feed.accommodation_id,
            "accommodation": lodging,
            "channel": feed.channel,
            "paused": feed.paused,
            "state": if is_stale { "stale" } else { &feed.state },
            "reason": feed.state_reason,
            "since": instant(Some(feed.state_since)),
            "age_minutes": age.whole_minutes(),
            "exposure_minutes": (age + pull).whole_minutes(),
            "last_success_at": instant(feed.last_success_at),
            "next_fetch_at": instant(Some(feed.next_fetch_at)),
            "read_ours_at": instant(read_ours_at),
        })
    });
    Ok(shown.collect())
}

/// Whether any feed, or this one, is due or under way.
pub(super) async fn are_being_read(conn: &mut AsyncPgConnection, feed: Option<i64>) -> anyhow::Result<bool> {
    let now = Clock::system().now();
    let mut feeds: Vec<Feed> = ical_feeds::list(conn, None, 0, ALL)
        .await?
        .into_iter()
        .map(|(feed, _)| feed)
        .collect();
    feeds.retain(|listed| !listed.paused && feed.is_none_or(|number| listed.id == number));
    Ok(feeds
        .iter()
        .any(|feed| feed.next_fetch_at <= now || feed.is_being_read(now, LEASE)))
}

pub(super) fn feeds_text(feeds: &[Value]) -> String {
    if feeds.is_empty() {
        return "no hay feeds".to_owned();
    }
    let mut text = format!(
        "{:>5}  {:<24}  {:<12}  {:<8}  {:>7}  {:>8}  desde, motivo",
        "feed", "alojamiento", "canal", "estado", "edad", "expuesto"
    );
    for feed in feeds {
        let state = if feed["paused"] == true {
            "paused"
        } else {
            word(&feed["state"])
        };
        let lodging: String = word(&feed["accommodation"]).chars().take(24).collect();
        let line = format!(
            "\n{:>5}  {lodging:<24}  {:<12}  {state:<8}  {:>6}m  {:>7}m  {}  {}",
            feed["id"],
            word(&feed["channel"]),
            feed["age_minutes"],
            feed["exposure_minutes"],
            word(&feed["since"]),
            word(&feed["reason"]),
        );
        text.push_str(line.trim_end());
    }
    text
}

pub(super) fn preview_text(preview: &Value) -> String {
    let mut text = format!(
        "leído como {}; cierres: {}, noches desde hoy: {}",
        word(&preview["channel"]),
        preview["events_total"],
        preview["nights"]
    );
    for event in preview["events"].as_array().into_iter().flatten() {
        let _written = write!(
            text,
            "\n  {} a {}  {}",
            word(&event["starts_on"]),
            word(&event["ends_on"]),
            word(&event["kind"])
        );
        for code in event["overlaps"].as_array().into_iter().flatten() {
            let _written = write!(text, "  sobre {}", word(code));
        }
    }
    for warning in preview["warnings"].as_array().into_iter().flatten() {
        let _written = write!(text, "\n  aviso: {}", word(warning));
    }
    text.push_str("\nno se guardó nada; para leerlo de aquí en adelante, agregar --yes");
    text
}

/// The open conflicts.
pub(super) async fn conflicts(conn: &mut AsyncPgConnection) -> anyhow::Result<Vec<Value>> {
    let open = calendar_conflicts::open(conn, None, ALL).await?;
    let shown = open.into_iter().map(|conflict| {
        json!({
            "id": conflict.id,
            "accommodation_id": conflict.accommodation_id,
            "accommodation": conflict.accommodation,
            "channel": conflict.channel,
            "starts_on": conflict.starts_on.to_string(),
            "ends_on": conflict.ends_on.to_string(),
            "reservation_code": conflict.code,
            "check_in": conflict.check_in.to_string(),
            "check_out": conflict.check_out.to_string(),
            "found_at": instant(Some(conflict.found_at)),
        })
    });
    Ok(shown.collect())
}

pub(super) fn conflicts_text(conflicts: &[Value]) -> String {
    if conflicts.is_empty() {
        return "no hay conflictos abiertos".to_owned();
    }
    let lines = conflicts.iter().map(|conflict| {
        format!(
            "{}  {}: {} {} a {} sobre {} {} a {}, visto {}",
            word(&conflict["id"]),
            word(&conflict["accommodation"]),
            word(&conflict["channel"]),
            word(&conflict["starts_on"]),
            word(&conflict["ends_on"]),
            word(&conflict["reservation_code"]),
            word(&conflict["check_in"]),
            word(&conflict["check_out"]),
            word(&conflict["found_at"]),
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn instant(at: Option<OffsetDateTime>) -> Option<String> {
    at.and_then(|at| at.format(&Rfc3339).ok())
}
