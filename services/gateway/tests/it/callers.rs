//! Whose request it is: the address that owners hear, and who is believed about it.

use serde_json::json;
use testkit::Answer;

use crate::world::World;

async fn heard(world: &World, forwarded: &[&str]) -> String {
    let mut request = world.get("/api/v1/accommodations");
    for value in forwarded {
        request = request.header("x-forwarded-for", *value);
    }
    assert_eq!(Answer::to(request).await.status, 200);
    let asked = world.last_asked().await;
    asked.headers["x-client-address"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_not_believed_about_its_address() {
    let world = World::start().await;
    world.owners_say_yes().await;
    assert_eq!(heard(&world, &["198.51.100.7"]).await, "127.0.0.1");
    assert_eq!(heard(&world, &["198.51.100.7", "10.0.0.1"]).await, "127.0.0.1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_proxy_is_believed_about_its_own_caller_only() {
    let world = World::behind_a_proxy().await;
    world.owners_say_yes().await;
    assert_eq!(heard(&world, &["198.51.100.7"]).await, "198.51.100.7");
    // The first address was made up by the caller; the proxy added the last one.
    assert_eq!(heard(&world, &["1.2.3.4, 198.51.100.7"]).await, "198.51.100.7");
    assert_eq!(heard(&world, &["1.2.3.4", "198.51.100.7"]).await, "198.51.100.7");
    assert_eq!(heard(&world, &["nonsense"]).await, "127.0.0.1");
    assert_eq!(heard(&world, &[]).await, "127.0.0.1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_we_may_say_cannot_be_said_from_outside() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let forged = world
        .post("/api/v1/reservations", &json!({}))
        .header("x-actor", "staff:owner@example.com")
        .header("x-client-address", "203.0.113.1")
        .header("x-internal-token", "guessed")
        .header("cookie", "a=b");
    assert_eq!(Answer::to(forged).await.status, 200);
    let asked = world.last_asked().await;
    let all = |name: &str| -> Vec<&str> {
        let values = asked.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    };
    assert_eq!(all("x-actor"), ["guest"]);
    assert_eq!(all("x-client-address"), ["127.0.0.1"]);
    assert_eq!(all("x-internal-token"), [crate::world::INTERNAL_TOKEN]);
    assert_eq!(all("cookie"), Vec::<&str>::new());
}
