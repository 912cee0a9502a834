//! `ical_export_tokens`: the secrets by which channels read our calendars. Written by the service `ical-sync`.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::OffsetDateTime;

use crate::schema::ical_export_tokens;

/// A channel's secret for one lodging.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = ical_export_tokens)]
pub struct ExportToken {
    /// Its number.
    pub id: i64,
    /// The lodging.
    pub accommodation_id: i64,
    /// The channel that reads with it.
    pub channel: String,
    /// At least 128 random bits.
    pub token: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it stopped being good.
    pub revoked_at: Option<OffsetDateTime>,
    /// When the channel last read with it, give or take a minute.
    pub last_read_at: Option<OffsetDateTime>,
}

/// The live tokens of one lodging, by channel.
///
/// # Errors
///
/// The store's failure.
pub async fn live_of(conn: &mut AsyncPgConnection, accommodation: i64) -> QueryResult<Vec<ExportToken>> {
    ical_export_tokens::table
        .filter(ical_export_tokens::accommodation_id.eq(accommodation))
        .filter(ical_export_tokens::revoked_at.is_null())
        .order(ical_export_tokens::channel)
        .select(ExportToken::as_select())
        .load(conn)
        .await
}

/// The token `id`, if it is live.
///
/// # Errors
///
/// The store's failure.
pub async fn find_live(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<Option<ExportToken>> {
    ical_export_tokens::table
        .find(id)
        .filter(ical_export_tokens::revoked_at.is_null())
        .select(ExportToken::as_select())
        .first(conn)
        .await
        .optional()
}

/// Gives a channel a token for a lodging.
///
/// # Errors
///
/// The store's failure; among it `ical_export_tokens_live_key` if the channel has one.
pub async fn insert(
    conn: &mut AsyncPgConnection,
    accommodation: i64,
    channel: &str,
    token: &str,
    now: OffsetDateTime,
) -> QueryResult<ExportToken> {
    diesel::insert_into(ical_export_tokens::table)
        .values((
            ical_export_tokens::accommodation_id.eq(accommodation),
            ical_export_tokens::channel.eq(channel),
            ical_export_tokens::token.eq(token),
            ical_export_tokens::created_at.eq(now),
        ))
        .returning(ExportToken::as_returning())
        .get_result(conn)
        .await
}

/// Ends a token.
///
/// # Errors
///
/// The store's failure.
pub async fn revoke(conn: &mut AsyncPgConnection, id: i64, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(ical_export_tokens::table.find(id))
        .set(ical_export_tokens::revoked_at.eq(now))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that a channel has read with the token.
///
/// # Errors
///
/// The store's failure.
pub async fn note_read(conn: &mut AsyncPgConnection, id: i64, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(ical_export_tokens::table.find(id))
        .set(ical_export_tokens::last_read_at.eq(now))
        .execute(conn)
        .await?;
    Ok(())
}

/// When channels last read our calendars: lodging, channel, instant; of one lodging, or of all.
///
/// # Errors
///
/// The store's failure.
pub async fn reads(
    conn: &mut AsyncPgConnection,
    accommodation: Option<i64>,
) -> QueryResult<Vec<(i64, String, Option<OffsetDateTime>)>> {
    let reads = ical_export_tokens::table
        .filter(ical_export_tokens::revoked_at.is_null())
        .select((
            ical_export_tokens::accommodation_id,
            ical_export_tokens::channel,
            ical_export_tokens::last_read_at,
        ));
    match accommodation {
        Some(id) => {
            reads
                .filter(ical_export_tokens::accommodation_id.eq(id))
                .load(conn)
                .await
        }
        None => reads.load(conn).await,
    }
}
