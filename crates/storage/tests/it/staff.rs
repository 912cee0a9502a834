use storage::{
    error::violates,
    staff::{self, Role},
};
use testkit::TestDatabase;

use crate::world::{execute, now};

#[tokio::test(flavor = "multi_thread")]
async fn staff_is_found_by_address_in_any_case_and_by_id() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    staff::put(
        &mut conn,
        now(),
        "Ana@Casa.example",
        "$a",
        &[Role::Host, Role::Oncall],
    )
    .await
    .unwrap();
    let ana = staff::find_active(&mut conn, "ANA@casa.EXAMPLE")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (ana.email.as_str(), ana.roles.as_slice()),
        ("ana@casa.example", &Role::ALL[..])
    );
    assert_eq!(
        staff::find_active_by_id(&mut conn, ana.id).await.unwrap(),
        Some(ana)
    );
    assert_eq!(
        staff::find_active(&mut conn, "other@casa.example").await.unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn putting_twice_at_once_leaves_one_member_with_the_id_it_had() {
    let database = TestDatabase::create().await;
    let mut puts = tokio::task::JoinSet::new();
    for number in 0..10 {
        let database = database.database();
        puts.spawn(async move {
            let mut conn = database.get().await.unwrap();
            let hash = format!("${number}");
            staff::put(&mut conn, now(), "ana@casa.example", &hash, &[Role::Host]).await
        });
    }
    assert!(puts.join_all().await.iter().all(Result::is_ok));
    let mut conn = database.conn().await;
    let before = staff::find_active(&mut conn, "ana@casa.example")
        .await
        .unwrap()
        .unwrap();
    staff::put(&mut conn, now(), "ana@casa.example", "$new", &[Role::Oncall])
        .await
        .unwrap();
    let after = staff::find_active(&mut conn, "ana@casa.example")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((after.id, after.password_hash.as_str()), (before.id, "$new"));
    assert_eq!(after.roles, [Role::Oncall]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_shut_out_is_not_found_until_put_again() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    staff::put(&mut conn, now(), "ana@casa.example", "$a", &[Role::Host])
        .await
        .unwrap();
    let ana = staff::find_active(&mut conn, "ana@casa.example")
        .await
        .unwrap()
        .unwrap();
    execute(&mut conn, &["UPDATE staff SET active = false"]).await;
    assert_eq!(
        staff::find_active(&mut conn, "ana@casa.example").await.unwrap(),
        None
    );
    assert_eq!(staff::find_active_by_id(&mut conn, ana.id).await.unwrap(), None);
    staff::put(&mut conn, now(), "ana@casa.example", "$a", &[Role::Host])
        .await
        .unwrap();
    assert_eq!(
        staff::find_active_by_id(&mut conn, ana.id).await.unwrap(),
        Some(ana)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_without_a_role_and_only_members_get_passwords() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let refused = staff::put(&mut conn, now(), "ana@casa.example", "$a", &[])
        .await
        .unwrap_err();
    assert!(violates(&refused, "staff_roles_known"), "{refused}");
    assert!(
        !staff::set_password(&mut conn, now(), "ana@casa.example", "$b")
            .await
            .unwrap()
    );
    staff::put(&mut conn, now(), "ana@casa.example", "$a", &[Role::Host])
        .await
        .unwrap();
    assert!(
        staff::set_password(&mut conn, now(), "Ana@casa.example", "$b")
            .await
            .unwrap()
    );
    let ana = staff::find_active(&mut conn, "ana@casa.example")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ana.password_hash, "$b");
}
