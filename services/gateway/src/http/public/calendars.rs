//! The calendar that a channel reads. The token in the path is the permission.

use crate::http::call::{Answer, Call};
use crate::http::docs::Problem;

/// A lodging's closed nights, for one channel, as iCal.
#[utoipa::path(
    get, path = "/api/v1/ical/export/{accommodation_id}/{token}.ics", tag = "calendars", operation_id = "export",
    params(
        ("accommodation_id" = i64, Path, description = "The lodging"),
        ("token" = String, Path, description = "The channel's secret"),
    ),
    responses(
        (status = 200, body = String, content_type = "text/calendar"),
        (status = 304, description = "Unchanged since the `ETag` or the time that was sent"),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn export(call: Call) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}
