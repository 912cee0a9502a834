//! On-call compares a span of time with the provider.

use actix_web::{HttpResponse, web};
use api::payment::{ReconcileRequest, Reconciliation, ReconciliationDifference};
use service::http::Json;

use crate::http::error::ApiError;
use crate::state::AppState;
use crate::use_cases::reconcile::{self, Difference};

/// Compares, repairs what is certain, parks the rest: 200, 503.
#[tracing::instrument(name = "http.payments.reconcile", skip_all)]
pub(super) async fn reconcile(
    state: web::Data<AppState>,
    Json(request): Json<ReconcileRequest>,
) -> Result<HttpResponse, ApiError> {
    let found = reconcile::reconcile(&state, request.since).await?;
    let differences = |list: Vec<Difference>| list.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Reconciliation {
        compared: u32::try_from(found.compared).unwrap_or(u32::MAX),
        repaired: differences(found.repaired),
        parked: differences(found.parked),
        failed: found.failed,
    }))
}

fn view(difference: Difference) -> ReconciliationDifference {
    ReconciliationDifference {
        provider_payment_id: difference.payment,
        missing: difference.missing,
        now: difference.now,
    }
}
