//! The month calendar of all lodgings.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use api::month::{MonthBlock, MonthCalendar, MonthOfAccommodation, MonthStay};
use domain::accommodation::AccommodationId;
use serde::Deserialize;
use service::http::Query;
use service::internal::Actor;
use storage::accommodations::{self, Accommodation, Which};
use storage::reservations;
use time::{Date, Month};

use super::actor::staff;
use super::error::{About, ApiError};
use crate::state::AppState;

/// The most lodgings, stays and closures of one answer.
const MOST_LODGINGS: i64 = 1_000;
const MOST_ENTRIES: i64 = 20_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    month: Option<String>,
}

/// A month of all lodgings, imported closures included: 200, 422 `invalid-request`.
#[tracing::instrument(name = "http.admin_calendar.show", skip_all)]
pub(super) async fn show(
    state: web::Data<AppState>,
    caller: Actor,
    Query(wish): Query<Wish>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    let first = match wish.month.as_deref() {
        None | Some("") => state.clock.now().date().replace_day(1).unwrap_or(Date::MIN),
        Some(text) => month(text).ok_or_else(|| {
            ApiError::invalid(About::Request, "month", "malformed", "a month looks like 2026-12")
        })?,
    };
    let days = first.month().length(first.year());
    let end = first
        .checked_add(time::Duration::days(i64::from(days)))
        .unwrap_or(Date::MAX);
    let conn = state.database.get().await?;
    let lodgings = accommodations::list(&conn, Which::All, AccommodationId(0), MOST_LODGINGS).await?;
    let stays = reservations::stays_touching(&conn, first, end, MOST_ENTRIES).await?;
    let blocks = reservations::blocks_touching(&conn, first, end, MOST_ENTRIES).await?;
    drop(conn);
    let months = lodgings
        .iter()
        .map(|lodging| of_lodging(lodging, first, end, &stays, &blocks));
    let shown = months.filter(|month| month.active || !month.stays.is_empty() || !month.blocks.is_empty());
    let (year, number) = (first.year(), u8::from(first.month()));
    Ok(HttpResponse::Ok().json(MonthCalendar {
        month: format!("{year:04}-{number:02}"),
        accommodations: shown.collect(),
    }))
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
    let ranges = stays.iter().map(|stay| (stay.check_in, stay.check_out));
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

pub(super) fn nights(from: Date, to: Date) -> impl Iterator<Item = Date> {
    let count = (to - from).whole_days().max(0);
    (0..count).filter_map(move |offset| from.checked_add(time::Duration::days(offset)))
}

fn stay_view(stay: &reservations::MonthStay) -> MonthStay {
    MonthStay {
        code: stay.code.clone(),
        status: stay.status.clone(),
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
fn month(text: &str) -> Option<Date> {
    let (year, number) = text.split_once('-')?;
    if year.len() != 4 || number.len() != 2 {
        return None;
    }
    let month = Month::try_from(number.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok().filter(|year| 1900 < *year)?, month, 1).ok()
}
