//! Which deliveries came.

use actix_web::{HttpResponse, web};
use api::Page;
use serde::Deserialize;
use service::bounded_text::bounded;
use service::page;
use storage::webhook_deliveries::{self, DeliveryCursor, DeliveryFilter, Source, Verdict};

use super::view;
use crate::http::error::ApiError;
use crate::state::AppState;

/// Longer than any provider's id.
const LONGEST_RESOURCE_ID: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Query {
    source: Option<String>,
    verdict: Option<String>,
    resource_id: Option<String>,
    processed: Option<bool>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Lists deliveries, newest first: 200, 422.
#[tracing::instrument(name = "http.deliveries.list", skip_all)]
pub(in crate::http) async fn list(
    state: web::Data<AppState>,
    query: web::Query<Query>,
) -> Result<HttpResponse, ApiError> {
    let query = query.into_inner();
    let filter = DeliveryFilter {
        source: known(query.source.as_deref(), Source::named, "source")?,
        verdict: known(query.verdict.as_deref(), Verdict::named, "verdict")?,
        resource_id: known(query.resource_id.as_deref(), resource_id, "resource_id")?,
        processed: query.processed,
    };
    let before = known(query.cursor.as_deref(), read_cursor, "cursor")?;
    let limit = page::limit(query.limit).ok_or(ApiError::InvalidParameter("limit"))?;

    let mut conn = state.database.get().await?;
    let mut found = webhook_deliveries::list(&mut conn, &filter, before, limit + 1).await?;
    let next_cursor = page::cut(&mut found, limit).map(|last| page::write_cursor(last.received_at, last.id));
    let items = found.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Page::<api::delivery::Delivery> { items, next_cursor }))
}

fn resource_id(text: &str) -> Option<String> {
    bounded(text, 0, LONGEST_RESOURCE_ID)
}

fn known<T>(
    text: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
    name: &'static str,
) -> Result<Option<T>, ApiError> {
    text.map(|text| read(text).ok_or(ApiError::InvalidParameter(name)))
        .transpose()
}

fn read_cursor(text: &str) -> Option<DeliveryCursor> {
    let (received_at, id) = page::read_cursor(text)?;
    Some(DeliveryCursor { received_at, id })
}
