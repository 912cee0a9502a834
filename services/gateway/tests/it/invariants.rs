//! What must never be is counted when it is, and only then.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use serde_json::json;
use service::settings::HttpSettings;
use storage::invariants;
use testkit::{Answer, TestDatabase, wait_for};

use crate::world::{NOW, World};

/// A lodging, and a function that makes a reservation with what matters here. Nothing refuses a broken promise.
const HOUSE: &str = "
    ALTER TABLE reservations DROP CONSTRAINT reservations_no_overlap;
    ALTER TABLE reservations DISABLE TRIGGER USER;
    INSERT INTO accommodations (id, name, base_price_minor, created_at, updated_at)
    VALUES (1, 'Casa', 100000, now(), now()), (2, 'Otra', 100000, now(), now());
    INSERT INTO ical_feeds (id, accommodation_id, channel, url, state_since, next_fetch_at, created_at, updated_at)
    VALUES (1, 1, 'airbnb', 'https://example.com/1', now(), now(), now(), now());
    CREATE FUNCTION stay(
        number int, accommodation bigint, arrives date, leaves date, status text,
        paid bigint DEFAULT 30000, held_until timestamptz DEFAULT '2026-11-24 12:30Z'
    ) RETURNS uuid LANGUAGE sql AS $$
        INSERT INTO reservations (
            id, code, accommodation_id, check_in, check_out, reservation_status, channel, guests, contact_name,
            contact_email, contact_keys, currency, total_minor, deposit_minor, paid_minor, quote, expires_at,
            access_token_hash, calendar_changed_at, created_at, updated_at
        ) VALUES (
            ('00000000-0000-0000-0000-' || lpad(number::text, 12, '0'))::uuid, 'RES' || number, accommodation, arrives,
            leaves, status, 'web', 2, 'Ana', 'ana@example.com', '{}', 'ARS', 100000, 30000, paid, '{}', held_until,
            '', now(), now(), now()
        ) RETURNING id
    $$;
    CREATE FUNCTION block(uid text, starts date, ends date, echo uuid DEFAULT NULL) RETURNS uuid LANGUAGE sql AS $$
        INSERT INTO calendar_blocks (
            id, accommodation_id, feed_id, uid, starts_on, ends_on, kind, echo_of, created_at, updated_at
        ) VALUES (gen_random_uuid(), 1, 1, uid, starts, ends, 'stay', echo, now(), now()) RETURNING id
    $$;
    CREATE FUNCTION money(number int, reservation uuid, its_state text, read_at timestamptz) RETURNS uuid
    LANGUAGE sql AS $$
        INSERT INTO payments (
            id, provider_payment_id, reservation_id, state, amount_minor, currency, provider_updated_at, found_by,
            created_at, updated_at
        ) VALUES (gen_random_uuid(), number::text, reservation, its_state, 30000, 'ARS', read_at, 'webhook', read_at,
            read_at) RETURNING id
    $$;
    CREATE FUNCTION link(reservation uuid) RETURNS uuid LANGUAGE sql AS $$
        INSERT INTO payment_links (
            id, reservation_id, reservation_code, amount_minor, currency, preference_id, url, expires_at, created_at,
            updated_at
        ) VALUES (gen_random_uuid(), reservation, 'RES', 30000, 'ARS', 'p', 'https://example.com', now(), now(), now())
        RETURNING id
    $$;
    CREATE FUNCTION told(reservation uuid, what text, how jsonb) RETURNS void LANGUAGE sql AS $$
        INSERT INTO reservation_timeline (reservation_id, at, kind, actor, detail)
        VALUES (reservation, now(), what, 'staff:ana@example.com', how)
    $$;";

async fn execute(conn: &mut AsyncPgConnection, statement: &str) {
    if let Err(error) = conn.batch_execute(statement).await {
        panic!("{statement}: {error}");
    }
}

