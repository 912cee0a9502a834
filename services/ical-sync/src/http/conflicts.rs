//! Closures over stays of ours, for a person to decide.

use actix_web::{HttpResponse, web};
use api::feed::{Conflict, ResolveConflictRequest};
use diesel_async::AsyncConnection as _;
use serde_json::json;
use service::bounded_text::bounded;
use service::http::Json;
use service::internal::Actor;
use storage::{calendar_conflicts, timeline};
use uuid::Uuid;

use crate::http::error::ApiError;
use crate::state::AppState;

type Answer = Result<HttpResponse, ApiError>;

/// More conflicts than a person can decide on.
const MOST: i64 = 5_000;

pub(in crate::http) async fn list(state: web::Data<AppState>) -> Answer {
    let mut conn = state.database.get().await?;
    let open = calendar_conflicts::open(&mut conn, MOST).await?;
    let items: Vec<Conflict> = open
        .into_iter()
        .map(|conflict| Conflict {
            id: conflict.id,
            accommodation_id: conflict.accommodation_id,
            accommodation: conflict.accommodation,
            channel: conflict.channel,
            starts_on: conflict.starts_on,
            ends_on: conflict.ends_on,
            reservation_code: conflict.code,
            check_in: conflict.check_in,
            check_out: conflict.check_out,
            found_at: conflict.found_at,
        })
        .collect();
    Ok(HttpResponse::Ok().json(api::Page {
        items,
        next_cursor: None,
    }))
}

/// Closes a conflict with a person's decision, which is kept: 204, 404 if it is not open.
pub(in crate::http) async fn resolve(
    state: web::Data<AppState>,
    id: web::Path<Uuid>,
    actor: Actor,
    Json(request): Json<ResolveConflictRequest>,
) -> Answer {
    let decision = bounded(&request.decision, 1, 500).ok_or(ApiError::Decision)?;
    let context = state.own_context();
    let mut conn = state.database.get().await?;
    let open = calendar_conflicts::open(&mut conn, MOST).await?;
    let conflict = open
        .into_iter()
        .find(|conflict| conflict.id == *id)
        .ok_or(ApiError::NotFound)?;
    let by = actor.to_string();
    conn.transaction(async |conn| {
        calendar_conflicts::close(conn, conflict.id, &by, Some(&decision), context.now).await?;
        let detail = json!({ "conflict_id": conflict.id, "by": by, "decision": decision });
        timeline::append(
            conn,
            &context,
            conflict.reservation_id,
            "calendar_conflict_resolved",
            detail,
        )
        .await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
