//! The house at a glance: the month of all lodgings, and figures.

use serde_json::json;
use time::Duration;
use time::macros::date;

use crate::calendars;
use crate::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_month_shows_every_night_that_is_taken_by_whomever() {
    let house = House::new().await;
    let desk = house.open().await;
    let (lake, wood) = (desk.lodging().await, desk.lodging().await);
    let feed = calendars::feed(&house, lake).await;
    let into = desk.held(lake, "2026-03-30", "2026-04-02").await.code;
    let confirmed = desk.held(lake, "2026-04-28", "2026-05-03").await.code;
    desk.confirm_by_hand(&confirmed).await;
    let cancelled = desk.held(lake, "2026-04-10", "2026-04-12").await;
    desk.cancel(&cancelled).await;
    desk.held(lake, "2026-05-03", "2026-05-04").await;
    // One over a stay of ours, another apart, and one that is gone.
    calendars::block(&house, lake, feed, (date!(2026 - 04 - 01), date!(2026 - 04 - 03))).await;
    let block = calendars::block(&house, lake, feed, (date!(2026 - 04 - 20), date!(2026 - 04 - 21))).await;
    let gone = calendars::block(&house, lake, feed, (date!(2026 - 04 - 15), date!(2026 - 04 - 16))).await;
    calendars::unblock(&house, gone).await;

    let month = desk.staff_get("/admin/calendar?month=2026-04").await.body;
    assert_eq!(month["month"], "2026-04");
    let of = |lodging: i64| {
        let all = month["accommodations"].as_array().unwrap();
        let found = all.iter().find(|one| one["accommodation_id"] == lodging);
        found.unwrap().clone()
    };
    let shown = of(lake);
    assert_eq!(
        shown["occupied"],
        json!([
            "2026-04-01",
            "2026-04-02",
            "2026-04-20",
            "2026-04-28",
            "2026-04-29",
            "2026-04-30"
        ])
    );
    assert_eq!([&shown["nights"], &shown["occupied_nights"]], [30, 6]);
    assert_eq!(
        shown["stays"],
        json!([
            { "code": into, "status": "pre_reserved", "contact_name": "Ana Pérez",
              "check_in": "2026-03-30", "check_out": "2026-04-02" },
            { "code": confirmed, "status": "confirmed", "contact_name": "Ana Pérez",
              "check_in": "2026-04-28", "check_out": "2026-05-03" },
        ])
    );
    assert_eq!(shown["blocks"].as_array().unwrap().len(), 2);
    assert_eq!(
        shown["blocks"][1],
        json!({ "id": block.id, "channel": "airbnb", "starts_on": "2026-04-20", "ends_on": "2026-04-21" })
    );
    let empty = of(wood);
    assert_eq!(
        [&empty["occupied_nights"], &empty["active"]],
        [&json!(0), &json!(true)]
    );
    assert_eq!(desk.staff_get("/admin/calendar").await.body["month"], "2026-03");
    for month in ["2026-13", "2026-4", "x", "0000-01", "2026-04-01", "+026-04"] {
        let refused = desk.staff_get(&format!("/admin/calendar?month={month}")).await;
        assert_eq!(refused.refusal(), (422, "invalid_request", "month"), "{month}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_month_comes_page_by_page() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodgings = [desk.lodging().await, desk.lodging().await, desk.lodging().await];
    let last = desk.held(lodgings[2], "2026-04-10", "2026-04-12").await.code;
    let mut path = "/admin/calendar?month=2026-04&limit=2".to_owned();
    let first = desk.staff_get(&path).await.body;
    let numbers = first["accommodations"].as_array().unwrap().iter();
    let numbers: Vec<_> = numbers
        .map(|one| one["accommodation_id"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, lodgings[..2]);
    path.push_str("&cursor=");
    path.push_str(first["next_cursor"].as_str().unwrap());
    let second = desk.staff_get(&path).await.body;
    assert_eq!(second["accommodations"][0]["stays"][0]["code"], *last);
    assert_eq!(second.get("next_cursor"), None);
    let whichever = desk.staff_get("/admin/calendar?cursor=1").await;
    assert_eq!(whichever.refusal(), (422, "invalid_request", "month"));
    let refused = desk.staff_get("/admin/calendar?limit=101").await;
    assert_eq!(refused.refusal(), (422, "invalid_request", "limit"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_never_came_fills_no_night() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-03-01", "2026-03-05").await;
    desk.confirm_by_hand(&held.code).await;
    house.clock.advance(Duration::days(1));
    let path = format!("/admin/reservations/{}/no-show", held.code);
    assert_eq!(desk.staff_post(&path, &json!({})).await.status, 200);
    let month = desk.staff_get("/admin/calendar?month=2026-03").await.body;
    let shown = &month["accommodations"][0];
    assert_eq!(shown["stays"][0]["status"], "no_show");
    assert_eq!(shown["occupied"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_month_is_the_houses_own() {
    let house = House::new().await;
    let desk = house.open().await;
    desk.lodging().await;
    let month = async || desk.staff_get("/admin/calendar").await.body["month"].clone();
    // At the end of March in Buenos Aires it is three in the morning of April 1st in Greenwich.
    house
        .clock
        .advance(Duration::days(30) + Duration::hours(15) - Duration::seconds(1));
    assert_eq!(month().await, "2026-03");
    house.clock.advance(Duration::seconds(1));
    assert_eq!(month().await, "2026-04");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_count_what_is_there() {
    let house = House::new().await;
    let desk = house.open().await;
    let (lake, wood) = (desk.lodging().await, desk.lodging().await);
    let closed = desk.lodging().await;
    desk.held(closed, "2026-03-10", "2026-03-12").await;
    desk.staff_post(&format!("/admin/accommodations/{closed}/deactivate"), &json!({}))
        .await;
    let feed = calendars::feed(&house, wood).await;
    calendars::block(&house, wood, feed, (date!(2026 - 03 - 29), date!(2026 - 04 - 05))).await;
    let arriving = desk.held(lake, "2026-03-01", "2026-03-03").await;
    desk.confirm_by_hand(&arriving.code).await;
    house
        .execute(&format!(
            "UPDATE reservations SET paid_minor = 12345 WHERE code = '{}'",
            arriving.code
        ))
        .await;
    desk.held(lake, "2026-04-01", "2026-04-02").await;
    let cancelled = desk.held(lake, "2026-04-10", "2026-04-12").await;
    desk.cancel(&cancelled).await;
    assert_eq!(
        desk.staff_get("/admin/stats").await.body,
        json!({
            "as_of": "2026-03-01T12:00:00Z", "active_accommodations": 2, "open_holds": 2, "confirmed_stays": 1,
            "arrivals_today": 1, "departures_today": 0,
            "last_30_days": {
                "pre_reserved": 2, "confirmed": 1, "cancelled": 1, "expired": 0, "completed": 0, "no_show": 0,
            },
            // Two nights of the stay, and of the closure those from March 29th to 30th. None of the lodging that cannot be
            // booked: its nights are not among the sixty.
            "occupied_nights_next_30_days": 4, "nights_next_30_days": 60,
            "paid_last_30_days": [{ "amount": "123.45", "currency": "ARS" }],
        })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_and_goes_today_is_told_by_the_houses_own_day() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    for (check_in, check_out) in [("2026-03-01", "2026-03-02"), ("2026-03-02", "2026-03-03")] {
        let held = desk.held(lodging, check_in, check_out).await;
        desk.confirm_by_hand(&held.code).await;
    }
    let today = async || {
        let stats = desk.staff_get("/admin/stats").await.body;
        [&stats["arrivals_today"], &stats["departures_today"]].map(|count| count.as_i64().unwrap())
    };
    // At the end of the 1st in Buenos Aires it is three in the morning of the 2nd in Greenwich.
    house.clock.advance(Duration::hours(15) - Duration::seconds(1));
    assert_eq!(today().await, [1, 0]);
    house.clock.advance(Duration::seconds(1));
    assert_eq!(today().await, [1, 1]);
    house.clock.advance(Duration::days(1));
    assert_eq!(today().await, [0, 1]);
}
