//! Closures of other channels over stays of ours.

use api::feed::{Conflict, ResolveConflictRequest};
use api::page::Page;

use crate::http::call::{Answer, AnyRole, StaffCall};
use crate::http::docs::Problem;

/// The open conflicts.
#[utoipa::path(
    get, path = "/api/v1/admin/conflicts", tag = "staff", operation_id = "admin_list_conflicts",
    params(
        ("limit" = Option<u32>, Query, description = "How many at most, up to 200"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<Conflict>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn list(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Closes a conflict with a person's decision.
#[utoipa::path(
    post, path = "/api/v1/admin/conflicts/{id}/resolve", tag = "staff", operation_id = "admin_resolve_conflict",
    params(
        ("id" = Uuid, Path, description = "The conflict"),
    ),
    request_body = ResolveConflictRequest,
    security(("staff" = [])),
    responses(
        (status = 204, description = "Closed"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn resolve(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}
