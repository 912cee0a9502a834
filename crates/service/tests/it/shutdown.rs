//! A service that is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use service::background::Background;
use service::settings::HttpSettings;

use crate::harness::{Service, wait_until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_fails_before_connections_are_refused_and_work_in_hand_is_finished() {
    let background = Background::new();
    let (token, finished) = (background.token(), Arc::new(AtomicBool::new(false)));
    let done = Arc::clone(&finished);
    background.spawn("delivery in hand", async move {
        token.cancelled().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        done.store(true, Ordering::SeqCst);
    });
    let settings = HttpSettings {
        http_drain_wait_milliseconds: 300,
        ..HttpSettings::for_tests()
    };
    let mut service = Service::start_with(settings, |builder| builder.background(background));
    assert_eq!(service.get("/readyz").send().await.unwrap().status(), 200);

    let address = service.url.replace("http://", "");
    let began = Instant::now();
    service.stopper.cancel();
    wait_until(async || service.get("/readyz").send().await.unwrap().status() == 503).await;
    assert_eq!(
        service.get("/livez").send().await.unwrap().status(),
        200,
        "not ready, but still serving"
    );
    let in_hand = tokio::spawn(service.get("/slow").send());

    wait_until(async || tokio::net::TcpStream::connect(address.as_str()).await.is_err()).await;
    assert!(
        Duration::from_millis(250) < began.elapsed(),
        "connections were refused too early"
    );
    assert_eq!(
        in_hand.await.unwrap().unwrap().status(),
        200,
        "a request in hand was cut off"
    );
    (&mut service.running).await.unwrap().unwrap();
    assert!(finished.load(Ordering::SeqCst), "background work was cut off");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_is_named() {
    let service = Service::start();
    let port = service.url.rsplit(':').next().unwrap().parse().unwrap();
    let settings = HttpSettings {
        http_port: Some(port),
        ..HttpSettings::for_tests()
    };
    let failure = service::app::Application::builder("second", settings)
        .build(|_| {})
        .unwrap_err();
    assert_eq!(
        failure.to_string(),
        format!("listen on 127.0.0.1:{port} (HTTP_HOST, HTTP_PORT)")
    );
}
