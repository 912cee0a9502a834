//! What the staff sees: step 9, the timeline.

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
    pub(crate) async fn login(browser: &Browser, gateway: &str, settings: &Settings) -> anyhow::Result<Self> {
        let body = json!({ "email": settings.admin_email, "password": settings.admin_password });
        let answer = browser
            .post(&format!("{gateway}/api/v1/admin/login"), |request| {
                request.json(&body)
            })
            .await?;
        let login = answer.json(StatusCode::OK)?;
        Ok(Self {
            token: text(&login, "/access_token")?.to_owned(),
        })
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
