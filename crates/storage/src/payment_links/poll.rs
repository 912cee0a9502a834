//! When the provider is asked which payments came by a link.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::reservation::Status;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{PaymentLink, Row, decode_all};
use crate::schema::{payment_links, reservations};

/// When the provider is asked about the payments of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollRhythm {
    /// Now.
    pub now: OffsetDateTime,
    /// Links last asked about before this are due.
    pub asked_before: OffsetDateTime,
    /// Links that end between `now` and this are near their end, and due if last asked about before `near_asked_before`.
    pub near_end: OffsetDateTime,
    /// See `near_end`.
    pub near_asked_before: OffsetDateTime,
}

/// The live, answered links that are due to be asked about, those never asked about first, at most `limit`.
///
/// Those past their end are due until they have been asked about after it, since the hold waits for that.
///
/// # Errors
///
/// The store's failure.
pub async fn due_for_poll(
    conn: &mut AsyncPgConnection,
    rhythm: PollRhythm,
    limit: i64,
) -> QueryResult<Vec<PaymentLink>> {
    let polled = payment_links::last_polled_at;
    let regular = polled
        .is_null()
        .and(payment_links::created_at.lt(rhythm.asked_before))
        .or(polled
            .is_not_null()
            .and(polled.assume_not_null().lt(rhythm.asked_before)));
    // Past its end a link that was asked about is due as seldom as any other: its hold waits for a payment in process.
    let near = payment_links::expires_at
        .gt(rhythm.now)
        .and(payment_links::expires_at.le(rhythm.near_end))
        .and(
            polled.is_null().or(polled
                .is_not_null()
                .and(polled.assume_not_null().lt(rhythm.near_asked_before))),
        );
    let ended_unasked = payment_links::expires_at.le(rhythm.now).and(
        polled.is_null().or(polled
            .is_not_null()
            .and(polled.assume_not_null().lt(payment_links::expires_at))),
    );
    let rows = payment_links::table
        .filter(payment_links::replaced_at.is_null())
        .filter(payment_links::url.is_not_null())
        .filter(ended_unasked.or(near).or(regular))
        .order((
            payment_links::expires_at.gt(rhythm.now),
            payment_links::last_polled_at.asc().nulls_first(),
        ))
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    decode_all(rows)
}

/// The answered links that were retired after `since` and have not been asked about after `asked_before`: the late
/// look, for money that comes when nobody expects it.
///
/// # Errors
///
/// The store's failure.
pub async fn retired_for_poll(
    conn: &mut AsyncPgConnection,
    since: OffsetDateTime,
    asked_before: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<PaymentLink>> {
    let polled = payment_links::last_polled_at;
    let rows = payment_links::table
        .filter(payment_links::replaced_at.gt(since))
        .filter(payment_links::replaced_at.lt(asked_before))
        .filter(payment_links::url.is_not_null())
        .filter(
            polled.is_null().or(polled
                .is_not_null()
                .and(polled.assume_not_null().lt(asked_before))),
        )
        .order(payment_links::last_polled_at.asc().nulls_first())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    decode_all(rows)
}

/// How many holds ran out before `before` and are kept because the provider has not been asked since: those whose link
/// somebody could have paid by.
///
/// # Errors
///
/// The store's failure.
pub async fn holds_in_grace(conn: &mut AsyncPgConnection, before: OffsetDateTime) -> QueryResult<i64> {
    let polled = payment_links::last_polled_at;
    payment_links::table
        .inner_join(reservations::table.on(reservations::id.eq(payment_links::reservation_id)))
        .filter(payment_links::replaced_at.is_null())
        .filter(payment_links::url.is_not_null())
        .filter(payment_links::expires_at.lt(before))
        .filter(
            polled.is_null().or(polled
                .is_not_null()
                .and(polled.assume_not_null().lt(payment_links::expires_at))),
        )
        .filter(reservations::reservation_status.eq(Status::PreReserved.as_str()))
        .select(count_star())
        .first(conn)
        .await
}

/// Notes that the provider answered about the payments of every link with this reference, asked at `asked_at`.
///
/// # Errors
///
/// The store's failure.
pub async fn polled(
    conn: &mut AsyncPgConnection,
    reservation: Uuid,
    asked_at: OffsetDateTime,
) -> QueryResult<()> {
    let links = payment_links::table
        .filter(payment_links::reservation_id.eq(reservation))
        .filter(payment_links::url.is_not_null());
    diesel::update(links)
        .set(payment_links::last_polled_at.eq(asked_at))
        .execute(conn)
        .await?;
    Ok(())
}
