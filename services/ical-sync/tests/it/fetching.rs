//! Fetching from hosts that nobody knows.

use std::time::Instant;

use ical_sync::fetch::Fetcher;
use serde_json::json;
use time::Duration;

use crate::house::{House, SOON, day};

#[tokio::test(flavor = "multi_thread")]
async fn an_address_inside_the_house_is_refused_however_it_is_written() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    for address in [
        "https://127.0.0.1/a.ics",
        "https://127.1/a.ics",
        "https://2130706433/a.ics",
        "https://0x7f000001/a.ics",
        "https://0177.0.0.1/a.ics",
        "https://[::1]/a.ics",
        "https://[::ffff:127.0.0.1]/a.ics",
        "https://[::ffff:10.0.0.1]/a.ics",
        "https://[64:ff9b::a00:1]/a.ics",
        "https://[2002:a00:1::]/a.ics",
        "https://[fe80::1]/a.ics",
        "https://[fd00:ec2::254]/a.ics",
        "https://10.0.0.1/a.ics",
        "https://172.31.255.255/a.ics",
        "https://192.168.0.1/a.ics",
        "https://100.64.0.1/a.ics",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0/a.ics",
        "https://224.0.0.1/a.ics",
        "https://255.255.255.255/a.ics",
        "https://localhost/a.ics",
        "https://localhost:8004/a.ics",
        "https://localhost./a.ics",
        "http://127.0.0.1:1/a.ics",
        "ftp://example.com/a.ics",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://ana:secret@example.com/a.ics",
        "https://ana@example.com/a.ics",
        "https:///a.ics",
        "webcal://",
        "",
        "a.ics",
    ] {
        let question = json!({ "accommodation_id": lodging, "url": address });
        let refused = house.post("/admin/feeds/preview", question).await;
        assert_eq!(refused.status, 422, "{address}: {}", refused.text);
        assert_eq!(refused.body["code"], "feed_unreadable", "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_looked_at_like_the_first_address() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    house.channel("/_control/channels/plain", json!({})).await;
    house.stay("plain", day(5), day(6)).await;
    for (target, reason) in [
        ("http://169.254.169.254/latest/meta-data/", "not public"),
        ("https://127.0.0.1:1/a.ics", "not public"),
        ("https://[::ffff:127.0.0.1]/a.ics", "not public"),
        ("https://localhost/a.ics", "not public"),
        ("file:///etc/passwd", "not an https URL"),
    ] {
        house
            .script(
                "airbnb",
                json!([{ "kind": "redirect", "to": target, "times": 1 }]),
            )
            .await;
        house.sync().await;
        let shown = house.feed_state(feed).await;
        assert!(
            shown["reason"].as_str().unwrap().contains(reason),
            "{target}: {shown}"
        );
    }
    let here = house.channel_url("plain");
    house
        .script(
            "airbnb",
            json!([{ "kind": "redirect", "to": here, "status": 307, "times": 1 }]),
        )
        .await;
    house.sync().await;
    assert_eq!(house.closed(lodging).await, [day(5)].into());

    let round = house.channel_url("airbnb");
    house
        .script("airbnb", json!([{ "kind": "redirect", "to": round, "times": 9 }]))
        .await;
    house.sync().await;
    assert_eq!(
        house.feed_state(feed).await["reason"],
        "the redirects lead nowhere"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_named_host_and_port_are_let_through() {
    let fetcher = Fetcher::new(&["127.0.0.1:8100".to_owned()], SOON).unwrap();
    for (address, allowed) in [
        ("http://127.0.0.1:8100/channels/airbnb.ics", true),
        ("http://127.0.0.1:8101/channels/airbnb.ics", false),
        ("http://127.0.0.2:8100/channels/airbnb.ics", false),
        ("http://localhost:8100/channels/airbnb.ics", true),
        ("https://www.airbnb.com/calendar/ical/1.ics?s=x", true),
        ("http://www.vrbo.com/icalendar/1.ics", true),
    ] {
        assert_eq!(fetcher.check(address).is_ok(), allowed, "{address}");
    }
    // It looks like a name, and is refused when it turns out to be an address of the house.
    let url = fetcher
        .check("http://localhost:8100/channels/airbnb.ics")
        .unwrap();
    assert_eq!(url.scheme(), "https");
    let url = fetcher.check("http://www.vrbo.com/icalendar/1.ics").unwrap();
    assert_eq!(url.as_str(), "https://www.vrbo.com/icalendar/1.ics");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_a_flood_and_a_drip_end_at_their_limits() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    house.stay("airbnb", day(5), day(6)).await;
    house.sync().await;
    for (answer, reason) in [
        (json!({ "kind": "bomb", "mebibytes": 20 }), "no calendar"),
        (
            json!({ "kind": "huge", "mebibytes": 50 }),
            "larger than the limit",
        ),
        (
            json!({ "kind": "slow", "bytes": 1, "every_ms": 100 }),
            "no answer in time",
        ),
        (json!({ "kind": "hang" }), "no answer in time"),
        (json!({ "kind": "bytes", "hex": "00ff00ff" }), "no calendar"),
    ] {
        house.script("airbnb", json!([answer])).await;
        let began = Instant::now();
        house.sync().await;
        assert!(began.elapsed() < SOON, "{answer}");
        let shown = house.feed_state(feed).await;
        assert!(
            shown["reason"].as_str().unwrap().contains(reason),
            "{answer}: {shown}"
        );
        assert_eq!(house.closed(lodging).await, [day(5)].into(), "{answer}");
        house.end_script("airbnb").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_feed_delays_no_other() {
    let house = House::set(&[("ICAL_AT_ONCE", "3"), ("ICAL_FETCH_SECONDS", "20")]).await;
    let lodging = house.lodging().await;
    for number in 0..2 {
        house.feed(lodging, &format!("vrbo-{number}")).await;
    }
    for number in 0..6 {
        house.feed(lodging, &format!("airbnb-{number}")).await;
        house
            .stay(&format!("airbnb-{number}"), day(number), day(number + 1))
            .await;
    }
    for number in 0..2 {
        house
            .script(&format!("vrbo-{number}"), json!([{ "kind": "hang" }]))
            .await;
    }
    let began = Instant::now();
    house.pass(Duration::hours(1)).await;
    house.post("/admin/feeds/sync", json!({})).await;
    // The two that hang are still waited for.
    testkit::wait_until(SOON, async || {
        (house.closed(lodging).await.len(), house.restless().await) == (6, 2)
    })
    .await;
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_feed_takes_one_turn_however_often_somebody_wants_it_read() {
    let house = House::set(&[("ICAL_AT_ONCE", "2"), ("ICAL_FETCH_SECONDS", "20")]).await;
    let lodging = house.lodging().await;
    house.feed(lodging, "vrbo").await;
    house.feed(lodging, "airbnb").await;
    house.script("vrbo", json!([{ "kind": "hang" }])).await;
    let began = Instant::now();
    for number in 0..4 {
        house.stay("airbnb", day(number), day(number + 1)).await;
        house.post("/admin/feeds/sync", json!({})).await;
        let nights = usize::try_from(number).unwrap() + 1;
        testkit::wait_until(SOON, async || house.closed(lodging).await.len() == nights).await;
    }
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_host_gets_no_more_than_its_turns() {
    let house = House::set(&[("ICAL_HOST_AT_ONCE", "2"), ("ICAL_FETCH_SECONDS", "20")]).await;
    let lodging = house.lodging().await;
    for number in 0..5 {
        house.feed(lodging, &format!("airbnb-{number}")).await;
        house
            .script(&format!("airbnb-{number}"), json!([{ "kind": "hang" }]))
            .await;
    }
    house.post("/admin/feeds/sync", json!({})).await;
    let taken =
        "SELECT count(*) AS number FROM ical_feeds WHERE next_fetch_at = last_attempt_at + interval '150 s'";
    let put_back =
        "SELECT count(*) AS number FROM ical_feeds WHERE next_fetch_at = last_attempt_at + interval '5 s'";
    testkit::wait_until(SOON, async || {
        (house.number(taken).await, house.number(put_back).await) == (2, 3)
    })
    .await;
}
