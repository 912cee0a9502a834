//! The month calendar of all lodgings, page by page.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use api::month::{MonthBlock, MonthCalendar, MonthOfAccommodation, MonthStay};
use domain::reservation::Status;
use serde::Deserialize;
use service::http::Query;
use service::http::paging::Asked;
use service::internal::Actor;
use storage::accommodations::{Accommodation, Which};
use storage::reservations;
use time::{Date, Month, OffsetDateTime};

use super::accommodations::page;
use super::actor::staff;
use super::error::{About, ApiError};
use crate::state::AppState;
use crate::use_cases::house_day::house_day;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    month: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// A month of lodgings, imported closures included: 200, 422 `invalid-request`.
#[tracing::instrument(name = "http.admin_calendar.show", skip_all)]
pub(super) async fn show(
    state: web::Data<AppState>,
    caller: Actor,
    Query(wish): Query<Wish>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    let Wish { month, cursor, limit } = wish;
    let asked = match month.as_deref() {
        // Every page is to show the same month, also at midnight.
        None | Some("") if cursor.is_some() => {
            let detail = "give the month that the page before was of";
            return Err(ApiError::invalid(About::Request, "month", "missing", detail));
        }
        None | Some("") => None,
        Some(text) => Some(parse(text).ok_or_else(|| {
            ApiError::invalid(About::Request, "month", "malformed", "a month looks like 2026-12")
        })?),
    };
    let lodgings = page(&state, &Asked { cursor, limit }, Which::All, Accommodation::clone).await?;
    let first = asked.unwrap_or_else(|| this_month(lodgings.items.first(), state.clock.now()));
    let days = first.month().length(first.year());
    let end = first
        .checked_add(time::Duration::days(i64::from(days)))
        .unwrap_or(Date::MAX);
    let conn = state.database.get().await?;
    let ids: Vec<_> = lodgings.items.iter().map(|lodging| lodging.id).collect();
    let stays = reservations::stays_touching(&conn, &ids, first, end).await?;
    let blocks = reservations::blocks_touching(&conn, &ids, first, end).await?;
    drop(conn);
    let months = lodgings
        .items
        .iter()
        .map(|lodging| of_lodging(lodging, first, end, &stays, &blocks));
    let shown = months.filter(|month| month.active || !month.stays.is_empty() || !month.blocks.is_empty());
    let (year, number) = (first.year(), u8::from(first.month()));
    Ok(HttpResponse::Ok().json(MonthCalendar {
        month: format!("{year:04}-{number:02}"),
        accommodations: shown.collect(),
        next_cursor: lodgings.next_cursor,
    }))
}

/// The month that it is in the house.
fn this_month(lodging: Option<&Accommodation>, now: OffsetDateTime) -> Date {
    let today = lodging.map_or(now.date(), |lodging| house_day(&lodging.facts.time_zone, now));
    today.replace_day(1).unwrap_or(today)
}

fn of_lodging(
    lodging: &Accommodation,
    first: Date,
    end: Date,
    stays: &[reservations::MonthStay],
    blocks: &[reservations::MonthBlock],
) -> MonthOfAccommodation {
    let stays: Vec<_> = stays
        .iter()
        .filter(|stay| stay.accommodation == lodging.id)
        .collect();
    let blocks: Vec<_> = blocks
        .iter()
        .filter(|block| block.accommodation == lodging.id)
        .collect();
    // The nights of a guest who never came were sold again, or stayed empty.
    let came = stays.iter().filter(|stay| stay.status != Status::NoShow);
    let ranges = came.map(|stay| (stay.check_in, stay.check_out));
    let ranges = ranges.chain(blocks.iter().map(|block| (block.starts_on, block.ends_on)));
    let occupied: BTreeSet<Date> = ranges
        .flat_map(|(from, to)| nights(from.max(first), to.min(end)))
        .collect();
    MonthOfAccommodation {
        accommodation_id: lodging.id.0,
        name: lodging.facts.name.clone(),
        active: lodging.active,
        nights: u16::from(first.month().length(first.year())),
        occupied_nights: u16::try_from(occupied.len()).unwrap_or(u16::MAX),
        occupied: occupied.iter().map(Date::to_string).collect(),
        stays: stays.iter().map(|stay| stay_view(stay)).collect(),
        blocks: blocks.iter().map(|block| block_view(block)).collect(),
    }
}

fn nights(from: Date, to: Date) -> impl Iterator<Item = Date> {
    let count = (to - from).whole_days().max(0);
    (0..count).filter_map(move |offset| from.checked_add(time::Duration::days(offset)))
}

fn stay_view(stay: &reservations::MonthStay) -> MonthStay {
    MonthStay {
        code: stay.code.clone(),
        status: stay.status.as_str().to_owned(),
        contact_name: stay.contact_name.clone(),
        check_in: stay.check_in,
        check_out: stay.check_out,
    }
}

fn block_view(block: &reservations::MonthBlock) -> MonthBlock {
    MonthBlock {
        id: block.id,
        channel: block.channel.clone(),
        starts_on: block.starts_on,
        ends_on: block.ends_on,
    }
}

/// The first day of `2026-12`.
fn parse(text: &str) -> Option<Date> {
    let (year, number) = text.split_once('-')?;
    if year.len() != 4 || number.len() != 2 {
        return None;
    }
    let month = Month::try_from(number.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok().filter(|year| 1900 < *year)?, month, 1).ok()
}
