//! The page on which a guest sees, pays and cancels a reservation.

use std::process::Command;

use ring::digest::{SHA256, digest};
use testkit::Answer;

use crate::world::World;

fn between<'a>(text: &'a str, tag: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("<{tag}>")).unwrap();
    rest.split_once(&format!("</{tag}>")).unwrap().0
}

fn hash(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    format!(
        "sha256-{}",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, hash)
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_a_reservation_is_the_same_for_every_code_and_looks_nothing_up() {
    let world = World::start().await;
    let one = Answer::to(world.get("/reservas/RES261124K7M2QX")).await;
    let other = Answer::to(world.get("/reservas/%3Cscript%3Ealert(1)%3C%2Fscript%3E?x=1")).await;
    assert_eq!((one.status, one.header("cache-control")), (200, "no-store"));
    assert_eq!(one.text, other.text);
    let asked = world.asked().await;
    assert!(asked.iter().all(|asked| asked.ends_with("/healthz")), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_its_own_script_runs_and_may_ask_only_us() {
    let world = World::start().await;
    let page = Answer::to(world.get("/reservas/RES261124K7M2QX")).await;
    let (style, script) = (
        hash(between(&page.text, "style")),
        hash(between(&page.text, "script")),
    );
    assert_eq!(
        page.header("content-security-policy"),
        format!(
            "default-src 'none'; style-src '{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             script-src '{script}'; connect-src 'self'"
        )
    );
    for markup in [
        "innerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "src=",
    ] {
        assert!(
            !page.text.contains(markup),
            "what somebody typed could run: {markup}"
        );
    }
}

#[test]
fn the_script_keeps_what_its_own_tests_promise() {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/page/reservation.test.mjs");
    let output = Command::new("node").args(["--test", tests]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
