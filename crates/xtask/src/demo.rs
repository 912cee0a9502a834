//! One booking, played over HTTP against the running system, as a guest, a second guest and the staff see it.

mod answer;
mod booking;
mod browser;
mod calendar;
mod checkout;
mod free_nights;
mod staff;
mod story;

use std::{path::PathBuf, time::Duration};

use self::{booking::Booking, browser::Browser, staff::Staff, story::Story};

/// Where the system is, and who its staff are; `.dev/env` has them all.
#[derive(Debug, clap::Args)]
pub(crate) struct Settings {
    /// The public API.
    #[arg(long, env = "GATEWAY_URL", default_value = "http://127.0.0.1:8000")]
    gateway_url: String,
    /// The outside world.
    #[arg(long, env = "SANDBOX_URL", default_value = "http://127.0.0.1:8100")]
    sandbox_url: String,
    /// Who reads the timeline.
    #[arg(long, env = "ADMIN_EMAIL")]
    admin_email: String,
    /// Their password.
    #[arg(long, env = "ADMIN_PASSWORD", hide_env_values = true)]
    admin_password: String,
    /// Where their token is kept between runs.
    #[arg(long, default_value = ".dev/demo-token")]
    token_file: PathBuf,
}

/// Plays it; any step that goes otherwise than promised is an error.
pub(crate) async fn play(settings: Settings) -> anyhow::Result<()> {
    let browser = Browser::new()?;
    let gateway = settings.gateway_url.trim_end_matches('/');
    let mut story =
        Story::begin("One booking, from the first question to the calendars of the other channels");

    let found = free_nights::find(&browser, gateway, &mut story).await?;
    booking::quote(&browser, gateway, &found, &mut story).await?;
    let booking = Booking::hold(&browser, gateway, &found, &mut story).await?;
    booking
        .second_guest(&browser, gateway, &found, &mut story)
        .await?;
    let link = booking.payment_link(&browser, gateway, &mut story).await?;
    let paid = checkout::approve(&browser, &link, &mut story).await?;
    booking.confirmed(&browser, gateway, paid, &mut story).await?;

    let staff = Staff::login(&browser, gateway, &settings).await?;
    calendar::find_stay(&browser, gateway, &staff, &found, &mut story).await?;
    staff
        .timeline(&browser, gateway, booking.code(), &mut story)
        .await?;

    let sandbox = settings.sandbox_url.trim_end_matches('/');
    story::end(
        "The system keeps running (make down stops it):",
        &[
            ("API", format!("{gateway}/api/docs")),
            ("outside world", format!("{sandbox}/")),
            ("health", format!("{gateway}/api/v1/healthz")),
            ("metrics", format!("{gateway}/metrics")),
        ],
    );
    Ok(())
}

/// How long anything that follows by itself may take before the demonstration gives up.
const PATIENCE: Duration = Duration::from_secs(30);
