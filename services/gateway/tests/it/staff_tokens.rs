//! What staff carry: ours, whole, in time, and of somebody who still works here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use storage::staff::{Role, Staff};
use testkit::Answer;
use time::Duration;

use crate::world::{JWT_SECRET, NOW, World, good_token, sign, token};

async fn shown(world: &World, token: &str) -> Answer {
    Answer::to(world.get("/api/v1/admin/stats").bearer_auth(token)).await
}

fn claims(staff: &Staff) -> Value {
    json!({ "sub": staff.id, "iat": NOW.unix_timestamp(), "exp": NOW.unix_timestamp() + 3_600 })
}

fn encoded(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_good_until_the_second_it_expires() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let host = world.employ("host@example.com", &[Role::Host]).await;
    let token = token(&host, NOW, NOW + Duration::HOUR);
    assert_eq!(shown(&world, &token).await.status, 200);
    world.clock.advance(Duration::HOUR - Duration::SECOND);
    assert_eq!(shown(&world, &token).await.status, 200);
    world.clock.advance(Duration::SECOND);
    let late = shown(&world, &token).await;
    assert_eq!(late.problem(), (401, "token_invalid"));
    assert_eq!(
        late.header("www-authenticate"),
        "Bearer realm=\"staff\", error=\"invalid_token\""
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_wholly_ours_is_nobodys() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let host = world.employ("host@example.com", &[Role::Host]).await;
    let good = good_token(&host);
    assert_eq!(
        shown(&world, &good).await.status,
        200,
        "the one to be tampered with"
    );

    let parts: Vec<&str> = good.split('.').collect();
    let other = json!({ "sub": uuid::Uuid::nil(), "iat": 0, "exp": 9_999_999_999_u64 });
    let none = |header: Value| format!("{}.{}.", encoded(&header), encoded(&claims(&host)));
    let mut flipped = good.clone();
    let last = flipped.pop().unwrap();
    flipped.insert(flipped.len() - 1, if last == 'A' { 'B' } else { 'A' });
    for (what, forged) in [
        (
            "signed by another",
            sign(&claims(&host), "another secret", Algorithm::HS256),
        ),
        (
            "signed with an empty secret",
            sign(&claims(&host), "", Algorithm::HS256),
        ),
        (
            "another algorithm",
            sign(&claims(&host), JWT_SECRET, Algorithm::HS512),
        ),
        ("alg none", none(json!({ "alg": "none", "typ": "JWT" }))),
        ("alg None", none(json!({ "alg": "None", "typ": "JWT" }))),
        ("no alg", none(json!({ "typ": "JWT" }))),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        (
            "other claims",
            format!("{}.{}.{}", parts[0], encoded(&other), parts[2]),
        ),
        ("a bit flipped", flipped),
        (
            "no expiry",
            sign(&json!({ "sub": host.id, "iat": 0 }), JWT_SECRET, Algorithm::HS256),
        ),
        (
            "no subject",
            sign(
                &json!({ "iat": 0, "exp": 9_999_999_999_u64 }),
                JWT_SECRET,
                Algorithm::HS256,
            ),
        ),
        ("an unknown subject", sign(&other, JWT_SECRET, Algorithm::HS256)),
        ("nonsense", "nonsense".to_owned()),
        ("dots", "..".to_owned()),
    ] {
        let answer = shown(&world, &forged).await;
        assert_eq!(answer.problem(), (401, "token_invalid"), "{what}");
    }
    assert_eq!(world.asked().await.len(), 1, "no forged token reached anybody");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_travels_as_bearer_and_nowhere_else() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let host = world.employ("host@example.com", &[Role::Host]).await;
    let good = good_token(&host);
    let stats = "/api/v1/admin/stats";
    for request in [
        world.get(stats),
        world.get(&format!("{stats}?access_token={good}")),
        world.get(stats).header("cookie", format!("access_token={good}")),
        world.get(stats).header("authorization", &good),
        world.get(stats).header("authorization", "Bearer "),
        world.get(stats).basic_auth("host@example.com", Some(&good)),
    ] {
        assert_eq!(Answer::to(request).await.problem(), (401, "not_logged_in"));
    }
    let lower = world.get(stats).header("authorization", format!("bearer {good}"));
    assert_eq!(Answer::to(lower).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_was_dismissed_is_out_with_the_token_in_hand() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let host = world.employ("host@example.com", &[Role::Host]).await;
    let dismissal = diesel::sql_query("UPDATE staff SET active = false");
    diesel_async::RunQueryDsl::execute(dismissal, &mut world.database.conn().await)
        .await
        .unwrap();
    let answer = shown(&world, &good_token(&host)).await;
    assert_eq!(answer.problem(), (401, "token_invalid"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_staff_are_asked_to_come_back() {
    let database = testkit::TestDatabase::create().await;
    let (proxy, through) = testkit::Proxy::before(database.url()).await;
    let world = World::with(
        service::settings::HttpSettings::for_tests(),
        &[("DATABASE_URL", through.as_str())],
    )
    .await;
    let host = world.employ("host@example.com", &[Role::Host]).await;
    proxy.set(testkit::proxy::Fault::Refuse);
    let began = std::time::Instant::now();
    let answer = shown(&world, &good_token(&host)).await;
    assert_eq!(answer.problem(), (503, "temporarily_unavailable"));
    assert!(began.elapsed() < std::time::Duration::from_secs(3));
}
