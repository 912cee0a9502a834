//! One delivery with its bytes.

use actix_web::{HttpResponse, web};
use storage::webhook_deliveries;
use uuid::Uuid;

use super::view;
use crate::http::error::ApiError;
use crate::state::AppState;

/// Shows a delivery as it came: 200, 404.
#[tracing::instrument(name = "http.deliveries.show", skip_all)]
pub(in crate::http) async fn show(
    state: web::Data<AppState>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let mut conn = state.database.get().await?;
    let found = webhook_deliveries::find(&mut conn, *id)
        .await?
        .ok_or(ApiError::UnknownDelivery)?;
    let body = String::from_utf8_lossy(&found.body).into_owned();
    Ok(HttpResponse::Ok().json(api::delivery::DeliveryDetail {
        delivery: view(found.summary),
        query: found.query,
        headers: found.headers,
        body,
    }))
}
