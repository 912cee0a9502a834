//! Another channel's stay over one of ours: both are kept, and a person hears of it.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::house::{House, day};

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_over_ours_is_kept_listed_and_announced() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.book(lodging, day(10), day(13)).await;
    house.stay("airbnb", day(12), day(15)).await;
    // The day on which ours leaves is no conflict.
    house.stay("airbnb", day(7), day(10)).await;
    house.sync().await;
    assert_eq!(house.closed(lodging).await.len(), 6);
    let conflicts = house.conflicts().await;
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0]["channel"], "airbnb");
    assert_eq!(conflicts[0]["starts_on"], day(12).to_string());
    assert_eq!(conflicts[0]["check_in"], day(10).to_string());
    let events = house.database.outbox().await;
    assert_eq!(
        events
            .iter()
            .filter(|name| *name == "calendar.conflict_found.v1")
            .count(),
        1
    );
    let metrics = house.probe("/metrics").await.text;
    assert!(metrics.contains("ical_conflicts_open{"), "{metrics}");
    // It is found once.
    house.pass(time::Duration::hours(13)).await;
    house.sync().await;
    assert_eq!(house.conflicts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_over_when_the_other_side_goes_away() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    let ours = house.book(lodging, day(10), day(13)).await;
    let key = house.stay("airbnb", day(12), day(14)).await;
    house.stay("airbnb", day(20), day(25)).await;
    house.sync().await;
    assert_eq!(house.conflicts().await.len(), 1);
    house.end_stay("airbnb", &key).await;
    house.sync().await;
    assert_eq!(house.conflicts().await, Vec::<Value>::new());
    let told = format!(
        "SELECT count(*) AS number FROM reservation_timeline WHERE reservation_id = '{ours}' \
         AND kind = 'calendar_conflict_over' AND actor = 'system:ical-sync'"
    );
    assert_eq!(house.number(&told).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_over_when_our_stay_is_called_off() {
    let house = House::with_broker().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    let ours = house.book(lodging, day(10), day(13)).await;
    house.stay("airbnb", day(12), day(14)).await;
    house.sync().await;
    assert_eq!(house.conflicts().await.len(), 1);
    house.call_off(lodging, ours).await;
    house.events_are_heard().await;
    assert_eq!(house.conflicts().await, Vec::<Value>::new());
    assert_eq!(house.closed(lodging).await, [day(12), day(13)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_decides_once_and_it_is_written_down_who_and_what() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    let ours = house.book(lodging, day(10), day(13)).await;
    house.stay("airbnb", day(12), day(14)).await;
    house.sync().await;
    let id = house.conflicts().await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/conflicts/{id}/resolve");
    for nonsense in [" ", "a\u{0}", &"ñ".repeat(501)] {
        let refused = house.post(&path, json!({ "decision": nonsense })).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.body["errors"][0]["field"], "decision");
    }
    let decision = json!({ "decision": "Ana se muda a la cabaña 2" });
    assert_eq!(house.post(&path, decision.clone()).await.status, 204);
    assert_eq!(house.post(&path, decision).await.status, 404);
    house.pass(time::Duration::hours(13)).await;
    house.sync().await;
    assert_eq!(house.conflicts().await, Vec::<Value>::new());
    let told = format!(
        "SELECT count(*) AS number FROM reservation_timeline WHERE reservation_id = '{ours}' \
         AND kind = 'calendar_conflict_resolved' AND detail->>'by' = 'staff:ana@example.com'"
    );
    assert_eq!(house.number(&told).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_conflicts_are_open_all_are_listed_and_each_can_be_decided_on() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    let ours = house.book(lodging, day(10), day(13)).await;
    house
        .sql(&format!(
            "INSERT INTO calendar_blocks (id, accommodation_id, feed_id, uid, starts_on, ends_on, kind, created_at, \
             updated_at) SELECT gen_random_uuid(), {lodging}, {feed}, n::text, '{}', '{}', 'stay', now(), now() \
             FROM generate_series(1, 5001) AS n",
            day(12),
            day(14)
        ))
        .await;
    house
        .sql(&format!(
            "INSERT INTO calendar_conflicts (id, accommodation_id, block_id, reservation_id, found_at) \
             SELECT gen_random_uuid(), {lodging}, id, '{ours}', '2026-03-01Z' FROM calendar_blocks"
        ))
        .await;
    assert_eq!(house.conflicts().await.len(), 50);
    let all = house.all("/admin/conflicts").await;
    let ids: Vec<&str> = all
        .iter()
        .map(|conflict| conflict["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 5_001);
    let path = format!("/admin/conflicts/{}/resolve", ids[5_000]);
    let decision = json!({ "decision": "Ana se muda a la cabaña 2" });
    assert_eq!(house.post(&path, decision).await.status, 204);
    assert_eq!(house.all("/admin/conflicts").await.len(), 5_000);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=x", "cursor"),
    ] {
        let refused = house.get(&format!("/admin/conflicts?{query}")).await;
        assert_eq!(refused.status, 422, "{query}");
        assert_eq!(refused.body["errors"][0]["field"], field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_decide_at_once_one_does() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    let ours = house.book(lodging, day(10), day(13)).await;
    house.stay("airbnb", day(12), day(14)).await;
    house.sync().await;
    let id = house.conflicts().await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/conflicts/{id}/resolve");
    let decisions = (0..8).map(|_| house.post(&path, json!({ "decision": "Ana se muda" })));
    let statuses = join_all(decisions).await.into_iter().map(|answer| answer.status);
    assert_eq!(statuses.filter(|status| *status == 204).count(), 1);
    let told = format!(
        "SELECT count(*) AS number FROM reservation_timeline WHERE reservation_id = '{ours}' \
         AND kind = 'calendar_conflict_resolved'"
    );
    assert_eq!(house.number(&told).await, 1);
}
