//! Acknowledging Mercado Pago's notifications, signed as Mercado Pago signs them, each of another payment.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::ensure;
use reqwest::{Client, RequestBuilder};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use crate::cost::Cost;
use crate::load;
use crate::pgbench;
use crate::table::Row;
use crate::target::Target;
use crate::wrk;

/// Notifications a second; a busy house has a few an hour.
const RATE: u64 = 300;

/// As many as saturate both: with fewer, each waits for the other half of a round trip.
const CLIENTS: usize = 64;

/// More than any machine here acknowledges, so that no notification is sent twice.
const MOST_A_SECOND: u64 = 20_000;

/// At a steady pace: how long a provider waits.
pub(crate) async fn pace(target: &Target) -> anyhow::Result<Row> {
    let (client, url) = (Client::new(), url(target));
    let secret = target.mercadopago_webhook_secret.clone();
    let before = Cost::so_far(target, &["webhooks"])?;
    let load = load::paced(RATE, Duration::from_secs(target.seconds), move |number| {
        notification(&client, &url, &secret, 1_000_000_000 + number)
    })
    .await?;
    let cost = Cost::so_far(target, &["webhooks"])?.since(before, load.count());
    ensure!(
        load.with_status(200) == load.count(),
        "some were not acknowledged: {}",
        load.statuses()
    );
    let p99 = load.percentile(99.0);
    Ok(Row {
        what: format!("webhook acknowledged, {RATE} a second"),
        rate: Some(load.rate()),
        latency: Some((load.percentile(50.0), p99)),
        cost: Some(cost),
        aim: "p99 < 25 ms",
        reached: p99 < Duration::from_millis(25),
        ..Row::default()
    })
}

/// As many as it takes, beside a bare insert of the same row.
pub(crate) async fn limit(target: &Target) -> anyhow::Result<Row> {
    let signed = signed(target, MOST_A_SECOND * target.seconds)?;
    let script = target.scripts.join("notify.lua");
    let before = Cost::so_far(target, &["webhooks"])?;
    let load = wrk::send(
        &url(target),
        CLIENTS,
        target.seconds,
        &script,
        &[&signed.to_string_lossy()],
    )
    .await?;
    let cost = Cost::so_far(target, &["webhooks"])?.since(before, load.count);
    std::fs::remove_file(signed)?;
    let floor = pgbench::run(target, "delivery.sql", CLIENTS, &[]).await?;
    let mut row = Row {
        what: "webhook acknowledged, as many as it takes".to_owned(),
        rate: Some(load.rate),
        latency: Some((load.p50, load.p99)),
        cost: Some(cost),
        floor: Some(("a bare single insert by pgbench", floor.rate)),
        aim: "≥ 0.5 of the floor",
        note: format!("{CLIENTS} clients; {floor}"),
        ..Row::default()
    };
    row.reached = row.ratio().is_some_and(|ratio| 0.5 <= ratio);
    Ok(row)
}

/// A file of `count` notifications, each of another payment: its id, the request's id and the signature in a line.
fn signed(target: &Target, count: u64) -> anyhow::Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("alojamientos-notifications-{}", std::process::id()));
    let mut file = BufWriter::new(File::create(&path)?);
    for number in 0..count {
        let (payment, request_id) = ((2_000_000_000 + number).to_string(), Uuid::new_v4().to_string());
        let signature = signature(&target.mercadopago_webhook_secret, &payment, &request_id);
        writeln!(file, "{payment} {request_id} {signature}")?;
    }
    file.flush()?;
    Ok(path)
}

fn url(target: &Target) -> String {
    format!("{}/api/v1/webhooks/mercadopago", target.webhooks_url)
}

fn notification(client: &Client, url: &str, secret: &SecretString, payment: u64) -> RequestBuilder {
    let (payment, request_id) = (payment.to_string(), Uuid::new_v4().to_string());
    client
        .post(format!("{url}?data.id={payment}&type=payment"))
        .header("x-signature", signature(secret, &payment, &request_id))
        .header("x-request-id", request_id)
        .json(&json!({
            "id": 117_889_882_382_u64, "live_mode": true, "type": "payment", "date_created": "2026-11-24T12:00:00Z",
            "user_id": 1_234_567_890, "api_version": "v1", "action": "payment.updated", "data": { "id": payment },
        }))
}

fn signature(secret: &SecretString, payment: &str, request_id: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = now.as_secs().to_string();
    mercadopago::signature::sign(secret, Some(payment), Some(request_id), &now)
}
