//! Every state of a reservation meets every state of a payment: what is told depends on the payment alone, and what it
//! does to the stay is `reservations`' judgement (`domain::payment::settle`).

use serde_json::json;

use crate::guard::{but, reading, shows};
use crate::house::House;

/// How a reservation may stand when a payment is read, as an update of its row.
const HOLDS: [(&str, &str); 8] = [
    ("held, unpaid", "reservation_status = 'pre_reserved'"),
    (
        "held, paid in part",
        "paid_minor = 10000, payment_status = 'partially_paid'",
    ),
    ("run out", "expires_at = '2026-03-01 11:00Z'"),
    (
        "confirmed",
        "reservation_status = 'confirmed', expires_at = NULL, paid_minor = 30000, payment_status = 'paid'",
    ),
    ("expired", "reservation_status = 'expired'"),
    ("cancelled", "reservation_status = 'cancelled'"),
    ("completed", "reservation_status = 'completed', expires_at = NULL"),
    ("no show", "reservation_status = 'no_show', expires_at = NULL"),
];

/// How a payment may stand, and what is told.
const PAYMENTS: [(&str, &[&str]); 10] = [
    ("approved", &["payment.approved"]),
    ("pending", &["payment.pending"]),
    ("in_process", &["payment.pending"]),
    ("authorized", &["payment.pending"]),
    ("rejected", &["payment.rejected"]),
    ("cancelled", &["payment.rejected"]),
    ("refunded", &[]),
    ("charged_back", &["payment.disputed"]),
    ("in_mediation", &["payment.disputed"]),
    ("teleported", &[]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_became_of_the_reservation_its_payment_is_told_and_kept() {
    let house = House::new().await;
    let mut id = 0;
    for (name, change) in HOLDS {
        for (state, told) in PAYMENTS {
            id += 1;
            let hold = house.hold().await;
            house
                .sql(&format!(
                    "UPDATE reservations SET {change} WHERE id = '{}'",
                    hold.id
                ))
                .await;
            shows(
                &house,
                but(reading(id, &hold.code, 1), &json!({ "status": state })),
            )
            .await;
            assert_eq!(house.announced(&hold.code).await, told, "{name}, {state}");
            let kept = house.payment(&id.to_string(), "reservation_id").await;
            assert_eq!(kept, hold.id.to_string(), "{name}, {state}");
            let parked = house.payment(&id.to_string(), "park_reason").await;
            let reason = if state == "teleported" {
                "unknown_state"
            } else {
                ""
            };
            assert_eq!(parked, reason, "{name}, {state}");
        }
    }
}
