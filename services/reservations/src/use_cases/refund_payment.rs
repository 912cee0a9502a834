//! Money that went back: what the reservation has been paid is reckoned anew.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::money::Money;
use domain::reservation::PaymentStatus;
use serde_json::json;
use storage::payments::{self, Resolution};
use storage::reservations::{self, MoneyChange};
use storage::{Context, timeline};
use uuid::Uuid;

use super::money_of;

/// Notes that `amount` of the payment `id` went back, in the caller's transaction; false if it is unknown.
///
/// # Errors
///
/// The store's failure.
pub async fn refund_payment(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: Uuid,
    amount: Money,
    reason: &str,
) -> QueryResult<bool> {
    let Some(payment) = payments::find(conn, id).await? else {
        return Ok(false);
    };
    let Some(reservation) = payment.reservation else {
        return Ok(false);
    };
    let Some((_, reservation)) = reservations::lock(conn, reservation).await? else {
        return Ok(false);
    };
    let paid = money_of::paid(conn, &reservation).await?;
    let credited = payment
        .resolution
        .is_some_and(|resolution| resolution != Resolution::Refunded);
    let all_is_back = paid.is_zero() && (credited || !reservation.status.holds_nights());
    let status = if all_is_back {
        PaymentStatus::Refunded
    } else if reservation.status.holds_nights() && credited {
        money_of::status(paid, reservation.deposit)
    } else {
        reservation.payment_status
    };
    let money = MoneyChange { paid, status };
    reservations::set_money(conn, reservation.id, money, context.now).await?;
    let detail = json!({
        "payment_id": id,
        "amount_minor": amount.minor(),
        "currency": amount.currency().code(),
        "reason": reason,
        "paid_minor": paid.minor(),
    });
    timeline::append(conn, context, reservation.id, "payment_refunded", detail).await?;
    Ok(true)
}
