//! The system's health, in the runbook's words and codes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use service::settings::HttpSettings;
use testkit::proxy::Fault;
use testkit::{Answer, Proxy, TestDatabase, TestRedis, wait_for};
use wiremock::ResponseTemplate;

use crate::world::World;

const OFTEN: (&str, &str) = ("INVARIANTS_SECONDS", "1");

/// What a service shows when all is well, with its own `checks` besides the stores'.
fn page(checks: &Value) -> ResponseTemplate {
    let mut all = json!({
        "database": { "status": "ok", "latency_ms": 2 },
        "rabbitmq": { "status": "ok", "latency_ms": 3 },
        "dead_letters": { "status": "ok", "count": 0 },
    });
    all.as_object_mut()
        .unwrap()
        .extend(checks.as_object().unwrap().clone());
    ResponseTemplate::new(200).set_body_json(json!({ "status": "healthy", "checks": all }))
}

fn feeds(check: &Value) -> ResponseTemplate {
    page(&json!({ "ical_sync": check }))
}

/// Every service is well; what is mounted before goes first.
async fn all_well(world: &World) {
    for service in ["reservations", "webhooks", "payments", "concierge"] {
        let path = format!("/{service}/healthz");
        world.owner_answers("GET", &path, page(&json!({}))).await;
    }
    let fresh = json!({ "status": "ok", "age_minutes": 8, "feeds": 3, "stale": 0 });
    world
        .owner_answers("GET", "/ical-sync/healthz", feeds(&fresh))
        .await;
}

