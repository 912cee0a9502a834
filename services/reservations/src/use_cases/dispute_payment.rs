//! A chargeback or a mediation: the stay stands, its money is in doubt, and a person is told.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::reservation::PaymentStatus;
use serde_json::json;
use storage::payments::{self, Resolution};
use storage::reservations::{self, MoneyChange};
use storage::{Context, timeline};
use uuid::Uuid;

use super::money_of;

/// Notes that the payer of the payment `id` disputes it, in the caller's transaction; false if it is unknown.
///
/// # Errors
///
/// The store's failure.
pub async fn dispute_payment(conn: &mut AsyncPgConnection, context: &Context, id: Uuid) -> QueryResult<bool> {
    let Some(payment) = payments::find(conn, id).await? else {
        return Ok(false);
    };
    let Some(reservation) = payment.reservation else {
        return Ok(false);
    };
    let Some((_, reservation)) = reservations::lock(conn, reservation).await? else {
        return Ok(false);
    };
    let credited = payment
        .resolution
        .is_some_and(|resolution| resolution != Resolution::Refunded);
    if credited {
        let paid = money_of::paid(conn, &reservation).await?;
        let money = MoneyChange {
            paid,
            status: PaymentStatus::Disputed,
        };
        reservations::set_money(conn, reservation.id, money, context.now).await?;
    }
    let detail = json!({ "payment_id": id, "state": payment.state.as_str() });
    timeline::append(conn, context, reservation.id, "payment_disputed", detail).await?;
    Ok(true)
}
