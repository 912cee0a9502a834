use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::stream;
use service::http::Query;
use service::internal::Actor;
use storage::reservations::{self, Cursor, Filter};

use super::csv;
use super::filter::Conditions;
use crate::http::actor::staff;
use crate::http::error::ApiError;
use crate::state::AppState;

/// Reservations read at a time, and the most of them in a file.
const PAGE: i64 = 500;
const MOST_PAGES: usize = 200;

/// Reservations as a file, newest first, at most 100,000: 200, 422 `invalid-request`.
#[tracing::instrument(name = "http.admin_reservations.export", skip_all)]
pub(in crate::http) async fn export(
    state: web::Data<AppState>,
    caller: Actor,
    Query(conditions): Query<Conditions>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    let filter = conditions.filter()?;
    // The first page is read before the answer begins, so that a failure is an honest status.
    let (first, next) = page(&state, &filter, None).await?;
    let first = format!("{}{first}", csv::HEADER);
    let rest = stream::try_unfold((next, 1), move |(next, pages)| {
        let (state, filter) = (state.clone(), filter.clone());
        async move {
            match next {
                Some(cursor) if pages < MOST_PAGES => {
                    let (text, next) = page(&state, &filter, Some(cursor)).await?;
                    Ok::<_, ApiError>(Some((Bytes::from(text), (next, pages + 1))))
                }
                Some(_) | None => Ok(None),
            }
        }
    });
    let body = futures_util::StreamExt::chain(stream::iter([Ok(Bytes::from(first))]), rest);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"reservas.csv\""))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(body))
}

async fn page(
    state: &AppState,
    filter: &Filter,
    after: Option<Cursor>,
) -> Result<(String, Option<Cursor>), ApiError> {
    let conn = state.database.get().await?;
    let found = reservations::list(&conn, filter, after, PAGE).await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
    let next = found.last().filter(|_| full).map(reservations::Summary::cursor);
    Ok((found.iter().map(csv::line).collect(), next))
}
