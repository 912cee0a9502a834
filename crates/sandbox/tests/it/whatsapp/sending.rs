use serde_json::{Value, json};

use super::{LUCIA, MESSAGES, guest_wrote, text};
use crate::world::{World, answer};

fn interactive(action: &Value, kind: &str) -> Value {
    json!({
        "messaging_product": "whatsapp", "to": LUCIA, "type": "interactive",
        "interactive": { "type": kind, "body": { "text": "¿Confirmás?" }, "action": action },
    })
}

fn button(id: &str, title: &str) -> Value {
    json!({ "type": "reply", "reply": { "id": id, "title": title } })
}

#[tokio::test]
async fn a_message_is_taken_in_any_version_and_answered_with_its_id() {
    let world = World::start().await;
    guest_wrote(&world).await;
    for version in ["v23.0", "v22.0", "v24.0"] {
        let (status, body) = world
            .post(&format!("/{version}/106540352242922/messages"), text("Hola"))
            .await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["messaging_product"], "whatsapp");
        assert_eq!(
            body["contacts"],
            json!([{ "input": "+54 9 11 2345-6789", "wa_id": LUCIA }])
        );
        assert!(body["messages"][0]["id"].as_str().unwrap().starts_with("wamid."));
    }
    let (_, chat) = world.get(&format!("/_control/whatsapp/chats/{LUCIA}")).await;
    assert_eq!(chat["messages"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn free_text_needs_a_guest_who_wrote_within_24_hours() {
    let world = World::start().await;
    let (status, body) = world.post(MESSAGES, text("Hola")).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(131_047)));

    guest_wrote(&world).await;
    assert_eq!(world.post(MESSAGES, text("Hola")).await.0, 200);
    world
        .post("/_control/clock", json!({ "advance_seconds": 24 * 3_600 - 1 }))
        .await;
    assert_eq!(world.post(MESSAGES, text("Hola")).await.0, 200);
    world
        .post("/_control/clock", json!({ "advance_seconds": 1 }))
        .await;
    assert_eq!(world.post(MESSAGES, text("Hola")).await.0, 400);

    let template = json!({
        "messaging_product": "whatsapp", "to": LUCIA, "type": "template",
        "template": { "name": "booking_confirmed", "language": { "code": "es_AR" }, "components": [
            { "type": "body", "parameters": [{ "type": "text", "text": "Lucía" }] } ] },
    });
    assert_eq!(
        world.post(MESSAGES, template).await.0,
        200,
        "a template may go at any time"
    );
}

#[tokio::test]
async fn the_limits_of_the_contract_are_kept() {
    let world = World::start().await;
    guest_wrote(&world).await;
    let long = |count: usize| "ñ".repeat(count);
    let row = |id: &str, title: &str| json!({ "id": id, "title": title });
    let list = |rows: Vec<Value>| {
        interactive(
            &json!({ "button": "Elegir", "sections": [{ "rows": rows }] }),
            "list",
        )
    };
    let rows = |count: usize| (0..count).map(|n| row(&format!("r{n}"), "Cabaña")).collect();
    let buttons = |buttons: Vec<Value>| interactive(&json!({ "buttons": buttons }), "button");
    let cases = [
        (text(&long(4_096)), None),
        (text(&long(4_097)), Some(131_009)),
        (text(""), Some(131_008)),
        (
            buttons(vec![
                button("ok", "Sí"),
                button("no", "No"),
                button("m", &long(20)),
            ]),
            None,
        ),
        (buttons(vec![]), Some(131_009)),
        (
            buttons(vec![
                button("a", "1"),
                button("b", "2"),
                button("c", "3"),
                button("d", "4"),
            ]),
            Some(131_009),
        ),
        (buttons(vec![button("a", &long(21))]), Some(131_009)),
        (buttons(vec![button("a", "1"), button("a", "2")]), Some(131_009)),
        (buttons(vec![button("a", "1"), button("b", "1")]), Some(131_009)),
        (list(rows(10)), None),
        (list(rows(11)), Some(131_009)),
        (list(vec![row("r", &long(25))]), Some(131_009)),
        (
            interactive(
                &json!({ "button": "Elegir", "sections": [{ "rows": [row("a", "A")] }, { "rows": [row("b", "B")] }] }),
                "list",
            ),
            Some(131_008),
        ),
        (
            json!({ "messaging_product": "whatsapp", "to": LUCIA, "type": "hologram" }),
            Some(131_051),
        ),
        (
            json!({ "messaging_product": "whatsapp", "type": "text", "text": { "body": "x" } }),
            Some(131_008),
        ),
        (
            json!({ "to": LUCIA, "type": "text", "text": { "body": "x" } }),
            Some(100),
        ),
    ];
    for (body, code) in cases {
        let (status, answer) = world.post(MESSAGES, body.clone()).await;
        let found = answer["error"]["code"].as_i64();
        assert_eq!(
            (status, found),
            (if code.is_some() { 400 } else { 200 }, code),
            "{body} {answer}"
        );
    }
}

