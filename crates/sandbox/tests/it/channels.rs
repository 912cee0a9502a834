//! The channels' calendars: dialects, conditional answers, echo, trouble.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::World;

async fn stays(world: &World, calendar: &str) {
    let stays = json!({ "stays": [
        { "start": "2026-11-10", "end": "2026-11-13", "guest": "Ana" },
        { "start": "2026-12-01", "end": "2026-12-02", "kind": "block" },
    ] });
    assert_eq!(
        world
            .post(&format!("/_control/channels/{calendar}"), stays)
            .await
            .0,
        200
    );
}

async fn script(world: &World, answers: Value) {
    assert_eq!(
        world.post("/_control/channels/airbnb/script", answers).await.0,
        204
    );
}

#[tokio::test]
async fn each_channel_writes_in_its_own_way() {
    let world = World::start().await;
    let cases: [(&str, &[&str]); 4] = [
        (
            "airbnb",
            &[
                "PRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN",
                "DTEND;VALUE=DATE:20261113\r\nDTSTART;VALUE=DATE:20261110",
                "SUMMARY:Airbnb (Not available)",
                "@airbnb.com",
            ],
        ),
        (
            "booking",
            &[
                r"PRODID:-//admin.booking.com\, b.v.//NONSGML v1.0//EN",
                "METHOD:PUBLISH",
                "SUMMARY:CLOSED - Not available",
                "DTSTAMP:20260301T120000Z",
            ],
        ),
        (
            "vrbo",
            &[
                "PRODID:-//HomeAway.com, Inc.//EN",
                "SUMMARY:Reserved - Ana",
                "SUMMARY:Blocked",
            ],
        ),
        (
            "google",
            &[
                "X-WR-TIMEZONE",
                "DTSTART;TZID=America/Argentina/Buenos_Aires:20261110T150000",
                "SUMMARY:Busy",
            ],
        ),
    ];
    for (calendar, parts) in cases {
        stays(&world, calendar).await;
        let (status, file) = world.page(&format!("/channels/{calendar}.ics")).await;
        assert_eq!(status, StatusCode::OK);
        for part in parts {
            assert!(file.contains(part), "{calendar}: {part} is missing in {file}");
        }
        assert!(
            file.split("\r\n").all(|line| line.len() <= 75),
            "{calendar}: a line is too long"
        );
        assert_eq!(file.matches("BEGIN:VEVENT").count(), 2, "{calendar}");
    }
}

#[tokio::test]
async fn an_unchanged_calendar_is_304_until_it_changes() {
    let world = World::start().await;
    for calendar in ["airbnb", "booking"] {
        stays(&world, calendar).await;
        let url = world.url(&format!("/channels/{calendar}.ics"));
        let first = world.client.get(&url).send().await.unwrap();
        let tag = first.headers()["etag"].clone();
        assert!(first.headers().contains_key("last-modified"));
        world
            .post("/_control/clock", json!({ "advance_seconds": 60 }))
            .await;
        let again = world
            .client
            .get(&url)
            .header("if-none-match", &tag)
            .send()
            .await
            .unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{calendar}");
        let stay = json!({ "start": "2026-12-10", "end": "2026-12-12" });
        world
            .post(&format!("/_control/channels/{calendar}/stays"), stay)
            .await;
        let changed = world
            .client
            .get(&url)
            .header("if-none-match", &tag)
            .send()
            .await
            .unwrap();
        assert_eq!(changed.status(), StatusCode::OK, "{calendar}");
    }
}

