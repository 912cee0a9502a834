//! The secrets by which channels read our calendars.

use actix_web::{HttpResponse, web};
use api::feed::{CreateExportTokenRequest, ExportToken};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel_async::AsyncConnection as _;
use service::http::{Json, NoParameters, Query};
use storage::ical_export_tokens::{self, ExportToken as Stored};

use crate::http::error::ApiError;
use crate::state::AppState;

type Answer = Result<HttpResponse, ApiError>;

pub(in crate::http) async fn list(
    state: web::Data<AppState>,
    id: web::Path<i64>,
    _query: Query<NoParameters>,
) -> Answer {
    let mut conn = state.database.get().await?;
    let tokens = ical_export_tokens::live_of(&mut conn, *id).await?;
    let items: Vec<ExportToken> = tokens.iter().map(|token| shown(&state, token)).collect();
    Ok(HttpResponse::Ok().json(api::Page {
        items,
        next_cursor: None,
    }))
}

/// Gives a channel a calendar: 201, 409 if it has one.
pub(in crate::http) async fn create(
    state: web::Data<AppState>,
    id: web::Path<i64>,
    Json(request): Json<CreateExportTokenRequest>,
) -> Answer {
    let channel: calendar::Channel = request.channel.parse().or(Err(ApiError::UnknownChannel))?;
    let mut conn = state.database.get().await?;
    let token =
        ical_export_tokens::insert(&mut conn, *id, channel.as_str(), &new_token(), state.clock.now()).await?;
    Ok(HttpResponse::Created().json(shown(&state, &token)))
}

/// Ends the token and makes another for the same channel: 200.
pub(in crate::http) async fn rotate(state: web::Data<AppState>, id: web::Path<i64>) -> Answer {
    let now = state.clock.now();
    let mut conn = state.database.get().await?;
    let old = ical_export_tokens::find_live(&mut conn, *id)
        .await?
        .ok_or(ApiError::NotFound)?;
    let token = conn
        .transaction(async |conn| {
            ical_export_tokens::revoke(conn, old.id, now).await?;
            ical_export_tokens::insert(conn, old.accommodation_id, &old.channel, &new_token(), now).await
        })
        .await?;
    state.exports.invalidate_all();
    Ok(HttpResponse::Ok().json(shown(&state, &token)))
}

/// Ends the token: 204.
pub(in crate::http) async fn revoke(state: web::Data<AppState>, id: web::Path<i64>) -> Answer {
    let mut conn = state.database.get().await?;
    let old = ical_export_tokens::find_live(&mut conn, *id)
        .await?
        .ok_or(ApiError::NotFound)?;
    ical_export_tokens::revoke(&mut conn, old.id, state.clock.now()).await?;
    state.exports.invalidate_all();
    Ok(HttpResponse::NoContent().finish())
}

/// 144 random bits.
fn new_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 18]>())
}

fn shown(state: &AppState, token: &Stored) -> ExportToken {
    let base = state.settings.public_base_url.trim_end_matches('/');
    ExportToken {
        id: token.id,
        accommodation_id: token.accommodation_id,
        channel: token.channel.clone(),
        url: format!(
            "{base}/api/v1/ical/export/{}/{}.ics",
            token.accommodation_id, token.token
        ),
        created_at: token.created_at,
        last_read_at: token.last_read_at,
    }
}
