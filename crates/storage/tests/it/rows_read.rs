//! The hot paths read few rows, however many there are.

mod house;
mod lists;
mod paths;

use diesel_async::AsyncPgConnection;
use domain::{accommodation::AccommodationId, contact::Contact, stay::Stay};
use storage::{
    accommodations, calendar_blocks, calendar_conflicts, ical_feeds,
    idempotency::{self, Scope},
    inbox, messages, outbox,
    payment_links::{self, PollRhythm},
    payments, refunds,
    reservations::{self, Contactable},
    staff, timeline,
    webhook_deliveries::{self, DeliveryFilter},
};
use testkit::TestDatabase;
use time::{Duration, macros::date};
use uuid::Uuid;

use crate::world::{context, event, execute, now};
use house::{FILL, house, some_id};
use paths::Paths;

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
            ical_feeds::list(conn, Some(7), 0, 10).await
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
        .go("parked", async |conn| payments::parked(conn, None, 50).await)
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
