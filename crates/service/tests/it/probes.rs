//! What probers see.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use service::background::Background;
use service::clock::Clock;
use service::health::{Health, Report, Weight};
use service::readiness::Readiness;
use service::settings::HttpSettings;

use crate::harness::{Service, wait_until};

#[tokio::test]
async fn liveness_asks_nobody_and_readiness_only_the_service_itself() {
    let hanging = Health::builder(Clock::system())
        .dependency(
            "database",
            Weight::Critical,
            Duration::from_millis(500),
            std::future::pending,
        )
        .build();
    let service = Service::start_with(HttpSettings::for_tests(), |builder| builder.health(hanging));
    let began = Instant::now();
    for path in ["/livez", "/readyz"] {
        assert_eq!(service.get(path).send().await.unwrap().status(), 200, "{path}");
    }
    assert!(began.elapsed() < Duration::from_millis(500));
}

#[tokio::test]
async fn a_service_is_ready_once_nothing_is_waited_for() {
    let readiness = Readiness::default();
    readiness.wait_for("migrations");
    let shared = readiness.clone();
    let service = Service::start_with(HttpSettings::for_tests(), |builder| builder.readiness(shared));

    let answer = service.get("/readyz").send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(
        answer.text().await.unwrap(),
        r#"{"status":"not ready","waiting_for":["migrations"]}"#
    );
    assert_eq!(service.get("/livez").send().await.unwrap().status(), 200);
    readiness.done("migrations");
    assert_eq!(service.get("/readyz").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_service_that_starts_before_its_store_becomes_ready_by_itself() {
    let (readiness, background) = (Readiness::default(), Background::new());
    let looks = AtomicUsize::new(0);
    readiness.require(&background, "migrations", move || {
        let look = looks.fetch_add(1, Ordering::SeqCst);
        async move {
            if look < 2 {
                Err(std::io::Error::other("connection refused"))
            } else {
                Ok(())
            }
        }
    });
    assert_eq!(readiness.obstacles(), ["migrations"]);
    wait_until(async || readiness.obstacles().is_empty()).await;
}

#[tokio::test]
async fn a_storm_of_probes_asks_once_a_second() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let check = move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { Report::ok() }
    };
    let health = Health::builder(Clock::system())
        .dependency("database", Weight::Critical, Duration::from_millis(500), check)
        .build();
    let service = Service::start_with(HttpSettings::for_tests(), |builder| builder.health(health));
    let answers = join_all((0..50).map(|_| service.get("/healthz").send())).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().status() == 200));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_probe_is_logged_only_when_its_answer_changes() {
    let readiness = Readiness::default();
    let shared = readiness.clone();
    let service = Service::start_with(HttpSettings::for_tests(), |builder| builder.readiness(shared));
    let ask = async |id: &str| {
        service
            .get("/readyz")
            .header("x-request-id", id)
            .send()
            .await
            .unwrap()
    };
    ask("probe-1").await;
    ask("probe-2").await;
    readiness.wait_for("migrations");
    ask("probe-3").await;
    ask("probe-4").await;
    readiness.done("migrations");
    ask("probe-5").await;

    let logged = |id: &str| {
        telemetry::logs::captured()
            .iter()
            .any(|line| line.contains(&format!("\"{id}\"")))
    };
    let ids = ["probe-1", "probe-2", "probe-3", "probe-4", "probe-5"];
    assert_eq!(ids.map(logged), [false, false, true, false, true]);
}
