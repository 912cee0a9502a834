//! Step 6: the guest pays in the sandbox's checkout, by the button that a person would press.

use std::time::Instant;

use anyhow::{Context, bail};
use reqwest::{StatusCode, Url};

use super::{
    browser::Browser,
    story::{Story, figure},
};

/// Opens the checkout and approves; gives the instant at which the checkout had said yes.
pub(crate) async fn approve(browser: &Browser, link: &str, story: &mut Story) -> anyhow::Result<Instant> {
    let page = browser.get(link, |request| request).await?;
    let form = page.text(StatusCode::OK)?;
    let action = between(form, "action=\"", "\"").context("the checkout has no form")?;
    let preference =
        between(form, "name=\"pref_id\" value=\"", "\"").context("the form names no preference")?;

    let url = Url::parse(link)?.join(action)?;
    let press = [("pref_id", preference), ("decision", "approve")];
    let pressed = browser.post(url.as_str(), |request| request.form(&press)).await?;
    let paid = Instant::now();
    pressed.text(StatusCode::SEE_OTHER)?;

    story.step("paid in the sandbox's checkout", pressed.took);
    let place = pressed
        .location
        .as_deref()
        .context("the checkout leads nowhere")?;
    let result = browser.get(url.join(place)?.as_str(), |request| request).await?;
    let words = between(result.text(StatusCode::OK)?, "<h1>", "</h1>").unwrap_or_default();
    if words != "Pago aprobado" {
        bail!("the checkout says {words:?}");
    }
    figure("checkout says", words);
    Ok(paid)
}

/// What stands in `page` after `before` and in front of `after`.
fn between<'a>(page: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
