use actix_web::{HttpResponse, web};
use domain::accommodation::AccommodationId;
use storage::accommodations;

use super::view::view;
use crate::http::error::ApiError;
use crate::state::AppState;

/// A lodging that can be booked: 200, 404 `accommodation-not-found`.
#[tracing::instrument(name = "http.accommodations.show", skip_all)]
pub(in crate::http) async fn show(
    state: web::Data<AppState>,
    id: web::Path<i64>,
) -> Result<HttpResponse, ApiError> {
    let conn = state.database.get().await?;
    let found = accommodations::find(&conn, AccommodationId(*id)).await?;
    let found = found
        .filter(|found| found.active)
        .ok_or(ApiError::UnknownAccommodation)?;
    Ok(HttpResponse::Ok().json(view(&found)))
}
