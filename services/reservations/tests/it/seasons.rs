//! Seasons of a lodging.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::desk::Held;
use crate::house::{House, wish};

fn season(starts_on: &str, ends_on: &str) -> Value {
    json!({ "name": "Verano", "starts_on": starts_on, "ends_on": ends_on, "multiplier_bp": 20_000 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seasons_of_a_lodging_never_overlap() {
    let house = House::new().await;
    let desk = house.open().await;
    let (lodging, other) = (desk.lodging().await, desk.lodging().await);
    let path = format!("/admin/accommodations/{lodging}/seasons");
    let first = desk.staff_post(&path, &season("2026-12-20", "2027-03-01")).await;
    let id = first.body["id"].as_i64().unwrap();
    assert_eq!(
        first.body,
        json!({
            "id": id, "accommodation_id": lodging, "name": "Verano", "starts_on": "2026-12-20",
            "ends_on": "2027-03-01", "multiplier_bp": 20_000, "updated_at": "2026-03-01T12:00:00Z",
        })
    );
    assert_eq!(first.status, 201);
    for (starts_on, ends_on) in [
        ("2027-02-28", "2027-03-02"),
        ("2026-12-01", "2026-12-21"),
        ("2027-01-01", "2027-01-02"),
    ] {
        let refused = desk.staff_post(&path, &season(starts_on, ends_on)).await;
        assert_eq!(refused.refusal(), (409, "season_overlaps", "starts_on"));
    }
    let next = desk.staff_post(&path, &season("2027-03-01", "2027-04-01")).await;
    assert_eq!(next.status, 201);
    let others = format!("/admin/accommodations/{other}/seasons");
    assert_eq!(
        desk.staff_post(&others, &season("2026-12-20", "2027-03-01"))
            .await
            .status,
        201
    );

    // A season may move within its own time, but not into another's, nor to another lodging.
    let one = format!("{path}/{id}");
    assert_eq!(
        desk.staff_put(&one, &season("2026-12-21", "2027-03-01"))
            .await
            .status,
        200
    );
    let into = desk.staff_put(&one, &season("2026-12-21", "2027-03-02")).await;
    assert_eq!(into.refusal(), (409, "season_overlaps", "starts_on"));
    let elsewhere = desk
        .staff_put(&format!("{others}/{id}"), &season("2028-01-01", "2028-02-01"))
        .await;
    assert_eq!(elsewhere.refusal(), (404, "season_not_found", ""));
    assert_eq!(
        desk.staff_delete(&format!("{others}/{id}")).await.refusal().0,
        404
    );
    assert_eq!(desk.staff_delete(&one).await.status, 204);
    assert_eq!(desk.staff_delete(&one).await.refusal().0, 404);
    let left = desk.staff_get(&path).await.body;
    assert_eq!(left["items"], json!([next.body]));
    assert_eq!(
        desk.staff_get("/admin/accommodations/99/seasons").await.refusal(),
        (404, "accommodation_not_found", "")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_overlapping_seasons_entered_at_once_one_is_kept() {
    let house = House::new().await;
    let desk = house.open().await;
    let path = format!("/admin/accommodations/{}/seasons", desk.lodging().await);
    let seasons: Vec<_> = (10..20)
        .map(|day| season(&format!("2026-12-{day}"), "2027-03-01"))
        .collect();
    let answers = join_all(seasons.iter().map(|season| desk.staff_post(&path, season))).await;
    let with = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(201), with(409)), (1, 9));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_season_that_makes_no_sense_is_refused_by_field() {
    let house = House::new().await;
    let desk = house.open().await;
    let path = format!("/admin/accommodations/{}/seasons", desk.lodging().await);
    let cases = [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "a\u{0}" }), "name"),
        (json!({ "ends_on": "2026-12-20" }), "ends_on"),
        (json!({ "min_nights": 0 }), "min_nights"),
        (json!({ "min_nights": 366 }), "min_nights"),
        (json!({ "multiplier_bp": 999 }), "multiplier_bp"),
        (json!({ "multiplier_bp": null }), "price"),
        (json!({ "price": { "amount": "1", "currency": "ARS" } }), "price"),
        (
            json!({ "multiplier_bp": null, "price": { "amount": "1", "currency": "USD" } }),
            "price",
        ),
        (
            json!({ "multiplier_bp": null, "price": { "amount": "0", "currency": "ARS" } }),
            "price",
        ),
    ];
    for (change, field) in cases {
        let mut draft = season("2026-12-20", "2027-03-01");
        let Value::Object(members) = change.clone() else {
            unreachable!()
        };
        draft.as_object_mut().unwrap().extend(members);
        let refused = desk.staff_post(&path, &draft).await;
        assert_eq!(refused.refusal(), (422, "invalid_season", field), "{change}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lodging_keeps_its_currency_while_a_season_has_a_price() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let priced = json!({
        "name": "Verano", "starts_on": "2026-12-20", "ends_on": "2027-03-01",
        "price": { "amount": "2000", "currency": "ARS" },
    });
    let seasons = format!("/admin/accommodations/{lodging}/seasons");
    let entered = desk.staff_post(&seasons, &priced).await;
    let path = format!("/admin/accommodations/{lodging}");
    let dollars = json!({ "name": "Cabaña", "base_price": { "amount": "100", "currency": "USD" } });
    let refused = desk.staff_put(&path, &dollars).await;
    assert_eq!(refused.refusal(), (422, "invalid_accommodation", "base_price"));
    desk.staff_delete(&format!("{seasons}/{}", entered.body["id"]))
        .await;
    assert_eq!(desk.staff_put(&path, &dollars).await.status, 200);
    let held = Held::of(&desk.hold(&wish(lodging, "2026-04-06", "2026-04-07")).await);
    assert_eq!(
        held.body["total"],
        json!({ "amount": "100.00", "currency": "USD" })
    );
}
