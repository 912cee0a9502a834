//! What the staff sees: step 9, the timeline.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;

use super::{
    Settings,
    answer::{list, text},
    browser::Browser,
    story::{Story, line},
};

/// Somebody of the staff, logged in.
pub(crate) struct Staff {
    token: String,
}

impl Staff {
    /// Logs in, unless the token of an earlier run is still good: logins are limited to a few in a quarter of an hour.
    pub(crate) async fn login(browser: &Browser, gateway: &str, settings: &Settings) -> anyhow::Result<Self> {
        if let Ok(token) = fs::read_to_string(&settings.token_file) {
            let staff = Self { token };
            let url = format!("{gateway}/api/v1/admin/accommodations");
            if browser
                .get(&url, |request| staff.sign(request))
                .await?
                .status
                .is_success()
            {
                return Ok(staff);
            }
        }
        let body = json!({ "email": settings.admin_email, "password": settings.admin_password });
        let url = format!("{gateway}/api/v1/admin/login");
        let login = browser
            .post(&url, |request| request.json(&body))
            .await?
            .json(StatusCode::OK)?;
        let token = text(&login, "/access_token")?.to_owned();
        keep(&settings.token_file, &token).context("keep the token for the next run")?;
        Ok(Self { token })
    }

    /// Adds the staff's token to a request.
    pub(crate) fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.token)
    }

    /// Step 9: everything that happened to the reservation, by whom.
    pub(crate) async fn timeline(
        &self,
        browser: &Browser,
        gateway: &str,
        code: &str,
        story: &mut Story,
    ) -> anyhow::Result<()> {
        let url = format!("{gateway}/api/v1/admin/reservations/{code}");
        let answer = browser.get(&url, |request| self.sign(request)).await?;
        let detail = answer.json(StatusCode::OK)?;
        story.step("the timeline, as the staff sees it", answer.took);
        for entry in list(&detail, "/timeline")? {
            line(format!(
                "{}  {:<24} {}",
                text(entry, "/at")?,
                text(entry, "/kind")?,
                text(entry, "/actor")?
            ));
        }
        Ok(())
    }
}

/// Writes the token where only its owner can read it.
fn keep(file: &Path, token: &str) -> io::Result<()> {
    OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?
        .write_all(token.as_bytes())
}
