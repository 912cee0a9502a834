//! Other calendars are looked at once more before nights are held, and stop no sale.

use std::time::{Duration, Instant};

use serde_json::json;
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::desk::Desk;
use crate::house::{House, TOKEN, wish};

/// `ical-sync`, played.
async fn ical_sync(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/internal/v1/accommodations/1/feeds/recheck"))
        .and(header("x-internal-token", TOKEN))
        .and(body_json(json!({ "within_ms": 300 })))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

/// A replica that asks this `ical-sync`.
async fn open(house: &House, ical_sync: &MockServer) -> Desk {
    let url = ical_sync.uri();
    house
        .open_with(&[("ICAL_SYNC_URL", &url), ("CALENDAR_PATIENCE_MILLISECONDS", "300")])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_wants_one_lodging_has_its_calendars_read_once() {
    let rechecked =
        ResponseTemplate::new(200).set_body_json(json!({ "feeds": 2, "outdated": 0, "good_for_ms": 5_000 }));
    let ical_sync = ical_sync(rechecked.set_delay(Duration::from_millis(100))).await;
    let house = House::new().await;
    let desk = open(&house, &ical_sync).await;
    let lodging = desk.lodging().await;
    let nights = wish(lodging, "2026-03-10", "2026-03-12");
    let (first, second, third) = tokio::join!(desk.hold(&nights), desk.hold(&nights), desk.hold(&nights));
    let mut statuses = [first.status, second.status, third.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
    assert_eq!(ical_sync.received_requests().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn calendars_are_looked_at_again_when_ical_sync_says_so() {
    for (good_for_ms, looks) in [(60_000, 1), (0, 2)] {
        let fresh = json!({ "feeds": 2, "outdated": 0, "good_for_ms": good_for_ms });
        let ical_sync = ical_sync(ResponseTemplate::new(200).set_body_json(fresh)).await;
        let house = House::new().await;
        let desk = open(&house, &ical_sync).await;
        let lodging = desk.lodging().await;
        desk.held(lodging, "2026-03-10", "2026-03-12").await;
        desk.held(lodging, "2026-03-12", "2026-03-14").await;
        assert_eq!(ical_sync.received_requests().await.unwrap().len(), looks);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calendars_that_cannot_be_looked_at_stop_no_sale() {
    for (answer, result) in [
        (ResponseTemplate::new(503), "failed"),
        (ResponseTemplate::new(200).set_body_string("?"), "failed"),
        (
            ResponseTemplate::new(200).set_delay(Duration::from_mins(1)),
            "failed",
        ),
        (
            ResponseTemplate::new(200)
                .set_body_json(json!({ "feeds": 2, "outdated": 1, "good_for_ms": 5_000 })),
            "outdated",
        ),
    ] {
        let ical_sync = ical_sync(answer).await;
        let house = House::new().await;
        let desk = open(&house, &ical_sync).await;
        let lodging = desk.lodging().await;
        let began = Instant::now();
        desk.held(lodging, "2026-03-10", "2026-03-12").await;
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        let metrics = desk.probe("/metrics").await.text;
        let counted = format!("calendar_rechecks_total{{result=\"{result}\"");
        let line = metrics.lines().find(|line| line.starts_with(&counted));
        assert!(
            line.is_some_and(|line| !line.ends_with(" 0")),
            "{result}: {line:?}"
        );
    }
}
