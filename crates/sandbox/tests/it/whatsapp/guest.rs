use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{LUCIA, MESSAGES, guest_wrote, telling};
use crate::{receiver::Receiver, world::World};

fn first_message(receiver: &Receiver) -> Value {
    let body = receiver.arrived().pop().unwrap().json();
    body["entry"][0]["changes"][0]["value"]["messages"][0].clone()
}

async fn offer(world: &World) -> Value {
    let list = json!({
        "messaging_product": "whatsapp", "to": LUCIA, "type": "interactive", "interactive": {
            "type": "list", "body": { "text": "¿Cuál?" },
            "action": { "button": "Elegir", "sections": [{ "title": "Libres", "rows": [
                { "id": "r1", "title": "Cabaña 1", "description": "4 personas" }, { "id": "r2", "title": "Cabaña 2" } ] }] },
        },
    });
    let (status, body) = world.post(MESSAGES, list).await;
    assert_eq!(status, 200, "{body}");
    body["messages"][0]["id"].clone()
}

#[tokio::test]
async fn a_guest_taps_a_row_and_the_webhook_says_which() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    world
        .post("/_control/whatsapp/settings", json!({ "statuses": [] }))
        .await;
    guest_wrote(&world).await;
    let offered = offer(&world).await;
    let (status, _) = world
        .post("/_control/whatsapp/guest", json!({ "from": LUCIA, "tap": "r1" }))
        .await;
    assert_eq!(status, 201);
    receiver.wait_for(1).await;
    let message = first_message(&receiver);
    assert_eq!(message["context"]["id"], offered);
    let reply = json!({ "type": "list_reply", "list_reply": { "id": "r1", "title": "Cabaña 1", "description": "4 personas" } });
    assert_eq!(message["interactive"], reply);
    assert_eq!(message["timestamp"], "1772366400");
    assert_eq!(
        world
            .post("/_control/whatsapp/guest", json!({ "from": LUCIA, "tap": "r9" }))
            .await
            .0,
        409
    );
}

#[tokio::test]
async fn a_guest_can_be_known_by_a_user_id_alone_and_send_anything() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    let order = json!({
        "user_id": "US.13491208655302741918", "name": "Sin teléfono",
        "message": { "type": "image", "image": { "mime_type": "image/jpeg", "sha256": "x", "id": "1" } },
    });
    assert_eq!(world.post("/_control/whatsapp/guest", order).await.0, 201);
    receiver.wait_for(1).await;
    let message = first_message(&receiver);
    assert_eq!(
        (&message["from_user_id"], &message["from"]),
        (&json!("US.13491208655302741918"), &Value::Null)
    );
    assert_eq!(message["image"]["id"], "1");
    let answer = json!({ "messaging_product": "whatsapp", "recipient": "US.13491208655302741918", "type": "text", "text": { "body": "Hola" } });
    assert_eq!(world.post(MESSAGES, answer).await.0, 200);
}

#[tokio::test]
async fn a_person_types_on_the_page() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    let open = world
        .client
        .post(world.url("/whatsapp"))
        .form(&[("phone", "+54 9 11 2345-6789"), ("name", "Lucía <b>")]);
    let opened = open.send().await.unwrap();
    assert_eq!(
        (opened.status(), opened.headers()["location"].to_str().unwrap()),
        (StatusCode::SEE_OTHER, "/whatsapp/5491123456789")
    );

    let chat = format!("/whatsapp/{LUCIA}");
    let typed = world
        .client
        .post(world.url(&chat))
        .form(&[("text", "¿Hay lugar? <script>")])
        .send()
        .await
        .unwrap();
    assert_eq!(typed.status(), StatusCode::SEE_OTHER);
    receiver.wait_for(1).await;
    assert_eq!(first_message(&receiver)["text"]["body"], "¿Hay lugar? <script>");

    offer(&world).await;
    let (status, page) = world.page(&chat).await;
    assert_eq!(status, StatusCode::OK);
    for text in [
        "Lucía &lt;b&gt;",
        "¿Hay lugar? &lt;script&gt;",
        "Cabaña 1",
        "4 personas",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    let tapped = world
        .client
        .post(world.url(&format!("{chat}/tap")))
        .form(&[("choice", "r2")])
        .send()
        .await
        .unwrap();
    assert_eq!(tapped.status(), StatusCode::SEE_OTHER);
    assert!(
        world
            .page(&format!("{chat}/bubbles"))
            .await
            .1
            .contains("Cabaña 2")
    );
    assert!(world.page("/whatsapp").await.1.contains("3 mensajes"));
}