#[tokio::test]
async fn a_moved_stay_keeps_its_uid_at_airbnb() {
    let world = World::start().await;
    let stay = json!({ "start": "2026-11-10", "end": "2026-11-13" });
    let (_, made) = world.post("/_control/channels/airbnb/stays", stay).await;
    let uid = |file: String| {
        file.lines()
            .find(|line| line.starts_with("UID"))
            .unwrap()
            .to_owned()
    };
    let before = uid(world.page("/channels/airbnb.ics").await.1);
    let path = format!(
        "/_control/channels/airbnb/stays/{}",
        made["key"].as_str().unwrap()
    );
    let moved = json!({ "start": "2026-11-11", "end": "2026-11-14" });
    assert_eq!(world.post(&path, moved).await.0, 204);
    let file = world.page("/channels/airbnb.ics").await.1;
    assert!(file.contains("DTSTART;VALUE=DATE:20261111"));
    assert_eq!(uid(file), before);
    assert_eq!(
        world
            .post(&path, json!({ "start": "2026-11-14", "end": "2026-11-14" }))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn an_echo_re_exports_what_it_reads_and_keeps_it_through_an_outage() {
    let world = World::start().await;
    stays(&world, "airbnb").await;
    let echo = json!({ "echo": [world.url("/channels/airbnb.ics")] });
    world.post("/_control/channels/google", echo.clone()).await;
    world.post("/_control/channels/vrbo", echo).await;
    let (_, google) = world.page("/channels/google.ics").await;
    assert_eq!(
        google.matches("@airbnb.com").count(),
        2,
        "Google keeps foreign UIDs"
    );
    let (_, vrbo) = world.page("/channels/vrbo.ics").await;
    assert!(!vrbo.contains("@airbnb.com") && vrbo.matches("SUMMARY:Blocked").count() == 2);

    for answer in [
        json!({ "kind": "status", "status": 500, "times": 1 }),
        json!({ "kind": "truncated", "times": 1 }),
    ] {
        script(&world, json!([answer])).await;
        assert_eq!(
            world
                .page("/channels/vrbo.ics")
                .await
                .1
                .matches("BEGIN:VEVENT")
                .count(),
            2
        );
    }
    world
        .post("/_control/channels/airbnb", json!({ "stays": [] }))
        .await;
    assert_eq!(
        world
            .page("/channels/vrbo.ics")
            .await
            .1
            .matches("BEGIN:VEVENT")
            .count(),
        0
    );
}

#[tokio::test]
async fn broken_answers_come_in_the_order_of_the_script() {
    let world = World::start().await;
    stays(&world, "airbnb").await;
    let answers = json!([
        { "kind": "status", "status": 429, "headers": { "Retry-After": "30" }, "times": 1 },
        { "kind": "redirect", "to": "http://169.254.169.254/latest", "times": 1 },
        { "kind": "html", "times": 1 },
        { "kind": "empty", "times": 1 },
        { "kind": "truncated", "times": 1 },
        { "kind": "no_events", "times": 1 },
        { "kind": "bytes", "hex": "00ff", "times": 1 },
        { "kind": "close", "times": 1 },
    ]);
    script(&world, answers).await;
    let url = world.url("/channels/airbnb.ics");
    let fetch = async || world.client.get(&url).send().await.unwrap();
    assert_eq!(fetch().await.headers()["retry-after"], "30");
    assert_eq!(
        fetch().await.headers()["location"],
        "http://169.254.169.254/latest"
    );
    assert!(fetch().await.text().await.unwrap().contains("<h1>Log in</h1>"));
    assert_eq!(fetch().await.text().await.unwrap(), "");
    let cut = fetch().await.text().await.unwrap();
    assert!(cut.contains("BEGIN:VEVENT") && !cut.contains("END:VCALENDAR"));
    assert!(!fetch().await.text().await.unwrap().contains("VEVENT"));
    assert_eq!(fetch().await.bytes().await.unwrap()[..], [0, 255]);
    assert!(world.client.get(&url).send().await.is_err());
    assert_eq!(fetch().await.status(), StatusCode::OK, "the script is used up");
}

#[tokio::test]
async fn a_bomb_is_small_on_the_wire_and_a_drip_is_slow() {
    let world = World::start().await;
    script(
        &world,
        json!([{ "kind": "bomb", "mebibytes": 16, "times": 1 }, { "kind": "slow", "every_ms": 50 }]),
    )
    .await;
    let url = world.url("/channels/airbnb.ics");
    let bomb = world.client.get(&url).send().await.unwrap();
    assert_eq!(bomb.headers()["content-encoding"], "gzip");
    assert!(bomb.bytes().await.unwrap().len() < 200_000);
    let slow = world
        .client
        .get(&url)
        .timeout(std::time::Duration::from_millis(400))
        .send()
        .await
        .unwrap();
    assert!(slow.text().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn windows_move_with_the_days() {
    let world = World::start().await;
    world
        .post(
            "/_control/channels/airbnb",
            json!({ "quirks": { "notice_days": 2, "horizon_days": 300 } }),
        )
        .await;
    let first = world.page("/channels/airbnb.ics").await.1;
    assert!(first.contains("DTEND;VALUE=DATE:20260303\r\nDTSTART;VALUE=DATE:20260301"));
    world
        .post("/_control/clock", json!({ "advance_seconds": 86_400 }))
        .await;
    assert!(
        world
            .page("/channels/airbnb.ics")
            .await
            .1
            .contains("DTSTART;VALUE=DATE:20260302")
    );
}

#[tokio::test]
async fn a_person_edits_a_calendar_on_its_page() {
    let world = World::start().await;
    let made = world
        .client
        .post(world.url("/channels"))
        .form(&[("name", "airbnb-cabana-2"), ("dialect", "airbnb")]);
    assert_eq!(
        made.send().await.unwrap().headers()["location"],
        "/channels/airbnb-cabana-2"
    );
    let stay = [
        ("start", "2026-11-10"),
        ("end", "2026-11-13"),
        ("kind", "reservation"),
        ("guest", "Ana <b>"),
    ];
    let added = world
        .client
        .post(world.url("/channels/airbnb-cabana-2/stays"))
        .form(&stay)
        .send()
        .await
        .unwrap();
    assert_eq!(added.status(), StatusCode::SEE_OTHER);
    let (_, page) = world.page("/channels/airbnb-cabana-2").await;
    assert!(page.contains("2026-11-10 → 2026-11-13") && page.contains("Ana &lt;b&gt;"));
    assert!(
        world
            .page("/channels/airbnb-cabana-2.ics")
            .await
            .1
            .contains("DTSTART;VALUE=DATE:20261110")
    );
    assert!(world.page("/channels").await.1.contains("airbnb-cabana-2"));
}
