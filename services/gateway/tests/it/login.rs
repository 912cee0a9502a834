//! Logging in: few failures, no hint whether an account exists, and no limit for those who know their password.

use serde_json::{Value, json};
use service::settings::HttpSettings;
use std::time::{Duration, Instant};
use storage::staff::Role;
use testkit::Answer;

use crate::world::World;

const PASSWORD: &str = "correct horse battery staple";
const WRONG: &str = "wrong horse battery staple";
const LOGIN: &str = "/api/v1/admin/login";

async fn log_in(world: &World, address: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    Answer::to(world.post(LOGIN, &body).header("x-forwarded-for", address)).await
}

async fn world() -> World {
    let world = World::behind_a_proxy().await;
    world
        .employ_with_password("host@example.com", PASSWORD, &[Role::Host])
        .await;
    world
}

/// The refusal tells of the limit that it comes from, and of nothing left until it says to come back.
fn assert_limited_by(refused: &Answer, policy: &str, quota: &str) {
    let wait = refused.header("retry-after");
    assert_eq!(refused.header("ratelimit"), format!("{policy};r=0;t={wait}"));
    assert_eq!(refused.header("ratelimit-policy"), format!("{policy};{quota}"));
}

fn without_instance(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    body["instance"].take();
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_password_opens_the_staff_api_for_eight_hours() {
    let world = world().await;
    world.owners_say_yes().await;
    // People write their address as they like.
    let login = log_in(&world, "198.51.100.1", " Host@Example.com ", PASSWORD).await;
    assert_eq!((login.status, login.header("cache-control")), (200, "no-store"));
    let body = login.body;
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_at"], "2026-11-24T20:00:00Z");
    let token = body["access_token"].as_str().unwrap();
    let stats = Answer::to(world.get("/api/v1/admin/stats").bearer_auth(token)).await;
    assert_eq!(stats.status, 200);
    let asked = world.last_asked().await;
    assert_eq!(asked.headers["x-actor"], "staff:host@example.com");
    assert!(
        !asked.headers.contains_key("authorization"),
        "the token stays here"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_and_an_unknown_account_get_the_same_answer_after_the_same_time() {
    let many = [
        ("LOGIN_ATTEMPTS_PER_ACCOUNT", "100"),
        ("LOGIN_ATTEMPTS_PER_ADDRESS", "100"),
    ];
    let world = World::with(HttpSettings::for_tests(), &many).await;
    for email in ["host@example.com", "gone@example.com"] {
        world.employ_with_password(email, PASSWORD, &[Role::Host]).await;
    }
    let dismissal = diesel::sql_query("UPDATE staff SET active = false WHERE email = 'gone@example.com'");
    diesel_async::RunQueryDsl::execute(dismissal, &mut world.database.conn().await)
        .await
        .unwrap();
    let attempts = [
        ("host@example.com", WRONG),
        ("nobody@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
    ];
    // The fastest of each, taken in turns: a busy machine slows some, never all.
    let mut fastest = [Duration::MAX; 3];
    let mut bodies = Vec::new();
    for _ in 0..10 {
        for ((email, password), fastest) in attempts.into_iter().zip(&mut fastest) {
            let began = Instant::now();
            let answer = log_in(&world, "", email, password).await;
            *fastest = began.elapsed().min(*fastest);
            assert_eq!(answer.problem(), (401, "login_refused"));
            bodies.push(without_instance(&answer));
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let (least, most) = (fastest.iter().min().unwrap(), fastest.iter().max().unwrap());
    assert!(*most < *least * 2 + Duration::from_millis(10), "{fastest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_account_can_be_called_is_refused_by_its_field() {
    let world = world().await;
    for email in ["host\u{0}@example.com", &"a".repeat(255)] {
        let refused = log_in(&world, "198.51.100.1", email, PASSWORD).await;
        assert_eq!(refused.problem(), (422, "invalid_request"));
        assert_eq!(refused.body["errors"][0]["field"], "email");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_failures_close_an_account_whoever_tries_and_whether_it_exists() {
    for email in ["host@example.com", "nobody@example.com"] {
        let world = world().await;
        for number in 1..=5 {
            let refused = log_in(&world, &format!("198.51.100.{number}"), email, WRONG).await;
            assert_eq!(refused.problem().0, 401, "{email}");
        }
        let closed = log_in(&world, "198.51.100.6", email, PASSWORD).await;
        assert_eq!(closed.problem(), (429, "too_many_requests"), "{email}");
        let wait: u64 = closed.header("retry-after").parse().unwrap();
        assert!((1..=900).contains(&wait), "{wait}");
        assert_limited_by(&closed, "\"login-account\"", "q=5;w=900");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_guesses_at_once_are_five_guesses() {
    let world = world().await;
    let guesses = (0..50).map(|number| {
        let address = format!("198.51.100.{number}");
        let world = &world;
        async move { log_in(world, &address, "host@example.com", WRONG).await.status }
    });
    let statuses = futures_util::future::join_all(guesses).await;
    let of = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((of(401), of(429)), (5, 45), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_knows_the_password_may_log_in_as_often_as_they_like() {
    let world = world().await;
    let logins = (0..12).map(|_| log_in(&world, "198.51.100.1", "host@example.com", PASSWORD));
    for login in futures_util::future::join_all(logins).await {
        assert_eq!(login.status, 200, "{login:?}");
    }
    // Those logins left the whole quota of failures.
    for _ in 0..5 {
        let refused = log_in(&world, "198.51.100.1", "host@example.com", WRONG).await;
        assert_eq!(refused.problem().0, 401);
    }
    let closed = log_in(&world, "198.51.100.1", "host@example.com", PASSWORD).await;
    assert_eq!(closed.problem().0, 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_tries_many_accounts_is_stopped_and_others_are_not() {
    let variables = [
        ("TRUSTED_PROXIES", "127.0.0.0/8"),
        ("LOGIN_ATTEMPTS_PER_ADDRESS", "3"),
    ];
    let world = World::with(HttpSettings::for_tests(), &variables).await;
    for number in 1..=3 {
        let email = format!("nobody{number}@example.com");
        let refused = log_in(&world, "198.51.100.1", &email, WRONG).await;
        assert_eq!(refused.problem().0, 401);
    }
    let stopped = log_in(&world, "198.51.100.1", "nobody4@example.com", WRONG).await;
    assert_eq!(stopped.problem(), (429, "too_many_requests"));
    assert_limited_by(&stopped, "\"login-address\"", "q=3;w=900");
    let other = log_in(&world, "198.51.100.2", "nobody4@example.com", WRONG).await;
    assert_eq!(other.problem().0, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_failures_are_still_counted_and_successes_still_are_not() {
    let variables = [
        ("TRUSTED_PROXIES", "127.0.0.0/8"),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("LOGIN_ATTEMPTS_PER_ACCOUNT", "2"),
    ];
    let world = World::with(HttpSettings::for_tests(), &variables).await;
    world
        .employ_with_password("host@example.com", PASSWORD, &[Role::Host])
        .await;
    for (password, expected) in [
        (PASSWORD, 200),
        (PASSWORD, 200),
        (PASSWORD, 200),
        (WRONG, 401),
        (WRONG, 401),
        (PASSWORD, 429),
    ] {
        let answer = log_in(&world, "198.51.100.1", "host@example.com", password).await;
        assert_eq!(answer.status, expected, "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_the_database_could_not_judge_is_503_and_no_failure() {
    let database = testkit::TestDatabase::create().await;
    let (proxy, through) = testkit::Proxy::before(database.url()).await;
    let variables = [
        ("TRUSTED_PROXIES", "127.0.0.0/8"),
        ("DATABASE_URL", through.as_str()),
    ];
    let world = World::with(HttpSettings::for_tests(), &variables).await;
    proxy.set(testkit::proxy::Fault::Refuse);
    for _ in 0..6 {
        let answer = log_in(&world, "198.51.100.1", "host@example.com", PASSWORD).await;
        assert_eq!(answer.problem(), (503, "temporarily_unavailable"));
    }
    proxy.set(testkit::proxy::Fault::None);
    let answer = log_in(&world, "198.51.100.1", "host@example.com", PASSWORD).await;
    assert_eq!(answer.problem().0, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_learns_no_address_of_a_person() {
    let world = world().await;
    log_in(&world, "198.51.100.1", "nobody@example.com", WRONG).await;
    let mut conn = world.redis.redis().get().await.unwrap();
    let keys: Vec<String> = deadpool_redis::redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut conn)
        .await
        .unwrap();
    assert!(
        keys.iter().any(|key| key.starts_with("rate:login-account:")),
        "{keys:?}"
    );
    assert!(!keys.concat().contains("nobody"), "{keys:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_secret_nobody_logs_in_and_the_refusal_says_what_is_missing() {
    let world = World::with(HttpSettings::for_tests(), &[("JWT_SECRET", "")]).await;
    let answer = log_in(&world, "198.51.100.1", "host@example.com", PASSWORD).await;
    assert_eq!(answer.problem(), (503, "not_configured"));
    assert!(answer.text.contains("JWT_SECRET"), "{answer:?}");
}
