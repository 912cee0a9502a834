//! A person of the house vouches for a stay: paid in cash, a friend, a promise.

use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::reservation::Status;
use events::v1::ReservationConfirmed;
use serde_json::json;
use storage::reservations::{self, ConfirmError, Reservation};
use storage::{Context, outbox, timeline};
use uuid::Uuid;

use super::house_day::house_day;

/// Why a stay cannot be confirmed by hand.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmByHandError {
    /// There is none such.
    #[error("there is no such reservation")]
    Unknown,
    /// It is in a state that cannot be confirmed.
    #[error("a reservation that is {} cannot be confirmed", .0.as_str())]
    Refused(Status),
    /// It ran out, and its nights are past or another's.
    #[error("the nights are no longer free")]
    NightsTaken,
    /// The store's failure.
    #[error("confirm a reservation by hand")]
    Store(#[from] DieselError),
}

impl From<ConfirmError> for ConfirmByHandError {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::NightsTaken(_) | ConfirmError::Changed => Self::NightsTaken,
            ConfirmError::Query(error) => Self::Store(error),
        }
    }
}

/// Confirms the hold `id`, or one that ran out if its nights are free, and announces `reservation.confirmed.v1`.
/// Doing it twice changes nothing; the second answer is `None`.
///
/// # Errors
///
/// [`ConfirmByHandError`].
pub async fn confirm_by_hand(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: Uuid,
    reason: &str,
) -> Result<Option<Reservation>, ConfirmByHandError> {
    conn.transaction(async |conn| {
        let locked = reservations::lock(conn, id).await?;
        let (lodging, found) = locked.ok_or(ConfirmByHandError::Unknown)?;
        match found.status {
            Status::PreReserved => {}
            Status::Confirmed => return Ok(None),
            Status::Expired => {
                let past = found.stay.check_in() < house_day(&lodging.time_zone, context.now);
                if past || !reservations::free_for(conn, found.accommodation, found.stay, id).await? {
                    return Err(ConfirmByHandError::NightsTaken);
                }
            }
            status @ (Status::Cancelled | Status::Completed | Status::NoShow) => {
                return Err(ConfirmByHandError::Refused(status));
            }
        }
        reservations::confirm(conn, id, found.status, context.now).await?;
        let detail = json!({ "reason": reason, "by_hand": true, "was": found.status.as_str() });
        timeline::append(conn, context, id, "confirmed", detail).await?;
        let event = ReservationConfirmed {
            reservation: Some(found.facts()),
            paid: Some(found.paid.into()),
            payment_id: String::new(),
            revived: found.status == Status::Expired,
        };
        outbox::append(conn, context, &event).await?;
        Ok(Some(Reservation {
            status: Status::Confirmed,
            ..found
        }))
    })
    .await
}
