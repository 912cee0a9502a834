use serde_json::{Value, json};
use whatsapp::signature;

use super::{LUCIA, MESSAGES, guest_wrote, telling, text};
use crate::{
    receiver::{Arrived, Receiver},
    world::APP_SECRET,
};

fn is_signed(arrived: &Arrived) -> bool {
    let expected = signature::sign(&APP_SECRET.into(), &arrived.body);
    arrived.header("x-hub-signature-256") == Some(expected.as_str())
}

/// Every message and status in a body.
fn told(arrived: &Arrived) -> Vec<Value> {
    let body = arrived.json();
    let mut found = Vec::new();
    for entry in body["entry"].as_array().unwrap() {
        for change in entry["changes"].as_array().unwrap() {
            for list in ["messages", "statuses"] {
                found.extend(change["value"][list].as_array().cloned().unwrap_or_default());
            }
        }
    }
    found
}

#[tokio::test]
async fn a_sent_message_is_told_as_sent_delivered_and_read() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    guest_wrote(&world).await;
    let (_, sent) = world.post(MESSAGES, text("Hola, Lucía")).await;
    let arrived = receiver.wait_for(3).await;
    let mut statuses: Vec<_> = arrived.iter().flat_map(told).collect();
    statuses.sort_by_key(|status| status["status"].to_string());
    let names: Vec<_> = statuses
        .iter()
        .map(|status| status["status"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["delivered", "read", "sent"]);
    for status in &statuses {
        assert_eq!(status["id"], sent["messages"][0]["id"]);
        assert_eq!(status["recipient_id"], LUCIA);
        assert_eq!(status["timestamp"], "1772366400", "whole seconds, as text");
        assert_eq!(status["biz_opaque_callback_data"], "msg-42");
    }
    assert!(arrived.iter().all(is_signed));
}

#[tokio::test]
async fn bodies_are_escaped_ascii() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    let order = json!({ "from": LUCIA, "name": "Lucía", "text": "¿Mañana? 👍 https://a.example/x" });
    world.post("/_control/whatsapp/guest", order).await;
    let arrived = &receiver.wait_for(1).await[0];
    let body = std::str::from_utf8(&arrived.body).unwrap();
    assert!(body.is_ascii());
    assert!(
        body.contains(r"\u00bfMa\u00f1ana? \ud83d\udc4d https:\/\/a.example\/x"),
        "{body}"
    );
    assert!(is_signed(arrived));
    assert_eq!(
        told(arrived)[0]["text"]["body"],
        "¿Mañana? 👍 https://a.example/x"
    );
}

#[tokio::test]
async fn anything_but_a_200_is_told_again() {
    let receiver = Receiver::start();
    receiver.answer(&[503, 201]);
    let world = telling(&receiver).await;
    world
        .post(
            "/_control/whatsapp/guest",
            json!({ "from": LUCIA, "text": "Hola" }),
        )
        .await;
    let arrived = receiver.wait_for(3).await;
    assert!(
        arrived
            .iter()
            .all(|one| one.body == arrived[0].body && one.method == "POST")
    );
    let (_, deliveries) = world.get("/_control/deliveries?provider=whatsapp").await;
    assert_eq!(deliveries.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_thousand_updates_fit_one_body_and_copies_are_cut_anew() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    for number in 0..25 {
        let order = json!({ "from": format!("54911{number:08}"), "text": "Hola", "deliver": false });
        world.post("/_control/whatsapp/guest", order).await;
    }
    let order = json!({ "batch": 10, "entries": 3, "copies": 2, "order": "shuffled" });
    let (_, body) = world.post("/_control/whatsapp/send", order).await;
    // 10 + 10 + 5, and the copies 1 + 10 + 10 + 4.
    assert_eq!(body["attempts"].as_array().unwrap().len(), 7);
    let arrived = receiver.arrived();
    let mut sizes: Vec<_> = arrived.iter().map(|one| told(one).len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 4, 5, 10, 10, 10, 10]);
    assert!(
        arrived
            .iter()
            .any(|one| one.json()["entry"].as_array().unwrap().len() == 3)
    );
    let mut ids: Vec<_> = arrived
        .iter()
        .flat_map(told)
        .map(|message| message["id"].to_string())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 25);
}

#[tokio::test]
async fn a_status_can_overtake_the_answer_to_the_send_call() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    guest_wrote(&world).await;
    world
        .post(
            "/_control/whatsapp/settings",
            json!({ "status_before_answer": true }),
        )
        .await;
    world.post(MESSAGES, text("Hola")).await;
    assert!(!receiver.arrived().is_empty(), "told before the answer");
}

#[tokio::test]
async fn a_message_can_fail_late_and_statuses_can_come_in_any_order() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    guest_wrote(&world).await;
    let outcome = json!({ "statuses": ["delivered", "sent", "failed"], "code": 131_047 });
    world.post("/_control/whatsapp/outcomes", outcome).await;
    assert_eq!(world.post(MESSAGES, text("Hola")).await.0, 200);
    let statuses: Vec<_> = receiver.wait_for(3).await.iter().flat_map(told).collect();
    let failed = statuses
        .iter()
        .find(|status| status["status"] == "failed")
        .unwrap();
    assert_eq!(failed["errors"][0]["code"], 131_047);
}

#[tokio::test]
async fn forged_webhooks_and_any_bytes_come_on_order() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    for forgery in ["unsigned", "wrong_secret", "sha1", "tampered"] {
        let order =
            json!({ "body": { "object": "whatsapp_business_account", "entry": [] }, "forgery": forgery });
        let (_, attempt) = world.post("/_control/whatsapp/raw", order).await;
        assert_eq!(attempt["status"], 200);
    }
    assert!(!receiver.arrived().iter().any(is_signed));
    world
        .post("/_control/whatsapp/raw", json!({ "body": "not json" }))
        .await;
    let last = receiver.arrived().pop().unwrap();
    assert_eq!(last.body, b"not json");
    assert!(is_signed(&last));

    let account = json!({ "field": "account_update", "value": { "event": "ACCOUNT_VIOLATION" } });
    world.post("/_control/whatsapp/account", account).await;
    let last = receiver.wait_for(6).await.pop().unwrap().json();
    assert_eq!(
        last["entry"][0]["changes"][0]["value"],
        json!({ "event": "ACCOUNT_VIOLATION" })
    );
    assert!(last["entry"][0]["time"].is_i64());
}

#[tokio::test]
async fn the_handshake_is_called_on_order() {
    let receiver = Receiver::start();
    let world = telling(&receiver).await;
    let (_, answer) = world.post("/_control/whatsapp/handshake", json!({})).await;
    assert_eq!(
        (&answer["status"], &answer["body"]),
        (&json!(200), &json!("1158201444"))
    );
    let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=doc-verify-token";
    assert_eq!(receiver.arrived()[0].query, query);
    world
        .post(
            "/_control/whatsapp/handshake",
            json!({ "verify_token": null, "challenge": "x" }),
        )
        .await;
    assert_eq!(receiver.arrived()[1].query, "hub.mode=subscribe&hub.challenge=x");
}
