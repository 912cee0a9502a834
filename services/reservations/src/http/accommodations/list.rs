use actix_web::{HttpResponse, web};
use api::Page;
use domain::accommodation::AccommodationId;
use serde::Deserialize;
use storage::accommodations::{self, Accommodation, Which};

use super::view::view;
use crate::http::error::{About, ApiError};
use crate::state::AppState;

const MOST: i64 = 100;

#[derive(Deserialize)]
pub(in crate::http) struct Query {
    pub(in crate::http) cursor: Option<String>,
    pub(in crate::http) limit: Option<i64>,
}

/// The lodgings that can be booked: 200, 422 `invalid-request`.
#[tracing::instrument(name = "http.accommodations.list", skip_all)]
pub(in crate::http) async fn list(
    state: web::Data<AppState>,
    query: web::Query<Query>,
) -> Result<HttpResponse, ApiError> {
    let page = page(&state, &query, Which::Active, view).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// A page of lodgings by number; the cursor is the last number of the page before.
pub(in crate::http) async fn page<T>(
    state: &AppState,
    query: &Query,
    which: Which,
    view: fn(&Accommodation) -> T,
) -> Result<Page<T>, ApiError> {
    let after = match query.cursor.as_deref() {
        None | Some("") => 0,
        Some(text) => text.parse().map_err(|_not_a_number| {
            ApiError::invalid(About::Request, "cursor", "malformed", "not a cursor of this list")
        })?,
    };
    let limit = query.limit.unwrap_or(50);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::invalid(
            About::Request,
            "limit",
            "out_of_range",
            "from 1 to 100",
        ));
    }
    let conn = state.database.get().await?;
    let mut found = accommodations::list(&conn, which, AccommodationId(after), limit + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = limit < found.len();
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Page {
        items: found.iter().map(view).collect(),
        next_cursor: next,
    })
}
