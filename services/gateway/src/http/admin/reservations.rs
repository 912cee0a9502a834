//! Reservations as the house sees them.

use api::hold::{HeldReservation, HoldRequest};
use api::month::MonthCalendar;
use api::page::Page;
use api::reservation::{ReasonRequest, ReservationDetail, ReservationSummary, StaffCancelRequest};
use api::stats::Stats;

use crate::http::call::{Answer, AnyRole, Host, StaffCall};
use crate::http::docs::Problem;

/// Reservations, newest first, by lodging, dates, state and text.
#[utoipa::path(
    get, path = "/api/v1/admin/reservations", tag = "staff", operation_id = "admin_list_reservations",
    params(
        ("accommodation_id" = Option<i64>, Query, description = "Of this lodging"),
        ("from" = Option<String>, Query, description = "With a night on or after this day"),
        ("to" = Option<String>, Query, description = "With a night before this day"),
        ("status" = Option<String>, Query, description = "In this state"),
        ("text" = Option<String>, Query, description = "With this in code, name, phone or e-mail address, whatever its accents; at least 3 characters"),
        ("limit" = Option<u32>, Query, description = "How many at most, up to 100"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<ReservationSummary>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn list(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Holds nights for a guest who asked the house, by telephone or at the door.
///
/// The guest sees, pays and cancels at `/reservas/{code}#{access_token}`. The `Idempotency-Key` is kept for 24 hours.
#[utoipa::path(
    post, path = "/api/v1/admin/reservations", tag = "staff", operation_id = "admin_hold",
    params(("Idempotency-Key" = String, Header, description = "Any text of 1 to 255 characters; a UUID is advised")),
    request_body = HoldRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = HeldReservation, headers(("Location" = String, description = "The reservation"))),
        (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such lodging"),
        (status = 409, body = Problem, description = "`nights_taken`, or the same request is still running"),
        (status = 422, body = Problem, description = "Not for sale so, or the key belongs to another request"),
    )
)]
pub(in crate::http) async fn hold(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// The same list as CSV, for a spreadsheet: in Spanish, newest first.
///
/// It ends at 100,000 lines: ask for more with `from` and `to`, part by part.
#[utoipa::path(
    get, path = "/api/v1/admin/reservations.csv", tag = "staff", operation_id = "admin_reservations_csv",
    params(
        ("accommodation_id" = Option<i64>, Query, description = "Of this lodging"),
        ("from" = Option<String>, Query, description = "With a night on or after this day"),
        ("to" = Option<String>, Query, description = "With a night before this day"),
        ("status" = Option<String>, Query, description = "In this state"),
        ("text" = Option<String>, Query, description = "With this in code, name, phone or e-mail address, whatever its accents; at least 3 characters"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn csv(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// All that is known of one reservation, with its timeline.
#[utoipa::path(
    get, path = "/api/v1/admin/reservations/{code}", tag = "staff", operation_id = "admin_show_reservation",
    params(
        ("code" = String, Path, description = "The reservation's code"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = ReservationDetail),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn show(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Confirms by hand, with a reason.
#[utoipa::path(
    post, path = "/api/v1/admin/reservations/{code}/confirm", tag = "staff", operation_id = "admin_confirm_reservation",
    params(
        ("code" = String, Path, description = "The reservation's code"),
    ),
    request_body = ReasonRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = ReservationDetail),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn confirm(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Calls a reservation off, with a reason and a decision on its money.
#[utoipa::path(
    post, path = "/api/v1/admin/reservations/{code}/cancel", tag = "staff", operation_id = "admin_cancel_reservation",
    params(
        ("code" = String, Path, description = "The reservation's code"),
    ),
    request_body = StaffCancelRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = ReservationDetail),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn cancel(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// The guest never came.
#[utoipa::path(
    post, path = "/api/v1/admin/reservations/{code}/no-show", tag = "staff", operation_id = "admin_no_show",
    params(
        ("code" = String, Path, description = "The reservation's code"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = ReservationDetail),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    )
)]
pub(in crate::http) async fn no_show(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// A month of all lodgings with everything that closes their nights, page by page.
#[utoipa::path(
    get, path = "/api/v1/admin/calendar", tag = "staff", operation_id = "admin_calendar",
    params(
        ("month" = Option<String>, Query, description = "`2026-12`; on the first page this month if left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("limit" = Option<i64>, Query, description = "Lodgings a page, 1 to 100, else 50"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = MonthCalendar),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn calendar(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// The house in figures.
#[utoipa::path(
    get, path = "/api/v1/admin/stats", tag = "staff", operation_id = "admin_stats",
    security(("staff" = [])),
    responses(
        (status = 200, body = Stats),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
    )
)]
pub(in crate::http) async fn stats(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.reservations).await
}
