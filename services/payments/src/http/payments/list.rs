//! Which payments there are.

use actix_web::{HttpResponse, web};
use api::Page;
use serde::Deserialize;
use service::bounded_text::bounded;
use service::page;
use storage::payments::{self, PaymentCursor, PaymentFilter, Resolution};

use super::view;
use crate::http::error::ApiError;
use crate::state::AppState;

/// As long as the provider lets a reference be.
const LONGEST_TEXT: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Query {
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
    query: web::Query<Query>,
) -> Result<HttpResponse, ApiError> {
    let query = query.into_inner();
    let resolution = match query.resolution {
        None => None,
        Some(name) => Some(Resolution::named(&name).ok_or(ApiError::Invalid("resolution"))?),
    };
    let before = match query.cursor {
        None => None,
        Some(text) => Some(read_cursor(&text).ok_or(ApiError::Invalid("cursor"))?),
    };
    let filter = PaymentFilter {
        state: text("state", query.state.as_deref())?,
        reference: text("reference", query.reference.as_deref())?,
        resolution,
    };
    let limit = page::limit(query.limit).ok_or(ApiError::Invalid("limit"))?;
    let mut conn = state.database.get().await?;
    let mut found = payments::list(&mut conn, &filter, before, limit + 1).await?;
    let next_cursor = page::cut(&mut found, limit).map(|last| page::write_cursor(last.created_at, last.id));
    let items = found.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Page::<api::payment::Payment> { items, next_cursor }))
}

fn text(field: &'static str, given: Option<&str>) -> Result<Option<String>, ApiError> {
    given
        .map(|text| bounded(text, 0, LONGEST_TEXT).ok_or(ApiError::Invalid(field)))
        .transpose()
}

fn read_cursor(text: &str) -> Option<PaymentCursor> {
    let (created_at, id) = page::read_cursor(text)?;
    Some(PaymentCursor { created_at, id })
}
