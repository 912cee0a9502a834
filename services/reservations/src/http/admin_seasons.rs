//! A lodging's seasons.

use actix_web::{HttpResponse, web};
use api::season::{Season as WireSeason, SeasonDraft};
use domain::accommodation::{AccommodationId, Season, SeasonPrice};
use domain::money::{BasisPoints, Currency};
use service::bounded_text::bounded;
use service::http::{Json, NoParameters, Query};
use service::internal::Actor;
use storage::seasons::{self, StoredSeason};
use storage::{Connection, accommodations};

use super::actor::staff;
use super::error::{About, ApiError};
use crate::state::AppState;
use crate::use_cases::change_season;

/// The seasons of a lodging by first night: 200, 404 `accommodation-not-found`, 422 `invalid-request`.
#[tracing::instrument(name = "http.admin_seasons.list", skip_all)]
pub(super) async fn list(
    state: web::Data<AppState>,
    caller: Actor,
    id: web::Path<i64>,
    _query: Query<NoParameters>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    let id = AccommodationId(*id);
    let conn = state.database.get().await?;
    let currency = currency(&conn, id).await?;
    let found = seasons::list(&conn, id, currency).await?;
    let items: Vec<WireSeason> = found.iter().map(view).collect();
    Ok(HttpResponse::Ok().json(api::Page {
        items,
        next_cursor: None,
    }))
}

/// Enters a season: 201, 404, 409 `season-overlaps`, 422 `invalid-season`.
#[tracing::instrument(name = "http.admin_seasons.create", skip_all)]
pub(super) async fn create(
    state: web::Data<AppState>,
    caller: Actor,
    id: web::Path<i64>,
    request: Json<SeasonDraft>,
) -> Result<HttpResponse, ApiError> {
    let context = state.context(staff(&caller)?);
    let accommodation = AccommodationId(*id);
    let mut conn = state.database.get().await?;
    let season = season(&request.0, currency(&conn, accommodation).await?)?;
    let id = change_season::enter(&mut conn, &context, accommodation, &season).await?;
    let location = format!("/api/v1/admin/accommodations/{accommodation}/seasons/{id}");
    let entered = StoredSeason {
        id,
        accommodation,
        season,
        updated_at: context.now,
    };
    let mut response = HttpResponse::Created();
    Ok(response
        .insert_header(("location", location))
        .json(view(&entered)))
}

/// Replaces a season: 200, 404, 409 `season-overlaps`, 422 `invalid-season`.
#[tracing::instrument(name = "http.admin_seasons.replace", skip_all)]
pub(super) async fn replace(
    state: web::Data<AppState>,
    caller: Actor,
    path: web::Path<(i64, i64)>,
    request: Json<SeasonDraft>,
) -> Result<HttpResponse, ApiError> {
    let context = state.context(staff(&caller)?);
    let (accommodation, id) = path.into_inner();
    let accommodation = AccommodationId(accommodation);
    let mut conn = state.database.get().await?;
    let season = season(&request.0, currency(&conn, accommodation).await?)?;
    change_season::replace(&mut conn, &context, accommodation, id, &season).await?;
    let replaced = StoredSeason {
        id,
        accommodation,
        season,
        updated_at: context.now,
    };
    Ok(HttpResponse::Ok().json(view(&replaced)))
}

/// Removes a season: 204, 404.
#[tracing::instrument(name = "http.admin_seasons.remove", skip_all)]
pub(super) async fn remove(
    state: web::Data<AppState>,
    caller: Actor,
    path: web::Path<(i64, i64)>,
) -> Result<HttpResponse, ApiError> {
    let context = state.context(staff(&caller)?);
    let (accommodation, id) = path.into_inner();
    let mut conn = state.database.get().await?;
    change_season::remove(&mut conn, &context, AccommodationId(accommodation), id).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn currency(conn: &Connection, id: AccommodationId) -> Result<Currency, ApiError> {
    let found = accommodations::find(conn, id).await?;
    let found = found.ok_or(ApiError::UnknownAccommodation)?;
    Ok(found.facts.terms.currency())
}

fn season(draft: &SeasonDraft, currency: Currency) -> Result<Season, ApiError> {
    let refused = |field, code, detail: &str| ApiError::invalid(About::Season, field, code, detail);
    let name = bounded(&draft.name, 1, 120)
        .ok_or_else(|| refused("name", "out_of_range", "from 1 to 120 characters"))?;
    if draft.ends_on <= draft.starts_on {
        return Err(refused(
            "ends_on",
            "not_after_starts_on",
            "a season has at least one night",
        ));
    }
    if draft
        .min_nights
        .is_some_and(|nights| !(1..=365).contains(&nights))
    {
        return Err(refused("min_nights", "out_of_range", "from 1 to 365"));
    }
    let price = match (&draft.price, draft.multiplier_bp) {
        (Some(price), None) => {
            let price = price
                .decode()
                .map_err(|_invalid| refused("price", "malformed", "an amount"))?;
            if price.currency() != currency {
                return Err(refused(
                    "price",
                    "wrong_currency",
                    "a season has the lodging's currency",
                ));
            }
            if !(1..=1_000_000_000_000).contains(&price.minor()) {
                return Err(refused("price", "out_of_range", "above zero"));
            }
            SeasonPrice::Fixed(price)
        }
        (None, Some(rate)) if (1_000..=100_000).contains(&rate) => SeasonPrice::Multiplier(BasisPoints(rate)),
        (None, Some(_)) => return Err(refused("multiplier_bp", "out_of_range", "from 1000 to 100000")),
        (Some(_), Some(_)) | (None, None) => {
            return Err(refused("price", "one_of", "either price or multiplier_bp"));
        }
    };
    Ok(Season {
        name,
        starts_on: draft.starts_on,
        ends_on: draft.ends_on,
        price,
        min_nights: draft.min_nights,
    })
}

fn view(stored: &StoredSeason) -> WireSeason {
    let (price, multiplier_bp) = match stored.season.price {
        SeasonPrice::Fixed(price) => (Some(price.into()), None),
        SeasonPrice::Multiplier(rate) => (None, Some(rate.0)),
    };
    WireSeason {
        id: stored.id,
        accommodation_id: stored.accommodation.0,
        name: stored.season.name.clone(),
        starts_on: stored.season.starts_on,
        ends_on: stored.season.ends_on,
        price,
        multiplier_bp,
        min_nights: stored.season.min_nights,
        updated_at: stored.updated_at,
    }
}