/// The page as soon as it has the status `overall`, with the time of each answer set to 0.
async fn shown(world: &World, overall: &str) -> (Answer, Value) {
    wait_for(Duration::from_secs(10), async || {
        let answer = Answer::to(world.get("/api/v1/healthz")).await;
        let mut body = answer.body.clone();
        for check in body["checks"].as_object_mut().unwrap().values_mut() {
            if let Some(latency) = check.get_mut("latency_ms") {
                assert!(latency.is_u64(), "{latency}");
                *latency = json!(0);
            }
        }
        (body["status"] == overall).then_some((answer, body))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_system_looks_as_in_the_runbook() {
    let world = World::start().await;
    all_well(&world).await;
    let (answer, body) = shown(&world, "healthy").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let beginning = r#"{"status":"healthy","timestamp":"2026-11-24T12:00:00Z","version":""#;
    assert!(answer.text.starts_with(beginning), "{}", answer.text);
    assert_eq!(
        body["checks"],
        json!({
            "database": { "status": "ok", "latency_ms": 0 },
            "redis": { "status": "ok", "latency_ms": 0 },
            "rabbitmq": { "status": "ok", "latency_ms": 0 },
            "ical_sync": { "status": "ok", "age_minutes": 8, "feeds": 3, "stale": 0 },
            "gateway": { "status": "ok" },
            "reservations": { "status": "ok", "latency_ms": 0 },
            "webhooks": { "status": "ok" },
            "payments": { "status": "ok" },
            "ical-sync": { "status": "ok" },
            "concierge": { "status": "ok" },
            "invariants": { "status": "ok", "violations": 0 },
        })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_house_can_do_without_for_a_while_degrades_it() {
    let refused = || ResponseTemplate::new(500).set_body_string("not JSON");
    let down = || page(&json!({ "rabbitmq": { "status": "error", "error": "connection refused" } }));
    let stale = json!({
        "status": "warning", "age_minutes": 47, "feeds": 3, "stale": 1,
        "error": "ical airbnb/Cabaña del Bosque age 47m > 40m",
    });
    let dead = || page(&json!({ "dead_letters": { "status": "warning", "count": 2 } }));
    let failing = || page(&json!({ "mercadopago": { "status": "warning", "error": "no answer" } }));
    for (path, answer, check, expected) in [
        (
            "/payments",
            refused(),
            "payments",
            json!({ "status": "error", "error": "its health page cannot be read" }),
        ),
        (
            "/concierge",
            refused(),
            "concierge",
            json!({ "status": "error", "error": "its health page cannot be read" }),
        ),
        (
            "/payments",
            failing(),
            "payments",
            json!({ "status": "warning", "error": "mercadopago" }),
        ),
        (
            "/reservations",
            down(),
            "rabbitmq",
            json!({ "status": "error", "error": "connection refused" }),
        ),
        ("/ical-sync", feeds(&stale), "ical_sync", stale.clone()),
        (
            "/reservations",
            dead(),
            "invariants",
            json!({ "status": "warning", "error": "dead_letters", "violations": 2, "dead_letters": 2 }),
        ),
    ] {
        let world = World::with(HttpSettings::for_tests(), &[OFTEN]).await;
        world
            .owner_answers("GET", &format!("{path}/healthz"), answer)
            .await;
        all_well(&world).await;
        let found = wait_for(Duration::from_secs(10), async || {
            let (answer, mut body) = shown(&world, "degraded").await;
            let row = body["checks"][check].as_object_mut().unwrap();
            let since = row.remove("since");
            let as_expected = Value::Object(row.clone()) == expected;
            as_expected.then_some((answer.status, since))
        })
        .await;
        assert_eq!(found, (200, Some(json!("2026-11-24T12:00:00Z"))), "{check}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_the_system_is_degraded_and_without_its_database_unhealthy() {
    let (database, redis) = (TestDatabase::create().await, TestRedis::create().await);
    let (database_proxy, database_url) = Proxy::before(database.url()).await;
    let (redis_proxy, redis_url) = Proxy::before(redis.url()).await;
    let variables = [
        ("DATABASE_URL", database_url.as_str()),
        ("REDIS_URL", redis_url.as_str()),
    ];
    let world = World::with(HttpSettings::for_tests(), &variables).await;
    all_well(&world).await;
    shown(&world, "healthy").await;

    redis_proxy.set(Fault::Refuse);
    let (answer, body) = shown(&world, "degraded").await;
    assert_eq!(answer.status, 200);
    assert_eq!(body["checks"]["redis"]["status"], "error");
    assert_eq!(
        body["checks"]["redis"]["error"],
        "connection refused or no answer"
    );
    redis_proxy.set(Fault::None);
    shown(&world, "healthy").await;

    database_proxy.set(Fault::Delay(Duration::from_millis(150)));
    let (answer, body) = shown(&world, "degraded").await;
    assert_eq!(
        (answer.status, &body["checks"]["database"]["status"]),
        (200, &json!("slow"))
    );
    database_proxy.set(Fault::Refuse);
    world.clock.advance(time::Duration::MINUTE);
    let (answer, body) = shown(&world, "unhealthy").await;
    assert_eq!(answer.status, 503, "so that `curl -f` fails");
    assert_eq!(body["checks"]["database"]["status"], "error");
    assert_eq!(body["checks"]["database"]["since"], "2026-11-24T12:01:00Z");
    let words = body["checks"]["database"]["error"].as_str().unwrap();
    assert!(
        !words.contains("127.0.0.1") && !words.contains("postgres"),
        "{words}"
    );
    assert!(
        answer.text.starts_with(r#"{"status":"unhealthy","#),
        "{}",
        answer.text
    );
    world.clock.advance(time::Duration::MINUTE);
    let still = wait_for(Duration::from_secs(5), async || {
        let (_, body) = shown(&world, "unhealthy").await;
        (body["timestamp"] == "2026-11-24T12:02:00Z").then_some(body)
    })
    .await;
    assert_eq!(
        still["checks"]["database"]["since"], "2026-11-24T12:01:00Z",
        "since it began"
    );
    database_proxy.set(Fault::None);
    shown(&world, "healthy").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_reservations_or_webhooks_the_system_is_unhealthy() {
    for service in ["RESERVATIONS_URL", "WEBHOOKS_URL"] {
        let world = World::with(HttpSettings::for_tests(), &[(service, "http://127.0.0.1:1")]).await;
        all_well(&world).await;
        let (answer, body) = shown(&world, "unhealthy").await;
        let name = service.trim_end_matches("_URL").to_lowercase();
        assert_eq!(answer.status, 503, "{name}");
        assert_eq!(body["checks"][&name]["status"], "error", "{name}");
        assert_eq!(
            body["checks"][&name]["error"], "connection refused or no answer",
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fresh_house_without_feeds_is_healthy() {
    let world = World::start().await;
    let none = json!({ "status": "ok", "age_minutes": null, "feeds": 0, "stale": 0 });
    world
        .owner_answers("GET", "/ical-sync/healthz", feeds(&none))
        .await;
    all_well(&world).await;
    let (_, body) = shown(&world, "healthy").await;
    assert_eq!(body["checks"]["ical_sync"]["feeds"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_comes_in_about_a_second_even_when_everything_hangs() {
    let (database, redis) = (TestDatabase::create().await, TestRedis::create().await);
    let (database_proxy, database_url) = Proxy::before(database.url()).await;
    let (redis_proxy, redis_url) = Proxy::before(redis.url()).await;
    let variables = [
        ("DATABASE_URL", database_url.as_str()),
        ("REDIS_URL", redis_url.as_str()),
    ];
    let world = World::with(HttpSettings::for_tests(), &variables).await;
    database_proxy.set(Fault::Stall);
    redis_proxy.set(Fault::Stall);
    world
        .owners_answer(page(&json!({})).set_delay(Duration::from_secs(30)))
        .await;
    let began = Instant::now();
    let answer = Answer::to(world.get("/api/v1/healthz")).await;
    assert_eq!(answer.status, 503);
    assert!(
        began.elapsed() < Duration::from_millis(1_800),
        "{:?}",
        began.elapsed()
    );
    let live = Instant::now();
    assert_eq!(Answer::to(world.get("/livez")).await.status, 200);
    assert_eq!(Answer::to(world.get("/api/v1/readyz")).await.status, 200);
    assert!(
        live.elapsed() < Duration::from_millis(200),
        "{:?}",
        live.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_probes_asks_each_service_once_a_second() {
    let world = World::start().await;
    all_well(&world).await;
    let began = Instant::now();
    let probes = (0..200).map(|_| Answer::to(world.get("/api/v1/healthz")));
    for answer in futures_util::future::join_all(probes).await {
        assert_eq!(answer.header("ratelimit"), "", "probes are not limited");
        assert!(answer.body["checks"]["payments"].is_object(), "{answer:?}");
    }
    // Five services; and five questions more if the count of dead letters came half a second before.
    let most = 10 * (usize::try_from(began.elapsed().as_secs()).unwrap() + 1);
    let asked = world.probes().await;
    assert!(asked <= most, "{asked} questions in {:?}", began.elapsed());
}
