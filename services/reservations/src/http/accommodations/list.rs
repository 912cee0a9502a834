use actix_web::{HttpResponse, web};
use api::Page;
use domain::accommodation::AccommodationId;
use service::http::Query;
use service::http::paging::{self, Asked};
use storage::accommodations::{self, Accommodation, Which};

use super::view::view;
use crate::http::error::ApiError;
use crate::state::AppState;

const MOST: i64 = 100;

/// The lodgings that can be booked: 200, 422 `invalid-request`.
#[tracing::instrument(name = "http.accommodations.list", skip_all)]
pub(in crate::http) async fn list(
    state: web::Data<AppState>,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse, ApiError> {
    let page = page(&state, &asked, Which::Active, view).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// A page of lodgings by number; the cursor is the last number of the page before.
pub(in crate::http) async fn page<T>(
    state: &AppState,
    asked: &Asked,
    which: Which,
    view: fn(&Accommodation) -> T,
) -> Result<Page<T>, ApiError> {
    let after = paging::cursor(asked.cursor.as_deref(), |text| text.parse().ok())?.unwrap_or(0);
    let limit = paging::limit(asked.limit, MOST)?;
    let conn = state.database.get().await?;
    let mut found = accommodations::list(&conn, which, AccommodationId(after), limit + 1).await?;
    let next_cursor = paging::cut(&mut found, limit).map(|last| last.id.to_string());
    Ok(Page {
        items: found.iter().map(view).collect(),
        next_cursor,
    })
}
