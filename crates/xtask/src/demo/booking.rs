//! Steps 2 to 5 and 7: what the guest asks of the public API.

use std::time::{Duration, Instant};

use anyhow::bail;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    PATIENCE,
    answer::{list, money, text},
    browser::Browser,
    free_nights::FreeNights,
    story::{Story, figure, milliseconds},
};

/// How many guests come.
const GUESTS: u32 = 2;

/// Step 2: the price, night by night.
pub(crate) async fn quote(
    browser: &Browser,
    gateway: &str,
    stay: &FreeNights,
    story: &mut Story,
) -> anyhow::Result<()> {
    let url = format!("{gateway}/api/v1/accommodations/{}/quote", stay.accommodation);
    let query = [
        ("check_in", &stay.check_in),
        ("check_out", &stay.check_out),
        ("guests", &GUESTS.to_string()),
    ];
    let answer = browser.get(&url, |request| request.query(&query)).await?;
    let quote = answer.json(StatusCode::OK)?;

    story.step("quote, night by night", answer.took);
    for night in list(&quote, "/nights")? {
        let weekend = night.get("weekend").and_then(Value::as_bool).unwrap_or_default();
        let season = night.get("season").and_then(Value::as_str).unwrap_or_default();
        let why = if weekend { "weekend" } else { "" };
        figure(
            text(night, "/date")?,
            format!("{}  {why} {season}", money(night, "/price")?).trim_end(),
        );
    }
    for fee in list(&quote, "/fees")? {
        figure(text(fee, "/kind")?, money(fee, "/amount")?);
    }
    figure("total", money(&quote, "/total")?);
    figure("deposit", money(&quote, "/deposit")?);
    Ok(())
}

/// A hold, and the token that opens it.
pub(crate) struct Booking {
    code: String,
    token: String,
}

impl Booking {
    /// Step 3: the nights are held.
    pub(crate) async fn hold(
        browser: &Browser,
        gateway: &str,
        stay: &FreeNights,
        story: &mut Story,
    ) -> anyhow::Result<Self> {
        let body = request(stay, &stay.check_in, &stay.check_out, "Ana Demo");
        let key = Uuid::new_v4().to_string();
        let answer = browser
            .post(&format!("{gateway}/api/v1/reservations"), |request| {
                request.header("Idempotency-Key", key).json(&body)
            })
            .await?;
        let held = answer.json(StatusCode::CREATED)?;

        story.step("hold", answer.took);
        figure("answer", answer.status);
        figure("code", text(&held, "/code")?);
        figure("status", text(&held, "/status")?);
        figure("total", money(&held, "/total")?);
        figure("deposit", money(&held, "/deposit")?);
        figure("expires at", text(&held, "/expires_at")?);
        Ok(Self {
            code: text(&held, "/code")?.to_owned(),
            token: text(&held, "/access_token")?.to_owned(),
        })
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// Step 4: somebody else wants nights that overlap, and is refused.
    pub(crate) async fn second_guest(
        &self,
        browser: &Browser,
        gateway: &str,
        stay: &FreeNights,
        story: &mut Story,
    ) -> anyhow::Result<()> {
        let body = request(stay, &stay.other_check_in, &stay.other_check_out, "Bruno Demo");
        let key = Uuid::new_v4().to_string();
        let answer = browser
            .post(&format!("{gateway}/api/v1/reservations"), |request| {
                request.header("Idempotency-Key", key).json(&body)
            })
            .await?;
        let problem = answer.json(StatusCode::CONFLICT)?;

        story.step("a second guest wants overlapping nights", answer.took);
        figure(
            "asked for",
            format!("{} to {}", stay.other_check_in, stay.other_check_out),
        );
        figure("answer", answer.status);
        figure(
            "problem",
            format!("{} ({})", text(&problem, "/title")?, text(&problem, "/type")?),
        );
        Ok(())
    }

    /// Step 5: where to pay the deposit.
    pub(crate) async fn payment_link(
        &self,
        browser: &Browser,
        gateway: &str,
        story: &mut Story,
    ) -> anyhow::Result<String> {
        let url = format!("{gateway}/api/v1/reservations/{}/payment-link", self.code);
        let key = Uuid::new_v4().to_string();
        let answer = browser
            .post(&url, |request| {
                request.bearer_auth(&self.token).header("Idempotency-Key", key)
            })
            .await?;
        let link = answer.json(StatusCode::OK)?;
        story.step("payment link", answer.took);
        figure("amount", money(&link, "/amount")?);
        figure("expires at", text(&link, "/expires_at")?);
        figure("url", text(&link, "/url")?);
        Ok(text(&link, "/url")?.to_owned())
    }

    /// Step 7: the payment has confirmed the stay; `paid` is when the checkout said yes.
    pub(crate) async fn confirmed(
        &self,
        browser: &Browser,
        gateway: &str,
        paid: Instant,
        story: &mut Story,
    ) -> anyhow::Result<()> {
        let url = format!("{gateway}/api/v1/reservations/{}", self.code);
        loop {
            let answer = browser
                .get(&url, |request| request.bearer_auth(&self.token))
                .await?;
            let reservation = answer.json(StatusCode::OK)?;
            let status = text(&reservation, "/status")?;
            let after = paid.elapsed();
            if status == "confirmed" {
                story.step("confirmed", after);
                figure("status", status);
                if let Ok(payment) = text(&reservation, "/payment_status") {
                    figure("payment", payment);
                }
                figure("after paying", milliseconds(after));
                return Ok(());
            }
            if PATIENCE < after {
                bail!(
                    "{} is still {status} {} after the payment",
                    self.code,
                    milliseconds(after)
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A hold's body. Every run has guests of its own, since one contact may hold only so much unpaid.
fn request(stay: &FreeNights, check_in: &str, check_out: &str, name: &str) -> Value {
    let [a, b, c, ..] = *Uuid::new_v4().as_bytes();
    let number = u32::from_be_bytes([0, a, b, c]) % 1_000_000;
    json!({
        "accommodation_id": stay.accommodation,
        "check_in": check_in,
        "check_out": check_out,
        "guests": GUESTS,
        "channel": "web",
        "contact_name": name,
        "contact_phone": format!("+54 9 11 55{number:06}"),
    })
}
