//! The host's word that a guest never came.

use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::reservation::Status;
use serde_json::json;
use storage::{Context, reservations, timeline};
use uuid::Uuid;

use super::house_day::house_day;

/// Why a reservation is no missed stay.
#[derive(Debug, thiserror::Error)]
pub enum MarkNoShowError {
    /// There is none such.
    #[error("there is no such reservation")]
    Unknown,
    /// It is in a state in which nobody was expected.
    #[error("a reservation that is {} cannot be missed", .0.as_str())]
    Refused(Status),
    /// The guest is not expected yet.
    #[error("the day of arrival has not come")]
    TooEarly,
    /// The store's failure.
    #[error("mark a missed stay")]
    Store(#[from] DieselError),
}

/// Notes that the guest of a confirmed or completed stay never came; what is left of its nights is free.
/// Doing it twice changes nothing.
///
/// # Errors
///
/// [`MarkNoShowError`].
pub async fn mark_no_show(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: Uuid,
) -> Result<(), MarkNoShowError> {
    conn.transaction(async |conn| {
        let locked = reservations::lock(conn, id).await?;
        let (lodging, found) = locked.ok_or(MarkNoShowError::Unknown)?;
        match found.status {
            Status::Confirmed | Status::Completed => {}
            Status::NoShow => return Ok(()),
            status @ (Status::PreReserved | Status::Cancelled | Status::Expired) => {
                return Err(MarkNoShowError::Refused(status));
            }
        }
        if house_day(&lodging.time_zone, context.now) < found.stay.check_in() {
            return Err(MarkNoShowError::TooEarly);
        }
        reservations::end(conn, id, found.status, Status::NoShow, context.now).await?;
        timeline::append(
            conn,
            context,
            id,
            "no_show",
            json!({ "was": found.status.as_str() }),
        )
        .await?;
        Ok(())
    })
    .await
}
