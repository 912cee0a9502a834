//! The words of the health page and how the parts make the whole.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use service::clock::Clock;
use service::health::{Health, Overall, Report, Weight};
use service::settings::HttpSettings;
use time::macros::datetime;

use crate::harness::Service;

fn page_of(weight: Weight, report: Report) -> Health {
    let clock = Clock::frozen_at(datetime!(2026-11-24 12:00 UTC));
    Health::builder(clock)
        .state("part", weight, move || std::future::ready(report.clone()))
        .build()
}

#[tokio::test]
async fn the_page_begins_with_the_status_without_blanks() {
    let health = Health::builder(Clock::frozen_at(datetime!(2026-11-24 12:00 UTC)))
        .dependency(
            "database",
            Weight::Critical,
            Duration::from_millis(500),
            || async { Report::ok() },
        )
        .state("ical_sync", Weight::Degrading, || async {
            Report::ok().field("age_minutes", 8).field("stale", 0)
        })
        .build();
    let service = Service::start_with(HttpSettings::for_tests(), |builder| builder.health(health));
    let text = service.text("/healthz").await;
    assert!(
        text.starts_with(r#"{"status":"healthy","timestamp":"2026-11-24T12:00:00Z","version":""#),
        "{text}"
    );
    assert!(
        text.contains(r#""checks":{"database":{"status":"ok","latency_ms":"#),
        "{text}"
    );
    assert!(
        text.contains(r#""ical_sync":{"status":"ok","age_minutes":8,"stale":0}"#),
        "{text}"
    );
}

#[tokio::test]
async fn a_service_without_checks_is_healthy() {
    let service = Service::start();
    assert!(
        service
            .text("/healthz")
            .await
            .starts_with(r#"{"status":"healthy""#)
    );
}

#[tokio::test]
async fn the_whole_is_the_worst_of_its_parts_weighed() {
    for (weight, report, expected) in [
        (Weight::Critical, Report::ok(), Overall::Healthy),
        (Weight::Critical, Report::slow(), Overall::Degraded),
        (Weight::Critical, Report::warning("stale"), Overall::Degraded),
        (
            Weight::Critical,
            Report::error("connection refused"),
            Overall::Unhealthy,
        ),
        (Weight::Degrading, Report::slow(), Overall::Degraded),
        (
            Weight::Degrading,
            Report::error("connection refused"),
            Overall::Degraded,
        ),
    ] {
        assert_eq!(
            page_of(weight, report.clone()).page().await.overall(),
            expected,
            "{weight:?} {report:?}"
        );
    }
}

#[tokio::test]
async fn unhealthy_is_503_degraded_is_200_and_a_failure_says_since_when() {
    for (weight, status, word) in [
        (Weight::Critical, 503, "unhealthy"),
        (Weight::Degrading, 200, "degraded"),
    ] {
        let health = page_of(weight, Report::error("connection refused"));
        let service = Service::start_with(HttpSettings::for_tests(), |builder| builder.health(health));
        let answer = service.get("/healthz").send().await.unwrap();
        assert_eq!(answer.status(), status);
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["status"], word);
        let part =
            json!({ "status": "error", "error": "connection refused", "since": "2026-11-24T12:00:00Z" });
        assert_eq!(body["checks"]["part"], part);
    }
}

#[tokio::test]
async fn a_check_above_its_limit_is_slow() {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Report::ok()
    };
    let health = Health::builder(Clock::system())
        .dependency("redis", Weight::Degrading, Duration::from_millis(5), slow)
        .build();
    let page = serde_json::to_value(health.page().await).unwrap();
    assert_eq!(
        (&page["status"], &page["checks"]["redis"]["status"]),
        (&json!("degraded"), &json!("slow"))
    );
}

#[tokio::test]
async fn the_page_answers_in_about_a_second_when_everything_hangs() {
    let mut builder = Health::builder(Clock::system());
    for name in ["database", "redis", "rabbitmq", "reservations", "payments"] {
        builder = builder.dependency(
            name,
            Weight::Critical,
            Duration::from_millis(500),
            std::future::pending,
        );
    }
    let began = Instant::now();
    let page = serde_json::to_value(builder.build().page().await).unwrap();
    assert!(began.elapsed() < Duration::from_millis(1_500));
    assert_eq!(page["checks"]["payments"]["error"], "timed out");
}
