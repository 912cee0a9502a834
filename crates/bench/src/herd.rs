//! Fifty guests want overlapping nights of one lodging at the same moment.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use time::Date;
use uuid::Uuid;

use crate::load::{self, Load};
use crate::table::Row;
use crate::target::Target;

const GUESTS: u64 = 50;

/// Each round has a lodging of its own.
const ROUNDS: usize = 20;

pub(crate) async fn measure(target: &Target, lodgings: &[i64]) -> anyhow::Result<Row> {
    let (client, url) = (
        Client::new(),
        format!("{}/api/v1/reservations", target.gateway_url),
    );
    let day = time::OffsetDateTime::from(std::time::SystemTime::now()).date() + time::Duration::days(500);
    let mut seen: Option<Load> = None;
    for lodging in lodgings.iter().rev().take(ROUNDS) {
        let guests = (0..GUESTS).map(|guest| {
            let days = i64::try_from(guest % 5).unwrap_or_default();
            let check_in = day - time::Duration::days(days);
            hold(
                &client,
                &url,
                *lodging,
                (check_in, day + time::Duration::days(1 + days)),
            )
        });
        let round = load::at_once(guests.collect()).await?;
        let (won, lost) = (round.with_status(201), round.with_status(409));
        ensure!(
            won == 1 && lost == GUESTS - 1,
            "not one winner: {}",
            round.statuses()
        );
        match &mut seen {
            Some(seen) => seen.join(&round)?,
            None => seen = Some(round),
        }
    }
    let seen = seen.context("no lodgings")?;
    let p99 = seen.percentile(99.0);
    Ok(Row {
        what: format!("herd: {GUESTS} guests at once for one lodging"),
        latency: Some((seen.percentile(50.0), p99)),
        aim: "p99 < 150 ms",
        reached: p99 < Duration::from_millis(150),
        note: format!("{ROUNDS} rounds, each one 201 and {} times 409", GUESTS - 1),
        ..Row::default()
    })
}

/// A guest nobody knows yet asks for these nights, from an address of his own: a house counts the holds of each.
fn hold(client: &Client, url: &str, lodging: i64, (check_in, check_out): (Date, Date)) -> RequestBuilder {
    let guest = Uuid::new_v4();
    let address = std::net::Ipv6Addr::from(guest.as_u128());
    let request = client.post(url).header("idempotency-key", guest.to_string());
    request
        .header("x-forwarded-for", address.to_string())
        .json(&json!({
            "accommodation_id": lodging, "check_in": check_in.to_string(), "check_out": check_out.to_string(),
            "guests": 2, "contact_name": "Ana Pérez", "contact_email": format!("ana.{guest}@example.com"),
        }))
}
