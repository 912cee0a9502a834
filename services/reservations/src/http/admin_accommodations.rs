//! Lodgings as the staff writes them.

mod draft;

use actix_web::{HttpResponse, web};
use api::accommodation::AccommodationDraft;
use domain::accommodation::AccommodationId;
use service::http::paging::Asked;
use service::http::{Json, Query};
use service::internal::Actor;
use storage::accommodations::{self, Which};

use super::accommodations::page;
use super::accommodations::view::admin_view;
use super::actor::staff;
use super::error::ApiError;
use crate::state::AppState;
use crate::use_cases::change_accommodation;

/// Every lodging: 200, 422 `invalid-request`.
#[tracing::instrument(name = "http.admin_accommodations.list", skip_all)]
pub(super) async fn list(
    state: web::Data<AppState>,
    caller: Actor,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    let page = page(&state, &asked, Which::All, admin_view).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// One lodging: 200, 404 `accommodation-not-found`.
#[tracing::instrument(name = "http.admin_accommodations.show", skip_all)]
pub(super) async fn show(
    state: web::Data<AppState>,
    caller: Actor,
    id: web::Path<i64>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    answer(&state, AccommodationId(*id)).await
}

/// Enters a lodging: 201, 422 `invalid-accommodation`.
#[tracing::instrument(name = "http.admin_accommodations.create", skip_all)]
pub(super) async fn create(
    state: web::Data<AppState>,
    caller: Actor,
    request: Json<AccommodationDraft>,
) -> Result<HttpResponse, ApiError> {
    let context = state.context(staff(&caller)?);
    let facts = draft::facts(&request.0)?;
    let mut conn = state.database.get().await?;
    let entered = change_accommodation::enter(&mut conn, &context, &facts).await?;
    let location = format!("/api/v1/admin/accommodations/{}", entered.id);
    let mut response = HttpResponse::Created();
    Ok(response
        .insert_header(("location", location))
        .json(admin_view(&entered)))
}

/// Replaces a lodging: 200, 404 `accommodation-not-found`, 422 `invalid-accommodation`.
#[tracing::instrument(name = "http.admin_accommodations.replace", skip_all)]
pub(super) async fn replace(
    state: web::Data<AppState>,
    caller: Actor,
    id: web::Path<i64>,
    request: Json<AccommodationDraft>,
) -> Result<HttpResponse, ApiError> {
    let context = state.context(staff(&caller)?);
    let facts = draft::facts(&request.0)?;
    let mut conn = state.database.get().await?;
    let replaced = change_accommodation::replace(&mut conn, &context, AccommodationId(*id), &facts).await?;
    Ok(HttpResponse::Ok().json(admin_view(&replaced)))
}

/// Opens a lodging for booking: 200, 404 `accommodation-not-found`.
#[tracing::instrument(name = "http.admin_accommodations.activate", skip_all)]
pub(super) async fn activate(
    state: web::Data<AppState>,
    caller: Actor,
    id: web::Path<i64>,
) -> Result<HttpResponse, ApiError> {
    set_active(&state, &caller, AccommodationId(*id), true).await
}

/// Closes a lodging for booking: 200, 404 `accommodation-not-found`.
#[tracing::instrument(name = "http.admin_accommodations.deactivate", skip_all)]
pub(super) async fn deactivate(
    state: web::Data<AppState>,
    caller: Actor,
    id: web::Path<i64>,
) -> Result<HttpResponse, ApiError> {
    set_active(&state, &caller, AccommodationId(*id), false).await
}

async fn set_active(
    state: &AppState,
    caller: &Actor,
    id: AccommodationId,
    active: bool,
) -> Result<HttpResponse, ApiError> {
    let context = state.context(staff(caller)?);
    let mut conn = state.database.get().await?;
    change_accommodation::set_active(&mut conn, &context, id, active).await?;
    drop(conn);
    answer(state, id).await
}

async fn answer(state: &AppState, id: AccommodationId) -> Result<HttpResponse, ApiError> {
    let conn = state.database.get().await?;
    let found = accommodations::find(&conn, id).await?;
    let found = found.ok_or(ApiError::UnknownAccommodation)?;
    Ok(HttpResponse::Ok().json(admin_view(&found)))
}
