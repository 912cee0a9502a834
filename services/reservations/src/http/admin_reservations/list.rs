use actix_web::{HttpResponse, web};
use api::Page;
use api::reservation::ReservationSummary;
use serde::Deserialize;
use service::http::{Query, paging};
use service::internal::Actor;
use storage::reservations::{self, Cursor, Summary};

use super::filter::Conditions;
use crate::http::actor::staff;
use crate::http::error::ApiError;
use crate::state::AppState;

/// How many are shown at most.
const MOST: i64 = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Wish {
    accommodation_id: Option<i64>,
    from: Option<String>,
    to: Option<String>,
    status: Option<String>,
    text: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Reservations, newest first: 200, 422 `invalid-request`.
#[tracing::instrument(name = "http.admin_reservations.list", skip_all)]
pub(in crate::http) async fn list(
    state: web::Data<AppState>,
    caller: Actor,
    Query(wish): Query<Wish>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    let limit = paging::limit(wish.limit, MOST)?;
    let after = paging::cursor(wish.cursor.as_deref(), read_cursor)?;
    let conditions = Conditions {
        accommodation_id: wish.accommodation_id,
        from: wish.from,
        to: wish.to,
        status: wish.status,
        text: wish.text,
    };
    let filter = conditions.filter()?;
    let conn = state.database.get().await?;
    let mut found = reservations::list(&conn, &filter, after, limit + 1).await?;
    let next_cursor =
        paging::cut(&mut found, limit).map(|last| paging::write_cursor(last.created_at, last.id));
    let items: Vec<ReservationSummary> = found.into_iter().map(summary).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor }))
}

fn read_cursor(text: &str) -> Option<Cursor> {
    let (created_at, id) = paging::read_cursor(text)?;
    Some(Cursor { created_at, id })
}

pub(super) fn summary(found: Summary) -> ReservationSummary {
    ReservationSummary {
        id: found.id,
        code: found.code,
        status: found.status.as_str().to_owned(),
        payment_status: found.payment_status.as_str().to_owned(),
        accommodation_id: found.accommodation.0,
        accommodation_name: found.accommodation_name,
        check_in: found.stay.check_in(),
        check_out: found.stay.check_out(),
        nights: found.stay.nights(),
        guests: found.guests,
        channel: found.channel.as_str().to_owned(),
        contact_name: found.contact_name,
        contact_phone: found.contact_phone,
        contact_email: found.contact_email,
        total: found.total.into(),
        deposit: found.deposit.into(),
        paid: found.paid.into(),
        expires_at: found.expires_at,
        created_at: found.created_at,
        updated_at: found.updated_at,
    }
}
