//! One process of the service, played in this one: with a runtime of its own, so that it can die at once.

use std::time::Duration;

use ical_sync::settings::Settings;
use messaging::topology::Topology;
use secrecy::SecretString;
use service::clock::Clock;
use service::settings::{HttpSettings, InternalSettings};
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

/// What services show to each other.
pub(crate) const TOKEN: &str = "between services";

pub(crate) struct Replica {
    pub(crate) url: String,
    stop: CancellationToken,
    runtime: Option<Runtime>,
}

impl Replica {
    pub(crate) async fn start(settings: Settings, clock: Clock) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (told, started) = tokio::sync::oneshot::channel();
        runtime.spawn(async move {
            let internal = InternalSettings {
                internal_api_token: Some(SecretString::from(TOKEN)),
            };
            // Whoever hears calendar events has a queue, or they would wait in the outbox for ever.
            let topology = Topology::of_services(&["ical-sync", "reservations", "concierge"]);
            let application =
                ical_sync::app::build(HttpSettings::for_tests(), internal, settings, clock, topology)
                    .unwrap();
            told.send((application.base_url(), application.stopper()))
                .unwrap();
            application.run_until_stopped().await.unwrap();
        });
        let (url, stop) = tokio::time::timeout(Duration::from_secs(20), started)
            .await
            .unwrap()
            .unwrap();
        Self {
            url,
            stop,
            runtime: Some(runtime),
        }
    }

    /// Dies in the middle of whatever it does.
    pub(crate) fn crash(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
