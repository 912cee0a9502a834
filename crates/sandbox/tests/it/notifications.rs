use std::collections::HashSet;

use mercadopago::signature;
use serde_json::json;

use crate::{
    receiver::{Arrived, Receiver},
    world::{MERCADO_PAGO_SECRET, NOW, World, wait_until},
};

fn signed_as_it_should_be(arrived: &Arrived, data_id: &str) -> bool {
    let ts = NOW.unix_timestamp().to_string();
    let secret = MERCADO_PAGO_SECRET.into();
    let expected = signature::sign(&secret, Some(data_id), arrived.header("x-request-id"), &ts);
    arrived.header("x-signature") == Some(expected.as_str())
}

#[tokio::test]
async fn without_source_news_one_payment_makes_four_notices() {
    let world = World::start().await;
    let receiver = Receiver::start();
    let preference = world.preference("bk-1", Some(&receiver.url)).await;
    let id = world.pay(&preference, json!({})).await["id"].to_string();

    let arrived = receiver.wait_for(4).await;
    let agents: Vec<_> = arrived
        .iter()
        .map(|one| one.header("user-agent").unwrap())
        .collect();
    let count = |agent: &str| agents.iter().filter(|known| **known == agent).count();
    assert_eq!(count("MercadoPago Feed v2.0 merchant_order"), 2);
    assert_eq!(count("MercadoPago Feed v2.0 payment"), 1);
    assert_eq!(count("MercadoPago WebHook v1.0 payment"), 1);

    let webhook = arrived.iter().find(|one| one.query.contains("data.id")).unwrap();
    assert_eq!(webhook.query, format!("data.id={id}&type=payment"));
    assert!(signed_as_it_should_be(webhook, &id));
    let body = webhook.json();
    assert_eq!(
        (&body["action"], &body["data"]),
        (&json!("payment.created"), &json!({ "id": id }))
    );

    let feed = arrived
        .iter()
        .find(|one| one.query.ends_with("topic=payment"))
        .unwrap();
    assert_eq!(feed.query, format!("id={id}&topic=payment"));
    assert!(!signed_as_it_should_be(feed, &id), "an IPN never verifies");
}

#[tokio::test]
async fn every_attempt_is_signed_anew() {
    let world = World::start().await;
    let receiver = Receiver::start();
    receiver.answer(&[500, 503]);
    let preference = world
        .preference("bk-1", Some(&format!("{}?source_news=webhooks", receiver.url)))
        .await;
    let id = world.pay(&preference, json!({})).await["id"].to_string();

    let arrived = receiver.wait_for(3).await;
    let ids: HashSet<_> = arrived
        .iter()
        .map(|one| one.header("x-request-id").unwrap())
        .collect();
    let bodies: HashSet<_> = arrived.iter().map(|one| one.json()["id"].to_string()).collect();
    assert_eq!((ids.len(), bodies.len()), (3, 3));
    assert!(arrived.iter().all(|one| signed_as_it_should_be(one, &id)));
    let delivery = wait_until(async || {
        let (_, deliveries) = world.get(&format!("/_control/deliveries?about={id}")).await;
        Some(deliveries[0].clone()).filter(|delivery| delivery["standing"] == "accepted")
    })
    .await;
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn paused_notifications_are_lost_and_still_on_record() {
    let world = World::start().await;
    let receiver = Receiver::start();
    world
        .post(
            "/_control/mercadopago/notifications",
            json!({ "automatic": false }),
        )
        .await;
    let preference = world.preference("bk-1", Some(&receiver.url)).await;
    let id = world.pay(&preference, json!({})).await["id"].to_string();
    let (_, deliveries) = world.get(&format!("/_control/deliveries?about={id}")).await;
    assert!(
        deliveries
            .as_array()
            .unwrap()
            .iter()
            .all(|delivery| delivery["standing"] == "lost")
    );
    assert!(receiver.arrived().is_empty());
}

#[tokio::test]
async fn any_notice_is_sent_on_order_and_the_answers_come_back() {
    let world = World::start().await;
    let receiver = Receiver::start();
    let orders = json!({ "at_once": true, "notices": [
        { "data_id": "123456", "url": receiver.url, "times": 3 },
        { "data_id": "123456", "url": receiver.url, "forgery": "wrong_secret" },
        { "data_id": "123456", "url": receiver.url, "forgery": "unsigned" },
        { "data_id": "123456", "url": receiver.url, "forgery": "data_id_twice" },
        { "data_id": "262", "topic": "merchant_order", "channel": "feed", "url": receiver.url },
    ] });
    let (status, body) = world.post("/_control/mercadopago/notify", orders).await;
    assert_eq!((status, body["attempts"].as_array().unwrap().len()), (200, 7));
    assert!(
        body["attempts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|attempt| attempt["status"] == 200)
    );
    let arrived = receiver.arrived();
    assert_eq!(
        arrived
            .iter()
            .filter(|one| one.header("x-signature").is_none())
            .count(),
        1
    );
    assert_eq!(
        arrived
            .iter()
            .filter(|one| one.query.matches("data.id").count() == 2)
            .count(),
        1
    );
    let feed = arrived.iter().find(|one| one.query.contains("topic")).unwrap();
    assert_eq!(
        feed.json()["resource"],
        "https://api.mercadolibre.com/merchant_orders/262"
    );
    assert_eq!(
        arrived
            .iter()
            .filter(|one| signed_as_it_should_be(one, "123456"))
            .count(),
        4
    );
}

#[tokio::test]
async fn a_chargeback_tells_its_id_as_a_number_beyond_doubles() {
    let world = World::start().await;
    let receiver = Receiver::start();
    let preference = world
        .preference("bk-1", Some(&format!("{}?source_news=webhooks", receiver.url)))
        .await;
    let id = world.pay(&preference, json!({})).await["id"].clone();
    receiver.wait_for(1).await;
    let path = format!("/_control/mercadopago/payments/{id}/dispute");
    let (_, dispute) = world.post(&path, json!({ "kind": "chargeback" })).await;
    let arrived = receiver.wait_for(3).await;
    let notice = arrived
        .iter()
        .find(|one| one.query.contains("topic_chargebacks_wh"))
        .unwrap()
        .json();
    assert_eq!(
        (&notice["data"]["id"], &notice["data"]["payment_id"]),
        (&dispute["id"], &id)
    );
    assert!((1_u64 << 53) < notice["data"]["id"].as_u64().unwrap());
    assert_eq!(notice["actions"], json!(["changed_case_status"]));
}

#[tokio::test]
async fn nothing_leaves_this_machine() {
    let world = World::start().await;
    let order = json!({ "notices": [{ "data_id": "1", "url": "https://example.com/hook" }] });
    let (_, body) = world.post("/_control/mercadopago/notify", order).await;
    assert_eq!(
        body["attempts"][0]["failure"],
        "the sandbox sends to loopback only"
    );
}
