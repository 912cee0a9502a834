//! The secrets by which channels read our calendars.

use api::feed::{CreateExportTokenRequest, ExportToken};
use api::page::Page;

use crate::http::call::{Answer, AnyRole, Host, StaffCall};
use crate::http::docs::Problem;

/// A lodging's calendars for channels, with their secret addresses.
#[utoipa::path(
    get, path = "/api/v1/admin/accommodations/{id}/export-tokens", tag = "staff", operation_id = "admin_list_export_tokens",
    params(
        ("id" = i64, Path, description = "The lodging"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<ExportToken>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
    )
)]
pub(in crate::http) async fn list(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Makes a calendar for one more channel.
#[utoipa::path(
    post, path = "/api/v1/admin/accommodations/{id}/export-tokens", tag = "staff", operation_id = "admin_create_export_token",
    params(
        ("id" = i64, Path, description = "The lodging"),
    ),
    request_body = CreateExportTokenRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = ExportToken),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The channel has one"),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn create(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Ends an address and makes another for the same channel.
#[utoipa::path(
    post, path = "/api/v1/admin/export-tokens/{id}/rotate", tag = "staff", operation_id = "admin_rotate_export_token",
    params(
        ("id" = i64, Path, description = "The token's number"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = ExportToken),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn rotate(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Ends an address.
#[utoipa::path(
    post, path = "/api/v1/admin/export-tokens/{id}/revoke", tag = "staff", operation_id = "admin_revoke_export_token",
    params(
        ("id" = i64, Path, description = "The token's number"),
    ),
    security(("staff" = [])),
    responses(
        (status = 204, description = "Ended"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn revoke(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}
