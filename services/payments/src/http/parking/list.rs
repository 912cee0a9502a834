//! What waits for a person.

use actix_web::{HttpResponse, web};
use api::Page;
use service::page::{self, Asked};
use storage::payments;

use crate::http::error::ApiError;
use crate::http::payments::view;
use crate::state::AppState;

/// Lists the parked payments, longest first: 200, 422.
#[tracing::instrument(name = "http.payments.parked", skip_all)]
pub(in crate::http) async fn list(
    state: web::Data<AppState>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, ApiError> {
    let limit = page::limit(asked.limit).ok_or(ApiError::Invalid("limit"))?;
    let after = match &asked.cursor {
        None => None,
        Some(text) => Some(page::read_cursor(text).ok_or(ApiError::Invalid("cursor"))?),
    };
    let mut conn = state.database.get().await?;
    let mut found = payments::parked(&mut conn, after, limit + 1).await?;
    let next_cursor =
        page::cut(&mut found, limit).and_then(|last| Some(page::write_cursor(last.parked_at?, last.id)));
    let items = found.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Page::<api::payment::Payment> { items, next_cursor }))
}
