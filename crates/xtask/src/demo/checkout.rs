//! Step 6: the guest pays in the sandbox's checkout, by the button that a person would press.

use std::time::Instant;

use anyhow::Context;
use reqwest::StatusCode;

use super::{
    browser::Browser,
    story::{Story, figure},
};

/// Opens the checkout and approves; gives the instant at which the checkout had said yes.
pub(crate) async fn approve(browser: &Browser, link: &str, story: &mut Story) -> anyhow::Result<Instant> {
    let page = browser.get(link, |request| request).await?;
    let action = action_of(page.text(StatusCode::OK)?, "approve")
        .with_context(|| format!("{link} has no button to approve"))?;
    let url = reqwest::Url::parse(link)?.join(&action)?;
    let answer = browser
        .post(url.as_str(), |request| request.form(&[("action", "approve")]))
        .await?;
    let paid = Instant::now();
    answer.text(StatusCode::OK)?;

    story.step("paid in the checkout", answer.took);
    figure("answer", answer.status);
    Ok(paid)
}

/// Where the form goes whose action says `button`.
fn action_of(page: &str, button: &str) -> Option<String> {
    let actions = page
        .split("action=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    actions
        .map(|action| action.replace("&amp;", "&"))
        .find(|action| action.contains(button))
}
