//! Lodgings, also those out of sale.

use api::accommodation::{AccommodationDraft, AdminAccommodation};
use api::page::Page;

use crate::http::call::{Answer, AnyRole, Host, StaffCall};
use crate::http::docs::Problem;

/// Every lodging, also those out of sale.
#[utoipa::path(
    get, path = "/api/v1/admin/accommodations", tag = "staff", operation_id = "admin_list_accommodations",
    params(
        ("limit" = Option<u32>, Query, description = "How many at most, up to 100"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<AdminAccommodation>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
    )
)]
pub(in crate::http) async fn list(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Puts a new lodging on sale.
#[utoipa::path(
    post, path = "/api/v1/admin/accommodations", tag = "staff", operation_id = "admin_create_accommodation",
    request_body = AccommodationDraft,
    security(("staff" = [])),
    responses(
        (status = 201, body = AdminAccommodation),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn create(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// One lodging with all its terms.
#[utoipa::path(
    get, path = "/api/v1/admin/accommodations/{id}", tag = "staff", operation_id = "admin_show_accommodation",
    params(
        ("id" = i64, Path, description = "The lodging"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = AdminAccommodation),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn show(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Writes a lodging anew; sold stays keep their price.
#[utoipa::path(
    put, path = "/api/v1/admin/accommodations/{id}", tag = "staff", operation_id = "admin_change_accommodation",
    params(
        ("id" = i64, Path, description = "The lodging"),
    ),
    request_body = AccommodationDraft,
    security(("staff" = [])),
    responses(
        (status = 200, body = AdminAccommodation),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn change(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Puts a lodging on sale again.
#[utoipa::path(
    post, path = "/api/v1/admin/accommodations/{id}/activate", tag = "staff", operation_id = "admin_activate_accommodation",
    params(
        ("id" = i64, Path, description = "The lodging"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = AdminAccommodation),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn activate(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Takes a lodging out of sale; its stays remain.
#[utoipa::path(
    post, path = "/api/v1/admin/accommodations/{id}/deactivate", tag = "staff", operation_id = "admin_deactivate_accommodation",
    params(
        ("id" = i64, Path, description = "The lodging"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = AdminAccommodation),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn deactivate(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}
