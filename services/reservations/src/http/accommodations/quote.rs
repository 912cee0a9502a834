use actix_web::{HttpResponse, web};
use api::quote::StayQuote;
use domain::accommodation::AccommodationId;
use domain::stay::Stay;
use serde::Deserialize;
use service::http::Query;
use storage::reservations;

use crate::http::error::ApiError;
use crate::http::iso_date;
use crate::state::AppState;
use crate::use_cases::hold_nights::offer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Wish {
    check_in: String,
    check_out: String,
    #[serde(default = "two")]
    guests: u16,
}

fn two() -> u16 {
    2
}

/// What a stay costs, night by night: 200, 404 `accommodation-not-found`, 422 `invalid-stay`.
#[tracing::instrument(name = "http.accommodations.quote", skip_all)]
pub(in crate::http) async fn quote(
    state: web::Data<AppState>,
    id: web::Path<i64>,
    Query(wish): Query<Wish>,
) -> Result<HttpResponse, ApiError> {
    let check_in = iso_date::parse("check_in", &wish.check_in)?;
    let stay = Stay::new(check_in, iso_date::parse("check_out", &wish.check_out)?)?;
    let id = AccommodationId(*id);
    let conn = state.database.get().await?;
    let now = state.clock.now();
    let offer = offer(&conn, id, stay, wish.guests, now, state.policy.horizon).await?;
    let closed = reservations::closed(&conn, id, stay.check_in(), stay.check_out()).await?;
    Ok(HttpResponse::Ok().json(StayQuote {
        accommodation_id: id.0,
        check_in: stay.check_in(),
        check_out: stay.check_out(),
        guests: wish.guests,
        available: closed.is_empty(),
        quote: (&offer.quote).into(),
    }))
}
