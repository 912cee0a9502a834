//! Lodgings, entered as the staff enters them.

use anyhow::{Context as _, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use crate::target::Target;

/// Enters so many, and gives their numbers.
pub(crate) async fn enter(target: &Target, count: usize) -> anyhow::Result<Vec<i64>> {
    let client = reqwest::Client::new();
    let url = format!("{}/internal/v1/admin/accommodations", target.reservations_url);
    let entered = stream::iter(1..=count).map(|number| {
        let draft = json!({
            "name": format!("Cabaña {number}"), "base_price": { "amount": "48000.00", "currency": "ARS" },
            "max_guests": 4,
        });
        let request = client
            .post(&url)
            .header("x-internal-token", &target.internal_api_token)
            .header("x-actor", "staff:bench@example.com")
            .json(&draft);
        async move {
            let response = request.send().await?;
            let status = response.status();
            let body: Value = response.json().await?;
            ensure!(status.as_u16() == 201, "a lodging was refused: {status} {body}");
            body.get("id")
                .and_then(Value::as_i64)
                .context("a lodging without a number")
        }
    });
    entered.buffer_unordered(8).try_collect().await
}
