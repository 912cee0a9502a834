//! What waits for a person.

use actix_web::{HttpResponse, web};
use api::Page;
use storage::payments;

use crate::http::error::ApiError;
use crate::http::payments::view;
use crate::state::AppState;

/// At most so many are shown.
const MOST: i64 = 200;

/// Lists the parked payments, longest first: 200.
#[tracing::instrument(name = "http.payments.parked", skip_all)]
pub(in crate::http) async fn list(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    let mut conn = state.database.get().await?;
    let parked = payments::parked(&mut conn, MOST).await?;
    let items = parked.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Page::<api::payment::Payment> {
        items,
        next_cursor: None,
    }))
}
