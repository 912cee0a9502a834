//! One payment with its refunds.

use actix_web::{HttpResponse, web};
use storage::{payments, refunds};
use uuid::Uuid;

use super::{decision_view, refund_view, view};
use crate::http::error::ApiError;
use crate::state::AppState;

/// Shows a payment: 200, 404.
#[tracing::instrument(name = "http.payments.show", skip_all)]
pub(in crate::http) async fn show(
    state: web::Data<AppState>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let mut conn = state.database.get().await?;
    let payment = payments::find(&mut conn, *id)
        .await?
        .ok_or(ApiError::UnknownPayment)?;
    let refunds = refunds::of_payment(&mut conn, *id).await?;
    let decisions = payments::decisions_of(&mut conn, *id).await?;
    Ok(HttpResponse::Ok().json(api::payment::PaymentDetail {
        payment: view(payment),
        refunds: refunds.into_iter().map(refund_view).collect(),
        decisions: decisions.into_iter().map(decision_view).collect(),
    }))
}
