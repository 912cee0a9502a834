//! Acknowledging Mercado Pago's notifications, signed as Mercado Pago signs them, each of another payment.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::ensure;
use reqwest::{Client, RequestBuilder};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use crate::cost::Cost;
use crate::load::{self, Load};
use crate::pgbench;
use crate::table::Row;
use crate::target::Target;

/// Notifications a second; a busy house has a few an hour.
const RATE: u64 = 300;

const CLIENTS: usize = 16;

/// At a steady pace: how long a provider waits.
pub(crate) async fn pace(target: &Target) -> anyhow::Result<Row> {
    let before = Cost::so_far(target, &["webhooks"])?;
    let load = load::paced(
        RATE,
        Duration::from_secs(target.seconds),
        notifier(target, 1_000_000_000),
    )
    .await?;
    let cost = acknowledged(target, before, &load)?;
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
    let before = Cost::so_far(target, &["webhooks"])?;
    let load = load::closed(
        CLIENTS,
        Duration::from_secs(target.seconds),
        notifier(target, 2_000_000_000),
    )
    .await?;
    let cost = acknowledged(target, before, &load)?;
    let floor = pgbench::run(target, "delivery.sql", CLIENTS, &[]).await?;
    let mut row = Row {
        what: "webhook acknowledged, as many as it takes".to_owned(),
        rate: Some(load.rate()),
        latency: Some((load.percentile(50.0), load.percentile(99.0))),
        cost: Some(cost),
        floor: Some(("a bare single insert by pgbench", floor.rate)),
        aim: "≥ 0.5 of the floor",
        note: format!("{CLIENTS} clients; {floor}"),
        ..Row::default()
    };
    row.reached = row.ratio().is_some_and(|ratio| 0.5 <= ratio);
    Ok(row)
}

/// What each cost, if all were acknowledged.
fn acknowledged(target: &Target, before: Cost, load: &Load) -> anyhow::Result<Cost> {
    ensure!(
        load.with_status(200) == load.count(),
        "some were not acknowledged: {}",
        load.statuses()
    );
    Ok(Cost::so_far(target, &["webhooks"])?.since(before, load.count()))
}

/// Notifications of the payments from `first` on.
fn notifier(target: &Target, first: u64) -> impl Fn(u64) -> RequestBuilder + Send + Sync + 'static {
    let (client, secret) = (Client::new(), target.mercadopago_webhook_secret.clone());
    let url = format!("{}/api/v1/webhooks/mercadopago", target.webhooks_url);
    move |number| notification(&client, &url, &secret, first + number)
}

fn notification(client: &Client, url: &str, secret: &SecretString, payment: u64) -> RequestBuilder {
    let (payment, request_id) = (payment.to_string(), Uuid::new_v4().to_string());
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
        .to_string();
    let signature = mercadopago::signature::sign(secret, Some(&payment), Some(&request_id), &now);
    client
        .post(format!("{url}?data.id={payment}&type=payment"))
        .header("x-signature", signature)
        .header("x-request-id", request_id)
        .json(&json!({
            "id": 117_889_882_382_u64, "live_mode": true, "type": "payment", "date_created": "2026-11-24T12:00:00Z",
            "user_id": 1_234_567_890, "api_version": "v1", "action": "payment.updated", "data": { "id": payment },
        }))
}
