//! Entering, changing and removing seasons. Each change marks the lodging, so that a hold that was priced before it and
//! waits for the lodging's lock is priced anew.

use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::accommodation::{AccommodationId, Season};
use storage::seasons::WriteSeasonError;
use storage::{Context, accommodations, seasons};

/// Why a season cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ChangeSeasonError {
    /// There is no such lodging.
    #[error("there is no such lodging")]
    UnknownAccommodation,
    /// The lodging has no such season.
    #[error("there is no such season")]
    UnknownSeason,
    /// Another season of the lodging has one of its nights.
    #[error("another season has one of the nights")]
    Overlaps,
    /// The store's failure.
    #[error("change a season")]
    Store(#[from] DieselError),
}

impl From<WriteSeasonError> for ChangeSeasonError {
    fn from(error: WriteSeasonError) -> Self {
        match error {
            WriteSeasonError::Overlaps => Self::Overlaps,
            WriteSeasonError::Query(error) => Self::Store(error),
        }
    }
}

/// Enters a season and gives its number.
///
/// # Errors
///
/// [`ChangeSeasonError`].
pub async fn enter(
    conn: &mut AsyncPgConnection,
    context: &Context,
    accommodation: AccommodationId,
    season: &Season,
) -> Result<i64, ChangeSeasonError> {
    conn.transaction(async |conn| {
        mark(conn, context, accommodation).await?;
        Ok(seasons::insert(conn, accommodation, season, context.now).await?)
    })
    .await
}

/// Replaces the season `id`.
///
/// # Errors
///
/// [`ChangeSeasonError`].
pub async fn replace(
    conn: &mut AsyncPgConnection,
    context: &Context,
    accommodation: AccommodationId,
    id: i64,
    season: &Season,
) -> Result<(), ChangeSeasonError> {
    conn.transaction(async |conn| {
        mark(conn, context, accommodation).await?;
        if seasons::update(conn, accommodation, id, season, context.now).await? {
            Ok(())
        } else {
            Err(ChangeSeasonError::UnknownSeason)
        }
    })
    .await
}

/// Removes the season `id`.
///
/// # Errors
///
/// [`ChangeSeasonError`].
pub async fn remove(
    conn: &mut AsyncPgConnection,
    context: &Context,
    accommodation: AccommodationId,
    id: i64,
) -> Result<(), ChangeSeasonError> {
    conn.transaction(async |conn| {
        mark(conn, context, accommodation).await?;
        if seasons::delete(conn, accommodation, id).await? {
            Ok(())
        } else {
            Err(ChangeSeasonError::UnknownSeason)
        }
    })
    .await
}

async fn mark(
    conn: &AsyncPgConnection,
    context: &Context,
    accommodation: AccommodationId,
) -> Result<(), ChangeSeasonError> {
    let locked = accommodations::lock(conn, accommodation).await?;
    locked.ok_or(ChangeSeasonError::UnknownAccommodation)?;
    accommodations::touch(conn, accommodation, context.now).await?;
    Ok(())
}
