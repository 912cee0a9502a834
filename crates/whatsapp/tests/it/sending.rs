//! What is sent, and what its answer says.

use serde_json::json;
use whatsapp::client::{MessageStatus, Outgoing, SendError};
use whatsapp::message::{Message, Text};
use whatsapp::recipient::Recipient;
use wiremock::ResponseTemplate;

use crate::harness::{Graph, accepted, send};

#[tokio::test]
async fn a_text_goes_out_as_the_contract_says() {
    let graph = Graph::answering(accepted()).await;
    let to: Recipient = "+54 9 11 2345-6789".parse().unwrap();
    let message = Message::from(Text::new("Hola").unwrap());
    let outgoing = Outgoing {
        to: &to,
        message: &message,
        reply_to: Some("wamid.y"),
        callback: Some("msg-42"),
    };

    let sent = graph.client().send(&outgoing).await.unwrap();

    assert_eq!(sent.message_id, "wamid.x");
    assert_eq!(sent.wa_id, "5491123456789".parse().ok());
    assert_eq!(sent.status, MessageStatus::Accepted);
    let expected = json!({ "messaging_product": "whatsapp", "recipient_type": "individual", "to": "5491123456789",
        "type": "text", "text": { "preview_url": false, "body": "Hola" }, "context": { "message_id": "wamid.y" },
        "biz_opaque_callback_data": "msg-42" });
    assert_eq!(graph.bodies().await, [expected]);
    let received = graph.server.received_requests().await.unwrap();
    let request = received.first().unwrap();
    assert_eq!(request.url.path(), "/v23.0/106540352242922/messages");
    assert_eq!(request.headers.get("authorization").unwrap(), "Bearer TEST-token");
    assert!(
        request
            .headers
            .get("user-agent")
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("alojamientos/")
    );
    assert_eq!(graph.outcomes(), ["success"]);
}

#[tokio::test]
async fn a_guest_without_a_number_is_named_by_the_user_id() {
    let graph = Graph::answering(accepted()).await;
    let to: Recipient = "US.13491208655302741918".parse().unwrap();
    let message = Message::from(Text::new("Hola").unwrap());
    let outgoing = Outgoing {
        to: &to,
        message: &message,
        reply_to: None,
        callback: None,
    };
    graph.client().send(&outgoing).await.unwrap();
    let expected = json!({ "messaging_product": "whatsapp", "recipient_type": "individual",
        "recipient": "US.13491208655302741918", "type": "text", "text": { "preview_url": false, "body": "Hola" } });
    assert_eq!(graph.bodies().await, [expected]);
}

#[tokio::test]
async fn a_test_number_loses_its_nine_only_by_the_switch() {
    let graph = Graph::answering(accepted()).await;
    let mut settings = graph.settings();
    settings.drops_the_nine = true;
    send(&graph.client()).await.unwrap();
    send(&graph.client_with(&settings)).await.unwrap();
    let sent_to: Vec<_> = graph
        .bodies()
        .await
        .iter()
        .map(|body| body.get("to").cloned().unwrap())
        .collect();
    assert_eq!(sent_to, ["5491123456789", "541123456789"]);
}

#[tokio::test]
async fn a_message_may_be_held_or_paused() {
    for (word, expected) in [
        ("held_for_quality_assessment", MessageStatus::Held),
        ("paused", MessageStatus::Paused),
        ("new_word", MessageStatus::Accepted),
    ] {
        let body = json!({ "messages": [{ "id": "wamid.x", "message_status": word }] });
        let graph = Graph::answering(ResponseTemplate::new(200).set_body_json(body)).await;
        assert_eq!(send(&graph.client()).await.unwrap().status, expected);
    }
}

#[tokio::test]
async fn a_callback_that_is_too_long_sends_nothing() {
    let graph = Graph::answering(accepted()).await;
    let to: Recipient = "5491123456789".parse().unwrap();
    let message = Message::from(Text::new("Hola").unwrap());
    let long = "x".repeat(513);
    let outgoing = Outgoing {
        to: &to,
        message: &message,
        reply_to: None,
        callback: Some(&long),
    };
    assert!(matches!(
        graph.client().send(&outgoing).await,
        Err(SendError::Callback)
    ));
    assert!(graph.bodies().await.is_empty());
}

#[tokio::test]
async fn a_message_is_marked_as_read_with_or_without_typing() {
    let graph = Graph::answering(ResponseTemplate::new(200).set_body_json(json!({ "success": true }))).await;
    let client = graph.client();
    client.mark_read("wamid.x", false).await.unwrap();
    client.mark_read("wamid.x", true).await.unwrap();
    let read = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x" });
    let typing = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x",
        "typing_indicator": { "type": "text" } });
    assert_eq!(graph.bodies().await, [read, typing]);
}
