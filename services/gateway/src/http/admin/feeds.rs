//! Other channels' calendars that close nights of ours.

use api::feed::{AddFeedRequest, ChangeFeedRequest, Feed, FeedAdded, FeedPreview, PreviewFeedRequest};
use api::page::Page;

use crate::http::call::{Answer, AnyRole, Host, StaffCall};
use crate::http::docs::Problem;

/// Every feed.
#[utoipa::path(
    get, path = "/api/v1/admin/feeds", tag = "staff", operation_id = "admin_list_feeds",
    params(
        ("limit" = Option<u32>, Query, description = "How many at most, up to 200"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<Feed>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn list(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Reads every feed now.
#[utoipa::path(
    post, path = "/api/v1/admin/feeds/sync", tag = "staff", operation_id = "admin_sync_feeds",
    security(("staff" = [])),
    responses(
        (status = 202, body = Object, description = "`feeds` are due"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
    )
)]
pub(in crate::http) async fn sync_all(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Reads a feed and shows what it says, without keeping anything.
#[utoipa::path(
    post, path = "/api/v1/admin/feeds/preview", tag = "staff", operation_id = "admin_preview_feed",
    request_body = PreviewFeedRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = FeedPreview),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such lodging"),
        (status = 422, body = Problem, description = "It cannot be read, or is no calendar"),
    )
)]
pub(in crate::http) async fn preview(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.ical_sync_reading).await
}

/// The feeds of a lodging.
#[utoipa::path(
    get, path = "/api/v1/admin/accommodations/{id}/feeds", tag = "staff", operation_id = "admin_list_feeds_of_accommodation",
    params(
        ("id" = i64, Path, description = "The lodging"),
        ("limit" = Option<u32>, Query, description = "How many at most, up to 200"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<Feed>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn list_of_accommodation(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Adds a feed after reading it once, and shows what it says.
#[utoipa::path(
    post, path = "/api/v1/admin/accommodations/{id}/feeds", tag = "staff", operation_id = "admin_add_feed",
    params(
        ("id" = i64, Path, description = "The lodging"),
    ),
    request_body = AddFeedRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = FeedAdded),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The feed is known"),
        (status = 422, body = Problem, description = "It cannot be read, or is no calendar"),
    )
)]
pub(in crate::http) async fn add(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.ical_sync_reading).await
}

/// One feed.
#[utoipa::path(
    get, path = "/api/v1/admin/feeds/{id}", tag = "staff", operation_id = "admin_show_feed",
    params(
        ("id" = i64, Path, description = "The feed"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Feed),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn show(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Gives a feed another address or channel, after reading it there.
#[utoipa::path(
    put, path = "/api/v1/admin/feeds/{id}", tag = "staff", operation_id = "admin_change_feed",
    params(
        ("id" = i64, Path, description = "The feed"),
    ),
    request_body = ChangeFeedRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = Feed),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The address is known"),
        (status = 422, body = Problem, description = "It cannot be read, or is no calendar"),
    )
)]
pub(in crate::http) async fn change(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.ical_sync_reading).await
}

/// Removes a feed and frees what only it closed.
#[utoipa::path(
    delete, path = "/api/v1/admin/feeds/{id}", tag = "staff", operation_id = "admin_remove_feed",
    params(
        ("id" = i64, Path, description = "The feed"),
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
    call.relay(|owners| &owners.ical_sync).await
}

/// Reads a feed now.
#[utoipa::path(
    post, path = "/api/v1/admin/feeds/{id}/sync", tag = "staff", operation_id = "admin_sync_feed",
    params(
        ("id" = i64, Path, description = "The feed"),
    ),
    security(("staff" = [])),
    responses(
        (status = 202, body = Feed),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn sync(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Stops reading a feed; what it closed stays closed.
#[utoipa::path(
    post, path = "/api/v1/admin/feeds/{id}/pause", tag = "staff", operation_id = "admin_pause_feed",
    params(
        ("id" = i64, Path, description = "The feed"),
    ),
    security(("staff" = [])),
    responses(
        (status = 202, body = Feed),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn pause(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Reads a paused feed again.
#[utoipa::path(
    post, path = "/api/v1/admin/feeds/{id}/resume", tag = "staff", operation_id = "admin_resume_feed",
    params(
        ("id" = i64, Path, description = "The feed"),
    ),
    security(("staff" = [])),
    responses(
        (status = 202, body = Feed),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn resume(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}

/// Believes a feed that was held back because it suddenly says much less, and reads it now.
#[utoipa::path(
    post, path = "/api/v1/admin/feeds/{id}/release", tag = "staff", operation_id = "admin_release_feed",
    params(
        ("id" = i64, Path, description = "The feed"),
    ),
    security(("staff" = [])),
    responses(
        (status = 202, body = Feed),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is not held"),
    )
)]
pub(in crate::http) async fn release(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.ical_sync).await
}
