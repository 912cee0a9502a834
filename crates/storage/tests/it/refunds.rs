use std::collections::HashSet;

use diesel_async::AsyncPgConnection;
use storage::{
    error::violates,
    refunds::{self, NewRefund, RefundProgress, RefundState},
};
use testkit::TestDatabase;
use time::Duration;
use uuid::Uuid;

use crate::world::{hold, lodging, now, payment, pesos};

fn refund(payment: Uuid, whole: i64) -> NewRefund {
    NewRefund {
        id: Uuid::new_v4(),
        payment,
        reservation: None,
        amount: pesos(whole),
        reason: "cancelled".to_owned(),
        actor: "system:test".to_owned(),
    }
}

async fn paid(conn: &mut AsyncPgConnection) -> Uuid {
    lodging(conn).await;
    let reservation = hold(conn, "RES260301AAAAAA", ("2026-04-01", "2026-04-04"))
        .await
        .unwrap();
    payment(conn, "1", reservation).await
}

fn progress(state: RefundState, provider_id: Option<&str>) -> RefundProgress {
    RefundProgress {
        state,
        provider_refund_id: provider_id.map(str::to_owned),
        next_attempt_at: None,
        failure: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_wanted_twice_is_one_refund() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let payment = paid(&mut conn).await;
    let new = refund(payment, 100);
    assert!(refunds::insert(&mut conn, &new, now()).await.unwrap());
    assert!(!refunds::insert(&mut conn, &new, now()).await.unwrap());
    let stored = refunds::find(&mut conn, new.id).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.amount, stored.attempts),
        (RefundState::Requested, pesos(100), 0)
    );
    assert_eq!(refunds::of_payment(&mut conn, payment).await.unwrap(), [stored]);
    assert_eq!(
        refunds::committed_minor(&mut conn, payment).await.unwrap(),
        10_000
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_due_refund_is_asked_for_by_one_worker_and_again_after_its_lease() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let payment = paid(&mut conn).await;
    for _refund in 0..20 {
        refunds::insert(&mut conn, &refund(payment, 1), now())
            .await
            .unwrap();
    }
    let lease = now() + Duration::MINUTE;
    let mut workers = tokio::task::JoinSet::new();
    for _worker in 0..5 {
        let database = database.database();
        workers.spawn(async move {
            let mut conn = database.get().await.unwrap();
            refunds::claim_due(&mut conn, now(), lease, 20).await.unwrap()
        });
    }
    let claimed = workers.join_all().await.concat();
    let ids: HashSet<Uuid> = claimed.iter().map(|refund| refund.id).collect();
    assert_eq!((claimed.len(), ids.len()), (20, 20));
    assert!(claimed.iter().all(|refund| refund.attempts == 1));

    let before = lease - Duration::SECOND;
    assert!(
        refunds::claim_due(&mut conn, before, lease, 20)
            .await
            .unwrap()
            .is_empty()
    );
    let again = refunds::claim_due(&mut conn, lease, lease + Duration::MINUTE, 20)
        .await
        .unwrap();
    assert_eq!(again.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_has_ended_stays_as_it_ended() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let payment = paid(&mut conn).await;
    let (done, refused) = (refund(payment, 100), refund(payment, 50));
    for new in [&done, &refused] {
        refunds::insert(&mut conn, new, now()).await.unwrap();
    }
    let ended = progress(RefundState::Done, Some("r-1"));
    assert!(
        refunds::progress(&mut conn, done.id, &ended, now())
            .await
            .unwrap()
    );
    let late = progress(RefundState::Refused, None);
    assert!(!refunds::progress(&mut conn, done.id, &late, now()).await.unwrap());
    let stored = refunds::find(&mut conn, done.id).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.provider_refund_id.as_deref()),
        (RefundState::Done, Some("r-1"))
    );

    // The provider's refund belongs to one of ours.
    let doubled = progress(RefundState::Done, Some("r-1"));
    let error = refunds::progress(&mut conn, refused.id, &doubled, now())
        .await
        .unwrap_err();
    assert!(violates(&error, "refunds_provider_refund_key"), "{error}");
    refunds::progress(
        &mut conn,
        refused.id,
        &progress(RefundState::Refused, None),
        now(),
    )
    .await
    .unwrap();
    assert_eq!(
        refunds::committed_minor(&mut conn, payment).await.unwrap(),
        10_000
    );
}
