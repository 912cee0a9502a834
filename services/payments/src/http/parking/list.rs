//! What waits for a person.

use actix_web::{HttpResponse, web};
use api::Page;
use service::http::Query;
use service::http::paging::{self, Asked};
use storage::payments;

use crate::http::error::ApiError;
use crate::http::payments::view;
use crate::state::AppState;

/// How many are shown at most.
const MOST: i64 = 200;

/// Lists the parked payments, longest first: 200, 422.
#[tracing::instrument(name = "http.payments.parked", skip_all)]
pub(in crate::http) async fn list(
    state: web::Data<AppState>,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse, ApiError> {
    let limit = paging::limit(asked.limit, MOST)?;
    let after = paging::cursor(asked.cursor.as_deref(), paging::read_cursor)?;
    let mut conn = state.database.get().await?;
    let mut found = payments::parked(&mut conn, after, limit + 1).await?;
    let next_cursor =
        paging::cut(&mut found, limit).and_then(|last| Some(paging::write_cursor(last.parked_at?, last.id)));
    let items = found.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Page::<api::payment::Payment> { items, next_cursor }))
}
