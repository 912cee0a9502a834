//! How payments move: by the provider's clock only, whatever order its words arrive in.

use std::collections::BTreeMap;

use domain::payment::PaymentState;
use futures_util::future::join_all;
use payments::use_cases::record::Recorded;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use storage::payments::{self as stored, ExpiryVerdict, Resolution, expiry_verdict};
use time::macros::datetime;
use uuid::Uuid;

use crate::guard::{but, reading, shows};
use crate::house::{Hold, House};

/// A reading in another state.
fn in_state(id: u64, code: &str, minute: u8, state: &str, detail: &str) -> Value {
    but(
        reading(id, code, minute),
        &json!({ "status": state, "status_detail": detail }),
    )
}

async fn verdict(house: &House, hold: &Hold) -> ExpiryVerdict {
    let mut conn = house.database.conn().await;
    expiry_verdict(&mut conn, hold.id, datetime!(2026-03-01 12:30 UTC))
        .await
        .unwrap()
}

/// What `reservations` notes when it has judged a payment.
async fn judged(house: &House, provider_id: u64, resolution: Resolution) {
    let id: Uuid = house
        .payment(&provider_id.to_string(), "id")
        .await
        .parse()
        .unwrap();
    let mut conn = house.database.conn().await;
    assert!(
        stored::resolve(&mut conn, id, resolution, house.clock.now())
            .await
            .unwrap()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_state_of_the_contract_has_its_event_and_its_effect_on_the_hold() {
    use ExpiryVerdict::{InProcess, MayEnd, MoneyFound};
    let house = House::new().await;
    let rejections = [
        "bank_error",
        "cc_rejected_3ds_challenge",
        "cc_rejected_3ds_mandatory",
        "cc_rejected_bad_filled_card_number",
        "cc_rejected_bad_filled_date",
        "cc_rejected_bad_filled_other",
        "cc_rejected_bad_filled_security_code",
        "cc_rejected_blacklist",
        "cc_rejected_call_for_authorize",
        "cc_rejected_card_disabled",
        "cc_rejected_card_error",
        "cc_rejected_card_type_not_allowed",
        "cc_rejected_duplicated_payment",
        "cc_rejected_high_risk",
        "cc_rejected_insufficient_amount",
        "cc_rejected_invalid_installments",
        "cc_rejected_max_attempts",
        "cc_rejected_other_reason",
        "cc_amount_rate_limit_exceeded",
        "rejected_insufficient_data",
        "rejected_by_bank",
        "rejected_by_regulations",
        "insufficient_amount",
    ];
    let mut cases = vec![
        ("approved", "accredited", "payment.approved", MoneyFound),
        ("approved", "partially_refunded", "payment.approved", MoneyFound),
        ("authorized", "pending_capture", "payment.pending", InProcess),
        ("in_process", "offline_process", "payment.pending", InProcess),
        ("in_process", "pending_contingency", "payment.pending", InProcess),
        (
            "in_process",
            "pending_review_manual",
            "payment.pending",
            InProcess,
        ),
        ("in_process", "deferred_retry", "payment.pending", InProcess),
        ("pending", "pending_waiting_transfer", "payment.pending", MayEnd),
        ("pending", "pending_waiting_payment", "payment.pending", MayEnd),
        ("pending", "pending_challenge", "payment.pending", MayEnd),
        ("cancelled", "expired", "payment.rejected", MayEnd),
        ("cancelled", "by_collector", "payment.rejected", MayEnd),
        ("cancelled", "by_payer", "payment.rejected", MayEnd),
        // Money that we never knew of came and went: nobody was told of it, nobody is now.
        ("refunded", "refunded", "", MayEnd),
        ("refunded", "by_admin", "", MayEnd),
        ("charged_back", "in_process", "payment.disputed", MayEnd),
        ("charged_back", "settled", "payment.disputed", MayEnd),
        ("in_mediation", "", "payment.disputed", MayEnd),
        // A person looks at what nobody knows; it is no rejection.
        ("teleported", "", "", MayEnd),
    ];
    cases.extend(rejections.map(|detail| ("rejected", detail, "payment.rejected", MayEnd)));
    for (id, (state, detail, event, expected)) in (1..).zip(cases) {
        let hold = house.hold().await;
        shows(&house, in_state(id, &hold.code, 1, state, detail)).await;
        let events: Vec<&str> = Some(event)
            .filter(|event| !event.is_empty())
            .into_iter()
            .collect();
        assert_eq!(house.announced(&hold.code).await, events, "{state}, {detail}");
        assert_eq!(verdict(&house, &hold).await, expected, "{state}, {detail}");
        assert_eq!(house.payment(&id.to_string(), "state").await, state);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transition_of_the_contract_is_told() {
    let house = House::new().await;
    let cases: [(&[&str], &[&str]); 10] = [
        (&["pending", "approved"], &["pending", "approved"]),
        (&["pending", "cancelled"], &["pending", "rejected"]),
        (&["in_process", "approved"], &["pending", "approved"]),
        (&["in_process", "rejected"], &["pending", "rejected"]),
        (&["authorized", "approved"], &["pending", "approved"]),
        (&["approved", "refunded"], &["approved", "refunded"]),
        (&["approved", "charged_back"], &["approved", "disputed"]),
        (&["approved", "in_mediation"], &["approved", "disputed"]),
        (
            &["approved", "in_mediation", "approved"],
            &["approved", "disputed", "approved"],
        ),
        (
            &["approved", "charged_back", "approved"],
            &["approved", "disputed", "approved"],
        ),
    ];
    for (id, (states, events)) in (1..).zip(cases) {
        let hold = house.hold().await;
        for (minute, state) in (1..).zip(states) {
            shows(&house, in_state(id, &hold.code, minute, state, "")).await;
            if *state == "approved" && minute == 1 {
                judged(&house, id, Resolution::Confirmed).await;
            }
        }
        let told: Vec<String> = events.iter().map(|event| format!("payment.{event}")).collect();
        assert_eq!(house.announced(&hold.code).await, told, "{states:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_is_no_longer_approved_against_the_providers_own_rules_waits_for_a_person() {
    let house = House::new().await;
    for (id, state) in (1..).zip(["pending", "in_process", "authorized", "rejected", "cancelled"]) {
        let hold = house.hold().await;
        shows(&house, reading(id, &hold.code, 1)).await;
        judged(&house, id, Resolution::Confirmed).await;
        let recorded = shows(&house, in_state(id, &hold.code, 2, state, "")).await;
        assert!(
            matches!(recorded, Recorded::Parked { .. }),
            "{state}: {recorded:?}"
        );
        let why = house.payment(&id.to_string(), "park_reason").await;
        assert_eq!(why, "no_longer_approved", "{state}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_old_or_known_changes_nothing() {
    let house = House::new().await;
    let hold = house.hold().await;
    let whole_row = "row_to_json(payments)";
    shows(&house, reading(1, &hold.code, 5)).await;
    let stored = house.payment("1", whole_row).await;
    house.clock.advance(time::Duration::minutes(1));
    let stale = [
        reading(1, &hold.code, 5),
        in_state(1, &hold.code, 4, "pending", "pending_waiting_payment"),
        in_state(1, &hold.code, 1, "rejected", "cc_rejected_other_reason"),
        // Of one instant, the later state stands.
        in_state(1, &hold.code, 5, "pending", ""),
        in_state(1, &hold.code, 0, "teleported", ""),
    ];
    for old in stale {
        assert_eq!(shows(&house, old).await, Recorded::Nothing);
    }
    assert_eq!(house.payment("1", whole_row).await, stored);
    assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_in_a_strange_currency_is_read_twice_without_effect() {
    let house = House::new().await;
    let strange = json!({ "currency_id": "XYZ", "transaction_amount_refunded": 10, "status_detail": "partially_refunded" });
    let strange = but(reading(1, "RES260301222222", 1), &strange);
    assert!(matches!(
        shows(&house, strange.clone()).await,
        Recorded::Parked { .. }
    ));
    assert_eq!(shows(&house, strange).await, Recorded::Nothing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_readers_of_one_payment_tell_of_it_once() {
    let house = House::new().await;
    let hold = house.hold().await;
    let readers = (0..50).map(|_| shows(&house, reading(1, &hold.code, 1)));
    let recorded = join_all(readers).await;
    let news = recorded.iter().filter(|one| **one != Recorded::Nothing).count();
    assert_eq!(news, 1);
    assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_back_bit_by_bit_is_told_bit_by_bit() {
    let house = House::new().await;
    let hold = house.hold().await;
    shows(&house, reading(1, &hold.code, 1)).await;
    judged(&house, 1, Resolution::Confirmed).await;
    for (minute, refunded) in [(2, 100), (2, 100), (4, 250), (3, 200)] {
        let change =
            json!({ "transaction_amount_refunded": refunded, "status_detail": "partially_refunded" });
        shows(&house, but(reading(1, &hold.code, minute), &change)).await;
    }
    let all =
        json!({ "transaction_amount_refunded": 300, "status": "refunded", "status_detail": "refunded" });
    shows(&house, but(reading(1, &hold.code, 9), &all)).await;
    let told = [
        "payment.approved",
        "payment.refunded",
        "payment.refunded",
        "payment.refunded",
    ];
    assert_eq!(house.announced(&hold.code).await, told);
    assert_eq!(house.payment("1", "refunded_minor").await, "30000");
    // The judgement stands: it is `reservations`' matter what a stay without money is.
    assert_eq!(house.payment("1", "resolution").await, "confirmed");
}

/// Where a payment may go from `state`, by the contract.
fn next(state: &str) -> &'static [&'static str] {
    match state {
        "pending" => &["approved", "cancelled", "teleported", "in_process"],
        "in_process" | "authorized" | "teleported" => &["approved", "rejected"],
        "approved" => &["approved", "refunded", "charged_back", "in_mediation"],
        "in_mediation" | "charged_back" => &["approved"],
        _ => &[],
    }
}

/// A life of a payment at the provider, minute by minute.
fn life(chance: &mut StdRng) -> Vec<Value> {
    let begin: &[&str] = &[
        "pending",
        "in_process",
        "authorized",
        "approved",
        "rejected",
        "teleported",
    ];
    let mut state = *begin.choose(chance).unwrap();
    let (mut readings, mut refunded) = (Vec::new(), 0);
    for minute in 1..9 {
        if state == "approved" && readings.len() > 1 {
            refunded += chance.random_range(0..3) * 40;
        }
        let gone = if state == "refunded" { 300 } else { refunded };
        readings.push(json!({ "status": state, "status_detail": format!("detail {minute}"),
            "transaction_amount_refunded": gone, "date_last_updated": format!("2026-03-01T12:{minute:02}:00Z") }));
        match next(state).choose(chance) {
            Some(then) if chance.random_bool(0.8) => state = then,
            _ => break,
        }
    }
    readings
}

/// Everything of a payment that must not depend on the order of its readings.
async fn end(house: &House, id: u64) -> String {
    let columns = "json_build_array(state, state_detail, amount_minor, refunded_minor, provider_updated_at, \
                   parked_at IS NOT NULL AND dismissed_at IS NULL)";
    house.payment(&id.to_string(), columns).await
}

fn counted(events: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        *counts.entry(event.as_str()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_whatever_order_and_however_often_readings_come_they_end_where_the_sorted_ones_do() {
    let house = House::new().await;
    let seed: u64 = rand::random();
    let mut chance = StdRng::seed_from_u64(seed);
    for round in 0..60 {
        let life = life(&mut chance);
        let (sorted, mixed) = (house.hold().await, house.hold().await);
        let (first, second) = (round * 2 + 1, round * 2 + 2);
        for one in &life {
            shows(&house, but(reading(first, &sorted.code, 0), one)).await;
        }
        let mut order: Vec<&Value> = life.iter().collect();
        order.extend(life.choose_multiple(&mut chance, life.len()));
        order.shuffle(&mut chance);
        for one in &order {
            shows(&house, but(reading(second, &mixed.code, 0), one)).await;
        }
        let story = format!("seed {seed}, round {round}: {order:?}");
        assert_eq!(end(&house, second).await, end(&house, first).await, "{story}");
        // What was overtaken is not told; nothing is told that never was, or more often than it was.
        let (all, told) = (
            house.announced(&sorted.code).await,
            house.announced(&mixed.code).await,
        );
        let all = counted(&all);
        for (event, count) in counted(&told) {
            assert!(count <= all.get(event).copied().unwrap_or(0), "{event}: {story}");
        }
        let last = PaymentState::from(life.last().unwrap()["status"].as_str().unwrap());
        let must = match last {
            PaymentState::Approved => "payment.approved",
            PaymentState::Pending | PaymentState::InProcess | PaymentState::Authorized => "payment.pending",
            PaymentState::Rejected | PaymentState::Cancelled => "payment.rejected",
            PaymentState::ChargedBack | PaymentState::InMediation => "payment.disputed",
            PaymentState::Refunded | PaymentState::Unknown(_) => continue,
        };
        assert!(told.iter().any(|event| event == must), "{must}: {story}");
    }
}
