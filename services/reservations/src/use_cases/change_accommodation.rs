//! Entering and changing lodgings.

use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::accommodation::AccommodationId;
use storage::accommodations::{self, Accommodation, Facts};
use storage::{Context, seasons};

/// Why a lodging cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeAccommodationError {
    /// There is none such.
    #[error("there is no such lodging")]
    Unknown,
    /// A season has a price, which would silently become another amount.
    #[error("seasons have prices in the present currency")]
    CurrencyInUse,
    /// The store's failure.
    #[error("change a lodging")]
    Store(#[from] DieselError),
}

/// Enters a lodging, open for booking.
///
/// # Errors
///
/// The store's failure.
pub async fn enter(
    conn: &mut AsyncPgConnection,
    context: &Context,
    facts: &Facts,
) -> Result<Accommodation, ChangeAccommodationError> {
    let entered = accommodations::insert(conn, facts, context.now).await?;
    tracing::info!(accommodation.id = entered.id.0, actor = %context.actor, "lodging {} entered", entered.id);
    Ok(entered)
}

/// Replaces what is written about a lodging. Stays that are sold keep their price.
///
/// # Errors
///
/// [`ChangeAccommodationError`].
pub async fn replace(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: AccommodationId,
    facts: &Facts,
) -> Result<Accommodation, ChangeAccommodationError> {
    conn.transaction(async |conn| {
        let locked = accommodations::lock(conn, id).await?;
        locked.ok_or(ChangeAccommodationError::Unknown)?;
        let before = accommodations::find(conn, id).await?;
        let before = before.ok_or(ChangeAccommodationError::Unknown)?;
        let currency_changes = before.facts.terms.currency() != facts.terms.currency();
        if currency_changes && seasons::any_with_price(conn, id).await? {
            return Err(ChangeAccommodationError::CurrencyInUse);
        }
        accommodations::update(conn, id, facts, context.now).await?;
        tracing::info!(accommodation.id = id.0, actor = %context.actor, "lodging {id} changed");
        Ok(Accommodation {
            facts: facts.clone(),
            updated_at: context.now,
            ..before
        })
    })
    .await
}

/// Opens or closes a lodging for booking. Stays that are sold remain.
///
/// # Errors
///
/// [`ChangeAccommodationError`].
pub async fn set_active(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: AccommodationId,
    active: bool,
) -> Result<(), ChangeAccommodationError> {
    if !accommodations::set_active(conn, id, active, context.now).await? {
        return Err(ChangeAccommodationError::Unknown);
    }
    tracing::info!(accommodation.id = id.0, actor = %context.actor, active, "lodging {id} opened or closed");
    Ok(())
}
