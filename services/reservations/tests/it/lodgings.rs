//! Lodgings, as the staff writes them.

use serde_json::{Value, json};

use crate::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lodging_is_entered_changed_closed_and_opened() {
    let house = House::new().await;
    let desk = house.open().await;
    let draft = json!({ "name": " Cabaña ", "base_price": { "amount": "15000", "currency": "ARS" } });
    let entered = desk.staff_post("/admin/accommodations", &draft).await;
    assert_eq!(entered.status, 201);
    let id = entered.body["id"].as_i64().unwrap();
    assert_eq!(
        entered.header("location"),
        format!("/api/v1/admin/accommodations/{id}")
    );
    let pesos = |amount: &str| json!({ "amount": amount, "currency": "ARS" });
    let whole = json!({
        "id": id, "name": "Cabaña", "description": "", "city": "", "country": "AR",
        "time_zone": "America/Argentina/Buenos_Aires", "base_price": pesos("15000.00"),
        "weekend_multiplier_bp": 12_000, "cleaning_fee": pesos("0.00"), "extra_guest_fee": pesos("0.00"),
        "included_guests": 2, "max_guests": 2, "min_nights": 1, "max_nights": 30, "deposit_bp": 3_000,
        "cancellation": { "free_days": 7, "partial_days": 2, "partial_bp": 5_000 },
        "check_in_time": "15:00", "check_out_time": "11:00", "photos": [], "amenities": [], "house_rules": "",
        "active": true, "created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z",
    });
    assert_eq!(entered.body, whole);
    let path = format!("/admin/accommodations/{id}");
    assert_eq!(desk.staff_get(&path).await.body, whole);

    house.clock.advance(time::Duration::minutes(1));
    let full = json!({
        "name": "Hostería", "description": "Frente al lago", "city": "Bariloche", "country": "CL",
        "time_zone": "America/Santiago", "base_price": { "amount": "90000", "currency": "CLP" },
        "weekend_multiplier_bp": 10_000, "cleaning_fee": { "amount": "5000", "currency": "CLP" },
        "extra_guest_fee": { "amount": "100", "currency": "CLP" }, "included_guests": 3, "max_guests": 6,
        "min_nights": 2, "max_nights": 60, "deposit_bp": 10_000,
        "cancellation": { "free_days": 0, "partial_days": 0, "partial_bp": 0 },
        "check_in_time": "14:30", "check_out_time": "10:00",
        "photos": [{ "url": "https://fotos.example/1.jpg", "caption": "Vista" }, { "url": "/fotos/2.jpg", "caption": "" }],
        "amenities": ["wifi", "parrilla"], "house_rules": "Sin fiestas",
    });
    let replaced = desk.staff_put(&path, &full).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    let mut expected = full;
    let more = json!({
        "id": id, "active": true, "created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:01:00Z",
    });
    let Value::Object(more) = more else { unreachable!() };
    expected.as_object_mut().unwrap().extend(more);
    assert_eq!(replaced.body, expected);
    assert_eq!(desk.staff_get(&path).await.body, expected);

    let closed = desk.staff_post(&format!("{path}/deactivate"), &json!({})).await;
    assert_eq!((closed.status, &closed.body["active"]), (200, &json!(false)));
    for public in [
        "",
        "/availability",
        "/quote?check_in=2026-04-06&check_out=2026-04-09",
    ] {
        let told = desk.get(&format!("/accommodations/{id}{public}")).await;
        assert_eq!(told.refusal(), (404, "accommodation_not_found", ""), "{public}");
    }
    assert_eq!(desk.get("/accommodations").await.body["items"], json!([]));
    assert_eq!(
        desk.staff_get("/admin/accommodations").await.body["items"][0]["id"],
        id
    );
    let opened = desk.staff_post(&format!("{path}/activate"), &json!({})).await;
    assert_eq!(opened.body["active"], true);
    desk.held(id, "2026-04-06", "2026-04-09").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lodging_that_makes_no_sense_is_refused_by_field() {
    let house = House::new().await;
    let desk = house.open().await;
    let cases = [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "a".repeat(121) }), "name"),
        (json!({ "description": "a".repeat(5_001) }), "description"),
        (json!({ "country": "ar" }), "country"),
        (json!({ "time_zone": "America/Bariloche" }), "time_zone"),
        (
            json!({ "base_price": { "amount": "0", "currency": "ARS" } }),
            "base_price",
        ),
        (
            json!({ "base_price": { "amount": "-1", "currency": "ARS" } }),
            "base_price",
        ),
        (
            json!({ "base_price": { "amount": "1", "currency": "XAU" } }),
            "base_price",
        ),
        (
            json!({ "base_price": { "amount": "99999999999", "currency": "ARS" } }),
            "base_price",
        ),
        (
            json!({ "cleaning_fee": { "amount": "1", "currency": "USD" } }),
            "cleaning_fee",
        ),
        (json!({ "weekend_multiplier_bp": 999 }), "weekend_multiplier_bp"),
        (json!({ "deposit_bp": 0 }), "deposit_bp"),
        (json!({ "deposit_bp": 10_001 }), "deposit_bp"),
        (json!({ "max_guests": 101 }), "max_guests"),
        (json!({ "included_guests": 3 }), "included_guests"),
        (json!({ "max_nights": 366 }), "max_nights"),
        (json!({ "min_nights": 31 }), "min_nights"),
        (
            json!({ "cancellation": { "free_days": 1, "partial_days": 2, "partial_bp": 0 } }),
            "cancellation",
        ),
        (json!({ "photos": [{ "url": "javascript:alert(1)" }] }), "photos"),
        (
            json!({ "photos": [{ "url": "//elsewhere.example/1.jpg" }] }),
            "photos",
        ),
        (json!({ "amenities": [""] }), "amenities"),
        // PostgreSQL keeps no NUL.
        (json!({ "name": "a\u{0}" }), "name"),
        (json!({ "house_rules": "a\u{0}" }), "house_rules"),
        (json!({ "amenities": ["a\u{0}"] }), "amenities"),
        (
            json!({ "photos": [{ "url": "/1.jpg", "caption": "a\u{0}" }] }),
            "photos",
        ),
        (json!({ "photos": [{ "url": "/1\u{0}.jpg" }] }), "photos"),
    ];
    for (change, field) in cases {
        let mut draft = json!({ "name": "Cabaña", "base_price": { "amount": "1000", "currency": "ARS" } });
        let Value::Object(members) = change.clone() else {
            unreachable!()
        };
        draft.as_object_mut().unwrap().extend(members);
        let refused = desk.staff_post("/admin/accommodations", &draft).await;
        assert_eq!(
            refused.refusal(),
            (422, "invalid_accommodation", field),
            "{change}"
        );
    }
    let draft = json!({ "name": "Cabaña", "base_price": { "amount": "1000", "currency": "ARS" } });
    let unknown = desk.staff_put("/admin/accommodations/99", &draft).await;
    assert_eq!(unknown.refusal(), (404, "accommodation_not_found", ""));
    for change in ["activate", "deactivate"] {
        let path = format!("/admin/accommodations/99/{change}");
        assert_eq!(desk.staff_post(&path, &json!({})).await.refusal().0, 404);
    }
    assert_eq!(house.number("SELECT count(*) FROM accommodations").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lodgings_are_listed_page_by_page() {
    let house = House::new().await;
    let desk = house.open().await;
    let mut entered = Vec::new();
    for _ in 0..7 {
        entered.push(desk.lodging().await);
    }
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = desk
            .get(&format!("/accommodations?limit=3&cursor={cursor}"))
            .await
            .body;
        let items = page["items"].as_array().unwrap();
        listed.extend(items.iter().map(|item| item["id"].as_i64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(listed, entered);
}
