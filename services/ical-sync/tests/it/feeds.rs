//! What people do with feeds.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::house::{House, day};

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_shown_before_it_is_saved() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let code = house.book(lodging, day(11), day(13)).await;
    house.channel("/_control/channels/airbnb", json!({})).await;
    house.stay("airbnb", day(10), day(12)).await;
    house.entry("airbnb", day(20), day(21), "block").await;

    let question = json!({ "accommodation_id": lodging, "url": house.channel_url("airbnb") });
    let preview = house.post("/admin/feeds/preview", question).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    assert_eq!(preview.body["channel"], "airbnb");
    assert_eq!(preview.body["events_total"], 2);
    assert_eq!(preview.body["nights"], 3);
    let first = &preview.body["events"][0];
    assert_eq!(
        (
            first["starts_on"].clone(),
            first["ends_on"].clone(),
            first["kind"].clone()
        ),
        (
            json!(day(10).to_string()),
            json!(day(12).to_string()),
            json!("stay")
        )
    );
    assert_eq!(first["overlaps"], json!([crate::house::code(code)]));
    assert_eq!(house.get("/admin/feeds").await.body["items"], json!([]));
    assert!(house.blocks(lodging).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_calendar_is_not_added() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.channel("/_control/channels/airbnb", json!({})).await;
    let path = format!("/admin/accommodations/{lodging}/feeds");
    let feed = json!({ "channel": "airbnb", "url": house.channel_url("airbnb") });
    for (answers, code) in [
        (json!([{ "kind": "html", "times": 1 }]), "no_calendar"),
        (json!([{ "kind": "empty", "times": 1 }]), "no_calendar"),
        (json!([{ "kind": "truncated", "times": 1 }]), "no_calendar"),
        (
            json!([{ "kind": "status", "status": 403, "times": 1 }]),
            "unreadable",
        ),
        (
            json!([{ "kind": "status", "status": 304, "times": 1 }]),
            "unreadable",
        ),
        (json!([{ "kind": "close", "times": 1 }]), "unreadable"),
    ] {
        house.script("airbnb", answers.clone()).await;
        let refused = house.post(&path, feed.clone()).await;
        assert_eq!(refused.status, 422, "{answers}: {}", refused.text);
        assert_eq!(refused.body["errors"][0]["code"], code, "{answers}");
        assert!(!refused.text.contains("/channels/airbnb"), "{}", refused.text);
    }
    let unknown = json!({ "channel": "myspace", "url": house.channel_url("airbnb") });
    assert_eq!(house.post(&path, unknown).await.body["code"], "unknown_channel");
    assert_eq!(
        house
            .post("/admin/accommodations/99/feeds", feed.clone())
            .await
            .status,
        404
    );

    assert_eq!(house.post(&path, feed.clone()).await.status, 201);
    let another = house.lodging().await;
    let path = format!("/admin/accommodations/{another}/feeds");
    assert_eq!(house.post(&path, feed).await.body["code"], "feed_known");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_s_address_is_never_shown() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb-secret").await;
    for path in ["/admin/feeds".to_owned(), format!("/admin/feeds/{feed}")] {
        let shown = house.get(&path).await;
        assert!(shown.text.contains("\"host\":\"127.0.0.1\""), "{}", shown.text);
        assert!(!shown.text.contains("secret"), "{}", shown.text);
    }
    assert!(
        !telemetry::logs::captured()
            .iter()
            .any(|line| line.contains("airbnb-secret.ics"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_feed_keeps_its_nights_and_is_not_read() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    let key = house.stay("airbnb", day(10), day(12)).await;
    house.sync().await;
    assert_eq!(house.closed(lodging).await.len(), 2);

    assert_eq!(
        house
            .post(&format!("/admin/feeds/{feed}/pause"), json!({}))
            .await
            .status,
        202
    );
    house.end_stay("airbnb", &key).await;
    let before = house.fetches("airbnb").await;
    house.sync().await;
    assert_eq!(house.fetches("airbnb").await, before);
    assert_eq!(house.closed(lodging).await.len(), 2);

    assert_eq!(
        house
            .post(&format!("/admin/feeds/{feed}/resume"), json!({}))
            .await
            .status,
        202
    );
    house.quiet().await;
    assert_eq!(house.feed_state(feed).await["state"], "held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_feed_frees_its_own_nights_only() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let airbnb = house.feed(lodging, "airbnb").await;
    house.feed(lodging, "vrbo").await;
    house.stay("airbnb", day(10), day(13)).await;
    house.stay("vrbo", day(12), day(14)).await;
    house.sync().await;

    let path = format!("/admin/feeds/{airbnb}");
    let removed = house.call(&house.replica, Method::DELETE, &path, None).await;
    assert_eq!(removed.status, 204);
    assert_eq!(house.closed(lodging).await, [day(12), day(13)].into());
    let events = house.database.outbox().await;
    assert!(events.iter().any(|name| name == "calendar.block_removed.v1"));
    assert_eq!(house.get(&path).await.status, 404);
    // Its address is free again.
    house.feed(lodging, "airbnb").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_moves_to_another_address_once_that_is_read() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb-old").await;
    house.stay("airbnb-old", day(10), day(12)).await;
    house.sync().await;
    let path = format!("/admin/feeds/{feed}");
    let put = |body| house.call(&house.replica, Method::PUT, &path, Some(body));

    let nowhere = json!({ "url": house.channel_url("airbnb-nowhere") });
    assert_eq!(put(nowhere).await.status, 422);
    house.channel("/_control/channels/airbnb-new", json!({})).await;
    house.stay("airbnb-new", day(11), day(12)).await;
    house.stay("airbnb-new", day(20), day(22)).await;
    let changed = put(json!({ "url": house.channel_url("airbnb-new"), "channel": "vrbo" })).await;
    assert_eq!((changed.status, &changed.body["channel"]), (200, &json!("vrbo")));
    house.quiet().await;
    assert_eq!(house.closed(lodging).await, [day(11), day(20), day(21)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_too_long_for_others_is_asked_to_come_again() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    house.book(lodging, day(10), day(13)).await;
    house.stay("airbnb", day(12), day(14)).await;
    house.sync().await;
    let conflict = house.conflicts().await[0]["id"].as_str().unwrap().to_owned();
    let calls = [
        (
            Method::PUT,
            format!("/admin/feeds/{feed}"),
            json!({ "channel": "other" }),
        ),
        (Method::POST, format!("/admin/feeds/{feed}/pause"), json!({})),
        (Method::POST, format!("/admin/feeds/{feed}/release"), json!({})),
        (Method::DELETE, format!("/admin/feeds/{feed}"), json!({})),
        (
            Method::POST,
            format!("/admin/conflicts/{conflict}/resolve"),
            json!({ "decision": "Ana se muda a la cabaña 2" }),
        ),
    ];
    let lodgings = house
        .database
        .locked("SELECT FROM accommodations FOR UPDATE")
        .await;
    let conflicts = house
        .database
        .locked("SELECT FROM calendar_conflicts FOR UPDATE")
        .await;
    let answers = calls.map(|(method, path, body)| {
        let house = &house;
        async move { (house.call(&house.replica, method, &path, Some(body)).await, path) }
    });
    for (answer, path) in join_all(answers).await {
        assert_eq!(answer.status, 503, "{path}: {}", answer.text);
        assert_eq!(answer.headers["retry-after"], "2", "{path}");
    }
    drop((lodgings, conflicts));
    assert_eq!(
        house
            .post(&format!("/admin/feeds/{feed}/pause"), json!({}))
            .await
            .status,
        202
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_feeds_there_are_all_of_them_are_listed() {
    let house = House::new().await;
    let (lodging, other) = (house.lodging().await, house.lodging().await);
    house
        .sql(&format!(
            "INSERT INTO ical_feeds (accommodation_id, channel, url, state_since, next_fetch_at, created_at, updated_at) \
             SELECT {lodging}, 'airbnb', 'https://a.example/' || n, now(), '2100-01-01Z', now(), now() \
             FROM generate_series(1, 5001) AS n"
        ))
        .await;
    for path in [
        "/admin/feeds".to_owned(),
        format!("/admin/accommodations/{lodging}/feeds"),
    ] {
        assert_eq!(house.get(&path).await.body["items"].as_array().unwrap().len(), 50);
        let ids: Vec<i64> = house
            .all(&path)
            .await
            .iter()
            .map(|feed| feed["id"].as_i64().unwrap())
            .collect();
        assert_eq!(ids.len(), 5_001, "{path}");
        assert!(ids.is_sorted_by(|earlier, later| earlier < later), "{path}");
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("cursor=x", "cursor"),
        ] {
            let refused = house.get(&format!("{path}?{query}")).await;
            assert_eq!(refused.status, 422, "{path}?{query}");
            assert_eq!(refused.body["errors"][0]["field"], field);
        }
    }
    let path = format!("/admin/accommodations/{other}/feeds");
    assert!(house.all(&path).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_filters_refuses_one_by_its_name() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    for path in [
        "/admin/feeds".to_owned(),
        "/admin/conflicts".to_owned(),
        format!("/admin/accommodations/{lodging}/feeds"),
        format!("/admin/accommodations/{lodging}/export-tokens"),
    ] {
        let refused = house.get(&format!("{path}?channel=airbnb")).await;
        let named = json!([{ "field": "channel", "code": "unknown" }]);
        assert_eq!((refused.status, &refused.body["errors"]), (422, &named), "{path}");
    }
}
