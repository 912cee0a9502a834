//! Which deliveries came.

use actix_web::{HttpResponse, web};
use api::Page;
use serde::Deserialize;
use service::bounded_text::bounded;
use service::http::query::InvalidParameter;
use service::http::{Query, paging};
use storage::webhook_deliveries::{self, DeliveryCursor, DeliveryFilter, Source, Verdict};

use super::view;
use crate::http::error::ApiError;
use crate::state::AppState;

/// How many are shown at most.
const MOST: i64 = 200;

/// Longer than any provider's id.
const LONGEST_RESOURCE_ID: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Wish {
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
    Query(wish): Query<Wish>,
) -> Result<HttpResponse, ApiError> {
    let filter = DeliveryFilter {
        source: known(wish.source.as_deref(), Source::named, "source")?,
        verdict: known(wish.verdict.as_deref(), Verdict::named, "verdict")?,
        resource_id: known(wish.resource_id.as_deref(), resource_id, "resource_id")?,
        processed: wish.processed,
    };
    let before = paging::cursor(wish.cursor.as_deref(), read_cursor)?;
    let limit = paging::limit(wish.limit, MOST)?;

    let mut conn = state.database.get().await?;
    let mut found = webhook_deliveries::list(&mut conn, &filter, before, limit + 1).await?;
    let next_cursor =
        paging::cut(&mut found, limit).map(|last| paging::write_cursor(last.received_at, last.id));
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
) -> Result<Option<T>, InvalidParameter> {
    let unknown = || InvalidParameter::new(name, "unknown", "not a known value");
    text.map(|text| read(text).ok_or_else(unknown)).transpose()
}

fn read_cursor(text: &str) -> Option<DeliveryCursor> {
    let (received_at, id) = paging::read_cursor(text)?;
    Some(DeliveryCursor { received_at, id })
}