#[tokio::test]
async fn the_documented_errors_come_on_order() {
    let world = World::start().await;
    guest_wrote(&world).await;
    let cases = [
        (190, 401),
        (130_429, 429),
        (131_056, 400),
        (131_047, 400),
        (131_000, 500),
        (132_001, 404),
    ];
    for (code, status) in cases {
        world
            .post(
                "/_control/faults",
                json!({ "provider": "whatsapp", "code": code }),
            )
            .await;
        let (found, body) = world.post(MESSAGES, text("Hola")).await;
        assert_eq!((found, &body["error"]["code"]), (status, &json!(code)), "{body}");
        assert_eq!(body["error"]["type"], "OAuthException");
    }
    assert_eq!(world.post(MESSAGES, text("Hola")).await.0, 200);

    let close = json!({ "provider": "whatsapp", "then": "close", "after_effect": true });
    world.post("/_control/faults", close).await;
    let request = world
        .request(reqwest::Method::POST, MESSAGES)
        .json(&text("¿Llegó?"));
    assert!(request.send().await.is_err());
    let (_, chat) = world.get(&format!("/_control/whatsapp/chats/{LUCIA}")).await;
    let last = chat["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(
        last["content"]["text"]["body"], "¿Llegó?",
        "taken, though no answer came"
    );

    let hang = json!({ "provider": "whatsapp", "then": "hang" });
    world.post("/_control/faults", hang).await;
    let request = world.request(reqwest::Method::POST, MESSAGES).json(&text("Hola"));
    let error = request
        .timeout(std::time::Duration::from_millis(200))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout());
}

#[tokio::test]
async fn a_wrong_token_and_a_foreign_number_are_refused() {
    let mut options = crate::world::options();
    options.whatsapp.access_token = Some("right".into());
    let world = World::with(options).await;
    let post = |token: &str, path: &str| {
        answer(
            world
                .client
                .post(world.url(path))
                .header("authorization", token)
                .json(&text("x")),
        )
    };
    assert_eq!(post("Bearer wrong", MESSAGES).await.1["error"]["code"], 190);
    let (status, body) = post("Bearer right", "/v23.0/1/messages").await;
    assert_eq!(
        (status, &body["error"]["code"], &body["error"]["error_subcode"]),
        (400, &json!(100), &json!(33))
    );
}

#[tokio::test]
async fn a_test_number_writes_only_to_its_list_and_without_the_nine() {
    let world = World::start().await;
    guest_wrote(&world).await;
    world
        .post(
            "/_control/whatsapp/settings",
            json!({ "allow_list": ["541123456789"] }),
        )
        .await;
    assert_eq!(
        world.post(MESSAGES, text("Hola")).await.1["error"]["code"],
        131_030
    );
    let mut without = text("Hola");
    without["to"] = json!("541123456789");
    let (status, body) = world.post(MESSAGES, without).await;
    assert_eq!((status, &body["contacts"][0]["wa_id"]), (200, &json!(LUCIA)));
}

#[tokio::test]
async fn a_guests_message_is_marked_as_read_and_typing_shows() {
    let world = World::start().await;
    let (_, written) = world
        .post(
            "/_control/whatsapp/guest",
            json!({ "from": LUCIA, "text": "Hola" }),
        )
        .await;
    let read = json!({
        "messaging_product": "whatsapp", "status": "read", "message_id": written["id"],
        "typing_indicator": { "type": "text" },
    });
    assert_eq!(
        world.post(MESSAGES, read).await,
        (200, json!({ "success": true }))
    );
    let (_, chat) = world.get(&format!("/_control/whatsapp/chats/{LUCIA}")).await;
    assert_eq!(
        (&chat["messages"][0]["status"], &chat["house_is_typing"]),
        (&json!("read"), &json!(true))
    );
}
