//! The 24 hours after a guest's message: plain text within, a template outside.

use serde_json::json;
use testkit::wait_until;

use crate::house::{House, PHONE, SOON};
use crate::replica::Replica;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_wrote_today_gets_a_plain_text_and_one_who_wrote_yesterday_a_template() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    house
        .order("/whatsapp/guest", json!({ "from": PHONE, "text": "Hola" }))
        .await;
    wait_until(SOON, async || !house.messages().await.is_empty()).await;

    let first = house.stay("confirmed").await;
    house.announce_confirmed(&first).await;
    house.wait_for_arrivals(PHONE, 1).await;
    house.wait(time::Duration::hours(24)).await;
    let second = house.stay("confirmed").await;
    house.announce_confirmed(&second).await;
    house.wait_for_arrivals(PHONE, 2).await;

    let calls = house.calls().await;
    let kinds: Vec<_> = calls.iter().map(|call| call["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "template"]);
    let text = calls[0]["text"]["body"].as_str().unwrap();
    let opening = format!(
        "¡Hola, Lucía! Tu reserva {} en Cabaña del Bosque está confirmada.\n",
        first.code
    );
    assert!(text.starts_with(&opening), "{text}");
    assert!(text.contains("/reservas/"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_text_that_whatsapp_refuses_goes_out_as_a_template_at_once() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    house
        .order("/whatsapp/guest", json!({ "from": PHONE, "text": "Hola" }))
        .await;
    wait_until(SOON, async || !house.messages().await.is_empty()).await;
    house
        .order("/faults", json!({ "provider": "whatsapp", "code": 131_047 }))
        .await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    house.wait_for_arrivals(PHONE, 1).await;
    let calls = house.calls().await;
    let kinds: Vec<_> = calls.iter().map(|call| call["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "template"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_whose_number_is_written_otherwise_is_answered_where_they_wrote() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    // The number on the form lacks the 9 that WhatsApp knows.
    let stay = house.stay_of("confirmed", Some("541123456789")).await;
    house
        .order("/whatsapp/guest", json!({ "from": PHONE, "text": "Hola" }))
        .await;
    wait_until(SOON, async || !house.messages().await.is_empty()).await;
    house.announce_confirmed(&stay).await;
    house.wait_for_arrivals(PHONE, 1).await;
    let calls = house.calls().await;
    assert_eq!(
        (calls[0]["to"].as_str(), calls[0]["type"].as_str()),
        (Some(PHONE), Some("text"))
    );
}
