use std::sync::Arc;

use domain::{accommodation::AccommodationId, contact::Contact, stay::Stay};
use serde_json::json;
use storage::{
    Refusal, accommodations,
    accommodations::Locked,
    outbox, refusal, reservations,
    reservations::{Checks, Contactable},
    timeline,
};
use testkit::TestDatabase;
use time::macros::date;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::world::{context, event, execute, hold, lines, lodging, now, until_one_waits_for_a_lock};

const LODGING: AccommodationId = AccommodationId(1);

fn nights() -> Stay {
    Stay::new(date!(2026 - 05 - 09), date!(2026 - 05 - 12)).unwrap()
}

fn ana() -> Contactable {
    let contact = Contact::new("Ana", Some("+54 9 11 5555-0000"), Some("ana@example.com")).unwrap();
    Contactable {
        keys: contact.keys(),
        contact,
        client_address: None,
    }
}

/// Ana's locks and checks on a connection of their own, on which `check` has been sent before, and its lock has not.
fn locks_and_checks(database: &Arc<TestDatabase>) -> JoinHandle<Option<(Locked, Checks)>> {
    let database = database.clone();
    tokio::spawn(async move {
        let mut conn = database.conn().await;
        reservations::check(&conn, LODGING, nights(), &ana(), now())
            .await
            .unwrap();
        execute(&mut conn, &["BEGIN"]).await;
        let found = reservations::lock_and_check(&conn, LODGING, nights(), &ana(), now()).await;
        execute(&mut conn, &["ROLLBACK"]).await;
        found.unwrap()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_does_not_overtake_its_lock() {
    let database = Arc::new(TestDatabase::create().await);
    let mut other = database.conn().await;
    let mut observer = database.conn().await;
    lodging(&mut other).await;
    execute(&mut other, &["BEGIN"]).await;
    accommodations::lock(&other, LODGING).await.unwrap();
    hold(&mut other, "OTHER", ("2026-05-10", "2026-05-11"))
        .await
        .unwrap();

    let found = locks_and_checks(&database);
    until_one_waits_for_a_lock(&mut observer).await;
    execute(&mut other, &["COMMIT"]).await;

    let (_, checks) = found.await.unwrap().unwrap();
    assert!(checks.taken, "what the lock's earlier holder did was not seen");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_contact_does_not_have_the_lodging_yet() {
    let database = Arc::new(TestDatabase::create().await);
    let mut first = database.conn().await;
    let mut observer = database.conn().await;
    lodging(&mut first).await;
    let another = "INSERT INTO accommodations (id, name, base_price_minor, created_at, updated_at) VALUES (2, 'Cabaña', \
                   10000, '2026-01-01Z', '2026-01-01Z')";
    execute(&mut first, &[another, "BEGIN"]).await;
    let elsewhere = reservations::lock_and_check(&first, AccommodationId(2), nights(), &ana(), now()).await;
    assert!(elsewhere.unwrap().is_some());

    let found = locks_and_checks(&database);
    until_one_waits_for_a_lock(&mut observer).await;
    execute(&mut observer, &["BEGIN"]).await;
    let free = accommodations::try_lock(&observer, LODGING).await.unwrap();
    execute(&mut observer, &["ROLLBACK"]).await;
    assert!(free.is_some(), "it has the lodging and waits for the contact");

    execute(&mut first, &["COMMIT"]).await;
    assert!(found.await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_stored_together_are_stored_all_or_not_at_all() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    lodging(&mut conn).await;
    let known = hold(&mut conn, "ANA", ("2026-05-10", "2026-05-11"))
        .await
        .unwrap();
    let context = context();
    let store = async |conn: &_, reservation| {
        let rows = vec![
            timeline::entry(&context, reservation, "held", json!({})),
            outbox::announcement(&context, &event("ana"), outbox::new_id(now())),
        ];
        storage::together(conn, rows).await
    };
    let written = "SELECT kind AS line FROM reservation_timeline UNION ALL SELECT name FROM outbox_events";

    let refused = store(&conn, Uuid::nil()).await.unwrap_err();
    assert!(
        matches!(refusal(&refused), Some(Refusal::Constraint(_))),
        "{refused}"
    );
    assert!(lines(&mut conn, written).await.is_empty());
    store(&conn, known).await.unwrap();
    assert_eq!(lines(&mut conn, written).await.len(), 2);
}
