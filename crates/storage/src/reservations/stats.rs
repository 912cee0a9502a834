//! The house in figures.

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::reservation::Status;
use time::OffsetDateTime;

use super::predicates::{IsConfirmed, IsHold};
use crate::schema::{accommodations, reservations};

/// The house in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Lodgings that can be booked.
    pub active_accommodations: i64,
    /// Holds that have not run out.
    pub open_holds: i64,
    /// Confirmed stays that are not over.
    pub confirmed_stays: i64,
    /// Confirmed stays that begin today, in their house.
    pub arrivals: i64,
    /// Confirmed stays that end today, in their house.
    pub departures: i64,
    /// Reservations held since, by state.
    pub by_status: Vec<(Status, i64)>,
    /// What was paid for them, in minor units by currency.
    pub paid: Vec<(String, i64)>,
}

/// Counts the house as of `now`, and what was held since `since`.
///
/// # Errors
///
/// The store's failure.
pub async fn stats(
    mut conn: &AsyncPgConnection,
    now: OffsetDateTime,
    since: OffsetDateTime,
) -> QueryResult<Stats> {
    let active_accommodations = accommodations::table
        .filter(accommodations::active)
        .select(count_star())
        .first(&mut conn)
        .await?;
    let open_holds = reservations::table
        .filter(IsHold::new(reservations::reservation_status))
        .filter(reservations::expires_at.gt(now))
        .select(count_star())
        .first(&mut conn)
        .await?;
    let confirmed = || {
        reservations::table
            .inner_join(accommodations::table.on(accommodations::id.eq(reservations::accommodation_id)))
            .filter(IsConfirmed::new(reservations::reservation_status))
    };
    let house_day = || {
        sql::<Date>("(")
            .bind::<Timestamptz, _>(now)
            .sql(" AT TIME ZONE accommodations.time_zone)::date")
    };
    let confirmed_stays = confirmed()
        .filter(reservations::check_out.ge(house_day()))
        .select(count_star())
        .first(&mut conn)
        .await?;
    let arrivals = confirmed()
        .filter(reservations::check_in.eq(house_day()))
        .select(count_star())
        .first(&mut conn)
        .await?;
    let departures = confirmed()
        .filter(reservations::check_out.eq(house_day()))
        .select(count_star())
        .first(&mut conn)
        .await?;
    let recent: Vec<(String, String, i64, i64)> = reservations::table
        .filter(reservations::created_at.ge(since))
        .group_by((reservations::reservation_status, reservations::currency))
        .select((
            reservations::reservation_status,
            reservations::currency,
            count_star(),
            sql::<BigInt>("sum(paid_minor)::bigint"),
        ))
        .load(&mut conn)
        .await?;
    let mut by_status: Vec<(Status, i64)> = Status::ALL.map(|status| (status, 0)).to_vec();
    let mut paid: Vec<(String, i64)> = Vec::new();
    for (status, currency, count, minor) in recent {
        for (known, total) in &mut by_status {
            if known.as_str() == status {
                *total += count;
            }
        }
        match paid.iter_mut().find(|(known, _)| *known == currency) {
            Some((_, total)) => *total += minor,
            None => paid.push((currency, minor)),
        }
    }
    Ok(Stats {
        active_accommodations,
        open_holds,
        confirmed_stays,
        arrivals,
        departures,
        by_status,
        paid,
    })
}

#[derive(QueryableByName)]
struct Occupied {
    #[diesel(sql_type = BigInt)]
    nights: i64,
}

/// How many nights from `from` to `to` (exclusive) of active lodgings are held, sold or closed by another channel; each
/// counts once.
///
/// # Errors
///
/// The store's failure.
pub async fn occupied_nights(
    mut conn: &AsyncPgConnection,
    from: time::Date,
    to: time::Date,
) -> QueryResult<i64> {
    let occupied: Occupied = sql_query(
        "SELECT count(*) AS nights FROM (
             SELECT DISTINCT accommodation_id, first + number FROM (
                 SELECT accommodation_id, greatest(check_in, $1) AS first, least(check_out, $2) AS after FROM reservations
                 WHERE reservation_status IN ('pre_reserved', 'confirmed') AND $1 < check_out AND check_in < $2
                 UNION ALL
                 SELECT accommodation_id, greatest(starts_on, $1), least(ends_on, $2) FROM calendar_blocks
                 WHERE removed_at IS NULL AND $1 < ends_on AND starts_on < $2
             ) AS taken
             JOIN accommodations ON accommodations.id = accommodation_id AND active
             CROSS JOIN generate_series(0, after - first - 1) AS number
         ) AS nights",
    )
    .bind::<Date, _>(from)
    .bind::<Date, _>(to)
    .get_result(&mut conn)
    .await?;
    Ok(occupied.nights)
}
