//! Holds through the gateway, spread over all lodgings, beside the same transaction by pgbench.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use time::Date;
use uuid::Uuid;

use crate::cost::Cost;
use crate::load;
use crate::pgbench;
use crate::table::Row;
use crate::target::Target;

const CLIENTS: usize = 16;

/// Who works on a hold; `ical-sync` is asked whether the lodging's calendars are recent.
const SERVICES: [&str; 3] = ["gateway", "reservations", "ical-sync"];

/// The day of the first stays; later ones follow each other, of two nights each.
fn first_day() -> Date {
    time::OffsetDateTime::from(std::time::SystemTime::now()).date() + time::Duration::days(2)
}

pub(crate) async fn measure(target: &Target, lodgings: &[i64]) -> anyhow::Result<Row> {
    let (client, url) = (
        Client::new(),
        format!("{}/api/v1/reservations", target.gateway_url),
    );
    let known = lodgings.to_vec();
    let first = first_day();
    let request = Arc::new(move |number: u64| {
        let (lodging, turn) = spread(&known, number);
        let check_in = first + time::Duration::days(2 * turn);
        hold(
            &client,
            &url,
            lodging,
            (check_in, check_in + time::Duration::days(2)),
        )
    });
    // The first seconds open connections and fill caches.
    let warming = request.clone();
    let warmed = load::closed(CLIENTS, Duration::from_secs(3), move |number| warming(number)).await?;
    let next = warmed.count();
    let before = Cost::so_far(target, &SERVICES)?;
    let duration = Duration::from_secs(target.seconds);
    let load = load::closed(CLIENTS, duration, move |number| request(next + number)).await?;
    let cost = Cost::so_far(target, &SERVICES)?.since(before, load.count());
    ensure!(
        load.with_status(201) == load.count(),
        "some holds were refused: {}",
        load.statuses()
    );

    let floor = pgbench::run(target, "hold.sql", CLIENTS, lodgings).await?;
    let mut row = Row {
        what: "hold through the gateway, 1,000 lodgings".to_owned(),
        rate: Some(load.rate()),
        latency: Some((load.percentile(50.0), load.percentile(99.0))),
        cost: Some(cost),
        floor: Some(("the same transaction by pgbench", floor.rate)),
        aim: "≥ 0.5 of the floor, ≤ 3 ms CPU in all",
        note: format!("{CLIENTS} clients; {floor}"),
        ..Row::default()
    };
    let all = cost.app + cost.database;
    row.reached = row.ratio().is_some_and(|ratio| 0.5 <= ratio) && all <= Duration::from_millis(3);
    Ok(row)
}

/// The lodging of the request with this number, and how many requests it had before.
fn spread(lodgings: &[i64], number: u64) -> (i64, i64) {
    let count = u64::try_from(lodgings.len()).unwrap_or(1);
    let index = usize::try_from(number % count).unwrap_or_default();
    (
        lodgings.get(index).copied().unwrap_or(1),
        i64::try_from(number / count).unwrap_or_default(),
    )
}

/// A guest nobody knows yet asks for these nights, from an address of his own: a house counts the holds of each.
pub(crate) fn hold(
    client: &Client,
    url: &str,
    lodging: i64,
    (check_in, check_out): (Date, Date),
) -> RequestBuilder {
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
