use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{CONFIGURED, Service, Stores, status};

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_three_megabytes_is_taken_and_more_than_the_limit_is_not() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let batch = format!("[\"{}\"]", "ñ".repeat(3 << 19));
    assert!(3 << 20 < batch.len());
    assert_eq!(status(service.signed_whatsapp(batch.as_bytes())).await, 200);
    assert_eq!(stores.deliveries().await[0].body, hex::encode(&batch));

    let huge = vec![b' '; (4 << 20) + 1];
    assert_eq!(status(service.signed_whatsapp(&huge)).await, 413);
    let long = "x".repeat((256 << 10) + 1);
    let notification = service.signed_mercadopago("data.id=1&type=payment", Some("1"), "r", &long);
    assert_eq!(status(notification).await, 413);
    assert_eq!(stores.deliveries().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_in_chunks_is_the_same_body_and_one_without_end_is_cut_off() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let signature = "sha256=f3f184cd3c5d582b45a752543dad664f574ee838d1b5607cecb7158bc5de67a5";
    let head = format!("x-hub-signature-256: {signature}\r\ntransfer-encoding: chunked\r\n");
    let mut stream = open(&service, &head).await;
    for chunk in [r#"{"object":"whatsapp_busi"#, r#"ness_account","entry":[]}"#] {
        let framed = format!("{:x}\r\n{chunk}\r\n", chunk.len());
        stream.write_all(framed.as_bytes()).await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(answer(&mut stream).await, "HTTP/1.1 200 OK");

    let mut stream = open(&service, "transfer-encoding: chunked\r\n").await;
    let mebibyte = format!("100000\r\n{}\r\n", " ".repeat(1 << 20));
    for _chunk in 0..6 {
        if stream.write_all(mebibyte.as_bytes()).await.is_err() {
            break; // The service has hung up, as it may.
        }
    }
    let answered = answer(&mut stream).await;
    assert!(
        answered.is_empty() || answered == "HTTP/1.1 413 Payload Too Large",
        "{answered}"
    );
    assert_eq!(stores.deliveries().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_stall_are_told_so_and_keep_nobody_else_waiting() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let mut stalled = Vec::new();
    for _client in 0..100 {
        let mut stream = open(&service, "content-length: 1000\r\n").await;
        stream.write_all(b"{\"half\":").await.unwrap();
        stalled.push(stream);
    }
    let asked = Instant::now();
    assert_eq!(status(service.signed_whatsapp(b"{}")).await, 200);
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    for stream in stalled.iter_mut().take(3) {
        assert_eq!(answer(stream).await, "HTTP/1.1 408 Request Timeout");
    }
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());

    // A client that goes away in the middle leaves nothing behind.
    drop(stalled);
    assert_eq!(status(service.signed_whatsapp(b"[]")).await, 200);
    assert_eq!(stores.deliveries().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_methods_of_the_contract_are_answered() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    for (path, allowed) in [("whatsapp", ["GET", "POST"]), ("mercadopago", ["POST", "POST"])] {
        let url = format!("{}/api/v1/webhooks/{path}", service.url);
        let refused = service.client.put(url).send().await.unwrap();
        assert_eq!(refused.status(), 405);
        let allow = refused.headers()["allow"].to_str().unwrap();
        assert!(allowed.iter().all(|method| allow.contains(method)), "{allow}");
    }
    assert_eq!(status(service.get("/api/v1/webhooks/other")).await, 404);
}

/// A connection that has sent the head of a WhatsApp delivery.
async fn open(service: &Service, headers: &str) -> TcpStream {
    let address = service.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /api/v1/webhooks/whatsapp HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The first line of the answer; empty if the connection ends without one.
async fn answer(stream: &mut TcpStream) -> String {
    let mut received = vec![0; 1_024];
    let length = stream.read(&mut received).await.unwrap_or(0);
    let text = String::from_utf8_lossy(&received[..length]).into_owned();
    text.lines().next().unwrap_or_default().to_owned()
}
