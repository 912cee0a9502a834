//! The availability of a month, beside a bare handler with the same answer. wrk asks both: it costs next to nothing.

use crate::cost::Cost;
use crate::floor;
use crate::table::Row;
use crate::target::Target;
use crate::wrk;

const CONNECTIONS: usize = 32;

pub(crate) async fn measure(target: &Target, lodgings: &[i64]) -> anyhow::Result<Row> {
    let lodging = lodgings.first().copied().unwrap_or(1);
    let from = time::OffsetDateTime::from(std::time::SystemTime::now()).date() + time::Duration::days(2);
    let to = from + time::Duration::days(30);
    let url = format!(
        "{}/api/v1/accommodations/{lodging}/availability?from={from}&to={to}",
        target.gateway_url
    );

    let services = ["gateway", "reservations"];
    wrk::read(&url, CONNECTIONS, 3).await?;
    let before = Cost::so_far(target, &services)?;
    let ours = wrk::read(&url, CONNECTIONS, target.seconds).await?;
    let cost = Cost::so_far(target, &services)?.since(before, ours.count);

    let bare = floor::start(&url).await?;
    let floor = wrk::read(&bare.url, CONNECTIONS, target.seconds).await?;
    let mut row = Row {
        what: "availability of 30 nights through the gateway".to_owned(),
        rate: Some(ours.rate),
        latency: Some((ours.p50, ours.p99)),
        cost: Some(cost),
        floor: Some(("a bare actix handler", floor.rate)),
        aim: "≥ 0.5 of the floor",
        note: format!("{CONNECTIONS} connections"),
        ..Row::default()
    };
    row.reached = row.ratio().is_some_and(|ratio| 0.5 <= ratio);
    Ok(row)
}
