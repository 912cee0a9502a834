//! Closures over stays of ours, for a person to decide.

use actix_web::{HttpResponse, web};
use api::feed::{Conflict, ResolveConflictRequest};
use diesel_async::AsyncConnection as _;
use serde_json::json;
use service::bounded_text::bounded;
use service::http::paging::{self, Asked};
use service::http::{Json, Query};
use service::internal::Actor;
use storage::{calendar_conflicts, timeline};
use uuid::Uuid;

use crate::http::error::ApiError;
use crate::state::AppState;

type Answer = Result<HttpResponse, ApiError>;

/// How many are shown at most.
const MOST: i64 = 200;

/// The open conflicts, oldest first: 200, 422.
pub(in crate::http) async fn list(state: web::Data<AppState>, Query(asked): Query<Asked>) -> Answer {
    let limit = paging::limit(asked.limit, MOST)?;
    let after = paging::cursor(asked.cursor.as_deref(), paging::read_cursor)?;
    let mut conn = state.database.get().await?;
    let mut open = calendar_conflicts::open(&mut conn, after, limit + 1).await?;
    let next_cursor = paging::cut(&mut open, limit).map(|last| paging::write_cursor(last.found_at, last.id));
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
    Ok(HttpResponse::Ok().json(api::Page { items, next_cursor }))
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
    let (id, by) = (*id, actor.to_string());
    conn.transaction(async |conn| {
        let stay = calendar_conflicts::close(conn, id, &by, Some(&decision), context.now)
            .await?
            .ok_or(ApiError::NotFound)?;
        let detail = json!({ "conflict_id": id, "by": by, "decision": decision });
        timeline::append(conn, &context, stay, "calendar_conflict_resolved", detail).await?;
        Ok::<_, ApiError>(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
