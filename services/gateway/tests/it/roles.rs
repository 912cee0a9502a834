//! Who may do what: one table for the whole staff API.

use serde_json::{Value, json};
use storage::staff::Role;
use testkit::Answer;

use crate::documentation::{description, with_values};
use crate::world::{World, good_token};

const ANY: &[Role] = &[Role::Host, Role::Oncall];
const HOST: &[Role] = &[Role::Host];
const ONCALL: &[Role] = &[Role::Oncall];

/// Every operation of the staff API, the roles that may call it, and the service that answers.
const TABLE: &[(&str, &str, &[Role], &str)] = &[
    ("GET", "/accommodations", ANY, "reservations"),
    ("POST", "/accommodations", HOST, "reservations"),
    ("GET", "/accommodations/{id}", ANY, "reservations"),
    ("PUT", "/accommodations/{id}", HOST, "reservations"),
    ("POST", "/accommodations/{id}/activate", HOST, "reservations"),
    ("POST", "/accommodations/{id}/deactivate", HOST, "reservations"),
    ("GET", "/accommodations/{id}/seasons", ANY, "reservations"),
    ("POST", "/accommodations/{id}/seasons", HOST, "reservations"),
    (
        "PUT",
        "/accommodations/{id}/seasons/{season_id}",
        HOST,
        "reservations",
    ),
    (
        "DELETE",
        "/accommodations/{id}/seasons/{season_id}",
        HOST,
        "reservations",
    ),
    ("GET", "/reservations", ANY, "reservations"),
    ("POST", "/reservations", HOST, "reservations"),
    ("GET", "/reservations.csv", HOST, "reservations"),
    ("GET", "/reservations/{code}", ANY, "reservations"),
    ("POST", "/reservations/{code}/confirm", HOST, "reservations"),
    ("POST", "/reservations/{code}/cancel", HOST, "reservations"),
    ("POST", "/reservations/{code}/no-show", HOST, "reservations"),
    ("GET", "/calendar", ANY, "reservations"),
    ("GET", "/stats", ANY, "reservations"),
    ("GET", "/payments", ANY, "payments"),
    ("GET", "/payments/parked", ANY, "payments"),
    ("POST", "/payments/reconcile", ONCALL, "payments"),
    ("GET", "/payments/{id}", ANY, "payments"),
    ("POST", "/payments/{id}/refunds", HOST, "payments"),
    ("POST", "/payments/{id}/resolve", HOST, "payments"),
    ("GET", "/feeds", ANY, "ical-sync"),
    ("POST", "/feeds/preview", HOST, "ical-sync"),
    ("POST", "/feeds/sync", ANY, "ical-sync"),
    ("GET", "/accommodations/{id}/feeds", ANY, "ical-sync"),
    ("POST", "/accommodations/{id}/feeds", HOST, "ical-sync"),
    ("GET", "/feeds/{id}", ANY, "ical-sync"),
    ("PUT", "/feeds/{id}", HOST, "ical-sync"),
    ("DELETE", "/feeds/{id}", HOST, "ical-sync"),
    ("POST", "/feeds/{id}/sync", ANY, "ical-sync"),
    ("POST", "/feeds/{id}/pause", ANY, "ical-sync"),
    ("POST", "/feeds/{id}/resume", ANY, "ical-sync"),
    ("POST", "/feeds/{id}/release", ANY, "ical-sync"),
    ("GET", "/accommodations/{id}/export-tokens", HOST, "ical-sync"),
    ("POST", "/accommodations/{id}/export-tokens", HOST, "ical-sync"),
    ("POST", "/export-tokens/{id}/rotate", ANY, "ical-sync"),
    ("POST", "/export-tokens/{id}/revoke", ANY, "ical-sync"),
    ("GET", "/conflicts", ANY, "ical-sync"),
    ("POST", "/conflicts/{id}/resolve", ANY, "ical-sync"),
    ("GET", "/deliveries", ONCALL, "webhooks"),
    ("GET", "/deliveries/{id}", ONCALL, "webhooks"),
    ("POST", "/deliveries/{id}/replay", ONCALL, "webhooks"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_may_do_what_the_table_says_and_strangers_nothing() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let people = [
        (
            vec![Role::Host],
            world.employ("host@example.com", &[Role::Host]).await,
        ),
        (
            vec![Role::Oncall],
            world.employ("oncall@example.com", &[Role::Oncall]).await,
        ),
        (ANY.to_vec(), world.employ("both@example.com", ANY).await),
    ];
    let mut expected_calls = Vec::new();
    for (method, path, allowed, owner) in TABLE {
        let path = with_values(path);
        let public = format!("/api/v1/admin{path}");
        let request = || world.request(method, &public).header("idempotency-key", "k");
        let stranger = Answer::to(request()).await;
        assert_eq!(stranger.problem(), (401, "not_logged_in"), "{method} {path}");
        let guest = Answer::to(request().bearer_auth("a-guests-token")).await;
        assert_eq!(guest.problem(), (401, "token_invalid"), "{method} {path}");
        for (roles, person) in &people {
            let answer = Answer::to(request().bearer_auth(good_token(person))).await;
            if roles.iter().any(|role| allowed.contains(role)) {
                assert_eq!(answer.status, 200, "{roles:?} {method} {path}");
                expected_calls.push(format!("{method} /{owner}/internal/v1/admin{path}"));
                let asked = world.last_asked().await;
                assert_eq!(asked.headers["x-actor"], format!("staff:{}", person.email));
            } else {
                let problem = answer.problem();
                assert_eq!(problem, (403, "role_missing"), "{roles:?} {method} {path}");
            }
        }
    }
    assert_eq!(world.asked().await, expected_calls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_operation_of_the_staff_api_is_missing_in_the_table() {
    let description = description().await;
    let mut documented: Vec<(String, String)> = description
        .into_iter()
        .filter_map(|(method, path)| Some((method, path.strip_prefix("/api/v1/admin")?.to_owned())))
        .filter(|(_, path)| path != "/login")
        .collect();
    let mut decided: Vec<(String, String)> = TABLE
        .iter()
        .map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    documented.sort();
    decided.sort();
    assert_eq!(documented, decided);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sends_a_body_before_it_is_known_who_they_are() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let large: Value = json!("x".repeat(300_000));
    let refunds = format!("/api/v1/admin{}", with_values("/payments/{id}/refunds"));
    let stranger = Answer::to(world.post(&refunds, &large)).await;
    assert_eq!(stranger.problem().0, 401);
    let host = world.employ("host@example.com", &[Role::Host]).await;
    let known = Answer::to(world.post(&refunds, &large).bearer_auth(good_token(&host))).await;
    assert_eq!(known.problem(), (413, "body_too_large"));
}
