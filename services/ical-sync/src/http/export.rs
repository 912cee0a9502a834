//! The calendar that a channel reads: 200, 304, or 404 for an unknown or revoked token alike.

use actix_web::http::header::{
    CACHE_CONTROL, ETAG, Header as _, HttpDate, IF_MODIFIED_SINCE, IfModifiedSince, IfNoneMatch,
    LAST_MODIFIED,
};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::accommodation::AccommodationId;
use storage::ical_export_tokens;

use crate::http::error::ApiError;
use crate::state::AppState;
use crate::use_cases::export::{Exported, export};

/// How often a reading is written down.
const NOTED: time::Duration = time::Duration::MINUTE;

pub(in crate::http) async fn show(
    state: web::Data<AppState>,
    path: web::Path<(i64, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let key = path.into_inner();
    let read = state
        .exports
        .try_get_with(key.clone(), read(&state, key.0, &key.1))
        .await;
    let exported = read?;
    let unchanged = is_unchanged(&request, &exported);
    let mut response = if unchanged {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((ETAG, exported.etag.as_str()))
        .insert_header((
            LAST_MODIFIED,
            HttpDate::from(std::time::SystemTime::from(exported.modified_at)),
        ))
        .insert_header((CACHE_CONTROL, "no-cache"));
    if unchanged {
        return Ok(response.finish());
    }
    Ok(response
        .content_type("text/calendar; charset=utf-8")
        .body(exported.body))
}

async fn read(state: &AppState, accommodation: i64, token: &str) -> Result<Exported, ApiError> {
    let mut conn = state.database.get().await?;
    let tokens = ical_export_tokens::live_of(&mut conn, accommodation).await?;
    let mut found = None;
    for candidate in tokens {
        if service::secret::equal(candidate.token.as_bytes(), token.as_bytes()) {
            found = Some(candidate);
        }
    }
    let found = found.ok_or(ApiError::NotFound)?;
    let now = state.clock.now();
    if found.last_read_at.is_none_or(|read_at| NOTED < now - read_at) {
        ical_export_tokens::note_read(&mut conn, found.id, now).await?;
    }
    let channel = found.channel;
    let (lodging, domain) = (AccommodationId(accommodation), &state.settings.ical_uid_domain);
    export(&mut conn, lodging, &channel, domain, now)
        .await?
        .ok_or(ApiError::NotFound)
}

/// `If-None-Match` wins over `If-Modified-Since`.
fn is_unchanged(request: &HttpRequest, exported: &Exported) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => return true,
        Ok(IfNoneMatch::Items(tags)) if !tags.is_empty() => {
            return exported
                .etag
                .parse()
                .is_ok_and(|etag| tags.iter().any(|tag| tag.weak_eq(&etag)));
        }
        _ => {}
    }
    if !request.headers().contains_key(IF_MODIFIED_SINCE) {
        return false;
    }
    let whole_second = exported
        .modified_at
        .replace_nanosecond(0)
        .unwrap_or(exported.modified_at);
    IfModifiedSince::parse(request).is_ok_and(|IfModifiedSince(since)| {
        std::time::SystemTime::from(whole_second) <= std::time::SystemTime::from(since)
    })
}
