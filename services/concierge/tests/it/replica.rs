//! A running concierge that can be killed.

use concierge::settings::Settings;
use reqwest::Client;
use serde_json::Value;
use service::settings::HttpSettings;
use testkit::wait_until;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::house::{ACCESS_TOKEN, GUEST_TOKEN_SECRET, House, NUMBER_ID, SOON, topology};

/// A replica with a runtime of its own, so that it can end in the middle of anything.
pub(crate) struct Replica {
    url: String,
    stopper: CancellationToken,
    runtime: Option<Runtime>,
    client: Client,
}

impl Replica {
    pub(crate) async fn start(house: &House) -> Self {
        Self::with(house, |_settings| {}).await
    }

    /// One with other settings.
    pub(crate) async fn with(house: &House, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = usual(house);
        change(&mut settings);
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (built, building) = oneshot::channel();
        let clock = house.clock.clone();
        runtime.spawn(async move {
            let application =
                concierge::app::build(HttpSettings::for_tests(), &settings, clock, topology()).unwrap();
            built
                .send((application.base_url(), application.stopper()))
                .unwrap();
            application.run_until_stopped().await.unwrap();
        });
        let (url, stopper) = building.await.unwrap();
        let replica = Self {
            url,
            stopper,
            runtime: Some(runtime),
            client: Client::new(),
        };
        wait_until(SOON, async || replica.status("/readyz").await == 200).await;
        replica
    }

    /// Ends like a process that is killed: whatever it does stops where it waits.
    pub(crate) fn kill(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    pub(crate) async fn status(&self, path: &str) -> u16 {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await;
        answer.map_or(0, |answer| answer.status().as_u16())
    }

    pub(crate) async fn health(&self) -> Value {
        let answer = self.client.get(format!("{}/healthz", self.url)).send().await;
        answer.unwrap().json().await.unwrap()
    }

    pub(crate) async fn metrics(&self) -> String {
        let answer = self.client.get(format!("{}/metrics", self.url)).send().await;
        answer.unwrap().text().await.unwrap()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.stopper.cancel();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn usual(house: &House) -> Settings {
    service::settings::load_from(&[
        ("DATABASE_URL", house.database.url().as_str()),
        ("AMQP_URL", house.rabbit.url().as_str()),
        ("GUEST_TOKEN_SECRET", GUEST_TOKEN_SECRET),
        ("PUBLIC_BASE_URL", "https://reservas.example"),
        ("WHATSAPP_BASE_URL", &house.sandbox.url),
        ("WHATSAPP_PHONE_NUMBER_ID", NUMBER_ID),
        ("WHATSAPP_ACCESS_TOKEN", ACCESS_TOKEN),
        ("WHATSAPP_TIMEOUT_MILLISECONDS", "2000"),
        ("MESSAGE_TICK_MILLISECONDS", "20"),
        ("MESSAGE_SWEEP_SECONDS", "1"),
    ])
    .unwrap()
}
