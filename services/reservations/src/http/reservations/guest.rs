//! Whether a caller may see and act on a reservation.

use service::guest_token;
use service::internal::{Actor, Bearer};
use storage::Connection;
use storage::reservations::{self, Reservation};

use crate::http::error::ApiError;

/// The reservation `code`, for its guest or for those whom the house trusts.
///
/// A wrong token looks like an unknown code, so that codes cannot be guessed one after the other.
pub(super) async fn authorised(
    conn: &Connection,
    code: &str,
    caller: &Actor,
    token: &Bearer,
) -> Result<Reservation, ApiError> {
    if *caller == Actor::Guest && token.0.is_none() {
        return Err(ApiError::TokenMissing);
    }
    let code = code.parse().map_err(|_invalid| ApiError::UnknownReservation)?;
    let found = reservations::find_by_code(conn, &code).await?;
    let found = found.ok_or(ApiError::UnknownReservation)?;
    match (caller, &token.0) {
        (Actor::Staff(_) | Actor::System(_), _) => Ok(found),
        (Actor::Guest, Some(token)) if guest_token::matches(&found.access_token_hash, token) => Ok(found),
        (Actor::Guest, _) => Err(ApiError::UnknownReservation),
    }
}
