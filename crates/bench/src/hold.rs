//! Holds through the gateway, spread over all lodgings, beside the same transaction by pgbench.

use std::time::Duration;

use crate::cost::Cost;
use crate::pgbench;
use crate::table::Row;
use crate::target::Target;
use crate::wrk;

const CLIENTS: usize = 16;

/// Who works on a hold; `ical-sync` is asked whether the lodging's calendars are recent.
const SERVICES: [&str; 3] = ["gateway", "reservations", "ical-sync"];

pub(crate) async fn measure(target: &Target, lodgings: &[i64]) -> anyhow::Result<Row> {
    let url = format!("{}/api/v1/reservations", target.gateway_url);
    let script = target.scripts.join("hold.lua");
    let first = lodgings.iter().min().copied().unwrap_or(1).to_string();
    let count = lodgings.len().to_string();
    let hold = async |from: u64, seconds: u64| {
        let arguments = [first.as_str(), &count, &from.to_string()];
        wrk::send(&url, CLIENTS, seconds, &script, &arguments).await
    };
    // The first seconds open connections and fill caches.
    let warmed = hold(0, 3).await?;
    let before = Cost::so_far(target, &SERVICES)?;
    // wrk has asked for some more than were answered in time.
    let load = hold(warmed.count + 1_000, target.seconds).await?;
    let cost = Cost::so_far(target, &SERVICES)?.since(before, load.count);

    let floor = pgbench::run(target, "hold.sql", CLIENTS, lodgings).await?;
    let mut row = Row {
        what: "hold through the gateway, 1,000 lodgings".to_owned(),
        rate: Some(load.rate),
        latency: Some((load.p50, load.p99)),
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
