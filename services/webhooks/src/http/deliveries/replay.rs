//! Working on a delivery once more.

use actix_web::{HttpResponse, web};
use service::internal::Actor;
use uuid::Uuid;

use crate::http::error::ApiError;
use crate::state::AppState;
use crate::use_cases::replay;

/// Announces a delivery again: 202, 404, 409 `dead-delivery`.
#[tracing::instrument(name = "http.deliveries.replay", skip_all)]
pub(in crate::http) async fn replay(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let mut conn = state.database.get().await?;
    let event_id = replay::replay(&mut conn, &state.context(), *id).await?;
    tracing::info!(delivery.id = %id, event.id = %event_id, by = role(&actor), "a delivery is replayed");
    Ok(HttpResponse::Accepted().json(api::delivery::Replayed {
        delivery_id: *id,
        event_id,
    }))
}

/// Who asked, without the person's address.
fn role(actor: &Actor) -> &'static str {
    match actor {
        Actor::Guest => "guest",
        Actor::Staff(_) => "staff",
        Actor::System(_) => "system",
    }
}
