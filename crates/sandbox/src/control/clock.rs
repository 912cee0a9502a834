//! `/_control/clock`: the time of the played world.

use actix_web::{HttpResponse, web::Json};
use serde::Deserialize;
use serde_json::json;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::state::App;

/// `GET /_control/clock`.
pub(crate) async fn read(app: App) -> HttpResponse {
    let now = app.clock.now().format(&Rfc3339).unwrap_or_default();
    HttpResponse::Ok().json(json!({ "now": now }))
}

/// Without any field the clock is real again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// Stand still here.
    #[serde(default, with = "time::serde::rfc3339::option")]
    now: Option<OffsetDateTime>,
    /// Move by this much.
    advance_seconds: Option<i64>,
}

/// `POST /_control/clock`.
pub(crate) async fn change(app: App, change: Json<Change>) -> HttpResponse {
    match change.advance_seconds {
        Some(seconds) if change.now.is_none() => app.clock.advance(Duration::seconds(seconds)),
        _ => app.clock.set(change.now),
    }
    read(app).await
}
