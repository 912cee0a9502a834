use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde_json::json;
use storage::{
    idempotency::{self, Answer, Claim, LIFETIME, Scope},
    outbox,
};
use testkit::TestDatabase;
use time::{Duration, OffsetDateTime};

use crate::world::{context, event, now};

fn scope(caller: &str) -> Scope {
    Scope {
        caller: caller.to_owned(),
        operation: "POST /reservations",
        key: "k-1".to_owned(),
    }
}

fn answer() -> Answer {
    Answer {
        status: 201,
        headers: json!({"Location": "/reservations/RES1"}),
        body: json!({"code": "RES1"}),
    }
}

/// One request: its effect is an event.
async fn request(conn: &mut AsyncPgConnection, fingerprint: &[u8], now: OffsetDateTime) -> Claim {
    let asked = conn.transaction(async |conn| {
        let scope = scope("guest");
        let claim = idempotency::claim(conn, &scope, fingerprint, now).await?;
        if claim == Claim::Fresh {
            outbox::append(conn, &context(), &event("RES1")).await?;
            idempotency::store(conn, &scope, fingerprint, &answer(), now).await?;
        }
        Ok::<_, diesel::result::Error>(claim)
    });
    asked.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_equal_requests_at_once_have_one_effect() {
    let database = TestDatabase::create().await;
    let mut requests = tokio::task::JoinSet::new();
    for _request in 0..50 {
        let database = database.database();
        requests.spawn(async move { request(&mut database.get().await.unwrap(), b"f", now()).await });
    }
    let claims = requests.join_all().await;
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::Fresh).count(), 1);
    for claim in claims {
        assert!(
            matches!(claim, Claim::Fresh | Claim::Running) || claim == Claim::Answered(answer()),
            "{claim:?}"
        );
    }
    assert_eq!(database.outbox().await.len(), 1);
    let again = request(&mut *database.conn().await, b"f", now()).await;
    assert_eq!(again, Claim::Answered(answer()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_one_request_of_one_caller() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    assert_eq!(request(&mut conn, b"f", now()).await, Claim::Fresh);
    assert_eq!(request(&mut conn, b"another", now()).await, Claim::Reused);
    let stranger = idempotency::claim(&conn, &scope("stranger"), b"f", now())
        .await
        .unwrap();
    assert_eq!(stranger, Claim::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_ends_with_a_transaction_that_fails() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let failed = conn.transaction(async |conn| {
        idempotency::claim(conn, &scope("guest"), b"f", now()).await?;
        let other = idempotency::claim(&*database.conn().await, &scope("guest"), b"f", now()).await?;
        assert_eq!(other, Claim::Running);
        Err::<(), _>(diesel::result::Error::RollbackTransaction)
    });
    assert!(failed.await.is_err());
    assert_eq!(request(&mut conn, b"f", now()).await, Claim::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lives_for_a_day() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    assert_eq!(request(&mut conn, b"f", now()).await, Claim::Fresh);
    let last = now() + LIFETIME - Duration::SECOND;
    assert_eq!(request(&mut conn, b"f", last).await, Claim::Answered(answer()));
    assert_eq!(idempotency::prune(&mut conn, last, 10).await.unwrap(), 0);
    assert_eq!(
        request(&mut conn, b"another", now() + LIFETIME).await,
        Claim::Fresh
    );
    let past = now() + LIFETIME + LIFETIME;
    assert_eq!(idempotency::prune(&mut conn, past, 0).await.unwrap(), 0);
    assert_eq!(idempotency::prune(&mut conn, past, 10).await.unwrap(), 1);
}
