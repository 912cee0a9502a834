//! Periods with a price or a minimum stay of their own.

use api::page::Page;
use api::season::{Season, SeasonDraft};

use crate::http::call::{Answer, AnyRole, Host, StaffCall};
use crate::http::docs::Problem;

/// A lodging's seasons, in order.
#[utoipa::path(
    get, path = "/api/v1/admin/accommodations/{id}/seasons", tag = "staff", operation_id = "admin_list_seasons",
    params(
        ("id" = i64, Path, description = "The lodging"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<Season>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn list(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Adds a season.
#[utoipa::path(
    post, path = "/api/v1/admin/accommodations/{id}/seasons", tag = "staff", operation_id = "admin_create_season",
    params(
        ("id" = i64, Path, description = "The lodging"),
    ),
    request_body = SeasonDraft,
    security(("staff" = [])),
    responses(
        (status = 201, body = Season),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It overlaps another season"),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn create(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Writes a season anew; sold stays keep their price.
#[utoipa::path(
    put, path = "/api/v1/admin/accommodations/{id}/seasons/{season_id}", tag = "staff", operation_id = "admin_change_season",
    params(
        ("id" = i64, Path, description = "The lodging"),
        ("season_id" = i64, Path, description = "The season"),
    ),
    request_body = SeasonDraft,
    security(("staff" = [])),
    responses(
        (status = 200, body = Season),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It overlaps another season"),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn change(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Removes a season; sold stays keep their price.
#[utoipa::path(
    delete, path = "/api/v1/admin/accommodations/{id}/seasons/{season_id}", tag = "staff", operation_id = "admin_remove_season",
    params(
        ("id" = i64, Path, description = "The lodging"),
        ("season_id" = i64, Path, description = "The season"),
    ),
    security(("staff" = [])),
    responses(
        (status = 204, description = "Removed"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn remove(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}
