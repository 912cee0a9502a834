use domain::code::ReservationCode;
use storage::{
    error::violates,
    payment_links::{self, Debtor, PollRhythm},
};
use testkit::TestDatabase;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::world::{execute, hold, lodging, now, pesos};

/// A hold of 300 pesos of deposit, until 12:30.
async fn owing(database: &TestDatabase) -> Debtor {
    let mut conn = database.conn().await;
    lodging(&mut conn).await;
    let id = hold(&mut conn, "RES260301AAAAAA", ("2026-04-01", "2026-04-04"))
        .await
        .unwrap();
    payment_links::debtor(&mut conn, id).await.unwrap().unwrap()
}

fn end() -> OffsetDateTime {
    now() + Duration::minutes(30)
}

fn lease() -> OffsetDateTime {
    now() + Duration::MINUTE
}

async fn intend(database: &TestDatabase, debtor: &Debtor) -> diesel::QueryResult<Uuid> {
    let id = Uuid::new_v4();
    let mut conn = database.conn().await;
    payment_links::insert_intent(&mut conn, id, debtor, (debtor.owes(), end()), (now(), lease())).await?;
    Ok(id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_debtor_is_found_by_id_and_code_with_what_is_owed() {
    let database = TestDatabase::create().await;
    let debtor = owing(&database).await;
    let mut conn = database.conn().await;
    assert_eq!((debtor.owes(), debtor.lodging.as_str()), (pesos(300), "Casa"));
    let code: ReservationCode = "RES260301AAAAAA".parse().unwrap();
    assert_eq!(
        payment_links::debtor_of(&mut conn, &code).await.unwrap(),
        Some(debtor.clone())
    );
    assert_eq!(
        payment_links::debtor(&mut conn, Uuid::new_v4()).await.unwrap(),
        None
    );
    execute(&mut conn, &["UPDATE reservations SET paid_minor = 10000"]).await;
    let debtor = payment_links::debtor(&mut conn, debtor.reservation)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(debtor.owes(), pesos(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_intents_at_once_leave_one_live_link() {
    let database = std::sync::Arc::new(TestDatabase::create().await);
    let debtor = owing(&database).await;
    let mut intents = tokio::task::JoinSet::new();
    for _intent in 0..20 {
        let (database, debtor) = (database.clone(), debtor.clone());
        intents.spawn(async move { intend(&database, &debtor).await });
    }
    let (stored, refused): (Vec<_>, Vec<_>) = intents.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(stored.len(), 1);
    for error in refused.into_iter().map(Result::unwrap_err) {
        assert!(violates(&error, "payment_links_one_live"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_is_answered_once_and_a_replaced_one_never() {
    let database = TestDatabase::create().await;
    let debtor = owing(&database).await;
    let first = intend(&database, &debtor).await.unwrap();
    let mut conn = database.conn().await;
    let answer = ("pref-1", "https://mp.example/1");
    assert!(
        payment_links::answered(&mut conn, first, answer, now())
            .await
            .unwrap()
    );
    assert!(
        !payment_links::answered(&mut conn, first, ("pref-2", "https://mp.example/2"), now())
            .await
            .unwrap()
    );
    let live = payment_links::lock_live(&mut conn, debtor.reservation)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (live.id, live.url.as_deref()),
        (first, Some("https://mp.example/1"))
    );

    let retired = payment_links::retire(&mut conn, debtor.reservation, now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((retired.id, retired.replaced_at), (first, Some(now())));
    assert_eq!(
        payment_links::retire(&mut conn, debtor.reservation, now())
            .await
            .unwrap(),
        None
    );
    let second = intend(&database, &debtor).await.unwrap();
    assert_eq!(
        payment_links::retire_unanswered(&mut conn, debtor.reservation, now())
            .await
            .unwrap(),
        1
    );
    assert!(
        !payment_links::answered(&mut conn, second, answer, now())
            .await
            .unwrap()
    );
    let all = payment_links::of_reservation(&mut conn, debtor.reservation)
        .await
        .unwrap();
    assert_eq!(all.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_intent_is_due_after_its_lease() {
    let database = TestDatabase::create().await;
    let debtor = owing(&database).await;
    let id = intend(&database, &debtor).await.unwrap();
    let mut conn = database.conn().await;
    let due = async |conn: &mut _, at| {
        let links = payment_links::unanswered(conn, at, 10).await.unwrap();
        links
            .into_iter()
            .map(|link| (link.id, link.attempts))
            .collect::<Vec<_>>()
    };
    assert_eq!(due(&mut conn, lease() - Duration::SECOND).await, []);
    assert_eq!(due(&mut conn, lease()).await, [(id, 1)]);
    payment_links::lease(&mut conn, id, lease(), lease() + Duration::MINUTE)
        .await
        .unwrap();
    assert_eq!(due(&mut conn, lease()).await, []);
    payment_links::try_again_at(&mut conn, id, lease(), lease())
        .await
        .unwrap();
    assert_eq!(due(&mut conn, lease()).await, [(id, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_without_a_link_over_its_debt_until_its_end_is_found() {
    let database = TestDatabase::create().await;
    let debtor = owing(&database).await;
    let mut conn = database.conn().await;
    let later = now() + Duration::MINUTE;
    let found = async |conn: &mut _| {
        payment_links::holds_without_link(conn, later, later, 10)
            .await
            .unwrap()
    };
    assert_eq!(found(&mut conn).await, [debtor.reservation]);
    intend(&database, &debtor).await.unwrap();
    assert!(found(&mut conn).await.is_empty());
    execute(
        &mut conn,
        &["UPDATE reservations SET expires_at = '2026-03-02 12:30Z'"],
    )
    .await;
    assert_eq!(found(&mut conn).await, [debtor.reservation]);
    execute(&mut conn, &["UPDATE reservations SET paid_minor = deposit_minor"]).await;
    assert!(found(&mut conn).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_asked_about_now_and_then_near_its_end_and_once_after_it() {
    let database = TestDatabase::create().await;
    let debtor = owing(&database).await;
    let id = intend(&database, &debtor).await.unwrap();
    let mut conn = database.conn().await;
    let due = async |conn: &mut _, at: OffsetDateTime| {
        let rhythm = PollRhythm {
            now: at,
            asked_before: at - Duration::minutes(5),
            near_end: at + Duration::minutes(2),
            near_asked_before: at - Duration::seconds(30),
        };
        !payment_links::due_for_poll(conn, rhythm, 10)
            .await
            .unwrap()
            .is_empty()
    };
    assert!(
        !due(&mut conn, now() + Duration::minutes(6)).await,
        "not answered"
    );
    payment_links::answered(&mut conn, id, ("p", "u"), now())
        .await
        .unwrap();
    assert!(!due(&mut conn, now() + Duration::minutes(4)).await, "young");
    assert!(
        due(&mut conn, now() + Duration::minutes(6)).await,
        "never asked about"
    );

    payment_links::polled(&mut conn, debtor.reservation, now() + Duration::minutes(6))
        .await
        .unwrap();
    assert!(
        !due(&mut conn, now() + Duration::minutes(10)).await,
        "just asked about"
    );
    assert!(due(&mut conn, now() + Duration::minutes(12)).await, "in its turn");

    payment_links::polled(&mut conn, debtor.reservation, now() + Duration::minutes(28))
        .await
        .unwrap();
    assert!(
        due(&mut conn, now() + Duration::minutes(29)).await,
        "near its end"
    );

    payment_links::polled(&mut conn, debtor.reservation, end() - Duration::SECOND)
        .await
        .unwrap();
    assert!(due(&mut conn, end()).await, "not asked about since its end");
    payment_links::polled(&mut conn, debtor.reservation, end())
        .await
        .unwrap();
    assert!(
        !due(&mut conn, end() + Duration::SECOND).await,
        "asked about at its end"
    );

    let late = now() + Duration::days(1);
    payment_links::retire(&mut conn, debtor.reservation, end())
        .await
        .unwrap();
    assert!(!due(&mut conn, late).await, "retired");
    let retired = payment_links::retired_for_poll(&mut conn, now(), late, 10)
        .await
        .unwrap();
    assert_eq!(retired.iter().map(|link| link.id).collect::<Vec<_>>(), [id]);
    payment_links::polled(&mut conn, debtor.reservation, late)
        .await
        .unwrap();
    assert_eq!(
        payment_links::retired_for_poll(&mut conn, now(), late, 10)
            .await
            .unwrap(),
        []
    );
}
