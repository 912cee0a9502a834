//! A house with a past: far more rows than any hot path may read.

use diesel_async::AsyncPgConnection;
use testkit::TestDatabase;
use uuid::Uuid;

use super::paths::Paths;
use crate::world::{execute, lines};

/// Past and present of a house with 200 lodgings.
pub(super) const FILL: [&str; 13] = [
    "INSERT INTO accommodations (id, name, base_price_minor, created_at, updated_at) \
     SELECT n, 'Casa', 10000, '2025-01-01Z', '2025-01-01Z' FROM generate_series(1, 200) n",
    // 30 stays of each lodging, one every ten days from November on; those before March are over.
    "INSERT INTO reservations (id, code, accommodation_id, check_in, check_out, reservation_status, payment_status, \
     channel, guests, contact_name, contact_phone, contact_keys, client_address, currency, total_minor, deposit_minor, \
     quote, expires_at, access_token_hash, calendar_changed_at, confirmed_at, created_at, updated_at) \
     SELECT gen_random_uuid(), 'RES251101' || translate(lpad((100 * a + n)::text, 6, '0'), '01', 'XY'), a, date '2025-11-01' + 10 * n, date '2025-11-04' + 10 * n, \
     CASE WHEN n < 12 THEN 'completed' WHEN n = 20 AND a < 50 THEN 'pre_reserved' ELSE 'confirmed' END, 'pending', 'web', 2, 'Ana', \
     '+54911', ARRAY[format('k%s', a)], format('10.0.0.%s', a), 'ARS', 100000, 30000, \
     '{\"nights\": [], \"extra_guests_minor\": 0, \"cleaning_minor\": 0, \"total_minor\": 100000, \"deposit_minor\": 30000, \
     \"cancellation\": {\"free_days\": 7, \"partial_days\": 2, \"partial_bp\": 5000}}', \
     timestamptz '2026-03-01 12:30Z', '\\x00', '2026-01-01Z', timestamptz '2025-10-01Z' + n * interval '1 day', \
     timestamptz '2025-10-01Z' + n * interval '1 day', '2026-01-01Z' \
     FROM generate_series(1, 200) a, generate_series(0, 29) n",
    "INSERT INTO reservation_timeline (reservation_id, at, kind, actor) SELECT id, created_at, 'held', 'guest' FROM \
     reservations",
    "INSERT INTO payment_links (id, reservation_id, reservation_code, amount_minor, currency, preference_id, url, \
     expires_at, replaced_at, created_at, updated_at) SELECT gen_random_uuid(), id, code, 30000, 'ARS', 'p', 'u', \
     expires_at, CASE WHEN reservation_status <> 'pre_reserved' THEN created_at END, created_at, created_at FROM \
     reservations",
    "INSERT INTO payments (id, provider_payment_id, external_reference, reservation_id, state, amount_minor, currency, \
     provider_updated_at, found_by, resolution, created_at, updated_at) SELECT gen_random_uuid(), code, code, id, \
     'approved', 30000, 'ARS', created_at, 'webhook', 'confirmed', created_at, created_at FROM reservations WHERE \
     reservation_status <> 'pre_reserved'",
    "INSERT INTO refunds (id, payment_id, amount_minor, currency, reason, actor, state, created_at, updated_at) SELECT \
     gen_random_uuid(), id, 1, 'ARS', 'cancelled', 'guest', 'done', created_at, created_at FROM payments",
    "INSERT INTO outbox_events (id, name, payload, correlation_id, created_at, published_at) SELECT gen_random_uuid(), \
     'x', '', n::text, '2026-02-01Z', '2026-02-01Z' FROM generate_series(1, 10000) n",
    "INSERT INTO inbox_events SELECT 'c', gen_random_uuid(), '2026-02-01Z' FROM generate_series(1, 10000)",
    "INSERT INTO idempotency_keys SELECT 'guest', 'POST', n::text, '', 200, '{}', '{}', '2026-03-01Z' FROM \
     generate_series(1, 5000) n",
    "INSERT INTO webhook_deliveries (id, source, dedupe_key, query, headers, body, verdict, resource_id, received_at, \
     processed_at) SELECT gen_random_uuid(), 'mercadopago', n::text, '', '{}', '', 'authentic', n::text, timestamptz \
     '2026-02-01Z' + n * interval '1 minute', '2026-02-02Z' FROM generate_series(1, 5000) n",
    "INSERT INTO ical_feeds (id, accommodation_id, channel, url, state_since, next_fetch_at, created_at, updated_at) \
     SELECT n, n % 200 + 1, 'airbnb', n::text, now(), '2026-04-01Z', now(), now() FROM generate_series(1, 800) n",
    "INSERT INTO calendar_blocks (id, accommodation_id, feed_id, uid, starts_on, ends_on, kind, created_at, updated_at, \
     removed_at) SELECT gen_random_uuid(), n % 200 + 1, n % 200 + 1, n::text, date '2026-01-05' + 10 * (n / 200), date \
     '2026-01-06' + 10 * (n / 200), 'stay', now(), now(), CASE WHEN n % 2 = 0 THEN now() END FROM generate_series(1, 4000) n",
    "INSERT INTO messages (id, direction, fact, recipient, content, state, wamid, created_at, updated_at) SELECT \
     gen_random_uuid(), 'out', n::text, n::text, '{}', 'read', n::text, now(), now() FROM generate_series(1, 5000) n",
];

pub(super) async fn some_id(conn: &mut AsyncPgConnection, of: &str) -> Uuid {
    let query = format!("SELECT id::text AS line FROM {of} LIMIT 1");
    lines(conn, &query).await.concat().parse().unwrap()
}

pub(super) async fn house() -> (TestDatabase, Paths) {
    let database = TestDatabase::create().await;
    let mut conn = database.database().connect_directly().await.unwrap();
    execute(&mut conn, &["BEGIN"]).await;
    execute(&mut conn, &FILL).await;
    execute(&mut conn, &["COMMIT", "ANALYZE"]).await;
    let heavy = Vec::new();
    (database, Paths { conn, heavy })
}
