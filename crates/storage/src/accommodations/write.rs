//! Entering and changing lodgings.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::AccommodationId;
use time::OffsetDateTime;

use super::row::Written;
use super::{Accommodation, Facts};
use crate::schema::accommodations;

/// Enters a lodging, open for booking.
///
/// # Errors
///
/// The store's failure.
pub async fn insert(
    mut conn: &AsyncPgConnection,
    facts: &Facts,
    now: OffsetDateTime,
) -> QueryResult<Accommodation> {
    let currency = facts.terms.currency();
    let id: i64 = diesel::insert_into(accommodations::table)
        .values((
            Written::new(facts, currency.code(), now),
            accommodations::created_at.eq(now),
        ))
        .returning(accommodations::id)
        .get_result(&mut conn)
        .await?;
    Ok(Accommodation {
        id: AccommodationId(id),
        facts: facts.clone(),
        active: true,
        created_at: now,
        updated_at: now,
    })
}

/// Replaces what is written about the lodging `id`; false if there is none.
///
/// # Errors
///
/// The store's failure.
pub async fn update(
    mut conn: &AsyncPgConnection,
    id: AccommodationId,
    facts: &Facts,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let currency = facts.terms.currency();
    let changed = diesel::update(accommodations::table.find(id.0))
        .set(Written::new(facts, currency.code(), now))
        .execute(&mut conn)
        .await?;
    Ok(changed == 1)
}

/// Opens or closes the lodging `id` for booking; false if there is none. Stays that are sold remain.
///
/// # Errors
///
/// The store's failure.
pub async fn set_active(
    mut conn: &AsyncPgConnection,
    id: AccommodationId,
    active: bool,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let changed = diesel::update(accommodations::table.find(id.0))
        .set((
            accommodations::active.eq(active),
            accommodations::updated_at.eq(now),
        ))
        .execute(&mut conn)
        .await?;
    Ok(changed == 1)
}

/// Notes that the terms of the lodging `id` changed through its seasons.
///
/// # Errors
///
/// The store's failure.
pub async fn touch(
    mut conn: &AsyncPgConnection,
    id: AccommodationId,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(accommodations::table.find(id.0))
        .set(accommodations::updated_at.eq(now))
        .execute(&mut conn)
        .await?;
    Ok(())
}
