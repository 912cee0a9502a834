//! `calendar_blocks`: nights that other channels close. Written by the service `ical-sync`, always under the lodging's
//! lock.

use diesel::prelude::*;
use diesel::sql_types::{self, Array, Nullable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::prepared::Prepared;
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

/// Adds blocks, and writes those anew that are stored already: one statement, prepared once, however many they are.
///
/// # Errors
///
/// The store's failure.
pub async fn save(conn: &mut AsyncPgConnection, blocks: &[Block]) -> QueryResult<()> {
    if blocks.is_empty() {
        return Ok(());
    }
    let save = diesel::sql_query(SAVE)
        .bind::<Array<sql_types::Uuid>, _>(column(blocks, |block| block.id))
        .bind::<Array<sql_types::BigInt>, _>(column(blocks, |block| block.accommodation_id))
        .bind::<Array<sql_types::BigInt>, _>(column(blocks, |block| block.feed_id))
        .bind::<Array<sql_types::Text>, _>(column(blocks, |block| block.uid.as_str()))
        .bind::<Array<Nullable<sql_types::Date>>, _>(column(blocks, |block| block.instance))
        .bind::<Array<sql_types::Date>, _>(column(blocks, |block| block.starts_on))
        .bind::<Array<sql_types::Date>, _>(column(blocks, |block| block.ends_on))
        .bind::<Array<sql_types::Text>, _>(column(blocks, |block| block.kind.as_str()))
        .bind::<Array<sql_types::Bool>, _>(column(blocks, |block| block.tentative))
        .bind::<Array<Nullable<sql_types::Uuid>>, _>(column(blocks, |block| block.echo_of))
        .bind::<Array<sql_types::Bool>, _>(column(blocks, |block| block.muted))
        .bind::<Array<sql_types::Integer>, _>(column(blocks, |block| block.sequence))
        .bind::<Array<sql_types::Timestamptz>, _>(column(blocks, |block| block.created_at))
        .bind::<Array<sql_types::Timestamptz>, _>(column(blocks, |block| block.updated_at))
        .bind::<Array<Nullable<sql_types::Timestamptz>>, _>(column(blocks, |block| block.removed_at));
    Prepared(save).execute(conn).await?;
    Ok(())
}

/// An update beside an insert costs half of what `ON CONFLICT DO UPDATE` does, and under the lodging's lock nobody else
/// can add the same blocks.
const SAVE: &str = "
    WITH given AS (
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS given
            (id, accommodation_id, feed_id, uid, instance, starts_on, ends_on, kind, tentative, echo_of, muted, sequence,
             created_at, updated_at, removed_at)
    ), rewritten AS (
        UPDATE calendar_blocks AS block
        SET uid = given.uid, instance = given.instance, starts_on = given.starts_on, ends_on = given.ends_on,
            kind = given.kind, tentative = given.tentative, echo_of = given.echo_of, muted = given.muted,
            sequence = given.sequence, updated_at = given.updated_at, removed_at = given.removed_at
        FROM given WHERE block.id = given.id
        RETURNING block.id
    )
    INSERT INTO calendar_blocks
        (id, accommodation_id, feed_id, uid, instance, starts_on, ends_on, kind, tentative, echo_of, muted, sequence,
         created_at, updated_at, removed_at)
    SELECT * FROM given WHERE id NOT IN (SELECT id FROM rewritten)";

fn column<'a, T>(blocks: &'a [Block], of: impl Fn(&'a Block) -> T) -> Vec<T> {
    blocks.iter().map(of).collect()
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