/// What is counted above zero after `statement`.
async fn broken_by(statement: &str) -> BTreeMap<&'static str, i64> {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    execute(&mut conn, HOUSE).await;
    execute(&mut conn, statement).await;
    let counted = invariants::count(&mut conn, NOW).await.unwrap();
    let above = counted.into_iter().filter(|(_, count)| 0 < *count);
    above
        .map(|(invariant, count)| (invariant.as_str(), count))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_promise_is_counted_under_its_name() {
    for (name, count, statement) in [
        (
            "overlapping_stays",
            2,
            "SELECT stay(1, 1, '2026-12-01', '2026-12-10', 'confirmed'), stay(2, 1, '2026-12-02', '2026-12-04', 'confirmed'),
                stay(3, 1, '2026-12-09', '2026-12-12', 'pre_reserved'), stay(4, 1, '2026-12-12', '2026-12-13', 'confirmed')",
        ),
        (
            "stays_over_blocks",
            1,
            "SELECT stay(1, 1, '2026-12-01', '2026-12-03', 'confirmed'), block('a', '2026-12-02', '2026-12-04')",
        ),
        ("unsettled_payments", 1, "SELECT money(1, NULL, 'approved', '2026-11-24 11:58Z')"),
        ("underpaid_stays", 1, "SELECT stay(1, 1, '2026-12-01', '2026-12-03', 'confirmed', paid => 29999)"),
        (
            "overdue_holds",
            2,
            "SELECT stay(1, 1, '2026-12-01', '2026-12-03', 'pre_reserved', held_until => '2026-11-24 11:58Z'),
                link(stay(2, 2, '2026-12-01', '2026-12-03', 'pre_reserved', held_until => '2026-11-24 11:40Z'))",
        ),
        (
            "unpublished_events",
            1,
            "INSERT INTO outbox_events (id, name, payload, correlation_id, created_at)
            VALUES (gen_random_uuid(), 'x', '', '', '2026-11-24 11:58Z')",
        ),
        (
            "unprocessed_deliveries",
            1,
            "INSERT INTO webhook_deliveries (id, source, dedupe_key, query, headers, body, verdict, received_at)
            VALUES (gen_random_uuid(), 'whatsapp', 'k', '', '{}', '', 'authentic', '2026-11-24 11:54Z')",
        ),
        (
            "duplicate_blocks",
            1,
            "SELECT block('a', '2026-12-02', '2026-12-04'), block('a', '2026-12-08', '2026-12-09')",
        ),
    ] {
        assert_eq!(broken_by(statement).await, BTreeMap::from([(name, count)]), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_as_it_should_be_is_not_counted() {
    for (what, statement) in [
        ("an empty house", "SELECT 1"),
        (
            "stays that meet, that are over, or that hold no nights",
            "SELECT stay(1, 1, '2026-12-01', '2026-12-03', 'confirmed'), stay(2, 1, '2026-12-03', '2026-12-05', 'confirmed'),
                stay(3, 2, '2026-12-01', '2026-12-05', 'confirmed'), stay(4, 1, '2026-12-01', '2026-12-09', 'cancelled'),
                stay(5, 1, '2026-10-01', '2026-10-09', 'confirmed'), stay(6, 1, '2026-10-01', '2026-10-09', 'completed')",
        ),
        (
            "the echo of a stay, a closure that is gone, and one that a person has decided on",
            "SELECT block('echo', '2026-12-01', '2026-12-03', stay(1, 1, '2026-12-01', '2026-12-03', 'confirmed'));
            SELECT block('gone', '2026-12-01', '2026-12-03');
            UPDATE calendar_blocks SET removed_at = now() WHERE uid = 'gone';
            INSERT INTO calendar_conflicts (id, accommodation_id, block_id, reservation_id, found_at, closed_at, decision)
            SELECT gen_random_uuid(), 1, block('known', '2026-12-20', '2026-12-23'),
                stay(2, 1, '2026-12-20', '2026-12-22', 'confirmed'), now(), now(), 'they share it'",
        ),
        (
            "money that is new, settled, parked or not approved",
            "SELECT money(1, NULL, 'approved', '2026-11-24 11:59:30Z'), money(2, NULL, 'pending', '2026-11-20Z'),
                money(3, NULL, 'approved', '2026-11-20Z'), money(4, NULL, 'refunded', '2026-11-20Z'),
                money(5, NULL, 'approved', '2026-11-20Z');
            UPDATE payments SET resolution = 'confirmed' WHERE provider_payment_id = '3';
            UPDATE payments SET parked_at = now() WHERE provider_payment_id = '5'",
        ),
        (
            "a stay that a person confirmed without money, and one whose money went back",
            "SELECT told(stay(1, 1, '2026-12-01', '2026-12-03', 'confirmed', paid => 0), 'confirmed', '{\"by_hand\": true}'),
                told(stay(2, 2, '2026-12-01', '2026-12-03', 'confirmed', paid => 0), 'payment_refunded', '{}')",
        ),
        (
            "a hold in time, one that the provider is asked about, and one whose money is looked at",
            "SELECT stay(1, 1, '2026-12-01', '2026-12-03', 'pre_reserved', held_until => '2026-11-24 11:59:30Z'),
                link(stay(2, 2, '2026-12-01', '2026-12-03', 'pre_reserved', held_until => '2026-11-24 11:50Z')),
                money(1, stay(3, 2, '2026-12-11', '2026-12-13', 'pre_reserved', held_until => '2026-11-23Z'), 'in_process',
                    '2026-11-23Z')",
        ),
        (
            "events that are new or published, and deliveries that are new or worked on",
            "INSERT INTO outbox_events (id, name, payload, correlation_id, created_at, published_at) VALUES
                (gen_random_uuid(), 'x', '', '', '2026-11-24 11:59:30Z', NULL),
                (gen_random_uuid(), 'x', '', '', '2026-11-20Z', '2026-11-20Z');
            INSERT INTO webhook_deliveries
                (id, source, dedupe_key, query, headers, body, verdict, received_at, processed_at) VALUES
                (gen_random_uuid(), 'whatsapp', 'a', '', '{}', '', 'authentic', '2026-11-24 11:56Z', NULL),
                (gen_random_uuid(), 'whatsapp', 'b', '', '{}', '', 'authentic', '2026-11-20Z', '2026-11-20Z')",
        ),
        (
            "the instances of a recurring closure",
            "SELECT block('a', '2026-12-02', '2026-12-04'), block('a', '2026-12-09', '2026-12-11');
            UPDATE calendar_blocks SET instance = starts_on",
        ),
    ] {
        assert_eq!(broken_by(statement).await, BTreeMap::new(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_promise_shows_in_the_health_page_and_pages_by_its_metric() {
    let world = World::with(HttpSettings::for_tests(), &[("INVARIANTS_SECONDS", "1")]).await;
    let mut conn = world.database.conn().await;
    execute(&mut conn, HOUSE).await;
    let unsettled = "SELECT money(1, NULL, 'approved', '2026-11-24 11:58Z'), money(2, NULL, 'approved', '2026-11-24 11:58Z')";
    execute(&mut conn, unsettled).await;
    let row = wait_for(Duration::from_secs(10), async || {
        let body = Answer::to(world.get("/api/v1/healthz")).await.body;
        let row = body["checks"]["invariants"].clone();
        (row["violations"] == 2).then_some(row)
    })
    .await;
    assert_eq!(
        row,
        json!({
            "status": "warning", "violations": 2, "unsettled_payments": 2, "error": "unsettled_payments",
            "since": "2026-11-24T12:00:00Z",
        })
    );
    let metrics = Answer::to(world.get("/metrics")).await.text;
    for line in [
        "invariant_violations{invariant=\"unsettled_payments\"} 2",
        "invariant_violations{invariant=\"overlapping_stays\"} 0",
        "invariant_violations{invariant=\"dead_letters\"} 0",
    ] {
        assert!(metrics.contains(line), "{line}");
    }
    execute(&mut conn, "UPDATE payments SET resolution = 'confirmed'").await;
    wait_for(Duration::from_secs(10), async || {
        let body = Answer::to(world.get("/api/v1/healthz")).await.body;
        (body["checks"]["invariants"]["status"] == "ok").then_some(())
    })
    .await;
}
