//! The providers' own clients, unchanged, against the sandbox; installed from npm and `PyPI` at test time.

mod workshop;

use serde_json::json;
use workshop::Workshop;

use crate::{
    receiver::Receiver,
    whatsapp::{LUCIA, telling},
    world::{APP_SECRET, MERCADO_PAGO_SECRET, World},
};

/// The variables that describe a signed notice, for the validators. The clock is the real one.
async fn notice(world: &World, receiver: &Receiver) -> Vec<(&'static str, String)> {
    world.post("/_control/clock", json!({})).await;
    let order = json!({ "notices": [{ "data_id": "90000000017", "url": receiver.url }] });
    world.post("/_control/mercadopago/notify", order).await;
    let arrived = receiver.wait_for(1).await.remove(0);
    vec![
        ("SANDBOX_URL", world.running.url.clone()),
        ("SIGNATURE", arrived.header("x-signature").unwrap().to_owned()),
        ("REQUEST_ID", arrived.header("x-request-id").unwrap().to_owned()),
        ("DATA_ID", "90000000017".to_owned()),
        ("SECRET", MERCADO_PAGO_SECRET.to_owned()),
        ("NOTICE_URL", format!("{}?source_news=webhooks", receiver.url)),
    ]
}

/// The variables that describe a signed webhook with a guest's message in it; its body is in a file.
async fn webhook(world: &World, receiver: &Receiver, name: &str) -> Vec<(&'static str, String)> {
    let order = json!({ "from": LUCIA, "name": "Lucía", "text": "¿Mañana? 👍" });
    world.post("/_control/whatsapp/guest", order).await;
    let arrived = receiver.wait_for(1).await.remove(0);
    let file = std::env::temp_dir().join(format!("sandbox-{name}-{}.json", std::process::id()));
    std::fs::write(&file, &arrived.body).unwrap();
    vec![
        ("SANDBOX_URL", world.running.url.clone()),
        (
            "SIGNATURE",
            arrived.header("x-hub-signature-256").unwrap().to_owned(),
        ),
        ("APP_SECRET", APP_SECRET.to_owned()),
        ("PHONE", "106540352242922".to_owned()),
        ("GUEST", LUCIA.to_owned()),
        ("BODY_FILE", file.display().to_string()),
    ]
}

#[tokio::test]
async fn the_node_client_of_mercado_pago_works_unchanged() {
    let (world, receiver) = (World::start().await, Receiver::start());
    let variables = notice(&world, &receiver).await;
    Workshop::open().await.node("mercadopago.mjs", variables).await;
}

#[tokio::test]
async fn the_python_client_of_mercado_pago_works_unchanged() {
    let (world, receiver) = (World::start().await, Receiver::start());
    let variables = notice(&world, &receiver).await;
    Workshop::open()
        .await
        .python("mercadopago_client.py", variables)
        .await;
}

#[tokio::test]
async fn two_node_clients_of_whatsapp_work_unchanged() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    let variables = webhook(&world, &receiver, "node").await;
    Workshop::open().await.node("whatsapp.mjs", variables).await;
}

#[tokio::test]
async fn a_python_client_of_whatsapp_works_unchanged() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    let variables = webhook(&world, &receiver, "python").await;
    Workshop::open().await.python("pywa_client.py", variables).await;
}
