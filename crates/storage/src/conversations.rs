//! `conversations`: who talks with us on WhatsApp, and since when they are silent. Written by the service `concierge`.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::outbox::new_id;
use crate::schema::conversations;

/// Who wrote: at least one of the two is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person<'a> {
    /// The WhatsApp id: digits.
    pub wa_id: Option<&'a str>,
    /// The id that stands in for a hidden number.
    pub business_scoped_id: Option<&'a str>,
}

/// Gives the conversation with `person`, and notes that they wrote at `wrote_at`, if they did; the time never moves
/// back. An id that was not known of them yet is added. `None` for nobody. Call it in a transaction.
///
/// # Errors
///
/// The store's failure.
pub async fn heard(
    conn: &mut AsyncPgConnection,
    person: Person<'_>,
    wrote_at: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> QueryResult<Option<Uuid>> {
    if person.wa_id.is_none() && person.business_scoped_id.is_none() {
        return Ok(None);
    }
    diesel::insert_into(conversations::table)
        .values((
            conversations::id.eq(new_id(now)),
            conversations::wa_id.eq(person.wa_id),
            conversations::business_scoped_id.eq(person.business_scoped_id),
            conversations::created_at.eq(now),
            conversations::updated_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    let is_theirs = conversations::wa_id
        .eq(person.wa_id)
        .or(conversations::business_scoped_id.eq(person.business_scoped_id));
    let found: Vec<Uuid> = conversations::table
        .filter(is_theirs.assume_not_null())
        .order((conversations::created_at, conversations::id))
        .for_update()
        .select(conversations::id)
        .load(conn)
        .await?;
    diesel::update(conversations::table.filter(conversations::id.eq_any(&found)))
        .set((
            conversations::last_user_message_at.eq(sql("greatest(last_user_message_at, ")
                .bind::<Nullable<Timestamptz>, _>(wrote_at)
                .sql(")")),
            conversations::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    // Two conversations, one by each id, stay two: both are theirs.
    if let [only] = found.as_slice() {
        add_ids(conn, *only, person).await?;
    }
    Ok(found.iter().copied().next())
}

async fn add_ids(conn: &mut AsyncPgConnection, id: Uuid, person: Person<'_>) -> QueryResult<()> {
    diesel::update(conversations::table.find(id))
        .set((
            conversations::wa_id.eq(sql("coalesce(wa_id, ")
                .bind::<Nullable<Text>, _>(person.wa_id)
                .sql(")")),
            conversations::business_scoped_id.eq(sql("coalesce(business_scoped_id, ")
                .bind::<Nullable<Text>, _>(person.business_scoped_id)
                .sql(")")),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The WhatsApp id of the conversation that has one of `candidates`: the one heard last.
///
/// # Errors
///
/// The store's failure.
pub async fn known_wa_id(conn: &mut AsyncPgConnection, candidates: &[String]) -> QueryResult<Option<String>> {
    let found: Option<Option<String>> = conversations::table
        .filter(conversations::wa_id.eq_any(candidates))
        .order(conversations::last_user_message_at.desc().nulls_last())
        .select(conversations::wa_id)
        .first(conn)
        .await
        .optional()?;
    Ok(found.flatten())
}

/// When the person with this WhatsApp id or business-scoped id last wrote.
///
/// # Errors
///
/// The store's failure.
pub async fn last_heard(
    conn: &mut AsyncPgConnection,
    recipient: &str,
) -> QueryResult<Option<OffsetDateTime>> {
    let is_theirs = conversations::wa_id
        .eq(recipient)
        .or(conversations::business_scoped_id.eq(recipient));
    let found: Option<Option<OffsetDateTime>> = conversations::table
        .filter(is_theirs.assume_not_null())
        .order(conversations::last_user_message_at.desc().nulls_last())
        .select(conversations::last_user_message_at)
        .first(conn)
        .await
        .optional()?;
    Ok(found.flatten())
}
