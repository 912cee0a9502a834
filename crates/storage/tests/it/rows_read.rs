//! The hot paths read few rows, however many there are.

use diesel::{QueryResult, QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{accommodation::AccommodationId, contact::Contact, stay::Stay};
use storage::{
    accommodations, calendar_blocks, calendar_conflicts, ical_feeds,
    idempotency::{self, Scope},
    inbox, messages, outbox,
    payment_links::{self, PollRhythm},
    payments, refunds,
    reservations::{self, Contactable, Filter},
    staff, timeline,
    webhook_deliveries::{self, DeliveryFilter},
};
use testkit::TestDatabase;
use time::{Duration, macros::date};
use uuid::Uuid;

use crate::world::{context, event, execute, lines, now};

/// More than any of these may read, less than any table has.
const FEW: i64 = 300;

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Past and present of a house with 200 lodgings.
const FILL: [&str; 13] = [
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

/// Notes the paths that read more than [`FEW`] rows.
struct Paths {
    conn: AsyncPgConnection,
    heavy: Vec<String>,
}

impl Paths {
    async fn go<T>(&mut self, name: &str, path: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>) {
        let before = rows_read(&mut self.conn).await;
        if let Err(error) = path(&mut self.conn).await {
            panic!("{name}: {error}");
        }
        let rows = rows_read(&mut self.conn).await - before;
        if FEW < rows {
            self.heavy.push(format!("{name} reads {rows}"));
        }
    }
}

/// Rows read so far in this database, in all tables of ours.
async fn rows_read(conn: &mut AsyncPgConnection) -> i64 {
    execute(conn, &["SELECT pg_stat_force_next_flush()"]).await;
    let query = "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint AS rows \
                 FROM pg_stat_user_tables";
    let read: Read = sql_query(query).get_result(conn).await.unwrap();
    read.rows
}

async fn some_id(conn: &mut AsyncPgConnection, of: &str) -> Uuid {
    let query = format!("SELECT id::text AS line FROM {of} LIMIT 1");
    lines(conn, &query).await.concat().parse().unwrap()
}

async fn house() -> (TestDatabase, Paths) {
    let database = TestDatabase::create().await;
    let mut conn = database.database().connect_directly().await.unwrap();
    execute(&mut conn, &["BEGIN"]).await;
    execute(&mut conn, &FILL).await;
    execute(&mut conn, &["COMMIT", "ANALYZE"]).await;
    let heavy = Vec::new();
    (database, Paths { conn, heavy })
}

#[tokio::test(flavor = "multi_thread")]
async fn booking_reads_few_rows_however_many_there_are() {
    let (_database, mut paths) = house().await;
    let stay = some_id(
        &mut paths.conn,
        "reservations WHERE reservation_status = 'pre_reserved'",
    )
    .await;
    let (lodging, nights) = (
        AccommodationId(7),
        Stay::new(date!(2026 - 05 - 09), date!(2026 - 05 - 12)).unwrap(),
    );
    let by = Contactable {
        contact: Contact::new("Ana", Some("+54 9 11 5555-0000"), None).unwrap(),
        keys: vec!["k7".to_owned()],
        client_address: Some("10.0.0.7".to_owned()),
    };
    let today = date!(2026 - 03 - 01);
    let soon = now() + Duration::hours(1);

    paths
        .go("lock a lodging", async |conn| {
            accommodations::lock(conn, lodging).await
        })
        .await;
    paths
        .go("lock for a hold and check it", async |conn| {
            reservations::lock_and_check(conn, lodging, nights, &by, now()).await
        })
        .await;
    paths
        .go("closed nights", async |conn| {
            reservations::closed(conn, lodging, date!(2026 - 03 - 01), date!(2026 - 06 - 01)).await
        })
        .await;
    paths
        .go("free for", async |conn| {
            reservations::free_for(conn, lodging, nights, stay).await
        })
        .await;
    paths
        .go("due holds over", async |conn| {
            reservations::due_holds_over(conn, lodging, nights, now()).await
        })
        .await;
    paths
        .go("lodgings with due holds", async |conn| {
            reservations::lodgings_with_due_holds(conn, now(), AccommodationId(0), 50).await
        })
        .await;
    paths
        .go("due holds of", async |conn| {
            reservations::due_holds_of(conn, lodging, soon).await
        })
        .await;
    paths
        .go("holds to remind", async |conn| {
            reservations::holds_to_remind(conn, now(), soon, 50).await
        })
        .await;
    paths
        .go("stays to complete", async |conn| {
            reservations::stays_to_complete(conn, today, 50).await
        })
        .await;
    paths
        .go("a stay", async |conn| reservations::find(conn, stay).await)
        .await;
    paths
        .go("the newest stays", async |conn| {
            reservations::list(conn, &Filter::default(), None, 50).await
        })
        .await;
    paths
        .go("timeline", async |conn| timeline::of(conn, stay, 100).await)
        .await;
    assert!(paths.heavy.is_empty(), "{:#?}", paths.heavy);
}

/// A statement keeps the plan that it got while the table was empty, until the table's statistics are taken again.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_reads_few_rows_also_in_the_first_rush_that_no_statistics_know_of() {
    let database = TestDatabase::create().await;
    let mut conn = database.database().connect_directly().await.unwrap();
    let silent = "ALTER TABLE reservations SET (autovacuum_enabled = off)";
    execute(&mut conn, &[silent, FILL[0]]).await;
    let by = Contactable {
        contact: Contact::new("Ana", Some("+54 9 11 5555-0000"), Some("ana@correo.com.ar")).unwrap(),
        keys: Vec::new(),
        client_address: Some("10.0.0.7".to_owned()),
    };
    let nights = Stay::new(date!(2026 - 05 - 09), date!(2026 - 05 - 12)).unwrap();
    let check = async |conn: &AsyncPgConnection| {
        reservations::check(conn, AccommodationId(7), nights, &by, now()).await
    };
    for _time in 0..10 {
        check(&conn).await.unwrap();
    }
    let rush = "INSERT INTO reservations (id, code, accommodation_id, check_in, check_out, reservation_status, channel, \
                guests, contact_name, contact_phone, contact_keys, client_address, currency, total_minor, deposit_minor, \
                quote, expires_at, access_token_hash, calendar_changed_at, created_at, updated_at) \
                SELECT gen_random_uuid(), format('%s.%s', a, n), a, date '2026-04-01' + n, date '2026-04-02' + n, \
                'pre_reserved', 'web', 2, 'Ana', '+54911', ARRAY[format('phone:%s', a), format('email:%s', a)], \
                format('10.1.0.%s', a), 'ARS', 100000, 30000, '{}', '2026-03-01 12:30Z', '\\x00', now(), now(), now() \
                FROM generate_series(1, 200) a, generate_series(0, 19) n";
    execute(&mut conn, &[rush]).await;

    let heavy = Vec::new();
    let mut paths = Paths { conn, heavy };
    paths.go("check a hold", async |conn| check(conn).await).await;
    assert!(paths.heavy.is_empty(), "{:#?}", paths.heavy);
}

#[tokio::test(flavor = "multi_thread")]
async fn calendars_read_few_rows_however_many_there_are() {
    let (_database, mut paths) = house().await;
    let today = date!(2026 - 03 - 01);
    paths
        .go("echoes", async |conn| calendar_blocks::echoes(conn, 7).await)
        .await;
    paths
        .go("blocks changed at", async |conn| {
            calendar_blocks::changed_at(conn, 7, today).await
        })
        .await;
    paths
        .go("blocks removed since", async |conn| {
            calendar_blocks::removed_since(conn, 7, now()).await
        })
        .await;
    paths
        .go("own stays to export", async |conn| {
            calendar_conflicts::own_stays(conn, 7, today).await
        })
        .await;
    paths
        .go("open conflicts", async |conn| {
            calendar_conflicts::open_of(conn, 7).await
        })
        .await;
    paths
        .go("blocks of a feed", async |conn| {
            calendar_blocks::listed_by(conn, 7).await
        })
        .await;
    paths
        .go("blocks that close", async |conn| {
            calendar_blocks::closing(conn, 7, today).await
        })
        .await;
    paths
        .go("feeds that are due", async |conn| {
            ical_feeds::claim_due(conn, now(), Duration::MINUTE, 10, &[]).await
        })
        .await;
    paths
        .go("feeds of a lodging", async |conn| {
            ical_feeds::list(conn, Some(7), 10).await
        })
        .await;
    assert!(paths.heavy.is_empty(), "{:#?}", paths.heavy);
}

#[tokio::test(flavor = "multi_thread")]
async fn paying_reads_few_rows_however_many_there_are() {
    let (_database, mut paths) = house().await;
    let stay = some_id(
        &mut paths.conn,
        "reservations WHERE reservation_status = 'pre_reserved'",
    )
    .await;
    let rhythm = PollRhythm {
        now: now(),
        asked_before: now() - Duration::minutes(5),
        near_end: now() + Duration::minutes(2),
        near_asked_before: now() - Duration::MINUTE,
    };
    let since = now() - Duration::DAY;
    paths
        .go("debtor", async |conn| payment_links::debtor(conn, stay).await)
        .await;
    paths
        .go("holds without a link", async |conn| {
            payment_links::holds_without_link(conn, now(), now(), 50).await
        })
        .await;
    paths
        .go("live link", async |conn| {
            payment_links::lock_live(conn, stay).await
        })
        .await;
    paths
        .go("intents", async |conn| {
            payment_links::unanswered(conn, now(), 50).await
        })
        .await;
    paths
        .go("links to ask about", async |conn| {
            payment_links::due_for_poll(conn, rhythm, 50).await
        })
        .await;
    paths
        .go("retired links to ask about", async |conn| {
            payment_links::retired_for_poll(conn, since, now(), 50).await
        })
        .await;
    paths
        .go("links asked about", async |conn| {
            payment_links::polled(conn, stay, now()).await
        })
        .await;
    assert!(paths.heavy.is_empty(), "{:#?}", paths.heavy);
}

#[tokio::test(flavor = "multi_thread")]
async fn settling_and_telling_read_few_rows_however_many_there_are() {
    let (_database, mut paths) = house().await;
    let stay = some_id(
        &mut paths.conn,
        "reservations WHERE reservation_status = 'pre_reserved'",
    )
    .await;
    let payment = some_id(&mut paths.conn, "payments").await;
    let (until, since) = (now() + Duration::MINUTE, now() - Duration::DAY);

    paths
        .go("expiry", async |conn| {
            payments::expiry_verdict(conn, stay, now()).await
        })
        .await;
    paths
        .go("payment by the provider's id", async |conn| {
            payments::lock_by_provider_id(conn, "RES251101XXX7X7").await
        })
        .await;
    paths
        .go("payments of a stay", async |conn| {
            payments::of_reservation(conn, stay).await
        })
        .await;
    paths
        .go("totals", async |conn| payments::totals(conn, stay).await)
        .await;
    paths
        .go("parked", async |conn| payments::parked(conn, 50).await)
        .await;
    paths
        .go("approved without decision", async |conn| {
            payments::approved_unresolved(conn, now(), 50).await
        })
        .await;
    paths
        .go("forgotten refunds", async |conn| {
            payments::refund_forgotten(conn, now(), 50).await
        })
        .await;
    paths
        .go("decisions", async |conn| {
            payments::decisions_of(conn, payment).await
        })
        .await;
    paths
        .go("refunds of a payment", async |conn| {
            refunds::of_payment(conn, payment).await
        })
        .await;
    paths
        .go("committed refunds", async |conn| {
            refunds::committed_minor(conn, payment).await
        })
        .await;
    paths
        .go("due refunds", async |conn| {
            refunds::claim_due(conn, now(), until, 50).await
        })
        .await;
    paths
        .go("messages to send", async |conn| {
            messages::claim(conn, now(), until, 50).await
        })
        .await;
    paths
        .go("message by wamid", async |conn| {
            messages::lock_tracked(conn, "77", None).await
        })
        .await;
    paths
        .go("message by fact", async |conn| {
            messages::progress(conn, "77").await
        })
        .await;
    paths
        .go("messages of a recipient", async |conn| {
            messages::defer_recipient(conn, "77", until).await
        })
        .await;
    paths
        .go("confirmed and untold", async |conn| {
            messages::confirmed_untold(conn, since, now(), 50).await
        })
        .await;
    paths
        .go("staff", async |conn| {
            staff::find_active(conn, "ana@casa.example").await
        })
        .await;

    assert!(paths.heavy.is_empty(), "{:#?}", paths.heavy);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_and_deliveries_read_few_rows_however_many_there_are() {
    let (_database, mut paths) = house().await;
    let scope = Scope {
        caller: "guest".to_owned(),
        operation: "POST",
        key: "77".to_owned(),
    };

    paths
        .go("append", async |conn| {
            outbox::append(conn, &context(), &event("a")).await
        })
        .await;
    paths
        .go("claim events", async |conn| outbox::claim_batch(conn, 100).await)
        .await;
    paths
        .go("backlog", async |conn| outbox::pending(conn).await)
        .await;
    paths
        .go("events about", async |conn| outbox::about(conn, "77", 50).await)
        .await;
    paths
        .go("first time", async |conn| {
            inbox::first_time(conn, "c", Uuid::new_v4(), now()).await
        })
        .await;
    paths
        .go("claim a key", async |conn| {
            idempotency::claim(conn, &scope, b"", now()).await
        })
        .await;
    paths
        .go("deliveries without work", async |conn| {
            webhook_deliveries::unprocessed_since(conn, now(), now(), 100).await
        })
        .await;
    paths
        .go("the newest deliveries", async |conn| {
            webhook_deliveries::list(conn, &DeliveryFilter::default(), None, 50).await
        })
        .await;
    let about = DeliveryFilter {
        resource_id: Some("77".to_owned()),
        ..DeliveryFilter::default()
    };
    paths
        .go("deliveries about", async |conn| {
            webhook_deliveries::list(conn, &about, None, 50).await
        })
        .await;
    assert!(paths.heavy.is_empty(), "{:#?}", paths.heavy);
}
