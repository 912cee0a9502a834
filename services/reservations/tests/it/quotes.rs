//! What a stay costs, told before it is held and kept when it is.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use time::macros::date;

use crate::calendars;
use crate::desk::Held;
use crate::house::{House, wish};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quote_lists_each_night_and_each_fee() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk
        .lodging_with(json!({
            "cleaning_fee": { "amount": "150.00", "currency": "ARS" },
            "extra_guest_fee": { "amount": "100.00", "currency": "ARS" },
        }))
        .await;
    let season = json!({
        "name": "Pascua", "starts_on": "2026-04-13", "ends_on": "2026-04-20", "min_nights": 3,
        "price": { "amount": "3000.00", "currency": "ARS" },
    });
    let entered = desk
        .staff_post(&format!("/admin/accommodations/{lodging}/seasons"), &season)
        .await;
    assert_eq!(entered.status, 201, "{}", entered.text);

    // From a Friday to a Tuesday, three guests of whom the price includes two.
    let stay = "check_in=2026-04-10&check_out=2026-04-14&guests=3";
    let quote = desk.get(&format!("/accommodations/{lodging}/quote?{stay}")).await;
    let pesos = |amount: &str| json!({ "amount": amount, "currency": "ARS" });
    let night = |date: &str, amount: &str, weekend: bool, season: Value| json!({ "date": date, "price": pesos(amount), "weekend": weekend, "season": season });
    assert_eq!(
        quote.body,
        json!({
            "accommodation_id": lodging, "check_in": "2026-04-10", "check_out": "2026-04-14", "guests": 3,
            "available": true,
            "nights": [
                night("2026-04-10", "1000.00", false, json!(null)),
                night("2026-04-11", "1200.00", true, json!(null)),
                night("2026-04-12", "1200.00", true, json!(null)),
                night("2026-04-13", "3000.00", false, json!("Pascua")),
            ],
            "fees": [
                { "kind": "extra_guests", "amount": pesos("400.00") },
                { "kind": "cleaning", "amount": pesos("150.00") },
            ],
            "total": pesos("6950.00"),
            "deposit": pesos("2085.00"),
            "cancellation": { "free_days": 7, "partial_days": 2, "partial_bp": 5_000 },
        })
    );
    let short = "check_in=2026-04-12&check_out=2026-04-14";
    let refused = desk
        .get(&format!("/accommodations/{lodging}/quote?{short}"))
        .await;
    assert_eq!(refused.refusal(), (422, "invalid_stay", "check_out"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sold_stay_keeps_its_price_whatever_the_house_asks_later() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    let dearer = json!({ "name": "Cabaña", "base_price": { "amount": "9000.00", "currency": "ARS" } });
    let path = format!("/admin/accommodations/{lodging}");
    assert_eq!(desk.staff_put(&path, &dearer).await.status, 200);
    let shown = desk.show(&held).await.body;
    assert_eq!(shown["quote"], held.body["quote"]);
    assert_eq!(shown["total"], json!({ "amount": "3000.00", "currency": "ARS" }));
    let next = desk.held(lodging, "2026-04-09", "2026-04-10").await;
    assert_eq!(next.body["total"]["amount"], "9000.00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_total_is_the_sum_of_nights_and_fees_and_the_deposit_is_part_of_it() {
    let house = House::new().await;
    let desk = house.open().await;
    let mut chance = StdRng::seed_from_u64(7);
    for _ in 0..25 {
        let minor = |chance: &mut StdRng, most: i64| {
            let minor = chance.random_range(1..most);
            json!({ "amount": format!("{}.{:02}", minor / 100, minor % 100), "currency": "ARS" })
        };
        let included = chance.random_range(1..=4);
        let draft = json!({
            "base_price": minor(&mut chance, 100_000_000), "cleaning_fee": minor(&mut chance, 1_000_000),
            "extra_guest_fee": minor(&mut chance, 1_000_000), "included_guests": included, "max_guests": 4,
            "weekend_multiplier_bp": chance.random_range(1_000..=100_000),
            "deposit_bp": chance.random_range(1..=10_000),
        });
        let lodging = desk.lodging_with(draft.clone()).await;
        let check_in = date!(2026 - 03 - 02) + time::Duration::days(chance.random_range(0..600));
        let check_out = check_in + time::Duration::days(chance.random_range(1..=30));
        let guests = chance.random_range(1..=4);
        let stay = format!("check_in={check_in}&check_out={check_out}&guests={guests}");
        let quote = desk
            .get(&format!("/accommodations/{lodging}/quote?{stay}"))
            .await
            .body;

        let nights = quote["nights"].as_array().unwrap();
        let parts: i64 = nights.iter().map(|night| centavos(&night["price"])).sum();
        let fees: i64 = quote["fees"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fee| centavos(&fee["amount"]))
            .sum();
        let total = centavos(&quote["total"]);
        assert_eq!(total, parts + fees, "{draft} {stay}");
        assert!(
            (1..=total).contains(&centavos(&quote["deposit"])),
            "{draft} {stay}"
        );

        let mut wish = wish(lodging, &check_in.to_string(), &check_out.to_string());
        wish["guests"] = guests.into();
        let held = Held::of(&desk.hold(&wish).await);
        for part in ["nights", "fees", "total", "deposit", "cancellation"] {
            assert_eq!(held.body["quote"][part], quote[part], "{part} of {draft} {stay}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn availability_shows_which_nights_can_be_booked_and_what_they_cost() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let feed = calendars::feed(&house, lodging).await;
    desk.held(lodging, "2026-03-02", "2026-03-04").await;
    calendars::block(
        &house,
        lodging,
        feed,
        (date!(2026 - 03 - 05), date!(2026 - 03 - 06)),
    )
    .await;
    let path = format!("/accommodations/{lodging}/availability");
    let shown = desk
        .get(&format!("{path}?from=2026-02-27&to=2026-03-08"))
        .await
        .body;
    let nights = shown["nights"].as_array().unwrap();
    let free: Vec<_> = nights
        .iter()
        .filter(|night| night["available"] == true)
        .map(|night| night["date"].as_str().unwrap())
        .collect();
    assert_eq!(nights.len(), 9);
    assert_eq!(free, ["2026-03-01", "2026-03-04", "2026-03-06", "2026-03-07"]);
    let saturday = json!({
        "date": "2026-03-07", "available": true, "price": { "amount": "1200.00", "currency": "ARS" },
        "weekend": true, "min_nights": 1,
    });
    assert_eq!(nights[8], saturday);
    let usual = desk.get(&path).await.body;
    assert_eq!(usual["from"], "2026-03-01");
    assert_eq!(usual["nights"].as_array().unwrap().len(), 30);
}

fn centavos(money: &Value) -> i64 {
    money["amount"]
        .as_str()
        .unwrap()
        .replace('.', "")
        .parse()
        .unwrap()
}
