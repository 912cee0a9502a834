//! Step 1: which lodging has free nights, and which are they.

use anyhow::Context;
use reqwest::StatusCode;
use serde_json::Value;
use time::{Date, OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use super::{
    answer::{list, number, text},
    browser::Browser,
    story::{Story, figure},
};

/// How dates travel.
const ISO_DATE: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// How many days are asked for at once.
const WINDOW: i64 = 60;

/// How many nights the guest stays, unless the lodging asks for more.
const SHORT_STAY: i64 = 3;

/// How far ahead nights are looked for, in days.
const HORIZON: i64 = 330;

/// Nights of a lodging that are free, one after the other.
pub(crate) struct FreeNights {
    pub(crate) accommodation: i64,
    pub(crate) name: String,
    pub(crate) check_in: String,
    pub(crate) check_out: String,
    /// Overlaps the stay without being equal to it: what the second guest asks for.
    pub(crate) other_check_in: String,
    pub(crate) other_check_out: String,
}

/// Finds the first free nights of any lodging, from a fortnight ahead on.
pub(crate) async fn find(browser: &Browser, gateway: &str, story: &mut Story) -> anyhow::Result<FreeNights> {
    let answer = browser
        .get(&format!("{gateway}/api/v1/accommodations"), |request| request)
        .await?;
    let lodgings = answer.json(StatusCode::OK)?;
    for ahead in (14..HORIZON).step_by(60) {
        for lodging in list(&lodgings, "/items")? {
            if let Some(found) = search(browser, gateway, lodging, ahead, story).await? {
                return Ok(found);
            }
        }
    }
    anyhow::bail!("no lodging has free nights in the next {HORIZON} days")
}

async fn search(
    browser: &Browser,
    gateway: &str,
    lodging: &Value,
    ahead: i64,
    story: &mut Story,
) -> anyhow::Result<Option<FreeNights>> {
    let id = number(lodging, "/id")?;
    let from = day(ahead)?;
    let to = day(ahead + WINDOW)?;
    let url = format!("{gateway}/api/v1/accommodations/{id}/availability");
    let answer = browser
        .get(&url, |request| request.query(&[("from", &from), ("to", &to)]))
        .await?;
    let availability = answer.json(StatusCode::OK)?;

    let calendar = list(&availability, "/nights")?;
    let shortest = calendar
        .iter()
        .map(|night| number(night, "/min_nights").unwrap_or(1))
        .max()
        .unwrap_or(1);
    let nights = shortest.max(SHORT_STAY);
    // One night on either side stays free, for the second guest to ask for.
    let length = usize::try_from(nights)? + 2;
    let Some(window) = choose(calendar, length) else {
        return Ok(None);
    };
    let date = |index: usize| -> anyhow::Result<String> {
        let night = window
            .get(index)
            .context("the window is as long as it was asked for")?;
        Ok(text(night, "/date")?.to_owned())
    };
    let found = FreeNights {
        accommodation: id,
        name: text(lodging, "/name")?.to_owned(),
        check_in: date(1)?,
        check_out: date(length - 1)?,
        other_check_in: date(2)?,
        other_check_out: next_day(&date(length - 1)?)?,
    };

    story.step("availability", answer.took);
    figure("lodging", format!("{} (id {id})", found.name));
    let free = calendar.iter().filter(|night| is_free(night)).count();
    figure(
        "nights",
        format!("{free} of {} free from {from} to {to}", calendar.len()),
    );
    let strip: String = calendar
        .iter()
        .map(|night| if is_free(night) { '·' } else { '█' })
        .collect();
    figure("calendar", format!("{strip}   · free  █ taken"));
    figure(
        "chosen",
        format!("{} to {}, {nights} nights", found.check_in, found.check_out),
    );
    Ok(Some(found))
}

/// A free window, if possible with a weekend in it, where the nights have different prices.
fn choose(calendar: &[Value], length: usize) -> Option<&[Value]> {
    let free = || {
        calendar
            .windows(length)
            .filter(|window| window.iter().all(is_free))
    };
    let inner = |window: &[Value]| window.get(1..length - 1).unwrap_or_default().to_vec();
    let mixed = |window: &&[Value]| {
        let weekend = inner(window)
            .iter()
            .filter(|night| night.get("weekend") == Some(&Value::Bool(true)))
            .count();
        0 < weekend && weekend < length - 2
    };
    free().find(mixed).or_else(|| free().next())
}

fn is_free(night: &Value) -> bool {
    night.get("available").and_then(Value::as_bool) == Some(true)
}

#[expect(clippy::disallowed_methods, reason = "a demonstration books from today on")]
fn day(ahead: i64) -> anyhow::Result<String> {
    let date = OffsetDateTime::now_utc().date() + time::Duration::days(ahead);
    date.format(ISO_DATE).context("format a date")
}

fn next_day(date: &str) -> anyhow::Result<String> {
    let date = Date::parse(date, ISO_DATE).with_context(|| format!("{date} is no date"))?;
    date.next_day()
        .context("the calendar ends")?
        .format(ISO_DATE)
        .context("format a date")
}
