//! A person decides on parked money.

use actix_web::{HttpResponse, web};
use api::payment::{ParkedDecision, ResolveRequest};
use service::bounded_text::bounded;
use service::http::Json;
use service::internal::Actor;
use uuid::Uuid;

use crate::http::error::ApiError;
use crate::http::payments::{LONGEST_REASON, actor, view};
use crate::state::AppState;
use crate::use_cases::resolve_parked::{Decision, resolve_parked};

/// Carries out a decision: 200, 404, 409, 422.
#[tracing::instrument(name = "http.payments.resolve", skip_all)]
pub(in crate::http) async fn resolve(
    state: web::Data<AppState>,
    by: Actor,
    id: web::Path<Uuid>,
    Json(request): Json<ResolveRequest>,
) -> Result<HttpResponse, ApiError> {
    let reason = bounded(&request.reason, 1, LONGEST_REASON).ok_or(ApiError::Invalid("reason"))?;
    let decision = match request.decision {
        ParkedDecision::Credit => {
            let code = request.reservation_code.as_deref().map(str::parse).transpose();
            Decision::Credit(code.or(Err(ApiError::Invalid("reservation_code")))?)
        }
        ParkedDecision::Refund => Decision::Refund,
        ParkedDecision::Dismiss => Decision::Dismiss,
    };
    let context = state.context_of(actor(by));
    let mut conn = state.database.get().await?;
    let payment = resolve_parked(&mut conn, &context, *id, &decision, &reason).await?;
    state.refunds_due.nudge();
    Ok(HttpResponse::Ok().json(view(payment)))
}
