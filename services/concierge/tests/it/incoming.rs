//! What guests write is kept, once.

use serde_json::{Value, json};
use testkit::wait_until;

use crate::house::{House, NUMBER_ID, PHONE, SOON};
use crate::replica::Replica;
use crate::rows::{outcomes, texts};

fn body(number: &str, messages: &Value) -> Vec<u8> {
    let value = json!({ "metadata": { "phone_number_id": number }, "messages": messages });
    let body = json!({ "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": value }] }] });
    body.to_string().into_bytes()
}

fn text(id: &str, text: &str) -> Value {
    json!({ "from": PHONE, "id": id, "timestamp": "1764000000", "type": "text", "text": { "body": text } })
}

async fn all_worked_on(house: &House, count: usize) -> Vec<String> {
    wait_until(SOON, async || {
        let outcomes = outcomes(&house.database).await;
        outcomes.len() == count && !outcomes.contains(&"waits".to_owned())
    })
    .await;
    outcomes(&house.database).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guests_message_is_kept_once_however_often_and_with_whatever_it_comes() {
    let house = House::open().await;
    let replica = Replica::start(&house).await;
    let one = body(NUMBER_ID, &json!([text("wamid.1", "¿Hay lugar?")]));
    let both = body(
        NUMBER_ID,
        &json!([text("wamid.2", "Gracias"), text("wamid.1", "¿Hay lugar?")]),
    );
    for delivery in [&one, &both, &one, &both] {
        house.mailbox.deliver(delivery).await;
    }
    assert_eq!(all_worked_on(&house, 4).await, ["done"; 4]);
    let messages = house.messages().await;
    let mut said: Vec<_> = messages
        .iter()
        .map(|row| row.content["text"].as_str().unwrap())
        .collect();
    said.sort_unstable();
    assert_eq!(said, ["Gracias", "¿Hay lugar?"]);
    assert!(
        messages
            .iter()
            .all(|row| row.state == "received" && row.recipient == NUMBER_ID)
    );
    assert_eq!(messages[0].conversation_id, messages[1].conversation_id);
    assert!(messages[0].conversation_id.is_some());
    let received = r#"messages_received_total{kind="text"} 2"#;
    assert!(replica.metrics().await.contains(received));
    // Answering is the conversation's matter; nothing is made up here.
    assert_eq!(house.calls().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_with_a_nul_and_any_sign_are_kept() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    house
        .mailbox
        .deliver(&body(
            NUMBER_ID,
            &json!([text("wamid.1", "a\u{0}b 👋 \u{202e}ñ")]),
        ))
        .await;
    assert_eq!(all_worked_on(&house, 1).await, ["done"]);
    assert_eq!(
        house.messages().await[0].content["text"],
        "a\u{fffd}b 👋 \u{202e}ñ"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_for_another_number_is_no_work_and_what_cannot_be_read_is_left_to_a_person() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    house
        .mailbox
        .deliver(&body("999", &json!([text("wamid.1", "Hola")])))
        .await;
    all_worked_on(&house, 1).await;
    house.clock.advance(time::Duration::SECOND);
    house
        .mailbox
        .deliver(&body(
            NUMBER_ID,
            &json!([{ "from": PHONE }, text("wamid.2", "Hola")]),
        ))
        .await;
    assert_eq!(all_worked_on(&house, 2).await, ["ignored", "items_unreadable"]);
    let messages = house.messages().await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].wamid.as_deref(), Some("wamid.2"));
    wait_until(SOON, async || house.dead().await == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_is_one_conversation_by_number_and_by_user_id() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    let user = "AR.13491208655302741918";
    let from = |id: &str, number: Option<&str>, user: Option<&str>| {
        json!({ "from": number, "from_user_id": user, "id": id, "timestamp": "1764000000",
                "type": "text", "text": { "body": "Hola" } })
    };
    for (count, message) in [
        from("wamid.1", Some(PHONE), None),
        from("wamid.2", Some(PHONE), Some(user)),
        from("wamid.3", None, Some(user)),
    ]
    .into_iter()
    .enumerate()
    {
        house.mailbox.deliver(&body(NUMBER_ID, &json!([message]))).await;
        all_worked_on(&house, count + 1).await;
    }
    let query = "SELECT concat_ws(' ', wa_id, business_scoped_id) AS text FROM conversations";
    assert_eq!(texts(&house.database, query).await, [format!("{PHONE} {user}")]);
    let messages = house.messages().await;
    assert!(
        messages
            .iter()
            .all(|row| row.conversation_id == messages[0].conversation_id)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_messages_of_one_guest_at_once_make_one_conversation() {
    let house = House::open().await;
    let _replicas = tokio::join!(Replica::start(&house), Replica::start(&house));
    let deliveries: Vec<_> = (0..20)
        .map(|index| body(NUMBER_ID, &json!([text(&format!("wamid.{index}"), "Hola")])))
        .collect();
    let sends = deliveries.iter().map(|delivery| house.mailbox.deliver(delivery));
    futures_util::future::join_all(sends).await;
    assert_eq!(all_worked_on(&house, 20).await, ["done"; 20]);
    assert_eq!(
        texts(&house.database, "SELECT wa_id AS text FROM conversations").await,
        [PHONE]
    );
    assert_eq!(house.messages().await.len(), 20);
}
