//! Which payments there are.

use actix_web::{HttpResponse, web};
use api::Page;
use serde::Deserialize;
use service::bounded_text::bounded;
use service::http::{Query, paging};
use storage::payments::{self, PaymentCursor, PaymentFilter, Resolution};

use super::view;
use crate::http::error::ApiError;
use crate::state::AppState;

/// How many are shown at most.
const MOST: i64 = 200;

/// As long as the provider lets a reference be.
const LONGEST_TEXT: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Wish {
    state: Option<String>,
    reference: Option<String>,
    resolution: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Lists payments, newest first: 200, 422.
#[tracing::instrument(name = "http.payments.list", skip_all)]
pub(in crate::http) async fn list(
    state: web::Data<AppState>,
    Query(wish): Query<Wish>,
) -> Result<HttpResponse, ApiError> {
    let resolution = match wish.resolution {
        None => None,
        Some(name) => Some(Resolution::named(&name).ok_or(ApiError::Invalid("resolution"))?),
    };
    let before = paging::cursor(wish.cursor.as_deref(), read_cursor)?;
    let limit = paging::limit(wish.limit, MOST)?;
    let filter = PaymentFilter {
        state: text("state", wish.state.as_deref())?,
        reference: text("reference", wish.reference.as_deref())?,
        resolution,
    };
    let mut conn = state.database.get().await?;
    let mut found = payments::list(&mut conn, &filter, before, limit + 1).await?;
    let next_cursor =
        paging::cut(&mut found, limit).map(|last| paging::write_cursor(last.created_at, last.id));
    let items = found.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Page::<api::payment::Payment> { items, next_cursor }))
}

fn text(field: &'static str, given: Option<&str>) -> Result<Option<String>, ApiError> {
    given
        .map(|text| bounded(text, 0, LONGEST_TEXT).ok_or(ApiError::Invalid(field)))
        .transpose()
}

fn read_cursor(text: &str) -> Option<PaymentCursor> {
    let (created_at, id) = paging::read_cursor(text)?;
    Some(PaymentCursor { created_at, id })
}
