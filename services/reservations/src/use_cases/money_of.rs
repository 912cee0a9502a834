//! How the money of a reservation stands, reckoned anew from its payments: whatever order facts arrive in, it is right.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::money::Money;
use domain::reservation::PaymentStatus;
use storage::payments;
use storage::reservations::Reservation;
use uuid::Uuid;

/// What credited payments have brought `reservation` and not taken back.
pub(super) async fn paid(conn: &mut AsyncPgConnection, reservation: &Reservation) -> QueryResult<Money> {
    paid_without(conn, reservation, Uuid::nil()).await
}

/// [`paid`] without the payment `except`.
pub(super) async fn paid_without(
    conn: &mut AsyncPgConnection,
    reservation: &Reservation,
    except: Uuid,
) -> QueryResult<Money> {
    let nothing = Money::zero(reservation.deposit.currency());
    payments::credited(conn, reservation.id, except, nothing).await
}

/// What `paid` means for a deposit.
pub(super) fn status(paid: Money, deposit: Money) -> PaymentStatus {
    if paid.is_zero() {
        PaymentStatus::Pending
    } else if paid.covers(deposit) {
        PaymentStatus::Paid
    } else {
        PaymentStatus::PartiallyPaid
    }
}
