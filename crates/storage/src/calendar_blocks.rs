//! `calendar_blocks`: nights that other channels close. Written by the service `ical-sync`, always under the lodging's
//! lock.

use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::schema::calendar_blocks;

/// A block as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = calendar_blocks)]
pub struct Block {
    /// Its id.
    pub id: Uuid,
    /// The lodging.
    pub accommodation_id: i64,
    /// The feed that lists it.
    pub feed_id: i64,
    /// The channel's name for it; neither unique nor for ever.
    pub uid: String,
    /// The day of a recurring event that it stands for.
    pub instance: Option<Date>,
    /// The first night.
    pub starts_on: Date,
    /// The first night after it.
    pub ends_on: Date,
    /// `stay`, `closure` or `window`.
    pub kind: String,
    /// Whether the channel is not yet sure.
    pub tentative: bool,
    /// The reservation or block of ours that it may only echo.
    pub echo_of: Option<Uuid>,
    /// Listed, but closing nothing, since what it echoes is gone.
    pub muted: bool,
    /// How often it has changed.
    pub sequence: i32,
    /// When it came.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// When it stopped closing nights.
    pub removed_at: Option<OffsetDateTime>,
}

/// Everything that `feed` listed when it was last read, muted echoes among it.
///
/// # Errors
///
/// The store's failure.
pub async fn listed_by(conn: &mut AsyncPgConnection, feed: i64) -> QueryResult<Vec<Block>> {
    calendar_blocks::table
        .filter(calendar_blocks::feed_id.eq(feed))
        .filter(calendar_blocks::removed_at.is_null().or(calendar_blocks::muted))
        .select(Block::as_select())
        .load(conn)
        .await
}

/// What closes nights of the lodging from `today` on.
///
/// # Errors
///
/// The store's failure.
pub async fn closing(
    conn: &mut AsyncPgConnection,
    accommodation: i64,
    today: Date,
) -> QueryResult<Vec<Block>> {
    calendar_blocks::table
        .filter(calendar_blocks::accommodation_id.eq(accommodation))
        .filter(calendar_blocks::removed_at.is_null())
        .filter(calendar_blocks::ends_on.gt(today))
        .select(Block::as_select())
        .load(conn)
        .await
}

/// Adds blocks, and writes those anew, whole, that are stored already: one statement for all of them.
///
/// # Errors
///
/// The store's failure.
pub async fn save(conn: &mut AsyncPgConnection, blocks: &[Block]) -> QueryResult<()> {
    // A statement takes at most 65,535 parameters.
    for part in blocks.chunks(2_000) {
        diesel::insert_into(calendar_blocks::table)
            .values(part)
            .on_conflict(calendar_blocks::id)
            .do_update()
            .set((
                calendar_blocks::uid.eq(excluded(calendar_blocks::uid)),
                calendar_blocks::instance.eq(excluded(calendar_blocks::instance)),
                calendar_blocks::starts_on.eq(excluded(calendar_blocks::starts_on)),
                calendar_blocks::ends_on.eq(excluded(calendar_blocks::ends_on)),
                calendar_blocks::kind.eq(excluded(calendar_blocks::kind)),
                calendar_blocks::tentative.eq(excluded(calendar_blocks::tentative)),
                calendar_blocks::echo_of.eq(excluded(calendar_blocks::echo_of)),
                calendar_blocks::muted.eq(excluded(calendar_blocks::muted)),
                calendar_blocks::sequence.eq(excluded(calendar_blocks::sequence)),
                calendar_blocks::updated_at.eq(excluded(calendar_blocks::updated_at)),
                calendar_blocks::removed_at.eq(excluded(calendar_blocks::removed_at)),
            ))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// The lodging's blocks that close nights as an echo of something.
///
/// # Errors
///
/// The store's failure.
pub async fn echoes(conn: &mut AsyncPgConnection, accommodation: i64) -> QueryResult<Vec<Block>> {
    calendar_blocks::table
        .filter(calendar_blocks::accommodation_id.eq(accommodation))
        .filter(calendar_blocks::echo_of.is_not_null())
        .filter(calendar_blocks::removed_at.is_null())
        .select(Block::as_select())
        .load(conn)
        .await
}

/// The blocks that `feed` stopped listing since `since`: what it lists again is one of them.
///
/// # Errors
///
/// The store's failure.
pub async fn removed_since(
    conn: &mut AsyncPgConnection,
    feed: i64,
    since: OffsetDateTime,
) -> QueryResult<Vec<Block>> {
    calendar_blocks::table
        .filter(calendar_blocks::feed_id.eq(feed))
        .filter(calendar_blocks::removed_at.ge(since))
        .filter(diesel::dsl::not(calendar_blocks::muted))
        .order(calendar_blocks::removed_at)
        .select(Block::as_select())
        .load(conn)
        .await
}

/// The blocks among `ids`, each with when it was removed.
///
/// # Errors
///
/// The store's failure.
pub async fn removals(
    conn: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> QueryResult<Vec<(Uuid, Option<OffsetDateTime>)>> {
    calendar_blocks::table
        .filter(calendar_blocks::id.eq_any(ids))
        .select((calendar_blocks::id, calendar_blocks::removed_at))
        .load(conn)
        .await
}

/// When anything last changed about blocks that end `today` or later, removed ones among them.
///
/// # Errors
///
/// The store's failure.
pub async fn changed_at(
    conn: &mut AsyncPgConnection,
    accommodation: i64,
    today: Date,
) -> QueryResult<Option<OffsetDateTime>> {
    calendar_blocks::table
        .filter(calendar_blocks::accommodation_id.eq(accommodation))
        .filter(calendar_blocks::ends_on.ge(today))
        .select(diesel::dsl::max(calendar_blocks::updated_at))
        .first(conn)
        .await
}
