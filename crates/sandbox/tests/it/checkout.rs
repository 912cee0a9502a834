use reqwest::StatusCode;
use serde_json::json;

use crate::{receiver::Receiver, world::World};

#[tokio::test]
async fn a_buyer_pays_and_is_led_back_with_the_documented_parameters() {
    let world = World::start().await;
    let receiver = Receiver::start();
    let hook = format!("{}?source_news=webhooks", receiver.url);
    let preference = world.preference("bk-17", Some(&hook)).await;

    let (status, page) = world
        .page(&format!("/checkout/v1/redirect?pref_id={preference}"))
        .await;
    assert_eq!(status, StatusCode::OK);
    for text in [
        "Aprobar",
        "Rechazar",
        "Dejar pendiente",
        "Cabaña 1, 2 noches",
        "$ 45.000,50 ARS",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    assert!(
        !page.contains("//cdn") && !page.contains("https://"),
        "the page loads from outside"
    );

    let form = world.client.post(world.url("/checkout/v1/redirect"));
    let pressed = form
        .form(&[("pref_id", preference.as_str()), ("decision", "approve")])
        .send()
        .await
        .unwrap();
    assert_eq!(pressed.status(), StatusCode::SEE_OTHER);
    let place = pressed.headers()["location"].to_str().unwrap().to_owned();
    let id = place.split('=').next_back().unwrap();
    let (_, result) = world.page(&place).await;
    let result = result.replace("&amp;", "&");
    let parameters = [
        format!("http://127.0.0.1:1/ok?a=b&collection_id={id}&collection_status=approved&payment_id={id}"),
        "&status=approved&external_reference=bk-17&payment_type=credit_card&merchant_order_id=".to_owned(),
        format!(
            "&preference_id={preference}&site_id=MLA&processing_mode=aggregator&merchant_account_id=null"
        ),
    ];
    for part in parameters {
        assert!(result.contains(&part), "{part} is missing in {result}");
    }

    let arrived = receiver.wait_for(1).await;
    assert_eq!(
        arrived[0].query,
        format!("source_news=webhooks&data.id={id}&type=payment")
    );
}

#[tokio::test]
async fn an_expired_link_says_so_and_takes_no_money() {
    let world = World::start().await;
    let preference = world.preference("bk-17", None).await;
    world
        .post("/_control/clock", json!({ "advance_seconds": 30 * 60 }))
        .await;

    let (status, page) = world
        .page(&format!("/checkout/v1/redirect?pref_id={preference}"))
        .await;
    assert_eq!(status, StatusCode::GONE);
    assert!(page.contains("venció"));
    let form = world.client.post(world.url("/checkout/v1/redirect"));
    let pressed = form
        .form(&[("pref_id", preference.as_str()), ("decision", "approve")])
        .send()
        .await
        .unwrap();
    assert_eq!(pressed.status(), StatusCode::GONE);
    assert_eq!(
        world.get("/v1/payments/search?external_reference=bk-17").await.1["paging"]["total"],
        0
    );
}

#[tokio::test]
async fn a_second_before_its_end_a_link_still_works() {
    let world = World::start().await;
    let preference = world.preference("bk-17", None).await;
    world
        .post("/_control/clock", json!({ "advance_seconds": 30 * 60 - 1 }))
        .await;
    let (status, _) = world
        .page(&format!("/checkout/v1/redirect?pref_id={preference}"))
        .await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn what_an_integrator_writes_cannot_become_markup() {
    let world = World::start().await;
    let mut body = crate::world::preference("bk-17", None);
    *body.pointer_mut("/items/0/title").unwrap() = json!("<script>alert(1)</script>");
    *body.pointer_mut("/back_urls/success").unwrap() = json!("javascript:alert(1)");
    let (_, made) = world.post("/checkout/preferences", body).await;
    let id = made["id"].as_str().unwrap();
    let (_, page) = world.page(&format!("/checkout/v1/redirect?pref_id={id}")).await;
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>alert"));
    let payment = world.pay(id, json!({})).await;
    let (_, result) = world
        .page(&format!("/checkout/v1/result?payment_id={}", payment["id"]))
        .await;
    assert!(!result.contains("javascript:"));
}

#[tokio::test]
async fn the_pages_for_people_are_there() {
    let world = World::start().await;
    for path in ["/", "/mercadopago", "/whatsapp"] {
        assert_eq!(world.page(path).await.0, StatusCode::OK, "{path}");
    }
}
