use storage::{Refusal, error::violates, refusal};
use testkit::TestDatabase;
use uuid::Uuid;

use crate::world::{execute, hold, lines, lodging};

/// Names that code maps to answers, or the seam that judges a race.
const JUDGES: [&str; 14] = [
    "accommodations_pkey",
    "idempotency_keys_pkey",
    "inbox_events_pkey",
    "messages_fact_key",
    "outbox_events_pkey",
    "payments_provider_payment_key",
    "reservations_code_key",
    "reservations_dates_ordered",
    "reservations_hold_expires",
    "reservations_no_overlap",
    "reservations_status_known",
    "seasons_no_overlap",
    "staff_email_key",
    "webhook_deliveries_dedupe_key",
];

/// The same for unique indexes, which a constraint cannot express.
const JUDGING_INDEXES: [&str; 5] = [
    "calendar_conflicts_open_key",
    "ical_export_tokens_live_key",
    "ical_feeds_url_key",
    "payment_links_one_live",
    "refunds_provider_refund_key",
];

const CONSTRAINTS: &str = "SELECT conname::text AS line FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
                           AND conrelid <> 'public.__diesel_schema_migrations'::regclass";

#[tokio::test(flavor = "multi_thread")]
async fn the_constraints_that_judge_races_exist_under_their_names() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let constraints = lines(&mut conn, CONSTRAINTS).await;
    for name in JUDGES {
        assert!(constraints.iter().any(|found| found == name), "{name}");
    }
    let unique = "SELECT indexrelid::regclass::text AS line FROM pg_index WHERE indisunique";
    let indexes = lines(&mut conn, unique).await;
    for name in JUDGING_INDEXES {
        assert!(indexes.iter().any(|found| found == name), "{name}");
    }
}

/// A name that PostgreSQL made up may change with a column; nothing may depend on it.
#[tokio::test(flavor = "multi_thread")]
async fn every_constraint_was_named_by_a_person() {
    let database = TestDatabase::create().await;
    let constraints = lines(&mut *database.conn().await, CONSTRAINTS).await;
    assert!(60 < constraints.len());
    for name in constraints {
        let made_up = ["_check", "_check1", "_excl", "_id_fkey", "_key1"];
        assert!(made_up.iter().all(|end| !name.ends_with(end)), "{name}");
    }
}

/// Else a write to the table referred to reads the whole referring table, and so does every join along it.
#[tokio::test(flavor = "multi_thread")]
async fn every_foreign_key_has_an_index() {
    let database = TestDatabase::create().await;
    let without = "SELECT conname::text AS line FROM pg_constraint f WHERE contype = 'f' AND NOT EXISTS \
                   (SELECT FROM pg_index i WHERE i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1])";
    let without = lines(&mut *database.conn().await, without).await;
    assert!(without.is_empty(), "{without:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stays_never_share_a_night_even_if_nobody_takes_the_lock() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    lodging(&mut conn).await;
    let mut holds = tokio::task::JoinSet::new();
    for number in 0..20 {
        // Each has a pool of its own: who waits for another's night does so longer than anyone waits for a connection.
        let database = testkit::database::open(database.url());
        holds.spawn(async move {
            let mut conn = database.get().await.unwrap();
            hold(&mut conn, &format!("RES{number}"), ("2026-04-01", "2026-04-04")).await
        });
    }
    let (held, refused): (Vec<_>, Vec<_>) = holds.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(held.len(), 1);
    for error in refused.into_iter().map(Result::unwrap_err) {
        let judged =
            violates(&error, "reservations_no_overlap") || refusal(&error) == Some(Refusal::Contention);
        assert!(judged, "{error}");
    }
    let night_over = hold(&mut conn, "RESA", ("2026-04-03", "2026-04-05"))
        .await
        .unwrap_err();
    assert!(violates(&night_over, "reservations_no_overlap"));
    hold(&mut conn, "RESB", ("2026-04-04", "2026-04-05"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_that_another_channel_closed_is_not_sold_even_if_nobody_looks() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    lodging(&mut conn).await;
    let feed = "INSERT INTO ical_feeds (id, accommodation_id, channel, url, state_since, next_fetch_at, created_at, \
                updated_at) VALUES (1, 1, 'airbnb', 'https://a.example/1', now(), now(), now(), now())";
    let block = format!(
        "INSERT INTO calendar_blocks (id, accommodation_id, feed_id, uid, starts_on, ends_on, kind, created_at, \
         updated_at) VALUES ('{}', 1, 1, 'u', '2026-04-02', '2026-04-03', 'stay', now(), now())",
        Uuid::new_v4()
    );
    execute(&mut conn, &[feed, &block]).await;

    let over = hold(&mut conn, "RESA", ("2026-04-01", "2026-04-04"))
        .await
        .unwrap_err();
    assert!(violates(&over, "reservations_no_blocked_night"), "{over}");
    hold(&mut conn, "RESB", ("2026-04-03", "2026-04-05"))
        .await
        .unwrap();
    // The night that another stay of ours gives back is refused as well.
    let revived = "UPDATE reservations SET check_in = '2026-04-02' WHERE code = 'RESB'";
    let over = diesel_async::RunQueryDsl::execute(diesel::sql_query(revived), &mut conn)
        .await
        .unwrap_err();
    assert!(violates(&over, "reservations_no_blocked_night"), "{over}");
}
