//! Step 8: the stay closes its nights in the calendar that the other channels read.

use std::time::{Duration, Instant};

use anyhow::bail;
use reqwest::StatusCode;
use serde_json::json;

use super::{
    PATIENCE,
    answer::{list, text},
    browser::Browser,
    free_nights::FreeNights,
    staff::Staff,
    story::{Story, figure},
};

/// Who reads it.
const CHANNEL: &str = "airbnb";

/// Reads the lodging's export until the stay is in it.
pub(crate) async fn find_stay(
    browser: &Browser,
    gateway: &str,
    staff: &Staff,
    stay: &FreeNights,
    story: &mut Story,
) -> anyhow::Result<()> {
    let url = feed_url(browser, gateway, staff, stay).await?;
    let start = format!("DTSTART;VALUE=DATE:{}", stay.check_in.replace('-', ""));
    let began = Instant::now();
    loop {
        let answer = browser.get(&url, |request| request).await?;
        let feed = answer.text(StatusCode::OK)?;
        let event = feed
            .split("BEGIN:VEVENT")
            .skip(1)
            .find(|event| event.contains(&start));
        if let Some(event) = event {
            story.step("the stay in the exported calendar", answer.took);
            figure("feed", &url);
            figure("events", feed.matches("BEGIN:VEVENT").count());
            for line in event
                .lines()
                .filter(|line| line.starts_with("DT") || line.starts_with("UID"))
            {
                figure("", line);
            }
            return Ok(());
        }
        if PATIENCE < began.elapsed() {
            bail!(
                "{url} has no stay from {} after {} s",
                stay.check_in,
                PATIENCE.as_secs()
            );
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The address of the lodging's feed for one channel; the channel gets a token the first time.
async fn feed_url(
    browser: &Browser,
    gateway: &str,
    staff: &Staff,
    stay: &FreeNights,
) -> anyhow::Result<String> {
    let url = format!(
        "{gateway}/api/v1/admin/accommodations/{}/export-tokens",
        stay.accommodation
    );
    let tokens = browser
        .get(&url, |request| staff.sign(request))
        .await?
        .json(StatusCode::OK)?;
    let known = list(&tokens, "/items")?
        .iter()
        .find(|token| text(token, "/channel").is_ok_and(|name| name == CHANNEL));
    let token = if let Some(token) = known {
        token.clone()
    } else {
        let body = json!({ "channel": CHANNEL });
        let made = browser
            .post(&url, |request| staff.sign(request).json(&body))
            .await?;
        made.json(StatusCode::CREATED)?
    };
    Ok(text(&token, "/url")?.to_owned())
}
